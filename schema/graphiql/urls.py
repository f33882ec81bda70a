"""Where the GraphiQL page's assets are found; to be included under `graphql/`."""

from django.urls import path

from schema.graphiql.assets import asset

urlpatterns = [path("assets/<slug:version>/<str:name>", asset, name="graphiql-asset")]
