"""Shows what documents hold, without touching a database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from knowledge.documents.report import report_on_file


class Command(BaseCommand):
    """Prints one JSON object a file and a line. The exit status is 1 when a file could not be read."""

    help = "Print what learners' documents hold, one JSON object a line, without touching a database."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Takes the files."""
        parser.add_argument("files", metavar="FILE", nargs="+", type=Path)

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        """Prints all files, also those after one that could not be read."""
        reports = [report_on_file(file) for file in files]
        for report in reports:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        if any("error" in report for report in reports):
            raise SystemExit(1)
