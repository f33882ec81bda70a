"""Editing, closing, reopening and deleting challenges. Who may is walked through in tests/schema."""

from typing import Any

import pytest

from knowledge.errors import Forbidden, MistakeCode, Rejected
from knowledge.models import (
    Challenge,
    ChallengeSlug,
    Entry,
    EntryChallenge,
    RevisionChallenge,
    Solution,
    Tag,
    Vote,
)
from knowledge.services.challenges import close_challenge, delete_challenge, reopen_challenge, update_challenge
from knowledge.services.entries import create_entry, submit_entry, update_entry
from knowledge.services.reactions import add_bookmark, cast_vote
from knowledge.services.reviews import review_entry
from knowledge.services.solutions import create_solution, delete_solution
from tests.cast import Cast
from tests.knowledge.services.discussion import (
    LATER,
    NOW,
    answered,
    asked,
    mistakes,
    solved,
    standing,
    told,
    trail,
)
from tests.snapshot import every_row


def changed(cast: Cast, challenge: Challenge, **changes: Any) -> Challenge:
    update_challenge(cast.viewer("author"), challenge_id=challenge.pk, now=LATER, **changes)
    challenge.refresh_from_db()
    return challenge


def published(cast: Cast, title: str, by: str = "author") -> Entry:
    entry = create_entry(cast.viewer(by), kind="CONCEPT", title=title, body="x", submit=True, now=NOW)
    review_entry(cast.viewer("staff"), entry_id=entry.pk, verdict="APPROVE", now=NOW)
    return entry


def entries_of(challenge: Challenge) -> list[str]:
    return list(challenge.entries.order_by("title").values_list("title", flat=True))


def test_everything_can_be_changed_at_once(cast: Cast) -> None:
    entry = published(cast, "Caching")
    challenge = asked(cast, tags=["Django", "Redis"])
    changed(
        cast,
        challenge,
        expected_revision=1,
        title="Very slow pages",
        body="*Too*.",
        difficulty="ADVANCED",
        tags=["Redis", "SQL"],
        entry_ids=[entry.pk],
    )
    assert (challenge.title, challenge.title_key, challenge.slug) == ("Very slow pages",) + ("very-slow-pages",) * 2
    assert (challenge.body, challenge.body_html, challenge.difficulty) == (
        "*Too*.",
        "<p><em>Too</em>.</p>\n",
        "ADVANCED",
    )
    assert (challenge.revision, challenge.created_at, challenge.updated_at) == (2, NOW, LATER)
    assert list(Tag.objects.order_by("slug").values_list("slug", "challenge_count")) == [
        ("django", 0),
        ("redis", 1),
        ("sql", 1),
    ]
    assert entries_of(challenge) == ["Caching"]
    assert told() == ("challenge.updated", "Challenge", challenge.pk, {"revision": 2})


@pytest.mark.parametrize(
    "change",
    [{"title": "New"}, {"body": "New."}, {"difficulty": "BEGINNER"}, {"tags": []}, {"entry_ids": []}],
    ids=lambda change: next(iter(change)),
)
def test_what_is_left_out_stays(cast: Cast, change: dict[str, Any]) -> None:
    challenge = asked(cast, difficulty="ADVANCED", tags=["Django"], entry_ids=[published(cast, "Caching").pk])

    def told_of() -> dict[str, Any]:
        return {
            "title": challenge.title,
            "body": challenge.body,
            "difficulty": challenge.difficulty,
            "tags": list(challenge.tags.values_list("slug", flat=True)),
            "entry_ids": entries_of(challenge),
        }

    before = told_of()
    changed(cast, challenge, **change)
    assert told_of() == before | change


def test_old_slugs_lead_on_and_are_nobody_elses(cast: Cast) -> None:
    challenge = asked(cast)
    changed(cast, challenge, title="First")
    changed(cast, challenge, title="Second")
    former = ChallengeSlug.objects.filter(challenge=challenge).order_by("pk")
    assert list(former.values_list("slug", flat=True)) == ["slow-pages", "first"]
    assert asked(cast, title="First").slug == "first-2"
    assert changed(cast, challenge, title="Slow pages").slug == "slow-pages"
    assert set(former.values_list("slug", flat=True)) == {"first", "second"}


