"""The Django application of the domain."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """The domain: models, policy, reads, writes, import, digests, outbox."""

    name = "knowledge"
    default_auto_field = "django.db.models.BigAutoField"
