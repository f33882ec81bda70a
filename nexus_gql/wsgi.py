"""The web process: `granian --interface wsgi nexus_gql.wsgi:application`."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

from nexus_gql.alone import hold_only_place
from nexus_gql.direct import Direct
from nexus_gql.headers import with_short_headers
from nexus_gql.places import Placed, Places, Wsgi
from nexus_gql.security import Security
from nexus_gql.silence import end_the_silent
from nexus_gql.starting import refuse_what_is_wrong
from nexus_gql.static import with_static_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nexus_gql.settings")

only_place = hold_only_place(settings.DATABASE_DIRECT) if settings.RATE_LIMIT and not settings.CACHE_URL else None


def _composed() -> Wsgi:
    django = get_wsgi_application()
    refuse_what_is_wrong()
    # Only now: the view needs Django to be set up.
    direct = Direct("/graphql", import_string("schema.http.view.graphql"), django)
    placed = Placed(
        direct,
        Places(settings.WEB_THREADS),
        most_bytes=settings.LIMIT_BODY_BYTES,
        patience=settings.REQUEST_SECONDS,
    )
    # Files are read while they are sent: who reads slowly must have no place.
    return with_short_headers(with_static_files(placed))


application = Security(hsts_seconds=settings.HSTS_SECONDS).of_wsgi(_composed())

# What is there once the schema is built stays for good. Else the collector would look through all of it again and
# again: 60 ms each time, in the middle of somebody's request.
import_string("nexus_gql.urls.urlpatterns")
gc.collect()
gc.freeze()
end_the_silent(settings.SILENCE_SECONDS)
