"""What becomes of a draft: taken back, thrown away, put on top of what is shown by now."""

from typing import Any

import pytest

from knowledge.errors import Forbidden, MistakeCode, Unauthenticated
from knowledge.models import AuditEvent, Entry, EntryRevision, MergeConflict
from knowledge.services.archive import archive_entry
from knowledge.services.challenges import create_challenge
from knowledge.services.entries import discard_revision, submit_entry, update_entry, withdraw_entry
from knowledge.services.reviews import review_entry
from tests.cast import Cast
from tests.knowledge.services.refusals import INVALID_STATE, NOT_FOUND, refused
from tests.knowledge.services.stages import LATER, NOW, drafted, last_event, proposed, published, states

# ── withdraw ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_entry_withdrawn_is_a_draft_again(cast: Cast) -> None:
    made = drafted(cast.viewer("author"), submit=True)
    entry, revision = withdraw_entry(cast.viewer("author"), entry_id=made.pk, now=LATER)
    for row in (entry, revision):
        row.refresh_from_db()
    assert (entry.status, entry.updated_at, revision.state, states(entry)) == ("DRAFT", LATER, "DRAFT", [(1, "DRAFT")])
    assert last_event() == ("entry.withdrawn", entry.pk, {"revision": 1})
    update_entry(cast.viewer("author"), entry_id=entry.pk, body="Better")
    submit_entry(cast.viewer("author"), entry_id=entry.pk)
    assert states(entry) == [(1, "PENDING")]


def test_an_edit_withdrawn_leaves_what_is_shown(cast: Cast) -> None:
    entry = published(cast)
    proposed(cast.viewer("peer"), entry)
    before = Entry.objects.values().get()
    withdraw_entry(cast.viewer("peer"), entry_id=entry.pk, now=LATER)
    assert Entry.objects.values().get() == before
    assert states(entry) == [(1, "APPROVED"), (2, "DRAFT")]


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("peer", NOT_FOUND),
        ("reviewer", Forbidden),
        ("staff", Forbidden),
        ("anonymous", Unauthenticated),
    ],
)
def test_nobody_withdraws_what_others_handed_in(cast: Cast, name: str, because: Any) -> None:
    entry = drafted(cast.viewer("author"), submit=True)
    assert refused(lambda: withdraw_entry(cast.viewer(name), entry_id=entry.pk)) == because


def test_only_what_waits_can_be_withdrawn(cast: Cast) -> None:
    draft, shown = drafted(cast.viewer("author")), published(cast)
    proposed(cast.viewer("peer"), shown)
    assert refused(lambda: withdraw_entry(cast.viewer("author"), entry_id=draft.pk)) == INVALID_STATE
    assert refused(lambda: withdraw_entry(cast.viewer("author"), entry_id=shown.pk)) == INVALID_STATE
    proposed(cast.viewer("author"), shown)
    archive_entry(cast.viewer("reviewer"), entry_id=shown.pk)
    assert refused(lambda: withdraw_entry(cast.viewer("author"), entry_id=shown.pk)) == INVALID_STATE


# ── discard ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_discarded_draft_makes_room_for_another(cast: Cast) -> None:
    shown = published(cast)
    draft = proposed(cast.viewer("peer"), shown, submit=False)
    before = Entry.objects.values().get()
    entry, revision = discard_revision(cast.viewer("peer"), revision_id=draft.pk, now=LATER)
    assert (entry, revision) == (shown, draft)
    assert Entry.objects.values().get() == before
    assert states(entry) == [(1, "APPROVED"), (2, "DISCARDED")]
    assert last_event() == ("revision.discarded", entry.pk, {"revision": 2})
    assert AuditEvent.objects.filter(subject_type="EntryRevision").values_list(
        "action", "actor_id", "subject_id", "at", "detail"
    ).get() == ("revision.discarded", cast.peer.pk, draft.pk, LATER, {"entry": entry.pk})
    assert proposed(cast.viewer("peer"), shown).number == 3


def test_what_was_sent_back_can_be_discarded_and_its_conflict_goes(cast: Cast) -> None:
    shown = published(cast)
    sent_back = proposed(cast.viewer("peer"), shown)
    review_entry(cast.viewer("reviewer"), entry_id=shown.pk, verdict="REQUEST_CHANGES", comment="No.")
    update_entry(cast.viewer("staff"), entry_id=shown.pk, body="By staff")
    assert MergeConflict.objects.count() == 1
    discard_revision(cast.viewer("peer"), revision_id=sent_back.pk)
    assert states(shown) == [(1, "SUPERSEDED"), (2, "DISCARDED"), (3, "APPROVED")]
    assert MergeConflict.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("author", NOT_FOUND),
        ("reviewer", Forbidden),
        ("staff", Forbidden),
        ("anonymous", Unauthenticated),
    ],
)
def test_nobody_discards_what_others_wrote(cast: Cast, name: str, because: Any) -> None:
    shown = published(cast)
    revision = proposed(cast.viewer("peer"), shown)
    review_entry(cast.viewer("reviewer"), entry_id=shown.pk, verdict="REQUEST_CHANGES", comment="No.")
    assert refused(lambda: discard_revision(cast.viewer(name), revision_id=revision.pk)) == because


