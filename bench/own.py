"""What an answer takes of the server itself: its processor time, beside the database's.

    python -m bench own [--rounds 5] [--write]

Sends each question through the whole of Nexus within a process of its own, as a web process that was warmed up answers
it, on a core that nobody else has and that does not fall asleep: as it is; with a PostgreSQL that has the answer's text
at hand, so that all is as ever but the time that passes meanwhile; with the text kept from before, so that neither the
database nor its driver has a part; and so after a pause as long as the database takes, in which others have had the
processor's caches. Medians of the rounds, in milliseconds.
"""

import io
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any, Final

from bench.cores import awake, database_elsewhere, on_the_servers_core
from bench.questions import NAMES, OPERATIONS, TEXT
from bench.servers import NOT_GIVEN
from ops.checkout import ROOT

READS: Final = tuple(name for name in NAMES if name != "m1")
REQUESTS: Final = 300
HOST: Final = "127.0.0.1"
Answer = Callable[[Any, list[Any]], bytes]


def table(database_url: str, rounds: int) -> str:
    """Measures in a process of its own over a filled database; a Markdown table."""
    given = {
        "NEXUS_ENV": "production",
        "ALLOWED_HOSTS": HOST,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": database_url,
        "LOG_LEVEL": "ERROR",
        "RATE_LIMIT": "off",
        "DJANGO_SETTINGS_MODULE": "nexus_gql.settings",
    }
    others = {name: value for name, value in os.environ.items() if name not in NOT_GIVEN}
    with database_elsewhere(database_url), awake():
        measured = subprocess.run(
            [sys.executable, "-m", "bench.own", str(rounds)],
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


def _measured(rounds: int) -> dict[str, list[float]]:
    from nexus_gql.wsgi import application  # noqa: PLC0415 - only within the process that measures
    from schema.planner.plan import Plan  # noqa: PLC0415

    real: Answer = Plan.answer
    kept: dict[int, tuple[bytes, float]] = {}
    stored: set[int] = set()

    def at_once(plan: Any, values: list[Any]) -> bytes:
        if id(plan) not in kept:
            real(plan, values)
            began = time.perf_counter()
            text = real(plan, values)
            kept[id(plan)] = text, time.perf_counter() - began
        return kept[id(plan)][0]

    def late(plan: Any, values: list[Any]) -> bytes:
        text = at_once(plan, values)
        time.sleep(kept[id(plan)][1])
        return text

    def at_hand(plan: Any, values: list[Any]) -> bytes:
        if id(plan) not in stored:
            stored.add(id(plan))
            _store(plan.statement, at_once(plan, values))
        return real(plan, values)

    ways: Mapping[str, Answer] = {
        "as it is": real,
        "where the database has the text at hand": at_hand,
        "without the database and its driver": at_once,
        "the same, after as long a pause": late,
    }
    requests = _requests(application)
    found = {label: [0.0] * len(READS) for label in ways}
    for label, way in ways.items():
        setattr(Plan, "answer", way)  # noqa: B010 - mypy takes a function for no method
        for place, send in enumerate(requests):
            times = [_milliseconds(send) for _ in range(rounds)]
            found[label][place] = median(times)
    return found


def _store(statement: Any, text: bytes) -> None:
    """Has the statement answer with the text, on this thread's connection; its values are sent as before."""
    from django.db import connection  # noqa: PLC0415 - only within the process that measures

    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE kept_{statement.name} AS SELECT %s::text", [text.decode()])
    statement.execution = f"EXECUTE kept_{statement.name} /* {', '.join(['%s'] * len(statement.bound))} */"


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


def _milliseconds(send: Callable[[], Any]) -> float:
    """Of processor time for an answer, by the median."""
    times = []
    for _ in range(REQUESTS):
        began = time.process_time()
        send()
        times.append(time.process_time() - began)
    return median(times) * 1_000


if __name__ == "__main__":
    print(json.dumps(_measured(int(sys.argv[1]))))
