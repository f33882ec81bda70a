"""Twenty at the same moment leave exactly one."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from knowledge.documents.importing import import_document
from knowledge.errors import MistakeCode, Rejected
from knowledge.models import Entry, EntryRevision, MergeConflict, OutboxEvent, Tag
from knowledge.services.archive import archive_entry, delete_entry, restore_entry
from knowledge.services.entries import discard_revision, submit_entry, update_entry, withdraw_entry
from knowledge.services.reviews import review_entry, review_source
from tests.cast import Cast, make_cast
from tests.knowledge.services.stages import drafted, proposed, published
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def lost(outcomes: Sequence[object]) -> list[MistakeCode]:
    """The codes of those that were refused; whatever else was raised is raised."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    for error in errors:
        if not isinstance(error, Rejected):
            raise error
    return [mistake.code for error in errors if isinstance(error, Rejected) for mistake in error.mistakes]


def submitting(cast: Cast) -> Callable[[], object]:
    return partial(submit_entry, cast.viewer("author"), entry_id=drafted(cast.viewer("author")).pk)


def withdrawing(cast: Cast) -> Callable[[], object]:
    return partial(withdraw_entry, cast.viewer("author"), entry_id=drafted(cast.viewer("author"), submit=True).pk)


def reviewing(cast: Cast) -> Callable[[], object]:
    entry = drafted(cast.viewer("author"), submit=True)
    return partial(review_entry, cast.viewer("reviewer"), entry_id=entry.pk, verdict="APPROVE")


def archiving(cast: Cast) -> Callable[[], object]:
    return partial(archive_entry, cast.viewer("reviewer"), entry_id=published(cast).pk)


def bringing_back(cast: Cast) -> Callable[[], object]:
    entry = published(cast)
    archive_entry(cast.viewer("reviewer"), entry_id=entry.pk)
    return partial(restore_entry, cast.viewer("reviewer"), entry_id=entry.pk)


def restoring(cast: Cast) -> Callable[[], object]:
    entry = published(cast)
    update_entry(cast.viewer("staff"), entry_id=entry.pk, body="By staff")
    return partial(restore_entry, cast.viewer("peer"), entry_id=entry.pk, revision=1)


def discarding(cast: Cast) -> Callable[[], object]:
    draft = proposed(cast.viewer("peer"), published(cast), submit=False)
    return partial(discard_revision, cast.viewer("peer"), revision_id=draft.pk)


@pytest.mark.parametrize(
    ("making", "event"),
    [
        (submitting, "entry.submitted"),
        (withdrawing, "entry.withdrawn"),
        (reviewing, "entry.published"),
        (archiving, "entry.archived"),
        (bringing_back, "entry.restored"),
        (restoring, "entry.submitted"),
        (discarding, "revision.discarded"),
    ],
)
def test_one_of_twenty_does_it(making: Callable[[Cast], Callable[[], object]], event: str) -> None:
    call = making(make_cast())
    before = OutboxEvent.objects.filter(type=event).count()
    assert lost(at_once([call] * 20)) == [MistakeCode.INVALID_STATE] * 19
    assert OutboxEvent.objects.filter(type=event).count() == before + 1


def test_one_of_twenty_deletes() -> None:
    author = make_cast().viewer("author")
    entry = drafted(author)
    assert lost(at_once([partial(delete_entry, author, entry_id=entry.pk)] * 20)) == [MistakeCode.NOT_FOUND] * 19
    assert (Entry.objects.count(), OutboxEvent.objects.filter(type="entry.deleted").count()) == (0, 1)


def test_documents_reviewed_at_once_are_each_reviewed_once() -> None:
    """They carry the same tags in opposite orders: nobody waits for somebody who waits for them."""
    cast = make_cast()
    names = ["Django", "Redis", "Celery", "Docker"]
    sources = []
    for number, order in enumerate((names, names[::-1])):
        technologies = "\n".join(f"- {name}" for name in order)
        practices = "\n".join(f"- Always write {name} {number} with care" for name in order)
        text = f"## Technologies\n{technologies}\n## Best practices\n{practices}\n"
        source, _ = import_document(cast.viewer("author"), markdown=text)
        assert source is not None
        sources.append(source)
    review = partial(review_source, cast.viewer("reviewer"), verdict="APPROVE")
    outcomes = at_once([partial(review, source_id=source.pk) for source in sources] * 5)
    assert lost(outcomes) == [MistakeCode.INVALID_STATE] * 8
    assert sum(outcome[1] for outcome in outcomes if isinstance(outcome, tuple)) == Entry.objects.count()
    assert set(Entry.objects.values_list("status", flat=True)) == {"PUBLISHED"}
    counts = dict(Tag.objects.values_list("name", "entry_count"))
    assert counts == {tag.name: tag.entries.count() for tag in Tag.objects.all()}


def test_a_save_and_an_approval_at_once_leave_the_right_conflict() -> None:
    cast = make_cast()
    entry = published(cast, body="One.")
    mine = proposed(cast.viewer("peer"), entry, submit=False, body="One?")
    theirs = proposed(cast.viewer("author"), entry, body="One!")
    outcomes = at_once(
        [
            partial(update_entry, cast.viewer("peer"), entry_id=entry.pk, body="One!"),
            partial(
                review_entry, cast.viewer("reviewer"), entry_id=entry.pk, revision=theirs.number, verdict="APPROVE"
            ),
        ]
    )
    assert lost(outcomes) == []
    conflict = MergeConflict.objects.get()
    assert (conflict.revision_id, conflict.base, conflict.shown, conflict.merged, conflict.is_clean) == (
        mine.pk,
        1,
        theirs.number,
        "One!",
        True,
    )
    assert EntryRevision.objects.get(pk=mine.pk).version == 2
