"""Statements and requests that take too long are ended where they run: in the database."""

import time
from typing import Self

import psycopg2
import pytest
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from pytest_django import Settings

from knowledge.models import Entry
from tests.cast import Cast
from tests.client import Client
from tests.http.server import asked, connected, exchanged
from tests.workers.programs import eventually

# Seconds that none of it takes, unless nothing ends the statement.
AGES = 60
SOURCES = "/graphql?query={sources{nodes{title}}}"
CREATE = 'mutation { entryCreate(input: {kind: TOOL, title: "Late", body: "B"}) { entry { id } } }'


class Locked:
    """A table that somebody else has for themselves."""

    def __init__(self, table: str) -> None:
        self.table = table

    def __enter__(self) -> Self:
        parameters = DatabaseWrapper(connection.settings_dict).get_connection_params()
        parameters.pop("cursor_factory", None)
        self.elsewhere = psycopg2.connect(**parameters)
        with self.elsewhere.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {self.table} IN ACCESS EXCLUSIVE MODE")
        return self

    def __exit__(self, *_: object) -> None:
        self.elsewhere.close()

    def waiting(self) -> int:
        """How many statements PostgreSQL runs that wait for it."""
        # Not by the connection that holds the lock: within a transaction this view stays as it was.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' "
                "AND wait_event_type = 'Lock'"
            )
            ((number,),) = cursor.fetchall()
        return int(number)


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_takes_too_long_is_cancelled(port: int) -> None:
    with Locked("knowledge_source") as locked, connected(port) as client:
        client.sendall(asked(SOURCES))
        assert eventually(lambda: locked.waiting() == 1, 10)
        started = time.monotonic()
        reply = exchanged(port, asked(SOURCES, "Accept: application/graphql-response+json"))
        assert (reply.status, reply.codes) == (503, ["TIMEOUT"])
        assert time.monotonic() - started < AGES
        assert locked.waiting() == 0
    assert exchanged(port, asked(SOURCES)).status == 200


@pytest.mark.django_db(transaction=True)
def test_a_caller_who_goes_away_leaves_nothing_running(port: int) -> None:
    with Locked("knowledge_source") as locked:
        for _ in range(3):
            with connected(port) as client:
                client.sendall(asked(SOURCES))
        assert eventually(lambda: locked.waiting() > 0, 10)
        deadline = time.monotonic() + AGES
        while locked.waiting() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert locked.waiting() == 0
        # And the threads are there for others.
        assert exchanged(port, asked("/graphql?query={__typename}")).status == 200


def test_a_request_whose_time_is_over_changes_nothing(cast: Cast, api: Client, settings: Settings) -> None:
    api.authorization(cast.author)
    settings.REQUEST_SECONDS = 0
    answer = api.run(CREATE, as_=cast.author)
    assert (answer.status, answer.codes) == (503, ["TIMEOUT"])
    assert not Entry.objects.exists()
    settings.REQUEST_SECONDS = 15
    assert api.run(CREATE, as_=cast.author).data["entryCreate"]["entry"]


def test_a_request_whose_time_ends_in_the_middle_takes_back_what_it_changed(
    cast: Cast, api: Client, settings: Settings
) -> None:
    api.authorization(cast.author)
    settings.REQUEST_SECONDS = 0.3

    def dawdle(execute: object, sql: str, params: object, many: bool, context: object) -> object:
        if sql.startswith('INSERT INTO "knowledge_entryrevision"'):
            time.sleep(0.4)
        return execute(sql, params, many, context)  # type: ignore[operator]

    with connection.execute_wrapper(dawdle):
        answer = api.run(CREATE, as_=cast.author)
    assert answer.codes == ["TIMEOUT"]
    assert not Entry.objects.exists()
