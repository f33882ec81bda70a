"""All of Nexus as it runs in earnest, on servers of the test's own, and somebody who asks it for digests."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self
from urllib.error import URLError
from urllib.request import Request, urlopen

import psycopg2

from tests.faults.servers import LOOPBACK, Postgres, RabbitNode, free_port
from tests.faults.witness import HISTORY, Stop
from tests.sink import Sink
from tests.workers.programs import BEAT, RELAY, WORKER, Programs, eventually
from tests.workers.proxy import Door

SECONDS: Final = 300
LISTENER: Final = "examples/listener/listen.py"
# Two of each that may be there twice.
PARTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "worker 1": (*WORKER, "--hostname", "one@%h"),
        "worker 2": (*WORKER, "--hostname", "two@%h"),
        "relay 1": RELAY,
        "relay 2": RELAY,
        "beat 1": BEAT,
        "beat 2": BEAT,
    }
)
SIGN_IN: Final = """mutation ($name: String!, $password: String!) {
    tokenAuth(username: $name, password: $password) { token }
}"""
ASK: Final = (
    """mutation ($input: DigestRequestInput!) { digestRequest(input: $input) { digest { id } errors { code } } }"""
)


# Each day of the last days has something new, and all of these people want to hear of it.
SUBSCRIBERS: Final = 30
DAYS: Final = 6
SUBSCRIBE: Final = f"""
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from knowledge.models import DigestSubscription, Entry, User
today = timezone.now().replace(hour=3, minute=0, second=0, microsecond=0)
for place, entry in enumerate(Entry.objects.filter(status="PUBLISHED").order_by("pk")):
    Entry.objects.filter(pk=entry.pk).update(published_at=today - timedelta(days=2 + place % {DAYS}))
long_ago = today - timedelta(days=90)
for number in range({SUBSCRIBERS}):
    address = f"reader{{number}}@example.org"
    user = User.objects.create(username=f"reader{{number}}", email=address, email_confirmed_at=long_ago)
    DigestSubscription.objects.create(user=user, cadence="DAILY", created_at=long_ago)