def test_only_a_draft_beside_what_is_shown_can_be_discarded(cast: Cast) -> None:
    new, shown = drafted(cast.viewer("author")), published(cast)
    approved = shown.revisions.get()
    author = cast.viewer("author")
    assert refused(lambda: discard_revision(author, revision_id=new.revisions.get().pk)) == INVALID_STATE
    assert refused(lambda: discard_revision(author, revision_id=approved.pk)) == INVALID_STATE
    waiting = proposed(author, shown)
    assert refused(lambda: discard_revision(author, revision_id=waiting.pk)) == INVALID_STATE
    withdraw_entry(author, entry_id=shown.pk)
    assert refused(lambda: discard_revision(author, revision_id=approved.pk)) == INVALID_STATE
    archive_entry(cast.viewer("reviewer"), entry_id=shown.pk)
    assert refused(lambda: discard_revision(author, revision_id=waiting.pk)) == INVALID_STATE


# ── diffs and conflicts ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_revision_tells_what_it_changes(cast: Cast) -> None:
    challenge = create_challenge(cast.viewer("peer"), title="Slow", body="Very.", now=NOW)
    entry = published(cast)
    assert entry.revisions.get().diff == ""
    revision = proposed(
        cast.viewer("peer"),
        entry,
        title="Caching well",
        kind="GUIDE",
        summary="How.",
        tags=["Django"],
        resources=[{"title": "Redis", "url": "https://redis.io/"}],
        challenge_ids=[challenge.pk],
    )
    assert revision.diff == (
        "--- revision 1\n"
        "+++ revision 2\n"
        "@@ -1,6 +1,8 @@\n"
        "-kind: CONCEPT\n"
        "-title: Caching\n"
        "-summary: \n"
        "-tag: Redis\n"
        "+kind: GUIDE\n"
        "+title: Caching well\n"
        "+summary: How.\n"
        "+tag: Django\n"
        "+resource: Redis <https://redis.io/>\n"
        "+challenge: Slow\n"
        " \n"
        " Keep it.\n"
    )


def test_a_saved_draft_tells_of_all_its_changes_and_the_base_stays(cast: Cast) -> None:
    entry = published(cast, body="One.\nTwo.")
    proposed(cast.viewer("peer"), entry, submit=False, body="One!\nTwo.")
    update_entry(cast.viewer("staff"), entry_id=entry.pk, body="By staff")
    revision = proposed(cast.viewer("peer"), entry, submit=False, body="One!\nTwo!")
    assert revision.diff == (
        "--- revision 1\n+++ revision 2\n@@ -3,5 +3,5 @@\n summary: \n tag: Redis\n \n-One.\n-Two.\n+One!\n+Two!\n"
    )


def conflict_of(revision: EntryRevision) -> tuple[int, int, str, bool] | None:
    found = MergeConflict.objects.filter(revision=revision)
    return found.values_list("base", "shown", "merged", "is_clean").first()


@pytest.mark.parametrize("state", ["DRAFT", "PENDING"])
def test_another_text_shown_stands_in_the_way_of_what_is_open(cast: Cast, state: str) -> None:
    entry = published(cast, body="One.\n\nTwo.\n\nThree.")
    mine = proposed(cast.viewer("peer"), entry, submit=state == "PENDING", body="One.\n\nTwo.\n\nThree!")
    assert conflict_of(mine) is None
    theirs = proposed(cast.viewer("author"), entry, body="One!\n\nTwo.\n\nThree.")
    review_entry(cast.viewer("reviewer"), entry_id=entry.pk, revision=theirs.number, verdict="APPROVE")
    assert conflict_of(mine) == (1, 3, "One!\n\nTwo.\n\nThree!", True)
    assert conflict_of(theirs) is None
    update_entry(cast.viewer("staff"), entry_id=entry.pk, body="One!\n\nTwo.\n\n3")
    assert conflict_of(mine) == (
        1,
        4,
        "One!\n\nTwo.\n\n<<<<<<< shown (revision 4)\n3\n=======\nThree!\n>>>>>>> revision 2",
        False,
    )


