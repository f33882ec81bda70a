"""A benchmark database: made once, kept, and made anew when what makes it changed.

    fill("postgresql://…/nexus_bench_10k", 10_000)

The rows are bench.rows'. They are written without triggers and indexes, which are put back as the migrations made them;
what triggers keep (counts, scores, tags beside rows) is filled in as they would have.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import pairwise
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg2
from psycopg2.extras import execute_values
from psycopg2.sql import SQL, Identifier, Literal

from bench import rows, words
from ops.checkout import ROOT

# Change it whenever other rows come out.
VERSION: Final = 1
TAGS: Final = 2_000
PARTS: Final = 2

FILLED: Final = (
    "entry", "entryrevision", "entrytag", "entrychallenge", "challenge", "challengetag", "solution", "vote",
)  # fmt: skip
# In parts, side by side: the rows of each are independent of one another.
IN_PARTS: Final = {
    "challenges": (rows.CHALLENGES,),
    "solutions": (rows.SOLUTIONS,),
    "entries": (rows.ENTRIES, rows.REVISIONS, rows.ENTRY_TAGS, rows.ENTRY_CHALLENGES),
}

Sizes = Mapping[str, int]


def sizes(entries: int) -> dict[str, int]:
    """How many rows of each sort there are beside so many entries."""
    return {
        "entries": entries,
        "users": max(50, entries // 500),
        "tags": TAGS,
        "challenges": entries // 10,
        "solutions": entries // 4,
        "phrases": words.PHRASES,
        "sentences": words.SENTENCES,
    }


def database_name(entries: int) -> str:
    """The name of the database with so many entries."""
    for unit, letter in ((1_000_000, "m"), (1_000, "k")):
        if entries % unit == 0:
            return f"nexus_bench_{entries // unit}{letter}"
    return f"nexus_bench_{entries}"


def bench_database(server: str, entries: int) -> str:
    """The address of a filled database on the server at `server`, whatever database that names."""
    url = urlsplit(server)._replace(path=f"/{database_name(entries)}").geturl()
    fill(url, entries)
    return url


def fill(url: str, entries: int) -> None:
    """Makes the database at `url` with so many entries, unless it is there already; migrates it in any case."""
    name = urlsplit(url).path.lstrip("/")
    made_by = f"Nexus benchmark data, version {VERSION}, {entries} entries"
    if _comment(url, name) == made_by:
        _migrate(url)
        return
    started = perf_counter()
    print(f"Filling {name} with {entries:,} entries", flush=True)
    with _maintenance(url) as cursor:
        cursor.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))
        cursor.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    _migrate(url)
    with _connected(url) as cursor:
        _fill(url, cursor, sizes(entries))
        cursor.execute(SQL("COMMENT ON DATABASE {} IS {}").format(Identifier(name), Literal(made_by)))
    print(f"Filled in {perf_counter() - started:.0f} s", flush=True)


def _fill(url: str, cursor: Any, numbers: Sizes) -> None:
    cursor.execute(rows.SCHEMA)
    vocabulary = words.vocabulary()
    for table, texts in (
        ("word", vocabulary), ("phrase", words.phrases(vocabulary)), ("sentence", words.sentences(vocabulary)),
    ):  # fmt: skip
        execute_values(cursor, f"INSERT INTO bench.{table} VALUES %s", list(enumerate(texts, 1)), page_size=5_000)  # noqa: S608
    cursor.execute("ANALYZE bench.phrase, bench.sentence")
    cursor.execute(rows.USERS, numbers)
    cursor.execute(rows.TAGS, numbers)
    with _bare(url, cursor):
        for what, statements in IN_PARTS.items():
            _side_by_side(url, [(statements, {**numbers, **part}) for part in _parts(numbers[what])])
        for statement in (rows.CHALLENGE_TAGS, rows.VOTES, rows.COUNTS):
            cursor.execute(statement, numbers)
    cursor.execute("DROP SCHEMA bench CASCADE")
    for table in ("user", "tag", "entry", "challenge", "solution"):
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('knowledge_{table}', 'id'), max(id)) FROM knowledge_{table}"  # noqa: S608
        )
    # Frozen now, so that no vacuum comes in the middle of a measurement.
    cursor.execute("VACUUM (FREEZE, ANALYZE)")


def _parts(number: int) -> Iterator[dict[str, int]]:
    bounds = [number * place // PARTS for place in range(PARTS + 1)]
    for before, last in pairwise(bounds):
        yield {"first": before + 1, "last": last}


def _side_by_side(url: str, work: list[tuple[tuple[Any, ...], Mapping[str, Any]]]) -> None:
    """Runs each item's statements on a connection of its own."""

    def run(item: tuple[tuple[Any, ...], Mapping[str, Any]]) -> None:
        statements, values = item
        with _connected(url) as cursor:
            for statement in statements:
                cursor.execute(statement, values)

    with ThreadPoolExecutor(PARTS) as pool:
        list(pool.map(run, work))


@contextmanager
def _bare(url: str, cursor: Any) -> Iterator[None]:
    """The filled tables without triggers of ours, foreign keys and indexes, all of which are put back."""
    tables = [f"knowledge_{table}" for table in FILLED]
    cursor.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])",
        [tables],
    )
    keys = cursor.fetchall()
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i"
        " WHERE indrelid = ANY(%s::regclass[])"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)",
        [tables],
    )
    indexes = cursor.fetchall()
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for table, key, _ in keys:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {key}")
    for index, _ in indexes:
        cursor.execute(f"DROP INDEX {index}")
    yield
    _side_by_side(url, [(("SET maintenance_work_mem = '1GB'", text), {}) for _, text in indexes])
    for table, key, definition in keys:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {key} {definition}")
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _migrate(url: str) -> None:
    settings = {"NEXUS_ENV": "test", "SECRET_KEY": "nothing-is-signed-while-rows-are-made-0123", "DATABASE_URL": url}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        # A migration of a million rows takes as long as it takes.
        env={**os.environ, **settings, "STATEMENT_TIMEOUT_MS": "0"},
        cwd=ROOT,
        check=True,
    )


def _comment(url: str, name: str) -> str | None:
    with _maintenance(url) as cursor:
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
        row = cursor.fetchone()
    return row[0] if row else None


def _maintenance(url: str) -> Any:
    return _connected(urlsplit(url)._replace(path="/postgres").geturl())


@contextmanager
def _connected(url: str) -> Iterator[Any]:
    """A cursor whose statements commit one by one."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