"""
STATE: Final = """SELECT
    (SELECT (count(*), max(queued_at), max(started_at), max(finished_at))::text FROM knowledge_digest),
    (SELECT count(*) FROM ledger_history),
    (SELECT (count(*), count(published_at), sum(attempts))::text FROM knowledge_outboxevent)"""
OPEN_WINDOWS: Final = ("-m", "celery", "-A", "nexus_gql.celery", "call", "workers.open_due_windows")


class Nexus:
    """Its parts by name, each in a process of its own; they reach the broker through a door that can be shut."""

    def __init__(self, folder: Path, postgres: Postgres, broker: RabbitNode, sink: Sink) -> None:
        self.postgres, self.broker = postgres, broker
        self.door = Door(broker.url)
        self.inbox = folder / "inbox.sqlite3"
        self._port = free_port()
        self._programs = Programs(
            folder,
            DATABASE_URL=postgres.url,
            RABBITMQ_URL=self.door.url,
            STATEMENT_TIMEOUT_MS="5000",
            ACCESS_TOKEN_SECONDS="3600",
            EMAIL_URL=f"smtp://{LOOPBACK}:{sink.port}",
        )
        self._running: dict[str, Any] = {}
        self.stops: list[Stop] = []
        self._sink = sink

    def __enter__(self) -> Self:
        self.postgres.start()
        self.broker.start()
        self.door.open()
        for command in (("manage.py", "migrate"), ("manage.py", "seed_demo"), ("-c", SUBSCRIBE)):
            assert self._programs.start(*command).wait(SECONDS) == 0, self.said()
        with closing(psycopg2.connect(self.postgres.url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(HISTORY)
        for name in ("web", "listener", *PARTS):
            self.start(name)
        assert eventually(self._answers, SECONDS), self.said()
        assert self._programs.start(*OPEN_WINDOWS).wait(SECONDS) == 0, self.said()
        return self

    def __exit__(self, *_: object) -> None:
        self._programs.end()
        self.door.__exit__()
        self.broker.end()
        self.postgres.end()

    def start(self, name: str) -> None:
        """Starts a part."""
        self._running[name] = self._programs.start(*self._command(name))

    def kill_and_start(self, *names: str) -> None:
        """Kills parts with their children, all before any is started again."""
        begun, groups = time.time(), frozenset(self._running[name].pid for name in names)
        for name in names:
            self._programs.kill(self._running.pop(name))
        self.stops.append(Stop(begun, time.time(), groups))
        for name in names:
            self.start(name)

    def kill_in_a_mail(self) -> None:
        """Kills a worker whose mail the mail server has taken, and has not said so yet."""
        self._sink.held = True
        try:
            assert eventually(lambda: bool(self._waiting_for_an_answer()), SECONDS), self.said()
            self.kill_and_start(self._waiting_for_an_answer()[0])
        finally:
            self._sink.held = False

    def cut_off(self) -> None:
        """Resets every connection to the broker, and refuses new ones for a second."""
        self.door.shut()
        time.sleep(1)
        self.door.open()

    def pause_the_broker(self) -> None:
        """Lets the broker do nothing, longer than a publisher waits."""
        with self.broker.paused():
            time.sleep(6)

    def kill_the_broker(self) -> None:
        """Kills the broker and starts it again."""
        self.broker.kill()
        time.sleep(1)
        self.broker.start()

    def kill_the_database(self) -> None:
        """Kills PostgreSQL, which recovers when it is started again."""
        begun = time.time()
        self.postgres.kill()
        time.sleep(1)
        self.postgres.start()
        self.stops.append(Stop(begun, time.time(), database=True))

    def said(self) -> str:
        """What all parts have said."""
        return self._programs.said()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with closing(psycopg2.connect(self.postgres.url)) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def state(self) -> list[tuple[Any, ...]]:
        """How far everything is: another one each time that something goes on."""
        return self.rows(STATE)

    def ask(self, query: str, variables: Mapping[str, Any], token: str | None = None) -> Any:
        """The data of an answer; raises OSError or ValueError where there is none."""
        request = Request(
            f"http://{LOOPBACK}:{self._port}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json", **({"Authorization": f"JWT {token}"} if token else {})},
        )
        with urlopen(request, timeout=10) as response:  # noqa: S310 - as above
            answer = json.loads(response.read())
        if "errors" in answer:
            raise ValueError(answer["errors"])
        return answer["data"]

    def token(self) -> str:
        """That of a member of staff."""
        accounts = json.loads((self._programs.folder / "data" / "demo-accounts.json").read_text())
        variables = {"name": "linus", "password": accounts["linus"]}
        return str(self.ask(SIGN_IN, variables)["tokenAuth"]["token"])

    def request_digest(self, number: int, token: str) -> None:
        """Asks for a digest until it is promised, as a client does: each time with the same key."""
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        window = {"windowStart": today - timedelta(days=1 + number % 30), "windowEnd": today}
        given = {name: f"{moment:%Y-%m-%dT%H:%M:%SZ}" for name, moment in window.items()}

        def attempt() -> None:
            answer = self.ask(ASK, {"input": {**given, "idempotencyKey": f"digest {number}"}}, token)
            assert answer["digestRequest"]["errors"] == [], answer

        insist(attempt)

    def _waiting_for_an_answer(self) -> list[str]:
        """The parts that the mail server has not answered."""
        return [name for name, program in self._running.items() if program.pid in self._sink.unanswered]

    def _command(self, name: str) -> tuple[str, ...]:
        if name == "web":
            place = ("--host", LOOPBACK, "--port", str(self._port))
            return ("-m", "granian", "--interface", "wsgi", "--no-ws", *place, "nexus_gql.wsgi:application")
        if name == "listener":
            return (LISTENER, self.broker.url, "--inbox", str(self.inbox))
        return PARTS[name]

    def _answers(self) -> bool:
        try:
            urlopen(f"http://{LOOPBACK}:{self._port}/livez", timeout=1).close()
        except (URLError, OSError):
            return False
        return "ready" in self.said()


def insist(attempt: Callable[[], object]) -> None:
    """Tries until it succeeds."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            attempt()
        except (OSError, ValueError):
            assert time.monotonic() < deadline, "nobody answered"
            time.sleep(0.2)
        else:
            return
