from datetime import UTC, datetime
from typing import Any

import pytest

from knowledge.errors import Forbidden, MistakeCode, Rejected, Unauthenticated
from knowledge.models import AuditEvent, Entry, EntryRevision, OutboxEvent, Tag
from knowledge.services.entries import create_entry, submit_entry, update_entry
from knowledge.services.reviews import review_entry
from tests.cast import Cast
from tests.snapshot import every_row

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 12, tzinfo=UTC)


def waiting(cast: Cast, by: str = "author") -> Entry:
    return create_entry(
        cast.viewer(by), kind="CONCEPT", title="Caching", body="Keep it.", tags=["Redis"], submit=True, now=NOW
    )


def approved(cast: Cast) -> Entry:
    entry = waiting(cast)
    review_entry(cast.viewer("reviewer"), entry_id=entry.pk, verdict="APPROVE", now=NOW)
    return entry


def proposed(cast: Cast, by: str = "peer", **changes: Any) -> Entry:
    entry = approved(cast)
    update_entry(cast.viewer(by), entry_id=entry.pk, **(changes or {"body": "Keep it well."}))
    submit_entry(cast.viewer(by), entry_id=entry.pk)
    return entry


def states(entry: Entry) -> list[tuple[int, str]]:
    return list(EntryRevision.objects.filter(entry=entry).order_by("number").values_list("number", "state"))


def refused(cast: Cast, name: str, entry: Entry, **arguments: Any) -> list[tuple[str, MistakeCode]]:
    """The mistakes told, after a look that nothing changed."""
    before = every_row()
    with pytest.raises(Rejected) as error:
        review_entry(cast.viewer(name), entry_id=entry.pk, **arguments)
    assert every_row() == before
    return [(".".join(mistake.path), mistake.code) for mistake in error.value.mistakes]


def test_an_approved_entry_is_published(cast: Cast) -> None:
    entry = waiting(cast)
    shown, revision = review_entry(
        cast.viewer("reviewer"), entry_id=entry.pk, revision=1, verdict="APPROVE", comment="Good.", now=LATER
    )
    assert shown == entry
    shown.refresh_from_db()
    revision.refresh_from_db()
    assert (shown.status, shown.revision, shown.published_at, shown.updated_at) == ("PUBLISHED", 1, LATER, LATER)
    assert (revision.state, revision.reviewer, revision.review_comment, revision.reviewed_at) == (
        "APPROVED",
        cast.reviewer,
        "Good.",
        LATER,
    )
    assert Tag.objects.get().entry_count == 1
    assert OutboxEvent.objects.latest("pk").type == "entry.published"


def test_an_approved_edit_is_shown_and_the_former_superseded(cast: Cast) -> None:
    entry = proposed(cast, title="Caching well", body="New", tags=["Django"])
    review_entry(cast.viewer("reviewer"), entry_id=entry.pk, verdict="APPROVE", now=LATER)
    entry.refresh_from_db()
    assert (entry.title, entry.slug, entry.body, entry.body_html) == (
        "Caching well",
        "caching-well",
        "New",
        "<p>New</p>\n",
    )
    assert (entry.revision, entry.author, entry.published_at, entry.updated_at) == (2, cast.author, NOW, LATER)
    assert states(entry) == [(1, "SUPERSEDED"), (2, "APPROVED")]
    assert list(Tag.objects.order_by("slug").values_list("slug", "entry_count")) == [("django", 1), ("redis", 0)]
    assert OutboxEvent.objects.latest("pk").type == "entry.updated"


def test_a_new_entry_sent_back_is_a_draft_again(cast: Cast) -> None:
    entry = waiting(cast)
    review_entry(cast.viewer("reviewer"), entry_id=entry.pk, verdict="REQUEST_CHANGES", comment="Say why.", now=LATER)
    entry.refresh_from_db()
    revision = entry.revisions.get()
    assert (entry.status, revision.state, revision.review_comment) == ("DRAFT", "CHANGES_REQUESTED", "Say why.")
    assert OutboxEvent.objects.latest("pk").type == "entry.changes_requested"
    update_entry(cast.viewer("author"), entry_id=entry.pk, body="Because.")
    submit_entry(cast.viewer("author"), entry_id=entry.pk)
    review_entry(cast.viewer("reviewer"), entry_id=entry.pk, verdict="APPROVE")
    entry.refresh_from_db()
    assert (entry.status, entry.body, states(entry)) == ("PUBLISHED", "Because.", [(1, "APPROVED")])


@pytest.mark.parametrize(
    ("verdict", "action"), [("APPROVE", "entry.approved"), ("REQUEST_CHANGES", "entry.changes_requested")]
)
def test_who_reviewed_what_is_written_down(cast: Cast, verdict: str, action: str) -> None:
    entry = proposed(cast)
    before = AuditEvent.objects.count()
    review_entry(cast.viewer("reviewer"), entry_id=entry.pk, verdict=verdict, comment="Read.", now=LATER)
    told = AuditEvent.objects.order_by("pk").values_list(
        "action", "actor_id", "subject_type", "subject_id", "at", "detail"
    )
    assert list(told[before:]) == [(action, cast.reviewer.pk, "Entry", entry.pk, LATER, {"revision": 2})]


def test_an_edit_sent_back_leaves_what_is_shown(cast: Cast) -> None:
    entry = proposed(cast)
    before = Entry.objects.values().get(pk=entry.pk)
    review_entry(cast.viewer("reviewer"), entry_id=entry.pk, verdict="REQUEST_CHANGES", comment="No.")
    assert Entry.objects.values().get(pk=entry.pk) == before
    assert states(entry) == [(1, "APPROVED"), (2, "CHANGES_REQUESTED")]


