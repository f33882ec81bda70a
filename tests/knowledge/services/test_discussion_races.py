"""People who settle, vote and delete at the same moment: one wins, the others are told why, and nothing breaks."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from knowledge.errors import Rejected
from knowledge.models import (
    Bookmark,
    Challenge,
    ChallengeStatus,
    Entry,
    EntryChallenge,
    OutboxEvent,
    RevisionChallenge,
    Role,
    Solution,
    Tag,
    User,
    Vote,
)
from knowledge.policy import Viewer
from knowledge.services.challenges import close_challenge, delete_challenge, reopen_challenge, update_challenge
from knowledge.services.entries import create_entry, update_entry
from knowledge.services.reactions import add_bookmark, cast_vote
from knowledge.services.reviews import review_entry
from knowledge.services.solutions import accept_solution, delete_solution, unaccept_solution
from tests.cast import Cast, make_cast, viewer_of
from tests.knowledge.services.discussion import answered, asked, solved
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 20


def outcomes(calls: Sequence[Callable[[], Any]]) -> Counter[str]:
    """How often each code was answered; "done" where nothing was refused. Nothing else may come of a race."""
    counted: Counter[str] = Counter()
    for outcome in at_once(calls):
        if isinstance(outcome, Rejected):
            counted.update(mistake.code.value for mistake in outcome.mistakes)
        elif isinstance(outcome, Exception):
            raise outcome
        else:
            counted["done"] += 1
    return counted


def crowd(number: int = MANY) -> list[Viewer]:
    return [viewer_of(User.objects.create(username=f"voter{n}", role=Role.CONTRIBUTOR)) for n in range(number)]


def told(event: str) -> int:
    return OutboxEvent.objects.filter(type=event).count()


def is_consistent(challenge: Challenge) -> bool:
    challenge.refresh_from_db()
    accepted = challenge.solutions.filter(is_accepted=True).count()
    return accepted == (1 if challenge.status == ChallengeStatus.SOLVED else 0)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def test_twenty_accept_twenty_solutions(cast: Cast) -> None:
    challenge = asked(cast)
    solutions = [answered(cast, challenge, body=str(number)) for number in range(MANY)]
    calls = [partial(accept_solution, cast.viewer("author"), solution_id=solution.pk) for solution in solutions]
    assert outcomes(calls) == {"done": MANY}
    assert Solution.objects.filter(is_accepted=True).count() == 1
    assert is_consistent(challenge)
    assert (told("challenge.solved"), told("challenge.updated")) == (1, MANY - 1)


def test_twenty_accept_one_solution(cast: Cast) -> None:
    challenge = asked(cast)
    accept = partial(accept_solution, cast.viewer("author"), solution_id=answered(cast, challenge).pk)
    assert outcomes([accept] * MANY) == {"done": MANY}
    assert is_consistent(challenge)
    assert (told("challenge.solved"), told("challenge.updated")) == (1, 0)


@pytest.mark.parametrize(
    ("verb", "losers"),
    [(unaccept_solution, "INVALID_STATE"), (delete_solution, "NOT_FOUND")],
)
def test_twenty_take_one_acceptance_away(cast: Cast, verb: Any, losers: str) -> None:
    challenge, solution = solved(cast)
    take = partial(verb, cast.viewer("staff"), solution_id=solution.pk)
    assert outcomes([take] * MANY) == {"done": 1, losers: MANY - 1}
    assert is_consistent(challenge)
    assert challenge.status == ChallengeStatus.OPEN
    assert told("challenge.reopened") == 1


@pytest.mark.parametrize(
    ("verb", "event", "losers"),
    [(close_challenge, "challenge.closed", "INVALID_STATE"), (delete_challenge, "challenge.deleted", "NOT_FOUND")],
)
def test_twenty_close_or_delete_one_challenge(cast: Cast, verb: Any, event: str, losers: str) -> None:
    do = partial(verb, cast.viewer("staff"), challenge_id=asked(cast).pk)
    assert outcomes([do] * MANY) == {"done": 1, losers: MANY - 1}
    assert told(event) == 1


def test_twenty_edits_that_expect_one_revision(cast: Cast) -> None:
    challenge = asked(cast)
    edit = partial(update_challenge, cast.viewer("author"), challenge_id=challenge.pk, expected_revision=1)
    calls = [partial(edit, title=f"Title {number}", tags=[f"Tag {number}"]) for number in range(MANY)]
    assert outcomes(calls) == {"done": 1, "CONFLICT": MANY - 1}
    challenge.refresh_from_db()
    assert challenge.revision == 2
    assert list(challenge.former_slugs.values_list("slug", flat=True)) == ["slow-pages"]
    (tag,) = Tag.objects.all()
    assert tag.challenge_count == 1
    assert tag.slug.removeprefix("tag-") == challenge.slug.removeprefix("title-")


def test_accepts_against_deletions(cast: Cast) -> None:
    challenge = asked(cast)
    solutions = [answered(cast, challenge, body=str(number)) for number in range(MANY // 2)]
    calls: list[Callable[[], Any]] = [
        partial(verb, cast.viewer("staff"), solution_id=solution.pk)
        for solution in solutions
        for verb in (accept_solution, delete_solution)
    ]
    counted = outcomes(calls)
    assert set(counted) <= {"done", "NOT_FOUND"}
    assert not Solution.objects.exists()
    assert is_consistent(challenge)
    assert challenge.status == ChallengeStatus.OPEN
    assert told("solution.deleted") == len(solutions)


def test_everything_at_once_leaves_something_that_holds(cast: Cast) -> None:
    challenge = asked(cast)
    solutions = [answered(cast, challenge, body=str(number)) for number in range(4)]
    staff = cast.viewer("staff")
    calls: list[Callable[[], Any]] = [partial(answered, cast, challenge) for _ in range(2)]
    for verb in (close_challenge, reopen_challenge):
        calls += [partial(verb, staff, challenge_id=challenge.pk)] * 3
    for verb_of_one in (accept_solution, unaccept_solution):
        calls += [partial(verb_of_one, staff, solution_id=solution.pk) for solution in solutions]
    calls += [partial(delete_solution, staff, solution_id=solution.pk) for solution in solutions[:2]]
    assert set(outcomes(calls)) <= {"done", "INVALID_STATE", "NOT_FOUND"}
    challenge.refresh_from_db()
    if challenge.status == ChallengeStatus.CLOSED:
        reopen_challenge(staff, challenge_id=challenge.pk)
    assert is_consistent(challenge)


@pytest.mark.parametrize("model", [Challenge, Solution])
def test_twenty_voters(cast: Cast, model: type[Any]) -> None:
    challenge = asked(cast)
    subject = challenge if model is Challenge else answered(cast, challenge)
    calls = [partial(cast_vote, voter, model=model, subject_id=subject.pk, value=Vote.UP) for voter in crowd()]
    assert outcomes(calls) == {"done": MANY}
    subject.refresh_from_db()
    assert subject.score == MANY


def test_one_voter_twenty_times(cast: Cast) -> None:
    challenge = asked(cast)
    vote = partial(cast_vote, cast.viewer("peer"), model=Challenge, subject_id=challenge.pk)
    values = (Vote.UP, Vote.DOWN, None, Vote.UP)
    assert outcomes([partial(vote, value=value) for value in values * (MANY // 4)]) == {"done": MANY}
    challenge.refresh_from_db()
    assert challenge.score == sum(Vote.objects.values_list("value", flat=True))
    assert Vote.objects.count() <= 1


def test_one_bookmark_twenty_times(cast: Cast) -> None:
    add = partial(add_bookmark, cast.viewer("peer"), model=Challenge, subject_id=asked(cast).pk)
    assert outcomes([add] * MANY) == {"done": MANY}
    assert Bookmark.objects.count() == 1


def test_votes_and_bookmarks_against_the_deletion_of_their_subjects(cast: Cast) -> None:
    challenge = asked(cast)
    solutions = [answered(cast, challenge, body=str(number)) for number in range(3)]
    voters = crowd(6)
    calls: list[Callable[[], Any]] = [partial(delete_challenge, cast.viewer("staff"), challenge_id=challenge.pk)]
    for voter in voters:
        calls.append(partial(cast_vote, voter, model=Challenge, subject_id=challenge.pk, value=Vote.UP))
        calls.append(partial(add_bookmark, voter, model=Challenge, subject_id=challenge.pk))
    calls += [
        partial(cast_vote, voter, model=Solution, subject_id=solution.pk, value=Vote.UP)
        for voter, solution in zip(voters, solutions * 2, strict=True)
    ]
    calls.append(partial(answered, cast, challenge))
    assert set(outcomes(calls)) <= {"done", "NOT_FOUND"}
    left = [model.objects.count() for model in (Challenge, Solution, Vote, Bookmark)]
    assert left == [0, 0, 0, 0]


def test_entries_that_name_a_challenge_while_it_is_deleted(cast: Cast) -> None:
    challenge, kept = asked(cast), asked(cast)
    author, staff = cast.viewer("author"), cast.viewer("staff")
    create = partial(create_entry, author, kind="CONCEPT", body="x", challenge_ids=[challenge.pk, kept.pk])
    waiting = [create(title=f"Waiting {number}", submit=True) for number in range(4)]
    edited = [create(title=f"Edited {number}") for number in range(4)]
    calls: list[Callable[[], Any]] = [partial(create, title=f"New {number}") for number in range(4)]
    calls += [partial(review_entry, staff, entry_id=entry.pk, verdict="APPROVE") for entry in waiting]
    calls += [
        partial(update_entry, author, entry_id=entry.pk, challenge_ids=[challenge.pk, kept.pk]) for entry in edited
    ]
    calls.insert(4, partial(delete_challenge, staff, challenge_id=challenge.pk))
    assert set(outcomes(calls)) <= {"done", "NOT_FOUND"}
    assert not Challenge.objects.filter(pk=challenge.pk).exists()
    for entry in Entry.objects.all():
        assert list(entry.challenges.all()) == [kept]
    for link in (EntryChallenge, RevisionChallenge):
        assert set(link.objects.values_list("challenge", flat=True)) == {kept.pk}
