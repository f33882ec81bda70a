"""The Django application of the GraphQL face."""

from django.apps import AppConfig
from django.utils.module_loading import import_string


class SchemaConfig(AppConfig):
    """The GraphQL face of the knowledge base."""

    name = "schema"

    def ready(self) -> None:
        """Has Django know our checks."""
        # By name: they need the models, which are there only now.
        import_string("schema.checks.trusted_documents_are_in_order")
