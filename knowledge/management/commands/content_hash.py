"""Prints the hash of everything visible."""

from typing import Any

from django.core.management.base import BaseCommand

from knowledge.documents.exporting import content_hash


class Command(BaseCommand):
    """Two bases with the same hash show their visitors the same."""

    help = "Print the hash of everything visible: what an export tells of itself, and what its import must come to."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints it."""
        self.stdout.write(content_hash())
