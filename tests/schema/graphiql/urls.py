"""The assets at their place, without the rest of the site."""

from django.urls import include, path

urlpatterns = [path("graphql/", include("schema.graphiql.urls"))]
