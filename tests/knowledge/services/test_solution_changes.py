"""Editing and deleting solutions, and taking an acceptance back. Who may is walked through in tests/schema."""

from typing import Any

import pytest

from knowledge.documents.importing import import_document
from knowledge.errors import MistakeCode, Rejected
from knowledge.models import Challenge, OutboxEvent, Solution, Vote
from knowledge.services.challenges import close_challenge
from knowledge.services.reactions import cast_vote
from knowledge.services.solutions import (
    accept_solution,
    delete_solution,
    unaccept_solution,
    update_solution,
)
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


def test_another_text(cast: Cast) -> None:
    challenge = asked(cast)
    solution = answered(cast, challenge)
    peer = cast.viewer("peer")
    update_solution(peer, solution_id=solution.pk, body="*Index*.", expected_revision=1, now=LATER)
    solution.refresh_from_db()
    assert (solution.body, solution.body_html) == ("*Index*.", "<p><em>Index</em>.</p>\n")
    assert (solution.revision, solution.created_at, solution.updated_at) == (2, NOW, LATER)
    assert told() == ("solution.updated", "Solution", solution.pk, {"challenge": challenge.pk, "revision": 2})
    assert standing(challenge) == ("OPEN", None, "", NOW)


@pytest.mark.parametrize(
    ("given", "mistake"),
    [
        ({"body": " "}, ("body", MistakeCode.REQUIRED)),
        ({"body": "b" * 100_001}, ("body", MistakeCode.TOO_LONG)),
        ({"expected_revision": 2}, ("expected_revision", MistakeCode.CONFLICT)),
        ({"solution_id": 0}, ("id", MistakeCode.NOT_FOUND)),
    ],
)
def test_edits_that_are_refused(cast: Cast, given: dict[str, Any], mistake: tuple[str, MistakeCode]) -> None:
    solution = answered(cast, asked(cast))
    before = every_row()
    with pytest.raises(Rejected) as error:
        update_solution(cast.viewer("peer"), **{"solution_id": solution.pk, "body": "x", **given})
    assert mistakes(error) == [mistake]
    assert every_row() == before


def test_deleting_one_leaves_the_others(cast: Cast) -> None:
    challenge, accepted = solved(cast)
    other = answered(cast, challenge, "reviewer")
    cast_vote(cast.viewer("author"), model=Solution, subject_id=other.pk, value=Vote.UP)
    assert delete_solution(cast.viewer("reviewer"), solution_id=other.pk, reason="Wrong", now=LATER) == challenge
    assert list(Solution.objects.all()) == [accepted]
    assert not Vote.objects.exists()
    assert standing(challenge) == ("SOLVED", NOW, "", NOW)
    assert told() == ("solution.deleted", "Solution", other.pk, {"challenge": challenge.pk})
    detail = {"challenge": challenge.pk, "reason": "Wrong"}
    assert trail() == [("solution.deleted", cast.reviewer.pk, "Solution", other.pk, detail)]


def test_deleting_the_accepted_one_reopens_the_challenge(cast: Cast) -> None:
    challenge, solution = solved(cast)
    delete_solution(cast.viewer("peer"), solution_id=solution.pk, now=LATER)
    assert standing(challenge) == ("OPEN", None, "", LATER)
    assert list(OutboxEvent.objects.order_by("-pk").values_list("type", "payload")[:2]) == [
        ("challenge.reopened", {"status": "OPEN", "solution": solution.pk}),
        ("solution.deleted", {"challenge": challenge.pk}),
    ]


def test_a_solution_that_was_deleted_is_not_imported_again(cast: Cast) -> None:
    document = "## Challenges\n- **Challenge:** Slow pages?\n  - **Solution:** Cache them.\n"
    staff, url = cast.viewer("staff"), "https://example.org/a.md"
    import_document(staff, markdown=document, url=url)
    delete_solution(staff, solution_id=Solution.objects.get().pk)
    import_document(staff, markdown=document, url=url)
    assert not Solution.objects.exists()
    assert Challenge.objects.get().status == "OPEN"


def test_taking_an_acceptance_back(cast: Cast) -> None:
    challenge, solution = solved(cast)
    answer = unaccept_solution(cast.viewer("author"), solution_id=solution.pk, now=LATER)
    assert (answer, answer.challenge, answer.is_accepted) == (solution, challenge, False)
    assert standing(challenge) == ("OPEN", None, "", LATER)
    reopened = {"status": "OPEN", "solution": solution.pk}
    assert told() == ("challenge.reopened", "Challenge", challenge.pk, reopened)
    accept_solution(cast.viewer("author"), solution_id=solution.pk, now=LATER)
    assert standing(challenge) == ("SOLVED", LATER, "", LATER)


def test_what_cannot_be_taken_back(cast: Cast) -> None:
    challenge, accepted = solved(cast)
    other = answered(cast, challenge)
    closed, of_closed = solved(cast)
    close_challenge(cast.viewer("staff"), challenge_id=closed.pk)
    before = every_row()
    for pk, code in (
        (other.pk, MistakeCode.INVALID_STATE),
        (of_closed.pk, MistakeCode.INVALID_STATE),
        (0, MistakeCode.NOT_FOUND),
    ):
        with pytest.raises(Rejected) as error:
            unaccept_solution(cast.viewer("author"), solution_id=pk)
        assert mistakes(error) == [("id", code)]
    assert every_row() == before
    accepted.refresh_from_db()
    assert accepted.is_accepted