def test_a_title_of_the_same_slug_keeps_it(cast: Cast) -> None:
    asked(cast)
    challenge = asked(cast)
    assert challenge.slug == "slow-pages-2"
    assert changed(cast, challenge, title="Slow Pages!").slug == "slow-pages-2"
    assert not ChallengeSlug.objects.exists()


def test_a_stale_edit_is_a_conflict(cast: Cast) -> None:
    challenge = changed(cast, asked(cast), body="Other.")
    before = every_row()
    for expected in (1, 3):
        with pytest.raises(Rejected) as error:
            changed(cast, challenge, expected_revision=expected, body="Mine.", tags=["New"])
        assert mistakes(error) == [("expected_revision", MistakeCode.CONFLICT)]
    assert every_row() == before
    assert changed(cast, challenge, expected_revision=2, body="Mine.").revision == 3


def test_all_mistakes_of_an_edit_are_told_at_once(cast: Cast) -> None:
    challenge, hidden = asked(cast), create_entry(cast.viewer("peer"), kind="CONCEPT", title="Hidden", body="x")
    before = every_row()
    with pytest.raises(Rejected) as error:
        changed(cast, challenge, title=" ", body="b" * 100_001, difficulty="EASY", tags=["\x00"], entry_ids=[hidden.pk])
    assert mistakes(error) == [
        ("title", MistakeCode.REQUIRED),
        ("body", MistakeCode.TOO_LONG),
        ("difficulty", MistakeCode.INVALID),
        ("tags.0", MistakeCode.INVALID),
        ("entry_ids.0", MistakeCode.NOT_FOUND),
    ]
    assert every_row() == before


def test_entries_are_replaced_and_those_unseen_left_alone(cast: Cast) -> None:
    """An approval brings back nothing that was taken away, and drops nothing that was added."""
    first, second = published(cast, "First"), published(cast, "Second")
    challenge = asked(cast, entry_ids=[first.pk])
    unseen = create_entry(cast.viewer("peer"), kind="TOOL", title="Unseen", body="x", challenge_ids=[challenge.pk])
    for entry in (first, second):
        update_entry(cast.viewer("peer"), entry_id=entry.pk, body="Proposed.")
        submit_entry(cast.viewer("peer"), entry_id=entry.pk)
    changed(cast, challenge, entry_ids=[second.pk])
    assert entries_of(challenge) == ["Second", "Unseen"]
    for entry in (first, second):
        review_entry(cast.viewer("staff"), entry_id=entry.pk, verdict="APPROVE")
    assert entries_of(challenge) == ["Second", "Unseen"]
    named = RevisionChallenge.objects.filter(challenge=challenge)
    assert set(named.values_list("revision__entry", "revision__number")) == {
        (second.pk, 1),
        (second.pk, 2),
        (unseen.pk, 1),
    }


def test_closing_and_reopening_an_open_one(cast: Cast) -> None:
    challenge, reviewer = asked(cast), cast.viewer("reviewer")
    close_challenge(reviewer, challenge_id=challenge.pk, reason=" Off  topic ", now=LATER)
    assert standing(challenge) == ("CLOSED", None, "Off topic", LATER)
    assert told() == ("challenge.closed", "Challenge", challenge.pk, {})
    with pytest.raises(Rejected) as error:
        answered(cast, challenge)
    assert mistakes(error) == [("challenge_id", MistakeCode.INVALID_STATE)]
    reopen_challenge(reviewer, challenge_id=challenge.pk, now=NOW)
    assert standing(challenge) == ("OPEN", None, "", NOW)
    assert told() == ("challenge.reopened", "Challenge", challenge.pk, {"status": "OPEN"})
    deed = (cast.reviewer.pk, "Challenge", challenge.pk)
    assert trail() == [
        ("challenge.closed", *deed, {"reason": "Off topic"}),
        ("challenge.reopened", *deed, {}),
    ]


def test_a_solved_one_is_solved_again_when_it_is_reopened(cast: Cast) -> None:
    challenge, _ = solved(cast)
    close_challenge(cast.viewer("staff"), challenge_id=challenge.pk, now=LATER)
    assert standing(challenge) == ("CLOSED", NOW, "", LATER)
    reopen_challenge(cast.viewer("staff"), challenge_id=challenge.pk, now=LATER)
    assert standing(challenge) == ("SOLVED", NOW, "", LATER)
    assert told()[3] == {"status": "SOLVED"}


