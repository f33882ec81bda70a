"""What is where."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView

from nexus_gql import health
from nexus_gql.metrics import metrics
from schema.http.view import graphql
from schema.sdl import sdl
from staff.urls import site

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="graphql", http_method_names=["get", "head"]), name="home"),
    # JSON bodies and an Authorization header: nothing that a foreign page can send unasked. What cookies say counts
    # from our own pages alone (schema.http.cookies).
    path("graphql", csrf_exempt(graphql), name="graphql"),
    path("graphql/", include("schema.graphiql.urls")),
    path("schema.graphql", sdl),
    path("digests/", include("pages.urls")),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", site.urls),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("metrics", metrics),
]

handler400 = "nexus_gql.unhappy.bad_request"
handler404 = "nexus_gql.unhappy.not_found"
handler500 = "nexus_gql.unhappy.server_error"
