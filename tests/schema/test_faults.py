"""When something breaks: what the caller is told, which is little, and what the log is told, once."""

import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import psycopg2
import pytest
from django.db import connection, transaction
from django.test import Client as HttpClient
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from knowledge.models import Session, User
from schema.identity import tokens
from tests.cast import Cast
from tests.client import GRAPHQL, JSON, Client, Moment, Result, result_of

SOURCES = "{ sources { nodes { title } } }"
CREATE = """mutation { entryCreate(input: {kind: TOOL, title: "Make", body: "Builds."}) { entry { id } } }"""


@pytest.fixture
def broken(db: None) -> Iterator[None]:
    """A column that the code counts on is gone until the test ends."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE knowledge_source RENAME COLUMN title TO former_title")
            cursor.execute("ALTER TABLE knowledge_entry RENAME COLUMN title TO former_title")
        yield
        transaction.set_rollback(True)


def logged(caplog: pytest.LogCaptureFixture, level: int) -> list[tuple[str, str]]:
    return [(record.name, record.getMessage()) for record in caplog.records if record.levelno >= level]


def test_what_nobody_expected_is_masked_and_logged_once(
    broken: None, api: Client, caplog: pytest.LogCaptureFixture
) -> None:
    answer = api.post(b'{"query": "{ sources { nodes { title } } }"}', headers={"x-request-id": "request-for-a-test"})
    assert answer.status == 500
    assert answer.body == {
        "errors": [
            {
                "message": "This went wrong on our side. It is logged under the request id.",
                "extensions": {"code": "INTERNAL"},
            }
        ]
    }
    assert answer.headers["X-Request-ID"] == "request-for-a-test"
    assert logged(caplog, logging.WARNING) == [("nexus.errors", "unexpected error")]
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.exc_info is not None
    assert "title does not exist" in str(record.exc_info[1])


def test_the_status_of_a_fault_is_the_same_for_every_media_type(broken: None) -> None:
    for accept in (GRAPHQL, JSON):
        with transaction.atomic():
            assert Client().run(SOURCES, accept=accept).status == 500
            transaction.set_rollback(True)


def test_a_fault_in_a_mutation_is_masked_as_well(
    cast: Cast, api: Client, broken: None, caplog: pytest.LogCaptureFixture
) -> None:
    answer = api.run(CREATE, as_=cast.author)
    assert (answer.status, answer.codes, answer.body["data"]) == (500, ["INTERNAL"], None)
    assert "title" not in answer.errors[0]["message"]
    assert logged(caplog, logging.WARNING) == [("nexus.errors", "unexpected error")]


def test_what_people_did_wrong_is_no_warning(api: Client, db: None, caplog: pytest.LogCaptureFixture) -> None:
    for query in ("{", "{ nothing }", "{ tags(first: 0) { nodes { id } } }", CREATE, ""):
        assert api.run(query).status in {400, 401}
    assert logged(caplog, logging.WARNING) == []
    requests = [record for record in caplog.records if record.name == "nexus.requests"]
    assert [vars(record)["status"] for record in requests] == [400, 400, 400, 401, 400]


def test_a_statement_that_takes_too_long(api: Client, db: None, caplog: pytest.LogCaptureFixture) -> None:
    elsewhere = psycopg2.connect(**own_parameters())
    try:
        with elsewhere.cursor() as other, transaction.atomic(), connection.cursor() as cursor:
            other.execute("LOCK TABLE knowledge_source IN ACCESS EXCLUSIVE MODE")
            cursor.execute("SET LOCAL statement_timeout = '50ms'")
            answer = api.run(SOURCES)
            transaction.set_rollback(True)
    finally:
        elsewhere.close()
    assert (answer.status, answer.codes) == (503, ["TIMEOUT"])
    assert set(answer.body) == {"errors"}
    # It was charged all the same.
    assert answer.headers["GraphQL-Cost"] == "1"
    assert [name for name, _ in logged(caplog, logging.WARNING)] == ["nexus.errors"]


def test_a_limit_of_the_database_s_own(
    api: Client, db: None, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LIMIT_DEPTH = settings.LIMIT_NESTING = 100
    deep = "id"
    for _ in range(20):
        deep = f"entries(first: 1) {{ nodes {{ challenges(first: 1) {{ nodes {{ {deep} }} }} }} }}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL max_stack_depth = '100kB'")
        answer = api.post(orjson.dumps({"query": f"{{ {deep} }}"}), accept=JSON)
        transaction.set_rollback(True)
    assert answer.codes == ["COST_EXCEEDED"]
    assert answer.errors[0]["message"] == "This is more than the database takes at once. Ask for less, or send less."
    assert [name for name, _ in logged(caplog, logging.WARNING)] == ["nexus.errors"]


def own_parameters() -> dict[str, Any]:
    parameters = connection.get_connection_params()
    return {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if name in parameters}


@pytest.fixture
def database_away(django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing listens where the database should be."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        monkeypatch.setitem(connection.settings_dict, "PORT", nobody.getsockname()[1])
        with django_db_blocker.unblock():
            connection.close()
            yield
            connection.close()


def asked(query: str, **headers: str) -> Result:
    return result_of(HttpClient().post("/graphql", {"query": query}, JSON, headers=headers))


def test_the_database_is_away(database_away: None, caplog: pytest.LogCaptureFixture) -> None:
    for accept in (GRAPHQL, JSON):
        answer = asked(SOURCES, accept=accept)
        assert (answer.status, answer.codes) == (503, ["UNAVAILABLE"])
        assert answer.errors[0]["message"] == "The database is away. Try again in a moment."
        assert answer.headers["GraphQL-Cost"] == "1"
    assert [name for name, _ in logged(caplog, logging.WARNING)] == ["nexus.errors"] * 2
    assert not logged(caplog, logging.ERROR)


def test_the_database_is_away_where_only_staff_may_ask(database_away: None, settings: Settings, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text("{}")
    settings.TRUSTED_DOCUMENTS, settings.TRUSTED_DOCUMENTS_ONLY = str(manifest), True
    session = Session(pk=1, user=User(pk=1, username="ada"))
    token = tokens.issue(session, Moment(timezone.now())).text
    answer = asked(SOURCES, authorization=f"JWT {token}")
    assert (answer.status, answer.codes) == (503, ["UNAVAILABLE"])
    assert asked(SOURCES).codes == ["FORBIDDEN"]


def test_what_needs_no_database_is_answered_without_one(database_away: None) -> None:
    assert asked("{ __schema { queryType { name } } }").data == {"__schema": {"queryType": {"name": "Query"}}}
    assert asked("{ nothing }", accept=GRAPHQL).codes == ["GRAPHQL_VALIDATION_FAILED"]
