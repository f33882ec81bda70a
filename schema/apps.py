"""The Django application of the GraphQL face."""

from django.apps import AppConfig


class SchemaConfig(AppConfig):
    """The GraphQL face of the knowledge base."""

    name = "schema"
