"""`manage.py write_erd`: docs/erd.md, written or compared."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from knowledge.erd import diagram


class Command(BaseCommand):
    """Writes docs/erd.md; with --check, compares it."""

    help = "Writes docs/erd.md from the models; with --check, fails where it differs."

    def add_arguments(self, parser: CommandParser) -> None:
        """--check."""
        parser.add_argument("--check", action="store_true", help="Write nothing; fail where the file differs.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Writes or compares."""
        path = settings.BASE_DIR / "docs" / "erd.md"
        if not options["check"]:
            path.write_text(diagram(), encoding="utf-8")
            self.stdout.write("Wrote docs/erd.md.")
        elif not path.exists() or path.read_text(encoding="utf-8") != diagram():
            raise CommandError("docs/erd.md is not what the models say. Run `make erd` and commit it.")
