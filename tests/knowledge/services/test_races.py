"""Writers at the same moment, each in a transaction of its own: the database settles who wins, and nobody deadlocks."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.documents.importing import import_document
from knowledge.errors import MistakeCode, Rejected
from knowledge.models import Challenge, Entry, EntryRevision, IdempotencyKey, OutboxEvent, Solution, Tag, TagAlias
from knowledge.services.challenges import create_challenge
from knowledge.services.entries import create_entry, submit_entry, update_entry
from knowledge.services.reviews import review_entry
from knowledge.services.solutions import accept_solution, create_solution
from tests.cast import make_cast
from tests.together import at_once

COUNTED = re.compile(
    r'(INSERT INTO|DELETE FROM) "knowledge_(entry|challenge)tag"|UPDATE "knowledge_entry" .*"status"', re.DOTALL
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_with_one_key_leave_one_entry() -> None:
    author = make_cast().viewer("author")
    create = partial(create_entry, author, kind="CONCEPT", title="Once", body="x", tags=["A", "B"], idempotency_key="k")
    outcomes = at_once([create] * 20)
    entry = Entry.objects.get()
    assert outcomes == [entry] * 20
    assert (EntryRevision.objects.count(), IdempotencyKey.objects.count(), Tag.objects.count()) == (1, 1, 2)
    assert OutboxEvent.objects.filter(type="entry.created").count() == 1


def test_entries_of_one_title_get_slugs_of_their_own() -> None:
    author = make_cast().viewer("author")
    outcomes = at_once([partial(create_entry, author, kind="CONCEPT", title="Same", body="x")] * 12)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    slugs = set(Entry.objects.values_list("slug", flat=True))
    assert len(slugs) == 12
    assert {"same", *(f"same-{number}" for number in range(2, 10))} <= slugs


def test_the_same_new_tags_in_opposite_orders() -> None:
    author = make_cast().viewer("author")
    names = [f"Tag {number}" for number in range(10)]
    ask = partial(create_challenge, author, title="Q", body="x")
    outcomes = at_once([partial(ask, tags=names), partial(ask, tags=names[::-1])] * 5)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert list(Tag.objects.values_list("challenge_count", flat=True)) == [10] * 10
    assert TagAlias.objects.count() == 10
    assert OutboxEvent.objects.filter(type="tag.created").count() == 10


def test_one_solution_is_accepted_whoever_races() -> None:
    cast = make_cast()
    author = cast.viewer("author")
    challenge = create_challenge(author, title="Q", body="x")
    solutions = [create_solution(cast.viewer("peer"), challenge_id=challenge.pk, body=str(n)) for n in range(8)]
    outcomes = at_once([partial(accept_solution, author, solution_id=solution.pk) for solution in solutions])
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert Solution.objects.filter(is_accepted=True).count() == 1
    assert Challenge.objects.get().status == "SOLVED"
    assert OutboxEvent.objects.filter(type="challenge.solved").count() == 1


def test_tags_are_held_in_order_before_any_is_counted() -> None:
    """The count's triggers run once a statement; without this, two approvals could each wait for the other's tag."""
    cast = make_cast()
    create = partial(create_entry, cast.viewer("author"), kind="CONCEPT", title="E", body="x", submit=True)
    document = "## Technologies\n- Django\n## Challenges\n- **Challenge:** Django?\n  - **Solution:** Yes.\n"
    writers: list[Callable[[], object]] = [
        partial(review_entry, cast.viewer("staff"), entry_id=create(tags=["B", "A"]).pk, verdict="APPROVE"),
        partial(import_document, cast.viewer("staff"), markdown=document),
    ]
    for write in writers:
        with CaptureQueriesContext(connection) as captured:
            write()
        statements = [query["sql"] for query in captured]
        held = [at for at, sql in enumerate(statements) if "knowledge_tag" in sql and "FOR NO KEY UPDATE" in sql]
        counted = [at for at, sql in enumerate(statements) if COUNTED.match(sql)]
        assert held[0] < counted[0]
        assert statements[held[0]].endswith("ORDER BY 1 ASC FOR NO KEY UPDATE")


def test_of_two_approvals_on_one_base_one_is_a_conflict() -> None:
    cast = make_cast()
    entry = create_entry(cast.viewer("author"), kind="CONCEPT", title="E", body="x", tags=["A"], submit=True)
    review_entry(cast.viewer("staff"), entry_id=entry.pk, verdict="APPROVE")
    for name in ("author", "peer"):
        update_entry(cast.viewer(name), entry_id=entry.pk, body=name, tags=[name])
        submit_entry(cast.viewer(name), entry_id=entry.pk)
    review = partial(review_entry, cast.viewer("reviewer"), entry_id=entry.pk, verdict="APPROVE")
    outcomes = at_once([partial(review, revision=2), partial(review, revision=3)])
    lost = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [[mistake.code for mistake in error.mistakes] for error in lost if isinstance(error, Rejected)] == [
        [MistakeCode.CONFLICT]
    ]
    assert sorted(entry.revisions.values_list("state", flat=True)) == ["APPROVED", "PENDING", "SUPERSEDED"]
    counts = dict(Tag.objects.values_list("slug", "entry_count"))
    assert sorted(counts.values()) == [0, 0, 1]


def test_saves_of_one_draft_count_on() -> None:
    cast = make_cast()
    entry = create_entry(cast.viewer("author"), kind="CONCEPT", title="E", body="x", submit=True)
    review_entry(cast.viewer("staff"), entry_id=entry.pk, verdict="APPROVE")
    save = partial(update_entry, cast.viewer("peer"), entry_id=entry.pk)
    outcomes = at_once([partial(save, body=str(number)) for number in range(8)])
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert list(entry.revisions.filter(author=cast.peer).values_list("number", "version")) == [(2, 8)]


def test_expecting_one_version_lets_one_of_them_save() -> None:
    cast = make_cast()
    entry = create_entry(cast.viewer("author"), kind="CONCEPT", title="E", body="x")
    save = partial(update_entry, cast.viewer("author"), entry_id=entry.pk, expected_version=1)
    outcomes = at_once([partial(save, body=str(number)) for number in range(8)])
    assert sum(isinstance(outcome, Rejected) for outcome in outcomes) == 7
    assert entry.revisions.get().version == 2