def test_a_save_weighs_the_conflict_anew(cast: Cast) -> None:
    entry = published(cast, body="One.")
    mine = proposed(cast.viewer("peer"), entry, submit=False, body="One?")
    update_entry(cast.viewer("staff"), entry_id=entry.pk, body="One!")
    assert conflict_of(mine) == (1, 3, "<<<<<<< shown (revision 3)\nOne!\n=======\nOne?\n>>>>>>> revision 2", False)
    update_entry(cast.viewer("peer"), entry_id=entry.pk, body="One!", expected_version=1)
    assert conflict_of(mine) == (1, 3, "One!", True)


# ── on top of what is shown ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_saved_on_top_undoes_nothing_that_changed_meanwhile(cast: Cast) -> None:
    challenges = [create_challenge(cast.viewer("peer"), title=f"Q{n}", body="x", now=NOW).pk for n in range(2)]
    entry = published(cast, body="One.\n\nTwo.", tags=["A", "B", "C"], challenge_ids=challenges[:1])
    mine = proposed(
        cast.viewer("peer"), entry, submit=False, body="One.\n\nTwo!", tags=["A", "B", "D"], summary="Mine."
    )
    update_entry(
        cast.viewer("staff"),
        entry_id=entry.pk,
        title="Caching, by staff",
        body="One!\n\nTwo.",
        tags=["B", "C", "E"],
        challenge_ids=challenges,
        kind="GUIDE",
        resources=[{"title": "Redis", "url": "https://redis.io/"}],
    )
    _, saved = update_entry(cast.viewer("peer"), entry_id=entry.pk, expected_revision=3)
    saved.refresh_from_db()
    assert (saved.pk, saved.number, saved.version, saved.based_on, saved.state) == (mine.pk, 4, 2, 3, "DRAFT")
    assert (saved.kind, saved.title, saved.summary) == ("GUIDE", "Caching, by staff", "Mine.")
    assert (saved.body, saved.body_html) == ("One!\n\nTwo!", "<p>One!</p>\n<p>Two!</p>\n")
    assert saved.resources == [{"title": "Redis", "url": "https://redis.io/"}]
    assert list(saved.tags.order_by("slug").values_list("name", flat=True)) == ["B", "D", "E"]
    assert sorted(saved.challenges.values_list("pk", flat=True)) == challenges
    assert conflict_of(saved) is None
    assert saved.diff.startswith("--- revision 3\n+++ revision 4\n")
    assert [line for line in saved.diff.split("\n") if line[:1] in {"+", "-"}][2:] == [
        "-summary: ",
        "+summary: Mine.",
        "-tag: C",
        "+tag: D",
        "-Two.",
        "+Two!",
    ]


def test_what_is_given_goes_before_what_is_merged(cast: Cast) -> None:
    entry = published(cast, body="One.", tags=["A"])
    proposed(cast.viewer("peer"), entry, submit=False, body="One?", tags=["B"])
    update_entry(cast.viewer("staff"), entry_id=entry.pk, body="One!", title="By staff", tags=["C"])
    _, saved = update_entry(
        cast.viewer("peer"), entry_id=entry.pk, expected_revision=3, body="One?!", title="By both", tags=["D"]
    )
    assert (saved.body, saved.title, [tag.name for tag in saved.tags.all()]) == ("One?!", "By both", ["D"])


def test_no_body_is_made_up_where_both_changed_the_same_lines(cast: Cast) -> None:
    entry = published(cast, body="One.")
    proposed(cast.viewer("peer"), entry, submit=False, body="One?")
    update_entry(cast.viewer("staff"), entry_id=entry.pk, body="One!")
    save: dict[str, Any] = {"entry_id": entry.pk, "expected_revision": 3, "summary": "Mine."}
    assert refused(lambda: update_entry(cast.viewer("peer"), **save)) == [("body", MistakeCode.CONFLICT)]


def test_a_merged_body_that_would_be_too_long_is_a_conflict(cast: Cast) -> None:
    entry = published(cast, body="One.\n\nTwo.")
    proposed(cast.viewer("peer"), entry, submit=False, body="One." + "x" * 60_000 + "\n\nTwo.")
    update_entry(cast.viewer("staff"), entry_id=entry.pk, body="One.\n\nTwo." + "x" * 60_000)
    save: dict[str, Any] = {"entry_id": entry.pk, "expected_revision": 3}
    assert refused(lambda: update_entry(cast.viewer("peer"), **save)) == [("body", MistakeCode.CONFLICT)]
