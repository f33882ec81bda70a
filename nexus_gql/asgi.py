"""The stream process: `uvicorn --lifespan off nexus_gql.asgi:application`."""

import os

import django
from django.conf import settings
from django.utils.module_loading import import_string

from nexus_gql.silence import end_the_silent
from nexus_gql.starting import refuse_what_is_wrong

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nexus_gql.settings")

django.setup()
refuse_what_is_wrong()
# By name, because its modules need settings and models.
application = import_string("nexus_gql.streaming.application")
end_the_silent(settings.SILENCE_SECONDS)
