"""Every event that any test leaves in the outbox, held against its JSON Schema in docs/events.

A hook in tests/conftest.py looks after each test that may use the database.
"""

import json
from functools import cache
from pathlib import Path
from typing import Final

from jsonschema import Draft202012Validator

from knowledge.models import OutboxEvent
from workers.messages import message_of

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs" / "events"


@cache
def validator(event_type: str, version: int) -> Draft202012Validator:
    """What checks messages of this type and version; raises FileNotFoundError where no schema is documented."""
    schema = json.loads((FOLDER / f"{event_type}.v{version}.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def breaches() -> list[str]:
    """In what the events that are in the outbox now are not what their schemas say."""
    return [
        f"{event.type}: {error.message}"
        for event in OutboxEvent.objects.order_by("pk")
        for error in validator(event.type, event.version).iter_errors(message_of(event).body)
    ]
