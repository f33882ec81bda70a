"""How much a read costs beside its SQL: each operation by the view, and the same statement by hand, in turns.

    python -m bench [--entries 10000] [--rounds 200]

In one process, without HTTP: what is compared is the work between a request's bytes and the answer's. Prints medians in
milliseconds, and their ratio.
"""

import argparse
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nexus_gql.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402 - after django.setup()
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases  # noqa: E402

from knowledge.models import (  # noqa: E402
    Challenge,
    ChallengeTag,
    Entry,
    EntryChallenge,
    EntryRevision,
    EntryTag,
    Solution,
    Tag,
    User,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
TAGS = 200
OPERATIONS = {
    "20 entries, 8 scalars": "{ entries { nodes { id slug kind title summary score createdAt publishedAt } } }",
    "20 entries, nested": """{ entries { nodes { title author { username } tags { name } challenges(first: 3) { nodes {
        title solutions(first: 2) { nodes { body author { username } } } } } } } }""",
    "one entry by slug": '{ entry(slug: "entry-7") { title body author { username } tags { name entryCount } } }',
    "10 tags, nested": """{ tags(first: 10, orderBy: {field: ENTRY_COUNT, direction: DESC}) { nodes { name entryCount
        entries(first: 3) { nodes { title author { username } } } } } }""",
    # Every entry has the word; and one that hardly any has, mistyped.
    "search, all match": '{ search(query: "text") { totalCount edges { rank node { ... on Entry { title } } } } }',
    "search, few match": """{ search(query: "challegne 77") { suggestion edges { highlights node {
        ... on Challenge { title } } } } }""",
}


@transaction.atomic
def fill(entries: int) -> None:
    """The same rows in each run: every entry has three tags, one in ten a challenge with three solutions."""
    users = User.objects.bulk_create(User(username=f"user{number}") for number in range(50))
    tags = Tag.objects.bulk_create(Tag(name=f"Tag {number}", slug=f"tag-{number}") for number in range(TAGS))
    rows = [
        Entry(
            slug=f"entry-{number}",
            title=f"Entry {number}",
            kind="TECHNOLOGY",
            summary="What it is about, in a sentence of some length.",
            body="Some *text* " * 20,
            body_html="<p>Some <em>text</em></p>",
            author=users[number % len(users)],
            status="PUBLISHED",
            published_at=START + timedelta(minutes=number),
        )
        for number in range(entries)
    ]
    Entry.objects.bulk_create(rows, batch_size=2_000)
    EntryRevision.objects.bulk_create(
        (EntryRevision(entry=row, number=1, kind=row.kind, title=row.title, state="APPROVED") for row in rows),
        batch_size=2_000,
    )
    EntryTag.objects.bulk_create(
        (EntryTag(entry=row, tag=tags[(n * 7 + k * k * 11) % TAGS]) for n, row in enumerate(rows) for k in (1, 2, 3)),
        batch_size=5_000,
    )
    challenges = Challenge.objects.bulk_create(
        Challenge(slug=f"challenge-{n}", title=f"Challenge {n}", author=users[n % 50]) for n in range(entries // 10)
    )
    ChallengeTag.objects.bulk_create(ChallengeTag(challenge=c, tag=tags[n % TAGS]) for n, c in enumerate(challenges))
    EntryChallenge.objects.bulk_create(
        EntryChallenge(challenge=c, entry=rows[-1 - n * 2 - k]) for n, c in enumerate(challenges) for k in (0, 1, 2)
    )
    Solution.objects.bulk_create(
        Solution(challenge=c, body="It was solved so.", author=users[k]) for c in challenges for k in (0, 1, 2)
    )


def by_view(query: str) -> Callable[[], None]:
    """A request through the whole view."""
    client = Client(SERVER_NAME="localhost")
    body = json.dumps({"query": query})

    def request() -> None:
        response = client.post("/graphql", body, content_type="application/json")
        if response.status_code != 200 or b'"errors"' in response.content:  # noqa: PLR2004 - OK
            raise SystemExit(response.content.decode())

    return request


def by_hand(query: str) -> Callable[[], None]:
    """The statement that the view sends for it, with its values in place, and nothing else."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        by_view(query)()
    (statement,) = (row["sql"] for row in captured.captured_queries)

    def execute() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            cursor.fetchone()

    return execute


def measure(rounds: int, *ways: Callable[[], None]) -> list[float]:
    """The median of each way in milliseconds, the ways taking turns."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for way, taken in zip(ways, times, strict=True):
            started = perf_counter()
            way()
            taken.append((perf_counter() - started) * 1_000)
    return [median(taken) for taken in times]


def main() -> None:
    """Fills a database, measures each operation, prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        fill(options.entries)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        print(f"{options.entries} entries, medians of {options.rounds} rounds, milliseconds")
        print(f"{'operation':24} {'the SQL alone':>14} {'by the view':>12} {'ratio':>6}")
        for name, query in OPERATIONS.items():
            alone, view = measure(options.rounds, by_hand(query), by_view(query))
            print(f"{name:24} {alone:14.2f} {view:12.2f} {alone / view:6.2f}")
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    main()