def test_a_closed_one_whose_accepted_solution_went_is_open_again(cast: Cast) -> None:
    challenge, solution = solved(cast)
    close_challenge(cast.viewer("staff"), challenge_id=challenge.pk, reason="Why", now=NOW)
    delete_solution(cast.viewer("peer"), solution_id=solution.pk, now=LATER)
    assert standing(challenge) == ("CLOSED", None, "Why", LATER)
    assert told()[0] == "solution.deleted"
    reopen_challenge(cast.viewer("staff"), challenge_id=challenge.pk, now=LATER)
    assert standing(challenge) == ("OPEN", None, "", LATER)


@pytest.mark.parametrize("verb", [close_challenge, delete_challenge])
def test_a_reason_that_is_too_long(cast: Cast, verb: Any) -> None:
    challenge = asked(cast)
    before = every_row()
    with pytest.raises(Rejected) as error:
        verb(cast.viewer("reviewer"), challenge_id=challenge.pk, reason="r" * 501)
    assert mistakes(error) == [("reason", MistakeCode.TOO_LONG)]
    assert every_row() == before
    verb(cast.viewer("reviewer"), challenge_id=challenge.pk, reason="r" * 500)


def test_deleting_takes_everything_that_hangs_on_it(cast: Cast) -> None:
    entry = published(cast, "Caching")
    other = asked(cast, title="Other", tags=["Django"])
    before = every_row()
    challenge = asked(cast, tags=["Django"], entry_ids=[entry.pk])
    solution = answered(cast, challenge)
    cast_vote(cast.viewer("staff"), model=Challenge, subject_id=challenge.pk, value=Vote.UP)
    cast_vote(cast.viewer("staff"), model=Solution, subject_id=solution.pk, value=Vote.UP)
    add_bookmark(cast.viewer("peer"), model=Challenge, subject_id=challenge.pk)
    changed(cast, challenge, title="Renamed")
    delete_challenge(cast.viewer("staff"), challenge_id=challenge.pk, reason="Spam", now=LATER)
    after = every_row()
    # Of tallies the parts that were added stay; what they come to, tests of counters say.
    kept = {"knowledge_outboxevent", "knowledge_auditevent", "knowledge_tally"}
    assert {name: rows for name, rows in after.items() if name not in kept} == {
        name: rows for name, rows in before.items() if name not in kept
    }
    assert list(Challenge.objects.all()) == [other]
    assert told() == ("challenge.deleted", "Challenge", challenge.pk, {})
    detail = {"title": "Renamed", "reason": "Spam"}
    assert trail()[-1] == ("challenge.deleted", cast.staff.pk, "Challenge", challenge.pk, detail)


def test_ones_own_can_be_deleted_while_only_oneself_answered(cast: Cast) -> None:
    author = cast.viewer("author")
    alone, discussed, imported = asked(cast), asked(cast), asked(cast)
    for challenge in (alone, discussed, imported):
        answered(cast, challenge, "author")
    answered(cast, discussed)
    Solution.objects.filter(challenge=imported).update(author=None)
    delete_challenge(author, challenge_id=alone.pk)
    before = every_row()
    for challenge in (discussed, imported):
        with pytest.raises(Forbidden):
            delete_challenge(author, challenge_id=challenge.pk)
    assert every_row() == before
    assert set(Challenge.objects.all()) == {discussed, imported}
    assert not EntryChallenge.objects.exists()


@pytest.mark.parametrize("verb", [update_challenge, close_challenge, reopen_challenge, delete_challenge])
def test_what_is_not_there_cannot_be_changed(cast: Cast, verb: Any) -> None:
    before = every_row()
    with pytest.raises(Rejected) as error:
        verb(cast.viewer("staff"), challenge_id=1)
    assert mistakes(error) == [("id", MistakeCode.NOT_FOUND)]
    assert every_row() == before


def test_a_key_of_what_was_deleted_makes_nothing_again(cast: Cast) -> None:
    challenge = asked(cast)
    solution = answered(cast, challenge, idempotency_key="k")
    delete_solution(cast.viewer("peer"), solution_id=solution.pk)
    with pytest.raises(Rejected) as error:
        create_solution(cast.viewer("peer"), challenge_id=challenge.pk, body="Cache.", idempotency_key="k")
    assert mistakes(error) == [("idempotency_key", MistakeCode.NOT_FOUND)]
