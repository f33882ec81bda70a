"""Measures contestants in turns, so that what the machine does beside is shared by all of them."""

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
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
# Before each measurement: PostgreSQL plans a statement anew for its first runs on a connection, and after a vacuum.
WARMING_SECONDS: Final = 0.5
COUNTED_REQUESTS: Final = 10
PERSON: Final = "person1"
RANK_ALONE: Final = frozenset({GRAPHENE.name, STRAWBERRY.name})
# What an entry is made of, and what tells of it, in an order in which all of it can go.
MADE: Final = (
    (
        "DELETE FROM knowledge_revisiontag t USING knowledge_entryrevision r"
        " WHERE revision_id = r.id AND entry_id > %(last)s"
    ),
    "DELETE FROM knowledge_entrytag WHERE entry_id > %(last)s",
    "DELETE FROM knowledge_entryrevision WHERE entry_id > %(last)s",
    "DELETE FROM knowledge_entry WHERE id > %(last)s",
    "DELETE FROM knowledge_outboxevent WHERE subject_type = 'Entry' AND subject_id > %(last)s",
)
TOUCHED: Final = "revisiontag", "entrytag", "entryrevision", "entry", "outboxevent", "tag", "tally"


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


Turn = tuple[Server, str, Measured]


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
        # Around the servers: what their sessions did is counted when they end.
        running.enter_context(tidied(url))
        servers = [running.enter_context(serving(contestant, url, secret)) for contestant in contestants]
        asked = questions(url, servers[0])
        same_answers(servers, asked, plan.questions)
        statements = count_statements(contestants, url, secret, asked, plan.questions)
        found = [
            (server, name, Measured(server.contestant.name, name, statements[server.contestant.name, name]))
            for name in plan.questions
            for server in servers
        ]
        for number in range(1, plan.rounds + 1):
            print(f"Round {number} of {plan.rounds}", flush=True)
            for server, name, measured in turns(found, number):
                _press(server, name, asked, plan, min(WARMING_SECONDS, plan.seconds))
                before = server.cpu_seconds()
                load = _press(server, name, asked, plan, plan.seconds)
                measured.loads.append(load)
                measured.cpu_seconds.append(server.cpu_seconds() - before)
                if name == "m1":
                    # Else those who are asked next would read among what it made.
                    _tidy(url)
        return [measured for _, _, measured in found]


def turns(found: Sequence[Turn], number: int) -> Sequence[Turn]:
    """Who is asked what in the round of that number, from 1 on: there and back, so that none always follows another."""
    due = [turn for turn in found if (number - 1) % turn[0].contestant.every == 0]
    return due if number % 2 else due[::-1]


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


@contextmanager
def tidied(url: str) -> Iterator[None]:
    """Without entries that are none of the data, before and after: what M1 makes is deleted, with its events.

    Dead rows would slow whoever reads next, so they are swept up as well.
    """
    _tidy(url)
    try:
        yield
    finally:
        _tidy(url)


def _tidy(url: str) -> None:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        # The data have these slugs; M1's are made of titles.
        cursor.execute("SELECT max(id) FROM knowledge_entry WHERE slug LIKE 'entry-%'")
        (last,) = cursor.fetchone() or (0,)
        for statement in MADE:
            cursor.execute(statement, {"last": last})
    # By another session: what one has deleted is counted as dead when it ends, and would call for autovacuum then.
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM (ANALYZE) {', '.join(f'knowledge_{table}' for table in TOUCHED)}")
