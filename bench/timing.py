"""`make bench-timing`: whether how long an answer takes tells who is known.

    python -m bench.timing [--rounds 31]

Signs in, asks for links and registers within this process, as in production (real hashes, transactions that commit), on
a database of its own; known and unknown in turns. Prints medians in milliseconds; fails where those of what should be
alike differ by more than a quarter.
"""

import argparse
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from statistics import median
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg2

from ops.checkout import ROOT
from ops.errors import CannotRun
from ops.services import find_services
from ops.test import database

ALIKE: Final = 0.25
# Before that each is warm.
WARMING: Final = 2
# An answer without a hash takes a few milliseconds, of which more have to be looked at.
MORE: Final = 5
PASSWORD: Final = "a wonderful winter day"  # noqa: S105 - of people who are here for a minute
WRONG: Final = "a terrible winter day"
SIGN_IN: Final = """mutation($name: String!, $password: String!) {
  tokenAuth(username: $name, password: $password) { refreshExpiresIn } }"""
ASK: Final = "mutation($email: String!) { passwordResetRequest(input: {email: $email}) { errors { code } } }"
REGISTER: Final = "mutation($input: AccountRegisterInput!) { accountRegister(input: $input) { errors { code } } }"
PLENTY: Final = "1000000"

Attempts = Mapping[str, Callable[[], None]]


def main() -> int:
    """Measures in a process of its own; 1 where times are not alike."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        return _measured(options.rounds)
    try:
        with database(find_services(os.environ, ROOT)) as server, _own(server) as url:
            limits = {f"SIGN_IN_LIMIT_{name}": PLENTY for name in ("ACCOUNT", "ADDRESS", "ANYWHERE")}
            given = {"NEXUS_ENV": "production", "SECRET_KEY": secrets.token_urlsafe(48), "DATABASE_URL": url}
            kept = {name: value for name, value in os.environ.items() if name != "CACHE_URL"}
            environment = {**kept, **given, **limits, "RATE_LIMIT": "off", "LOG_LEVEL": "ERROR"}
            steps = (
                ["manage.py", "migrate", "--verbosity", "0"],
                ["-m", "bench.timing", "--here", "--rounds", str(options.rounds)],
            )
            codes = (
                subprocess.run([sys.executable, *step], cwd=ROOT, env=environment, check=False).returncode
                for step in steps
            )
            return next((code for code in codes if code), 0)
    except CannotRun as reason:
        print(f"nexus: {reason}", file=sys.stderr)
        return 1


@contextmanager
def _own(server: str) -> Iterator[str]:
    """The address of an empty database, which is gone afterwards."""
    name = f"nexus_bench_timing_{secrets.token_hex(4)}"
    # The database that `server` names need not be there yet.
    with closing(psycopg2.connect(urlsplit(server)._replace(path="/postgres").geturl())) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
            try:
                yield urlsplit(server)._replace(path=f"/{name}").geturl()
            finally:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _measured(rounds: int) -> int:
    import django  # noqa: PLC0415 - only within the process that measures

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nexus_gql.settings")
    django.setup()

    from django.test.utils import setup_test_environment  # noqa: PLC0415

    setup_test_environment()
    _people()
    alike = True
    print("| what, in ms (medians) | | |\n|---|---|--:|")
    for title, attempts, number in _questions(rounds):
        found = _medians(attempts, number)
        for name, milliseconds in found.items():
            print(f"| {title} | {name} | {milliseconds:.2f} |")
        alike &= max(found.values()) <= min(found.values()) * (1 + ALIKE)
    return int(not alike)


def _people() -> None:
    from datetime import UTC, datetime  # noqa: PLC0415

    from django.contrib.auth.hashers import make_password  # noqa: PLC0415

    from knowledge.models import User  # noqa: PLC0415

    hashed = make_password(PASSWORD)
    confirmed = {"email": "known@example.org", "email_confirmed_at": datetime.now(UTC)}
    User.objects.create(username="known", password=hashed, **confirmed)
    User.objects.create(username="gone", password=hashed, is_active=False)
    User.objects.create(username="passwordless", password=make_password(None))


def _questions(rounds: int) -> Iterator[tuple[str, Attempts, int]]:
    def fail(name: str, password: str) -> Callable[[], None]:
        return lambda: _ask(SIGN_IN, "INVALID_CREDENTIALS", name=name or _new(), password=password)

    def ask(email: str) -> Callable[[], None]:
        return lambda: _ask(ASK, None, email=email or f"{_new()}@example.org")

    def register(email: str) -> Callable[[], None]:
        def attempt() -> None:
            given = {"username": _new(), "email": email or f"{_new()}@example.org", "password": PASSWORD}
            _ask(REGISTER, None, input=given)

        return attempt

    failing = {
        "known": fail("known", WRONG),
        "unknown": fail("", WRONG),
        "deactivated, right password": fail("gone", PASSWORD),
        "without a password": fail("passwordless", WRONG),
    }
    yield "a sign-in that fails", failing, rounds
    yield "asking for a link", {"known": ask("known@example.org"), "unknown": ask("")}, MORE * rounds
    yield "registering an address", {"known": register("known@example.org"), "unknown": register("")}, rounds


def _new() -> str:
    return f"u{secrets.token_hex(8)}"


def _ask(query: str, code: str | None, **variables: Any) -> None:
    """Raises SystemExit where it is not answered with this code."""
    from django.test import Client  # noqa: PLC0415

    answer = Client().post("/graphql", {"query": query, "variables": variables}, "application/json")
    found = [error["extensions"]["code"] for error in answer.json().get("errors", ())]
    if found != ([code] if code else []) or b'"code"' in answer.content.partition(b'"data"')[2]:
        raise SystemExit(f"not answered as it should be: {answer.content[:300]!r}")


def _medians(attempts: Attempts, rounds: int) -> dict[str, float]:
    """In turns, each first as often as last."""
    took: dict[str, list[float]] = {name: [] for name in attempts}
    for number in range(-WARMING, rounds):
        for name in list(attempts) if number % 2 else list(attempts)[::-1]:
            began = perf_counter()
            attempts[name]()
            if number >= 0:
                took[name].append((perf_counter() - began) * 1_000)
    return {name: median(times) for name, times in took.items()}


if __name__ == "__main__":
    sys.exit(main())
