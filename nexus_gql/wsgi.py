"""The web process: `granian --interface wsgi nexus_gql.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nexus_gql.settings")

application = get_wsgi_application()
