"""The contracts of events: complete, documented, and held by the outbox."""

import json
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from jsonschema import Draft202012Validator

from knowledge import outbox
from knowledge.contracts import CONTRACTS, Contract, Kind
from knowledge.events import EventType
from knowledge.models import Entry, OutboxEvent, Tag, User
from tests.messages import FOLDER, breaches, validator

REVISION = {"revision": 1}


def test_each_type_has_one() -> None:
    assert set(CONTRACTS) == set(EventType)


@pytest.mark.parametrize(("event_type", "contract"), CONTRACTS.items(), ids=lambda value: str(value)[:40])
def test_it_is_about_tables_that_there_are(event_type: EventType, contract: Contract) -> None:
    # The trigger that keeps the order makes a table's name of it.
    for name in contract.subjects:
        assert apps.get_model("knowledge", name)._meta.db_table == f"knowledge_{name.lower()}"


def test_the_documentation_is_what_the_contracts_say() -> None:
    call_command("write_events", "--check")


def test_there_is_a_schema_for_each_type_and_no_other() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == {
        f"{event_type}.v{contract.version}.json" for event_type, contract in CONTRACTS.items()
    }
    for path in FOLDER.glob("*.json"):
        Draft202012Validator.check_schema(json.loads(path.read_text("utf-8")))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("event_type", "subject", "payload", "reason"),
    [
        (EventType.ENTRY_CREATED, Entry(pk=1), {}, "revision is missing"),
        (EventType.ENTRY_CREATED, Entry(pk=1), {"revision": "1"}, "revision is not a whole number from 1 on"),
        (EventType.ENTRY_CREATED, Entry(pk=1), {"revision": True}, "revision is not a whole number from 1 on"),
        (EventType.ENTRY_CREATED, Entry(pk=1), {"revision": 0}, "revision is not a whole number from 1 on"),
        (EventType.ENTRY_CREATED, Entry(pk=1), {**REVISION, "title": "x"}, "title is not known"),
        (EventType.ENTRY_CREATED, Tag(pk=1), REVISION, "it is about Tag"),
        (EventType.ENTRY_UPDATED, Entry(pk=1), {**REVISION, "shown": 1}, "shown is not true or false"),
        (EventType.TAG_MERGED, Tag(pk=1), {"merged": [1, "2"]}, "merged is not primary keys"),
        (EventType.USER_ROLE_SET, User(pk=1), {"role": ""}, "role is not a word"),
    ],
)
def test_what_is_not_as_promised_is_not_recorded(
    event_type: EventType, subject: Any, payload: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason), transaction.atomic():
        outbox.record(event_type, subject, **payload)
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Kind.COUNT, 1, 0),
        (Kind.NUMBER, -1, "1"),
        (Kind.KEY, 7, None),
        (Kind.KEYS, [1, 2], [0]),
        (Kind.MARK, False, 0),
        (Kind.WORD, "x", ""),
    ],
)
def test_what_a_kind_holds(kind: Kind, good: object, bad: object) -> None:
    assert (kind.holds(good), kind.holds(bad)) == (True, False)


@pytest.mark.django_db
def test_what_was_recorded_round_the_outbox_is_found_out() -> None:
    OutboxEvent.objects.create(type="entry.created", subject_type="Tag", subject_id=1, payload={"revision": "one"})
    assert breaches() == [
        "entry.created: 'Tag' is not one of ['Entry']",
        "entry.created: 'one' is not of type 'integer'",
    ]
    OutboxEvent.objects.all().delete()
    with pytest.raises(FileNotFoundError):
        validator("entry.created", 2)
