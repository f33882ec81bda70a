"""The WSGI application of the contestant that BENCH_CONTESTANT names."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.contestants.settings"
application = get_wsgi_application()
