"""Out of view and back, earlier texts, and what is deleted."""

from functools import partial
from typing import Any

import pytest

from knowledge.errors import Forbidden, MistakeCode, Unauthenticated
from knowledge.events import EventType
from knowledge.models import AuditEvent, Bookmark, Entry, EntryRevision, RevisionTag, Tag
from knowledge.models.changes import KIND_OF, ChangeKind
from knowledge.services.archive import archive_entry, delete_entry, restore_entry
from knowledge.services.challenges import create_challenge
from knowledge.services.entries import update_entry, withdraw_entry
from knowledge.services.reviews import review_entry
from tests.cast import Cast
from tests.knowledge.services.refusals import INVALID_STATE, NOT_FOUND, refused
from tests.knowledge.services.stages import LATER, NOW, drafted, last_event, proposed, published, states


def deeds() -> list[tuple[str, int | None, int | None, dict[str, Any]]]:
    """What the audit trail says of the archive."""
    trail = AuditEvent.objects.exclude(action__in=["entry.approved", "entry.changes_requested"])
    return list(trail.order_by("pk").values_list("action", "actor_id", "subject_id", "detail"))


# ── archive ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["reviewer", "staff"])
def test_an_archived_entry_is_out_of_view_and_uncounted(cast: Cast, name: str) -> None:
    entry = published(cast)
    before = Entry.objects.values().get()
    archived = archive_entry(cast.viewer(name), entry_id=entry.pk, reason="  Out of\ndate. ", now=LATER)
    assert archived == entry
    assert Entry.objects.values().get() == {**before, "status": "ARCHIVED", "archive_reason": "Out of date."}
    assert Tag.objects.get().entry_count == 0
    assert last_event() == ("entry.archived", entry.pk, {})
    assert deeds() == [("entry.archived", cast.viewer(name).id, entry.pk, {"reason": "Out of date."})]


@pytest.mark.parametrize(
    ("name", "because"), [("author", Forbidden), ("peer", Forbidden), ("anonymous", Unauthenticated)]
)
def test_only_reviewers_archive(cast: Cast, name: str, because: Any) -> None:
    entry = published(cast)
    assert refused(lambda: archive_entry(cast.viewer(name), entry_id=entry.pk)) == because


def test_only_what_is_published_can_be_archived(cast: Cast) -> None:
    waiting, archived = drafted(cast.viewer("author"), submit=True), published(cast)
    archive_entry(cast.viewer("reviewer"), entry_id=archived.pk)
    hidden = drafted(cast.viewer("author"))
    for entry, because in ((waiting, INVALID_STATE), (archived, INVALID_STATE), (hidden, NOT_FOUND)):
        assert refused(partial(archive_entry, cast.viewer("reviewer"), entry_id=entry.pk)) == because


def test_a_reason_may_be_500_characters_long(cast: Cast) -> None:
    entry = published(cast)
    call: dict[str, Any] = {"entry_id": entry.pk, "reason": "x" * 501}
    assert refused(lambda: archive_entry(cast.viewer("reviewer"), **call)) == [("reason", MistakeCode.TOO_LONG)]
    assert archive_entry(cast.viewer("reviewer"), **{**call, "reason": "x" * 500}).archive_reason == "x" * 500


# ── restore ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["reviewer", "staff"])
def test_a_restored_entry_is_published_as_it_was(cast: Cast, name: str) -> None:
    entry = published(cast)
    proposed(cast.viewer("peer"), entry)
    before = Entry.objects.values().get()
    archive_entry(cast.viewer("reviewer"), entry_id=entry.pk, reason="Out of date.")
    restored, revision = restore_entry(cast.viewer(name), entry_id=entry.pk, now=LATER)
    assert (restored, revision) == (entry, None)
    assert Entry.objects.values().get() == before
    assert states(entry) == [(1, "APPROVED"), (2, "PENDING")]
    assert Tag.objects.get().entry_count == 1
    assert last_event() == ("entry.restored", entry.pk, {})
    assert KIND_OF[EventType.ENTRY_RESTORED] == ChangeKind.ENTRY_PUBLISHED
    assert deeds()[1:] == [("entry.restored", cast.viewer(name).id, entry.pk, {})]


@pytest.mark.parametrize(
    ("name", "because"), [("author", Forbidden), ("peer", NOT_FOUND), ("anonymous", Unauthenticated)]
)
def test_only_reviewers_bring_back_what_was_archived(cast: Cast, name: str, because: Any) -> None:
    entry = published(cast)
    archive_entry(cast.viewer("reviewer"), entry_id=entry.pk)
    assert refused(lambda: restore_entry(cast.viewer(name), entry_id=entry.pk)) == because


def test_there_must_be_something_to_bring_back(cast: Cast) -> None:
    entry = published(cast)
    assert refused(lambda: restore_entry(cast.viewer("reviewer"), entry_id=entry.pk)) == INVALID_STATE
    assert refused(lambda: restore_entry(cast.viewer("peer"), entry_id=entry.pk)) == Forbidden


def changed(cast: Cast) -> Entry:
    """Revision 1 was shown, revision 2 is."""
    challenge = create_challenge(cast.viewer("peer"), title="Slow", body="Very.", now=NOW)
    entry = published(cast, body="*Old*", tags=["Redis", "Old"], summary="Was.", challenge_ids=[challenge.pk])
    update_entry(cast.viewer("staff"), entry_id=entry.pk, title="New", body="New", tags=["New"], challenge_ids=[])
    return Entry.objects.get(pk=entry.pk)


