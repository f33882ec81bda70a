"""`manage.py write_schema`: the committed SDL, written or compared."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from schema.sdl import SDL_FILE, printed_schema


class Command(BaseCommand):
    """Writes schema/schema.graphql; with --check, compares it."""

    help = "Writes schema/schema.graphql from the code; with --check, fails where it differs."

    def add_arguments(self, parser: CommandParser) -> None:
        """--check."""
        parser.add_argument("--check", action="store_true", help="Write nothing; fail where the file differs.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Writes or compares."""
        text = printed_schema()
        path = Path(SDL_FILE)
        if not options["check"]:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote {path.name}.")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise CommandError("schema/schema.graphql is not what the code says. Run `make schema` and commit it.")
