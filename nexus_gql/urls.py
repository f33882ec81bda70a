"""What is where."""

from django.urls import URLPattern, URLResolver, include, path

from nexus_gql import health
from schema.http.view import graphql
from schema.sdl import sdl

urlpatterns: list[URLPattern | URLResolver] = [
    path("graphql", graphql, name="graphql"),
    path("graphql/", include("schema.graphiql.urls")),
    path("schema.graphql", sdl),
    path("livez", health.livez),
    path("readyz", health.readyz),
]