@pytest.mark.parametrize("name", ["author", "peer", "reviewer"])
def test_an_earlier_text_is_proposed_again(cast: Cast, name: str) -> None:
    entry = changed(cast)
    before = Entry.objects.values().get()
    _, revision = restore_entry(cast.viewer(name), entry_id=entry.pk, revision=1, now=LATER)
    assert Entry.objects.values().get() == before
    assert states(entry) == [(1, "SUPERSEDED"), (2, "APPROVED"), (3, "PENDING")]
    assert revision is not None
    revision.refresh_from_db()
    assert (revision.title, revision.body, revision.body_html, revision.summary) == (
        "Caching",
        "*Old*",
        "<p><em>Old</em></p>\n",
        "Was.",
    )
    assert (revision.based_on, revision.author_id, revision.submitted_at, revision.note) == (
        2,
        cast.viewer(name).id,
        LATER,
        "Restores revision 1.",
    )
    assert sorted(tag.name for tag in revision.tags.all()) == ["Old", "Redis"]
    assert [challenge.title for challenge in revision.challenges.all()] == ["Slow"]
    assert "-New\n+*Old*\n" in revision.diff
    assert last_event() == ("entry.submitted", entry.pk, {"revision": 3})
    review_entry(cast.viewer("staff"), entry_id=entry.pk, verdict="APPROVE")
    entry.refresh_from_db()
    assert (entry.slug, entry.body, entry.revision, sorted(tag.name for tag in entry.tags.all())) == (
        "caching",
        "*Old*",
        3,
        ["Old", "Redis"],
    )


def test_staff_show_an_earlier_text_at_once(cast: Cast) -> None:
    entry = changed(cast)
    shown, revision = restore_entry(cast.viewer("staff"), entry_id=entry.pk, revision=1, now=LATER)
    shown.refresh_from_db()
    assert revision is not None
    assert (shown.title, shown.slug, shown.body, shown.revision, shown.updated_at) == (
        "Caching",
        "caching",
        "*Old*",
        3,
        LATER,
    )
    assert states(entry) == [(1, "SUPERSEDED"), (2, "SUPERSEDED"), (3, "APPROVED")]
    assert dict(Tag.objects.values_list("name", "entry_count")) == {"Redis": 1, "Old": 1, "New": 0}
    assert last_event() == ("entry.updated", entry.pk, {"revision": 3, "shown": True})


def test_which_texts_can_be_restored(cast: Cast) -> None:
    entry = changed(cast)
    hidden = proposed(cast.viewer("author"), entry, submit=False)
    peer = cast.viewer("peer")
    state, missing = [("revision", MistakeCode.INVALID_STATE)], [("revision", MistakeCode.NOT_FOUND)]
    for number, because in ((2, state), (hidden.number, missing), (9, missing), (0, missing)):
        assert refused(partial(restore_entry, peer, entry_id=entry.pk, revision=number)) == because
    assert refused(lambda: restore_entry(cast.viewer("author"), entry_id=entry.pk, revision=1)) == INVALID_STATE
    anonymous = cast.viewer("anonymous")
    assert refused(lambda: restore_entry(anonymous, entry_id=entry.pk, revision=1)) == Unauthenticated
    archive_entry(cast.viewer("staff"), entry_id=entry.pk)
    assert refused(lambda: restore_entry(cast.viewer("staff"), entry_id=entry.pk, revision=1)) == INVALID_STATE


# ── delete ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_deleted_draft_is_gone_with_all_that_hangs_on_it(cast: Cast) -> None:
    kept, entry = drafted(cast.viewer("author")), drafted(cast.viewer("author"), title="Gone")
    Bookmark.objects.create(user=cast.author, entry=entry)
    assert delete_entry(cast.viewer("author"), entry_id=entry.pk, now=LATER) == entry.pk
    assert [Entry.objects.get(), EntryRevision.objects.get().entry, RevisionTag.objects.get().revision.entry] == [
        kept
    ] * 3
    assert last_event() == ("entry.deleted", entry.pk, {})
    assert deeds() == [("entry.deleted", cast.author.pk, entry.pk, {"title": "Gone"})]


def test_what_was_withdrawn_or_sent_back_can_be_deleted(cast: Cast) -> None:
    author = cast.viewer("author")
    withdrawn, sent_back = (drafted(author, submit=True) for _ in range(2))
    withdraw_entry(author, entry_id=withdrawn.pk)
    review_entry(cast.viewer("reviewer"), entry_id=sent_back.pk, verdict="REQUEST_CHANGES", comment="No.")
    for entry in (withdrawn, sent_back):
        delete_entry(author, entry_id=entry.pk)
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("author", INVALID_STATE),
        ("peer", NOT_FOUND),
        ("reviewer", Forbidden),
        ("staff", Forbidden),
        ("anonymous", Unauthenticated),
    ],
)
def test_what_waits_for_a_review_cannot_be_deleted(cast: Cast, name: str, because: Any) -> None:
    entry = drafted(cast.viewer("author"), submit=True)
    assert refused(lambda: delete_entry(cast.viewer(name), entry_id=entry.pk)) == because


def test_what_was_published_can_never_be_deleted(cast: Cast) -> None:
    entry = published(cast)
    assert refused(lambda: delete_entry(cast.viewer("author"), entry_id=entry.pk)) == INVALID_STATE
    assert refused(lambda: delete_entry(cast.viewer("staff"), entry_id=entry.pk)) == Forbidden
    archive_entry(cast.viewer("reviewer"), entry_id=entry.pk)
    assert refused(lambda: delete_entry(cast.viewer("author"), entry_id=entry.pk)) == INVALID_STATE
