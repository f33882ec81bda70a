"""What an answer takes of the server itself: its processor time, beside the database's.

    python -m bench own [--rounds 5] [--write]

Sends each question through the whole of Nexus within a process of its own, as a web process that was warmed up answers
it, on a core that nobody else has and that does not fall asleep: as it is; with a PostgreSQL that has the answer's text
at hand, so that all is as ever but the time that passes meanwhile; with the text kept from before, so that neither the
database nor its driver has a part; and so after a pause as long as the database takes, in which others have had the
processor's caches. Each round goes through all of these ways in turns. Medians of the rounds, in milliseconds.
"""

import io
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from bench.cores import awake, database_elsewhere, on_the_servers_core
from bench.questions import NAMES, OPERATIONS, TEXT
from bench.servers import NOT_GIVEN
from ops.checkout import ROOT

READS: Final = tuple(name for name in NAMES if name != "m1")
REQUESTS: Final = 300
# After five plans for the values, PostgreSQL may take one for any.
WARMING_RUNS: Final = 10
HOST: Final = "127.0.0.1"
Answer = Callable[[Any, list[Any]], bytes]


def table(database_url: str, rounds: int, requests: int = REQUESTS) -> str:
    """Measures in a process of its own over a filled database, so many requests at a time; a Markdown table."""
    given = {
        "NEXUS_ENV": "production",
        "ALLOWED_HOSTS": HOST,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": database_url,
        "LOG_LEVEL": "ERROR",
        "RATE_LIMIT": "off",
        # What is prepared with the connection lasts as long as it does.
        "CONN_MAX_AGE": "86400",
        "DJANGO_SETTINGS_MODULE": "nexus_gql.settings",
    }
    others = {name: value for name, value in os.environ.items() if name not in NOT_GIVEN}
    with database_elsewhere(database_url), awake():
        measured = subprocess.run(
            [sys.executable, "-m", "bench.own", str(rounds), str(requests)],
            cwd=ROOT,
            env={**others, **given},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=on_the_servers_core(),
        )
    found: Mapping[str, list[float]] = json.loads(measured.stdout)
    lines = [f"|  | {' | '.join(READS)} |", f"| --- |{' --: |' * len(READS)}"]
    for label, times in found.items():
        lines.append(f"| {label} | {' | '.join(f'{milliseconds:.2f}' for milliseconds in times)} |")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Known:
    """A plan that was run: its answer, the seconds that the database took, and how to execute it as ever or at hand."""

    plan: Any
    text: bytes
    seconds: float
    as_ever: str
    at_hand: str


def _measured(rounds: int, requests: int) -> dict[str, list[float]]:
    from nexus_gql.wsgi import application  # noqa: PLC0415 - only within the process that measures
    from schema.planner.plan import Plan  # noqa: PLC0415

    real: Answer = Plan.answer
    known: dict[int, _Known] = {}

    def look(plan: Any, values: list[Any]) -> bytes:
        known[id(plan)] = _looked_at(plan, values, real)
        return known[id(plan)].text

    asked = _requests(application)
    _answer_by(Plan, look)
    for send in asked:
        send()
    found: dict[str, list[list[float]]] = {}
    for _ in range(rounds):
        for label, answer, at_hand in _ways(real, known):
            _answer_by(Plan, answer)
            for each in known.values():
                each.plan.statement.execution = each.at_hand if at_hand else each.as_ever
            times = [_milliseconds(send, requests) for send in asked]
            found.setdefault(label, []).append(times)
    return {label: [median(times) for times in zip(*by_round, strict=True)] for label, by_round in found.items()}


def _ways(real: Answer, known: Mapping[int, _Known]) -> Iterator[tuple[str, Answer, bool]]:
    """Each way to answer, by which it is told; and whether the database has the text at hand."""

    def at_once(plan: Any, _values: list[Any]) -> bytes:
        return known[id(plan)].text

    def late(plan: Any, _values: list[Any]) -> bytes:
        time.sleep(known[id(plan)].seconds)
        return known[id(plan)].text

    yield "as it is", real, False
    yield "where the database has the text at hand", real, True
    yield "without the database and its driver", at_once, False
    yield "the same, after as long a pause", late, False


def _answer_by(plan: Any, answer: Answer) -> None:
    # One way for every plan; for mypy a function is no method.
    plan.answer = answer


def _looked_at(plan: Any, values: list[Any], answer: Answer) -> _Known:
    """Runs the plan until it is warm, and has its text stand at hand on this thread's connection.

    The values are sent there as before.
    """
    from django.db import connection  # noqa: PLC0415 - only within the process that measures

    for _ in range(WARMING_RUNS):
        answer(plan, values)
    began = time.perf_counter()
    text = answer(plan, values)
    seconds = time.perf_counter() - began
    statement = plan.statement
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE kept_{statement.name} AS SELECT %s::text", [text.decode()])
    at_hand = f"EXECUTE kept_{statement.name} /* {', '.join(['%s'] * len(statement.bound))} */"
    return _Known(plan, text, seconds, statement.execution, at_hand)


def _requests(application: Any) -> list[Callable[[], Any]]:
    def sending(query: str, given: Mapping[str, Any]) -> Callable[[], Any]:
        body = json.dumps({"query": query, "variables": given}).encode()

        def send() -> Any:
            environ = {
                "REQUEST_METHOD": "POST",
                "PATH_INFO": "/graphql",
                "QUERY_STRING": "",
                "SERVER_NAME": HOST,
                "SERVER_PORT": "80",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "REMOTE_ADDR": HOST,
                "HTTP_HOST": HOST,
                "HTTP_ACCEPT": "application/json",
                "CONTENT_TYPE": "application/json",
                "CONTENT_LENGTH": str(len(body)),
                "wsgi.input": io.BytesIO(body),
                "wsgi.errors": sys.stderr,
                "wsgi.url_scheme": "http",
            }
            answer = b"".join(application(environ, lambda *_: None))
            if answer.startswith(b'{"errors"'):
                raise SystemExit(f"refused: {answer[:200]!r}")
            return answer

        return send

    find = "{ entries(first: 50) { nodes { slug } pageInfo { endCursor } } }"
    page = json.loads(sending(find, {})())["data"]["entries"]
    given = {"q3": {"slug": page["nodes"][0]["slug"]}, "q4": {"after": page["pageInfo"]["endCursor"]}, "q5": TEXT}
    return [sending((OPERATIONS / f"{name}.graphql").read_text("utf-8"), given.get(name, {})) for name in READS]


def _milliseconds(send: Callable[[], Any], requests: int) -> float:
    """Of processor time for an answer, by the median."""
    times = []
    for _ in range(requests):
        began = time.process_time()
        send()
        times.append(time.process_time() - began)
    return median(times) * 1_000


if __name__ == "__main__":
    print(json.dumps(_measured(*map(int, sys.argv[1:]))))
