"""Statements that PostgreSQL keeps: what is prepared, how much of it, and what happens when it is gone."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext

from schema.planner import statements
from schema.planner.statements import Statement


def answering(number: int) -> Statement:
    return Statement("SELECT %s::text || %s", (lambda run: run, f" of {number}"))


def prepared() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements ORDER BY prepare_time")
        return [name for (name,) in cursor.fetchall()]


def prepare_after(monkeypatch: pytest.MonkeyPatch, runs: int | None) -> None:
    monkeypatch.setitem(connection.settings_dict, "PREPARE_AFTER", runs)


@pytest.fixture(autouse=True)
def nothing_is_prepared(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    statements._prepared.clear()  # noqa: SLF001 - as on a new connection


def test_what_is_run_once_is_not_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_after(monkeypatch, 1)
    statement = answering(1)
    assert (statement.text(["a"]).decode(), prepared()) == ("a of 1", [])
    assert (statement.text(["b"]).decode(), prepared()) == ("b of 1", [statement.name])
    assert (statement.text(["c"]).decode(), prepared()) == ("c of 1", [statement.name])


def test_nothing_is_prepared_behind_a_pooler(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_after(monkeypatch, None)
    statement = answering(1)
    assert [statement.text([text]).decode() for text in "abc"] == ["a of 1", "b of 1", "c of 1"]
    assert prepared() == []


def test_a_connection_keeps_so_many_the_latest_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST_PREPARED", 2)
    one, two, three = (answering(number) for number in (1, 2, 3))
    for statement in (one, two, one, three):
        statement.text(["a"])
    assert prepared() == [one.name, three.name]
    assert two.text(["a"]).decode() == "a of 2"
    assert prepared() == [three.name, two.name]


def test_a_connection_keeps_so_many_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, three = (answering(number) for number in (1, 2, 3))
    monkeypatch.setattr(statements, "MOST_CHARACTERS", 2 * len(one.sql))
    for statement in (one, two, one, three):
        statement.text(["a"])
    assert prepared() == [one.name, three.name]
    long = Statement(f"SELECT %s::text{' ' * len(one.sql)}", (lambda run: run,))
    assert long.text(["a"]).decode() == "a"
    assert prepared() == [long.name]


@pytest.mark.parametrize(
    ("characters", "times"), [(statements.LONGEST_PREPARED, 1), (statements.LONGEST_PREPARED + 1, 0)]
)
def test_what_is_very_long_is_not_prepared(characters: int, times: int) -> None:
    statement = Statement("SELECT %s::text".ljust(characters), (lambda run: run,))
    assert [statement.text([text]).decode() for text in "abc"] == ["a", "b", "c"]
    assert prepared() == [statement.name] * times


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        *((text, "text") for text in ("it's", "100%", "%s", "$1", "\\")),
        (["a", "b"], "text[]"),
        ([], "text[]"),
        (7, "integer"),
        (True, "boolean"),
    ],
)
def test_values_and_constants_are_what_they_are(monkeypatch: pytest.MonkeyPatch, value: Any, kind: str) -> None:
    statement = Statement(f"SELECT %s || '100%%' || to_json(%s::{kind})::text", ("it's %s $1 %%", lambda run: run))
    expected = "it's %s $1 %%100%" + orjson.dumps(value).decode()
    for runs in (None, 0):
        prepare_after(monkeypatch, runs)
        assert statement.text([value]).decode() == expected


def test_a_value_that_stands_in_several_places_is_sent_once() -> None:
    def twice(_run: Any) -> str:
        raise AssertionError

    statement = Statement("SELECT %s::text || %s || %s", (twice, " and ", twice))
    assert statement.bound == (twice,)
    assert statement.parameters(["x"]) == ["x", " and ", "x"]
    assert statement.text(["x"]).decode() == "x and x"


def test_who_watches_sees_the_statement_with_its_values() -> None:
    seen: list[tuple[str, Any]] = []

    def watch(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    statement = answering(1)
    with connection.execute_wrapper(watch), CaptureQueriesContext(connection) as captured:
        assert statement.text(["it's"]).decode() == "it's of 1"
    assert seen == [("SELECT %s::text || %s", ["it's", " of 1"])]
    assert [query["sql"] for query in captured] == ["SELECT 'it''s'::text || ' of 1'"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "lose",
    [
        pytest.param(connection.close, id="connection"),
        pytest.param(lambda: connection.cursor().execute("DEALLOCATE ALL"), id="statements"),
        pytest.param(lambda: connection.cursor().execute("DISCARD ALL"), id="session"),
    ],
)
def test_what_is_gone_is_prepared_again(lose: Callable[[], None]) -> None:
    statement = answering(1)
    assert statement.text(["a"]).decode() == "a of 1"
    lose()
    assert statement.text(["b"]).decode() == "b of 1"
    assert prepared() == [statement.name]


@pytest.mark.django_db(transaction=True)
def test_what_is_gone_makes_room_for_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST_PREPARED", 2)
    for number in (1, 2):
        answering(number).text(["a"])
    connection.cursor().execute("DISCARD ALL")
    statement = answering(3)
    assert statement.text(["a"]).decode() == "a of 3"
    assert prepared() == [statement.name]


@pytest.mark.django_db(transaction=True)
def test_a_table_that_changes_changes_the_answer_and_fails_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE changing AS SELECT 1 AS number")
    try:
        statement = Statement("SELECT (SELECT row_to_json(changing) FROM changing)::text", ())
        assert [statement.text([]).decode() for _ in range(7)] == ['{"number":1}'] * 7
        for change, answer in (
            ("ALTER TABLE changing ADD name text DEFAULT 'x'", '{"number":1,"name":"x"}'),
            ("ALTER TABLE changing ALTER number TYPE text", '{"number":"1","name":"x"}'),
            ("ALTER TABLE changing DROP number", '{"name":"x"}'),
        ):
            with connection.cursor() as cursor:
                cursor.execute(change)
            assert statement.text([]).decode() == answer
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE changing")


def test_a_statement_that_fails_leaves_the_next_ones_as_they_are() -> None:
    wrong, divided = Statement("SELECT nothing()::text", ()), Statement("SELECT (1 / %s)::text", (lambda run: run,))
    with pytest.raises(Error, match="nothing"), transaction.atomic():
        wrong.text([])
    assert prepared() == []
    for _ in range(2):
        with pytest.raises(Error, match="division by zero"), transaction.atomic():
            divided.text([0])
        assert divided.text([1]).decode() == "1"
    assert prepared() == [divided.name]


def test_a_transaction_that_is_rolled_back_keeps_what_it_prepared() -> None:
    statement = answering(1)
    with transaction.atomic():
        statement.text(["a"])
        transaction.set_rollback(True)
    assert statement.text(["b"]).decode() == "b of 1"
    assert prepared() == [statement.name]


@pytest.mark.django_db
def test_the_text_is_handed_on_as_it_came() -> None:
    statement = Statement("SELECT %s::text", (lambda run: run,))
    text = "é → 語"
    assert [statement.text([text]) for _ in range(3)] == [text.encode()] * 3
    connection.ensure_connection()
    encoding = connection.connection.encoding
    try:
        # As a str it would have been read, and be UTF-8 again.
        connection.connection.set_client_encoding("LATIN1")
        assert statement.text(["é"]) == b"\xe9"
    finally:
        connection.connection.set_client_encoding(encoding)
