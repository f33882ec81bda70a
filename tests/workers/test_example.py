"""The example of another system, run as its README says."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.workers.conftest import Rabbit
from tests.workers.programs import Programs, eventually
from workers.broker import Message, Publisher

pytestmark = pytest.mark.rabbitmq
LISTENER = "examples/listener/listen.py"
SECONDS = 30


def event(number: int, kind: str, subject: int) -> Message:
    at = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
    body = {
        "id": str(number),
        "type": kind,
        "version": 1,
        "at": at.isoformat(),
        "subject": {"type": "Entry", "id": str(subject)},
        "payload": {},
    }
    return Message(id=str(number), type=kind, at=at, body=body)


def test_it_takes_what_it_asked_for_once_also_what_came_while_it_was_away(rabbit: Rabbit, tmp_path: Path) -> None:
    programs = Programs(tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    inbox = tmp_path / "inbox.sqlite3"
    names = ("--exchange", f"{rabbit.prefix}.events", "--queue", f"{rabbit.prefix}.heard", "--inbox", str(inbox))

    def taken() -> list[str]:
        with closing(sqlite3.connect(inbox)) as database:
            return [number for (number,) in database.execute("SELECT id FROM inbox ORDER BY place")]

    def told() -> list[str]:
        return [json.loads(line)["id"] for line in programs.said().splitlines() if line.startswith("{")]

    publisher = Publisher(rabbit.url, f"{rabbit.prefix}.events")
    try:
        listener = programs.start(LISTENER, rabbit.url, "entry.*", *names)
        assert eventually(lambda: rabbit.has("heard"), SECONDS), programs.said()
        for message in (event(1, "entry.created", 7), event(2, "tag.created", 1), event(1, "entry.created", 7)):
            publisher.publish(message)
        assert eventually(lambda: told() == ["1"], SECONDS), programs.said()

        programs.kill(listener)
        publisher.publish(event(3, "entry.published", 7))
        programs.start(LISTENER, rabbit.url, "entry.*", *names)
        assert eventually(lambda: told() == ["1", "3"], SECONDS), programs.said()
        assert taken() == ["1", "3"]
    finally:
        publisher.close()
        programs.end()
