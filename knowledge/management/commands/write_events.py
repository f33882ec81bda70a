"""`manage.py write_events`: docs/events, written or compared."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from knowledge.contracts import CONTRACTS, json_schema
from knowledge.events import EventType

FOLDER: Final = "docs/events"
OPENING: Final = """# Events

What happens in Nexus is published to the topic exchange `nexus.events`, with the event's type as the topic. Each type
has a JSON Schema beside this page, named after the type and its version.
[examples/listener](../../examples/listener/README.md) is a whole system that listens, and tells what can be relied on:
at least once, in order subject by subject.

A message is `{"id", "type", "version", "at", "subject": {"type", "id"}, "payload"}`. The subject is what it happened
to: a type of the API and a primary key, of which the API makes its `id` (base64 of `Entry:7`). Payloads hold keys,
numbers and marks, not what people wrote or who they are: whoever hears of a change reads it with rights of their own.
Of bookmarks, sessions and tokens, and of who subscribes to what, nothing is told: it is nobody else's business.

`make events` writes this folder from `knowledge/contracts.py`.

| type | about | what happened | payload |
|---|---|---|---|
"""


class Command(BaseCommand):
    """Writes docs/events; with --check, compares it."""

    help = "Writes docs/events from the contracts; with --check, fails where it differs."

    def add_arguments(self, parser: CommandParser) -> None:
        """--check."""
        parser.add_argument("--check", action="store_true", help="Write nothing; fail where a file differs.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Writes or compares."""
        folder = settings.BASE_DIR / FOLDER
        wanted = pages()
        if options["check"]:
            if found(folder) != wanted:
                raise CommandError(f"{FOLDER} is not what the contracts say. Run `make events` and commit it.")
            return
        folder.mkdir(exist_ok=True)
        for name in found(folder).keys() - wanted.keys():
            (folder / name).unlink()
        for name, text in wanted.items():
            (folder / name).write_text(text, encoding="utf-8")
        self.stdout.write(f"Wrote {FOLDER}.")


def found(folder: Path) -> Mapping[str, str]:
    """The files that are there, by name."""
    return {path.name: path.read_text("utf-8") for path in folder.glob("*") if path.is_file()}


def pages() -> Mapping[str, str]:
    """The files that there should be, by name."""
    schemas = {name_of(each): json.dumps(json_schema(each), indent=2) + "\n" for each in CONTRACTS}
    return {**schemas, "README.md": OPENING + "".join(row(each) for each in CONTRACTS)}


def name_of(event_type: EventType) -> str:
    """The name of the file with its schema."""
    return f"{event_type}.v{CONTRACTS[event_type].version}.json"


def row(event_type: EventType) -> str:
    """Its line in the table."""
    contract = CONTRACTS[event_type]
    fields = [
        f"`{name}`{'' if field.always else ' (sometimes)'}: {field.tells}" for name, field in contract.payload.items()
    ]
    subjects = ", ".join(contract.subjects)
    return f"| [{event_type}]({name_of(event_type)}) | {subjects} | {contract.tells} | {'; '.join(fields) or '–'} |\n"
