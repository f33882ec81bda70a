"""Measures contestants in turns, so that what the machine does beside is shared by all of them."""

import base64
import json
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import islice
from statistics import median
from typing import Any, Final

import argon2
import psycopg2

from bench.load import Load, ask, press
from bench.questions import DEEP, Place, Questions, http, leaves
from bench.servers import GRAPHENE, STRAWBERRY, Contestant, Server, new_secret, serving
from bench.statements import counted
from ops.errors import CannotRun

SLUGS: Final = 50
WARMING: Final = 16
COUNTED_REQUESTS: Final = 10
PERSON: Final = "person1"
RANK_ALONE: Final = frozenset({GRAPHENE.name, STRAWBERRY.name})


@dataclass(slots=True)
class Measured:
    """A contestant's answers to one question: a Load and the server's CPU seconds for each round."""

    contestant: str
    question: str
    statements: float
    loads: list[Load] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        """Answers a second, by round."""
        return [load.rate for load in self.loads]

    @property
    def rate(self) -> float:
        """The middle one of them."""
        return median(self.rates)

    @property
    def cpu_milliseconds(self) -> float:
        """The server's CPU time for an answer."""
        return median(self.cpu_by_round)

    @property
    def cpu_by_round(self) -> list[float]:
        """The same in milliseconds, by round."""
        return [cpu / load.answers * 1_000 for cpu, load in zip(self.cpu_seconds, self.loads, strict=True)]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to measure: what, how often, for how long, over how many connections."""

    questions: Sequence[str]
    rounds: int
    seconds: float
    connections: int


def measure(contestants: Sequence[Contestant], url: str, plan: Plan) -> list[Measured]:
    """Every question to every contestant in each round. Raises BadAnswer where one answers otherwise than Nexus."""
    secret = new_secret()
    with ExitStack() as running:
        servers = [running.enter_context(serving(contestant, url, secret)) for contestant in contestants]
        running.enter_context(_tidied(url))
        asked = questions(url, servers[0])
        same_answers(servers, asked, plan.questions)
        statements = count_statements(contestants, url, secret, asked, plan.questions)
        found = [
            (server, name, Measured(server.contestant.name, name, statements[server.contestant.name, name]))
            for name in plan.questions
            for server in servers
        ]
        for server, name, _ in found:
            _press(server, name, asked, plan, WARMING / 1_000)
        for number in range(1, plan.rounds + 1):
            print(f"Round {number} of {plan.rounds}", flush=True)
            for server, name, measured in found:
                before = server.cpu_seconds()
                load = _press(server, name, asked, plan, plan.seconds)
                measured.loads.append(load)
                measured.cpu_seconds.append(server.cpu_seconds() - before)
        return [measured for _, _, measured in found]


def _press(server: Server, name: str, asked: Questions, plan: Plan, seconds: float) -> Load:
    requests = asked.requests(server.contestant, name, server.address)
    return press(server.address, requests, connections=plan.connections, seconds=seconds)


def questions(url: str, nexus: Server, depth: int = DEEP) -> Questions:
    """What is asked of the database at `url`, with a token that `nexus` gave."""
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM knowledge_entry")
        (many,) = cursor.fetchone() or (0,)
        slugs = tuple(f"entry-{1 + many * place // SLUGS // 100 * 100}" for place in range(SLUGS))
        place = _place(cursor, nexus, min(depth, many // 2))
    return Questions(slugs, place, token(url, nexus))


def _place(cursor: Any, nexus: Server, depth: int) -> Place:
    """The values of the cursor of the entry at a depth: the first entry's cursor with these in place of its own."""
    cursor.execute(
        "SELECT to_json(published_at)#>>'{}', id FROM knowledge_entry WHERE status = 'PUBLISHED'"
        " ORDER BY published_at DESC NULLS LAST, id DESC OFFSET %s LIMIT 1",
        [depth - 1],
    )
    published_at, key = cursor.fetchone()
    body = {"query": "{ entries(first: 1) { pageInfo { endCursor } } }"}
    answer = json.loads(ask(nexus.address, http(nexus.address, "/graphql", body)))
    first = json.loads(base64.b64decode(answer["data"]["entries"]["pageInfo"]["endCursor"]))
    values = json.dumps([first[0], published_at, key], separators=(",", ":"))
    return Place(depth, published_at, key, base64.b64encode(values.encode()).decode())


def token(url: str, nexus: Server, person: str = PERSON) -> str:
    """An access token of a person of the database, who is given a password for it."""
    password = new_secret()
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        hashed = f"argon2{argon2.PasswordHasher().hash(password)}"
        cursor.execute("UPDATE knowledge_user SET password = %s WHERE username = %s", [hashed, person])
    query = "mutation ($name: String!, $word: String!) { tokenAuth(username: $name, password: $word) { token } }"
    body = {"query": query, "variables": {"name": person, "word": password}}
    answer = json.loads(ask(nexus.address, http(nexus.address, "/graphql", body)))
    text: str = answer["data"]["tokenAuth"]["token"]
    return text


def same_answers(servers: Sequence[Server], asked: Questions, names: Sequence[str]) -> None:
    """Raises CannotRun where a contestant's answer holds other values than the first one's."""
    for name in names:
        answers = {server.contestant.name: leaves(_answer(server, name, asked)) for server in servers}
        expected = next(iter(answers.values()))
        for contestant, answer in answers.items():
            # Rivals rank by PostgreSQL's own weights: as many values, of other entries.
            alike = len(answer) == len(expected) if name == "q5" and contestant in RANK_ALONE else answer == expected
            if not alike:
                raise CannotRun(f"{contestant} answers {name} otherwise:\n{answer}\n{expected}")


def _answer(server: Server, name: str, asked: Questions) -> Any:
    request = next(asked.requests(server.contestant, name, server.address))
    # The title of what is made is another each time.
    answer = json.loads(ask(server.address, request))["data"]
    if name == "m1":
        made = next(iter(answer.values()))
        (made.get("entry") or made).pop("title")
    return answer


def count_statements(
    contestants: Sequence[Contestant], url: str, secret: str, asked: Questions, names: Sequence[str]
) -> dict[tuple[str, str], float]:
    """The SQL statements of an answer, by contestant and question."""
    found = {}
    for contestant in contestants:
        with counted(url) as wire, serving(contestant, wire.url, secret) as server:
            for name in names:
                requests = asked.requests(contestant, name, server.address)
                # The first ones connect.
                press(server.address, requests, connections=8, seconds=0.01)
                before = wire.statements
                for request in islice(requests, COUNTED_REQUESTS):
                    ask(server.address, request)
                found[contestant.name, name] = (wire.statements - before) / COUNTED_REQUESTS
    return found


class _tidied:  # noqa: N801 - a context manager, named for what is left behind
    """Deletes what the block made."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> None:
        (self.last,) = self._run("SELECT max(id) FROM knowledge_entry WHERE slug LIKE 'entry-%'")

    def __exit__(self, *_error: object) -> None:
        for table, column in (
            ("revisiontag", "revision_id IN (SELECT id FROM knowledge_entryrevision WHERE entry_id"),
            ("entrytag", "(entry_id"),
        ):
            self._run(f"DELETE FROM knowledge_{table} WHERE {column} > {self.last}) RETURNING 1")  # noqa: S608
        self._run(
            f"WITH revisions AS (DELETE FROM knowledge_entryrevision WHERE entry_id > {self.last})"  # noqa: S608
            f" DELETE FROM knowledge_entry WHERE id > {self.last} RETURNING 1"
        )

    def _run(self, statement: str) -> Any:
        with closing(psycopg2.connect(self.url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()
