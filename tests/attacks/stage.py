"""The server under attack: granian and the stream as in earnest, on a database that nothing else uses."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg2

from tests.http.server import SECONDS, Reply, posted, reply_from, start_web
from tests.schema.stream.reading import start_stream
from tests.workers.programs import ROOT, Programs

PROBE = '{ tag(slug: "common") { name entryCount } }'
PROBED = {"tag": {"name": "Common", "entryCount": 1}}
# Generous, because the machine may have much else to do; on an idle one it takes a few milliseconds.
QUICK = 2.0
SETTINGS = {
    "RATE_LIMIT": "on",
    # As much as what is sent by one person in a minute costs, long texts among it.
    "RATE_LIMIT_POINTS": "16000",
    "ACCESS_TOKEN_SECONDS": "3600",
    "CORS_ORIGINS": "https://app.example",
    "CORS_CREDENTIALS": "true",
    "METRICS": "on",
    "METRICS_TOKEN": secrets.token_urlsafe(24),
    "STATEMENT_TIMEOUT_MS": "5000",
    "STREAM_HEARTBEAT_SECONDS": "1",
}
# Written whenever somebody is known by their token, and told to nobody but them.
_USE = ("last_used_at",)


@dataclass
class Stage:
    """The server, its rows, and the people that attack it."""

    port: int
    stream_port: int
    database: str
    programs: Programs
    scene: Mapping[str, Any]
    _senders: int = field(default_factory=lambda: secrets.randbelow(250**3))

    def id(self, name: str) -> str:
        """The id of something on the scene."""
        found: str = self.scene["ids"][name]
        return found

    def person(self, name: str) -> Mapping[str, str]:
        """Somebody's tokens: token, refresh, script."""
        found: Mapping[str, str] = self.scene["people"][name]
        return found

    def bearer(self, name: str | None) -> list[str]:
        """The header line of somebody who is signed in; none for nobody."""
        return [f"Authorization: Bearer {self.person(name)['token']}"] if name else []

    def hidden_from(self, name: str | None) -> list[str]:
        """The words that somebody must never be told."""
        return [word for word, to in self.scene["secrets"].items() if name not in to]

    def sender(self) -> str:
        """An address of its own on this machine: what is counted by address, nobody else has spent."""
        self._senders += 1
        a, b, c = (self._senders // place % 250 + 1 for place in (250**2, 250, 1))
        return f"127.{a}.{b}.{c}"

    def exchange(self, *pieces: bytes, sender: str | None = None, port: int | None = None) -> Reply:
        """What is answered to these bytes."""
        with self.connected(sender, port) as connection:
            for piece in pieces:
                connection.sendall(piece)
            return reply_from(connection)

    @contextmanager
    def connected(self, sender: str | None = None, port: int | None = None) -> Iterator[socket.socket]:
        """A connection to the server, from an address of its own."""
        place = ("127.0.0.1", port or self.port)
        with socket.create_connection(place, SECONDS, (sender or self.sender(), 0)) as connection:
            yield connection

    def ask(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *lines: str,
        as_: str | None = None,
        sender: str | None = None,
    ) -> Reply:
        """What is answered to an operation."""
        body = json.dumps({"query": query, "variables": dict(variables or {})}).encode()
        accept = "Accept: application/graphql-response+json"
        return self.exchange(posted(body, accept, *self.bearer(as_), *lines), sender=sender)

    def is_quick(self) -> bool:
        """Whether a plain question is answered, rightly and in time."""
        began = time.monotonic()
        answer = self.ask(PROBE)
        return answer.json == {"data": PROBED} and time.monotonic() - began < QUICK

    def rows(self, *but: str) -> dict[str, tuple[int, str | None]]:
        """For every table but these: how many rows, and a digest of them."""
        with self._connection.cursor() as cursor:
            cursor.execute(self._digests)
            return {name: (number, digest) for name, number, digest in cursor.fetchall() if name not in but}

    def statement(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What is in the database, past all that Nexus does."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    @cached_property
    def _connection(self) -> Any:
        connection = psycopg2.connect(self.database)
        connection.autocommit = True
        return connection

    @cached_property
    def _digests(self) -> str:
        tables = self.statement("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        without = "".join(f" - '{column}'" for column in _USE)
        return " UNION ALL ".join(
            f"SELECT '{name}', count(*), md5(string_agg(text, '' ORDER BY text)) FROM "  # noqa: S608 - our own names
            f'(SELECT (to_jsonb(t){without})::text FROM "{name}" t) AS rows(text)'
            for (name,) in tables
        )

    def close(self) -> None:
        """Ends the programs and lets go of the database."""
        self.programs.end()
        self._connection.close()


@contextmanager
def stage(folder: Path, **settings: str) -> Iterator[Stage]:
    """A server with the scene on a database of its own, which is gone afterwards."""
    with _database() as url:
        redis = os.environ.get("NEXUS_TEST_REDIS_URL")
        programs = Programs(
            folder, **{**SETTINGS, "DATABASE_URL": url, **({"CACHE_URL": redis} if redis else {}), **settings}
        )
        scene = _told(programs, "-m", "tests.attacks.scene")
        held = Stage(start_web(programs), start_stream(programs), url, programs, json.loads(scene))
        try:
            yield held
        finally:
            held.close()


@contextmanager
def _database() -> Iterator[str]:
    name = f"nexus_attacked_{uuid4().hex[:12]}"
    parts = urlsplit(os.environ["DATABASE_URL"])
    with _maintenance(parts._replace(path="/postgres").geturl()) as administration:
        administration.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            administration.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _maintenance(url: str) -> Iterator[Any]:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _told(programs: Programs, *arguments: str) -> str:
    """What a program said that ran to its end on the stage's database, which is migrated first."""
    environment = programs.environment
    migrated = ("manage.py", "migrate", "--verbosity", "0")
    collected = ("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    said = ""
    for command in (migrated, collected, arguments):
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        said = done.stdout
    return said
