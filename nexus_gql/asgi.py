"""The stream process: `uvicorn --lifespan off nexus_gql.asgi:application`."""

import os

import django
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nexus_gql.settings")

django.setup()
# By name, because its modules need settings and models.
application = import_string("nexus_gql.streaming.application")
