"""Writes everything visible as documents: the way out, and a backup that can be read."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge.documents.exporting import FolderInTheWay, export_documents


class Command(BaseCommand):
    """What visitors see who are not signed in: no drafts, nothing archived, no votes, no history, no accounts."""

    help = "Write everything visible as Markdown documents with front matter, which import_documents reads back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Takes the folder."""
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="a folder that is new or empty")
        parser.add_argument("--replace", action="store_true", help="replace an earlier export that is there")

    def handle(self, *args: Any, folder: Path, replace: bool, **options: Any) -> None:
        """Writes it, and tells how much and its hash."""
        try:
            done = export_documents(folder, replace=replace)
        except FolderInTheWay as reason:
            raise CommandError(str(reason)) from None
        except OSError as error:
            raise CommandError(f"{folder}: {error.strerror or error}") from None
        self.stdout.write(
            f"{folder}: {done.tags} tags, {done.entries} entries, {done.challenges} challenges, "
            f"{done.solutions} solutions, {done.sources} sources."
        )
        self.stdout.write(f"content hash {done.content_hash}")
