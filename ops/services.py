"""The real services that tests can use: those the environment names, else those that answer at their usual place."""

import shutil
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import redis
from kombu import Connection
from kombu.exceptions import OperationalError

from ops.binaries import EXTENSIONS, OLDEST_MAJOR
from ops.errors import CannotRun

PROBE_SECONDS = 2
USUAL_RABBITMQ = "amqp://guest:guest@127.0.0.1:5672/"
# A Memcached may be named as well; tests start one of their own.
REDIS = "redis"
USUAL_REDIS = "redis://127.0.0.1:6379/0"
# The user may make databases, the server is new enough, and its extensions are installed.
ABILITIES = """
    SELECT (rolcreatedb OR rolsuper) AND current_setting('server_version_num')::int >= %s
       AND (SELECT count(*) FROM pg_available_extensions WHERE name = ANY(%s)) = %s
      FROM pg_roles WHERE rolname = current_user
"""


@dataclass(frozen=True, slots=True)
class Services:
    """Addresses of what was found; None where nothing was. `node` is the path of a Node.js that has npm."""

    database_url: str | None = None
    rabbitmq_url: str | None = None
    redis_url: str | None = None
    node: str | None = None


def find_services(environment: Mapping[str, str], checkout: Path) -> Services:
    """What there is to test with. Raises CannotRun where the environment names a service that does not answer."""
    return Services(
        database_url=_named(environment, "DATABASE_URL", answers_postgres)
        or _first(answers_postgres, usual_databases(checkout)),
        rabbitmq_url=_named(environment, "RABBITMQ_URL", answers_rabbitmq)
        or _first(answers_rabbitmq, [USUAL_RABBITMQ]),
        redis_url=_named(environment, "CACHE_URL", answers_redis, REDIS) or _first(answers_redis, [USUAL_REDIS]),
        node=shutil.which("node") if shutil.which("npm") else None,
    )


def usual_databases(checkout: Path) -> list[str]:
    """Where a development machine's PostgreSQL usually answers.

    The database is named after the checkout, so that two of them can be tested at once.
    """
    name = f"nexus_{zlib.crc32(bytes(checkout)):08x}"
    return [f"postgresql://{user}@127.0.0.1:5432/{name}" for user in ("postgres", getuser(), "postgres:postgres")]


def answers_postgres(url: str) -> bool:
    """Whether a server that the tests can use answers there; the database itself need not exist."""
    parts = urlsplit(url)
    server = parts._replace(path="/postgres").geturl()
    try:
        with closing(psycopg2.connect(server, connect_timeout=PROBE_SECONDS)) as connection:
            cursor = connection.cursor()
            cursor.execute(ABILITIES, [OLDEST_MAJOR * 10_000, list(EXTENSIONS), len(EXTENSIONS)])
            return cursor.fetchone() == (True,)
    except psycopg2.OperationalError:
        return False


def answers_rabbitmq(url: str) -> bool:
    """Whether a broker answers there and lets us in."""
    try:
        with Connection(url, connect_timeout=PROBE_SECONDS) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=PROBE_SECONDS)
    except OperationalError:
        return False
    return True


def answers_redis(url: str) -> bool:
    """Whether a Redis answers there and lets us in."""
    try:
        with closing(redis.Redis.from_url(url, socket_connect_timeout=PROBE_SECONDS)) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def without_password(url: str) -> str:
    """The address as it may be shown."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return parts._replace(netloc=f"{parts.username}:***@{parts.netloc.rpartition('@')[2]}").geturl()


def _named(environment: Mapping[str, str], name: str, answers: Callable[[str], bool], only: str = "") -> str | None:
    url = environment.get(name)
    if not url or not url.startswith(only):
        return None
    if not answers(url):
        raise CannotRun(f"{name} is set, but nothing that can be used answers at {without_password(url)}.")
    return url


def _first(answers: Callable[[str], bool], urls: list[str]) -> str | None:
    return next((url for url in urls if answers(url)), None)
