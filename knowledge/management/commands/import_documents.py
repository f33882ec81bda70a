"""Imports learners' documents."""

import sys
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge.management.intake import NOTION, TRELLO, Intake, command_line_viewer, documents_in
from knowledge.management.progress import bar_on


class Command(BaseCommand):
    """One transaction a document: one that is refused is told and left out, the others go in.

    What is imported here is published at once. The exit status is 1 when a document was refused.
    """

    help = "Import learners' documents: entries, tags, and challenges with their solutions come out of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Takes files and folders, and how to import them."""
        parser.add_argument(
            "paths",
            metavar="PATH",
            nargs="+",
            type=Path,
            help="a file, a folder with *.md, *.markdown or *.txt in it, a Notion export (*.zip), "
            "a Trello board (*.json), or - for standard input",
        )
        parser.add_argument("--url", help="where the document lives; importing the same url again updates")
        parser.add_argument("--dry-run", action="store_true", help="tell what would come in, and keep nothing")
        parser.add_argument("--label", help="the label of the cards on challenges, for a Trello board")
        parser.add_argument(
            "--as",
            dest="username",
            metavar="USERNAME",
            help="whose the imported knowledge is; without it the first staff member's, or nobody's",
        )

    def handle(self, *args: Any, paths: list[Path], url: str | None, username: str | None, **options: Any) -> None:
        """Imports them all, then tells the totals."""
        files = list(documents_in(paths))
        if url is not None and len(files) != 1:
            raise CommandError(f"--url is for one document, and here are {len(files)}.")
        if url is not None and files[0].suffix.lower() in {NOTION, TRELLO}:
            raise CommandError("--url is for a document; what Notion and Trello export brings its own addresses.")
        viewer = command_line_viewer(username)
        with bar_on(sys.stderr, len(files)) as bar:
            intake = Intake(self.stdout, self.stderr, bar, options["label"])
            with intake.rehearsal() if options["dry_run"] else nullcontext():
                for file in files:
                    intake.take(file, viewer, url=url)
                    bar.advance()
        intake.sum_up()
        if intake.refused:
            raise CommandError("Not every document could be imported.")
