"""Reading takes a fixed number of statements a batch, and is as of one moment."""

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.documents.exact.values import ExactChallenge, ExactEntry, ExactSource, ExactTag
from knowledge.documents.exporting import content_hash, gather
from knowledge.documents.importing import import_document
from knowledge.policy import COMMAND_LINE
from tests.knowledge.documents.exporting.given import NOW

# What each kind's batch reads beside its own rows: aliases; tags; tags, entries and solutions; entries and challenges.
A_BATCH = {ExactTag: 2, ExactEntry: 2, ExactChallenge: 4, ExactSource: 3}


def documents(count: int) -> None:
    for number in range(count):
        told = f"# D{number}\n## Tools\n- Tool{number}: x\n## Challenges\n- Challenge: Slow {number}\n- Solution: y\n"
        import_document(COMMAND_LINE, markdown=told, now=NOW)


@pytest.mark.parametrize(("rows", "batches"), [(1, 1), (2, 1), (3, 2), (6, 3)])
def test_statements_are_those_of_the_batches(
    db: None, monkeypatch: pytest.MonkeyPatch, rows: int, batches: int
) -> None:
    monkeypatch.setattr(gather, "BATCH", 2)
    documents(rows)
    with CaptureQueriesContext(connection) as statements:
        values = list(gather.gather())
    assert Counter(map(type, values)) == dict.fromkeys(A_BATCH, rows)
    # And for each kind one more, which finds nothing.
    assert len(statements) == sum(A_BATCH.values()) * batches + len(A_BATCH)


@pytest.mark.django_db(transaction=True)
def test_it_is_read_as_of_one_moment_and_writes_nothing() -> None:
    documents(1)
    with CaptureQueriesContext(connection) as statements:
        content_hash()
    first = [query["sql"] for query in statements][:2]
    assert first == ["BEGIN", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"]
