"""What is where."""

from django.urls import URLPattern, URLResolver, path

from nexus_gql import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", health.livez),
    path("readyz", health.readyz),
]