@pytest.mark.parametrize("verdict", ["APPROVE", "REQUEST_CHANGES"])
@pytest.mark.parametrize(
    ("name", "error"),
    [("author", Forbidden), ("peer", None), ("reviewer", "may"), ("staff", "may"), ("anonymous", Unauthenticated)],
)
def test_who_may_review_a_new_entry(cast: Cast, name: str, error: Any, verdict: str) -> None:
    entry = waiting(cast)
    before = every_row()
    if error == "may":
        review_entry(cast.viewer(name), entry_id=entry.pk, verdict=verdict, comment="Read.")
        assert every_row() != before
    elif error is None:  # a contributor cannot even see it
        assert refused(cast, name, entry, verdict=verdict, comment="Read.") == [("id", MistakeCode.NOT_FOUND)]
    else:
        with pytest.raises(error):
            review_entry(cast.viewer(name), entry_id=entry.pk, verdict=verdict, comment="Read.")
        assert every_row() == before


@pytest.mark.parametrize(("by", "may"), [("reviewer", False), ("staff", True)])
def test_nobody_but_staff_reviews_their_own(cast: Cast, by: str, may: bool) -> None:
    entry = waiting(cast, by)
    if may:
        review_entry(cast.viewer(by), entry_id=entry.pk, verdict="APPROVE")
        assert states(entry) == [(1, "APPROVED")]
        return
    before = every_row()
    with pytest.raises(Forbidden):
        review_entry(cast.viewer(by), entry_id=entry.pk, verdict="APPROVE")
    assert every_row() == before


@pytest.mark.parametrize("name", ["author", "peer"])
def test_a_contributor_may_not_review_an_edit_of_what_all_see(cast: Cast, name: str) -> None:
    entry = proposed(cast)
    before = every_row()
    with pytest.raises(Forbidden):
        review_entry(cast.viewer(name), entry_id=entry.pk, verdict="APPROVE")
    assert every_row() == before


def test_what_was_written_on_another_revision_is_a_conflict(cast: Cast) -> None:
    entry = proposed(cast)
    update_entry(cast.viewer("staff"), entry_id=entry.pk, body="By staff")
    assert refused(cast, "reviewer", entry, verdict="APPROVE") == [("revision", MistakeCode.CONFLICT)]


def test_saving_on_top_of_what_is_shown_ends_the_conflict(cast: Cast) -> None:
    entry = proposed(cast)
    peer = cast.viewer("peer")
    review_entry(cast.viewer("reviewer"), entry_id=entry.pk, verdict="REQUEST_CHANGES", comment="More.")
    update_entry(cast.viewer("staff"), entry_id=entry.pk, body="By staff")
    _, revision = update_entry(peer, entry_id=entry.pk, body="Still on the first")
    assert (revision.number, revision.version, revision.based_on) == (2, 2, 1)
    _, revision = update_entry(peer, entry_id=entry.pk, body="By both", expected_revision=3)
    assert (revision.number, revision.version, revision.based_on) == (4, 3, 3)
    submit_entry(peer, entry_id=entry.pk)
    review_entry(cast.viewer("reviewer"), entry_id=entry.pk, revision=4, verdict="APPROVE")
    entry.refresh_from_db()
    assert (entry.revision, entry.body) == (4, "By both")
    assert states(entry) == [(1, "SUPERSEDED"), (3, "SUPERSEDED"), (4, "APPROVED")]


def test_inputs_that_are_wrong(cast: Cast) -> None:
    entry = waiting(cast)
    assert refused(cast, "reviewer", entry, verdict="MAYBE", comment="x" * 5_001) == [
        ("verdict", MistakeCode.INVALID),
        ("comment", MistakeCode.TOO_LONG),
    ]
    assert refused(cast, "reviewer", entry, verdict="REQUEST_CHANGES", comment=" \u200b") == [
        ("comment", MistakeCode.REQUIRED)
    ]
    assert refused(cast, "reviewer", entry, verdict="APPROVE", revision=2) == [("revision", MistakeCode.NOT_FOUND)]


def test_what_does_not_wait_cannot_be_reviewed(cast: Cast) -> None:
    entry = approved(cast)
    assert refused(cast, "reviewer", entry, verdict="APPROVE") == [("id", MistakeCode.INVALID_STATE)]
    assert refused(cast, "reviewer", entry, verdict="APPROVE", revision=1) == [("revision", MistakeCode.INVALID_STATE)]
    update_entry(cast.viewer("peer"), entry_id=entry.pk, body="A draft that reviewers do not see")
    assert refused(cast, "reviewer", entry, verdict="APPROVE", revision=2) == [("revision", MistakeCode.NOT_FOUND)]


def test_an_edit_of_an_archived_entry_cannot_be_approved(cast: Cast) -> None:
    entry = proposed(cast)
    Entry.objects.filter(pk=entry.pk).update(status="ARCHIVED")
    assert refused(cast, "reviewer", entry, verdict="APPROVE") == [("id", MistakeCode.INVALID_STATE)]


def test_which_one_must_be_said_when_several_wait(cast: Cast) -> None:
    entry = proposed(cast)
    update_entry(cast.viewer("author"), entry_id=entry.pk, body="By the author")
    submit_entry(cast.viewer("author"), entry_id=entry.pk)
    assert refused(cast, "reviewer", entry, verdict="APPROVE") == [("revision", MistakeCode.REQUIRED)]
    review_entry(cast.viewer("reviewer"), entry_id=entry.pk, revision=3, verdict="APPROVE")
    assert states(entry) == [(1, "SUPERSEDED"), (2, "PENDING"), (3, "APPROVED")]
