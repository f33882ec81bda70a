"""Solutions: giving one, and accepting the one that solved the challenge. Locks: the challenge, then its solutions."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from knowledge import outbox
from knowledge.access import locked, permit, visible
from knowledge.errors import MistakeCode, Mistakes, Rejected
from knowledge.events import EventType
from knowledge.idempotency import once
from knowledge.models import Challenge, ChallengeStatus, Solution
from knowledge.policy import Viewer, acceptable_solutions, answerable_challenges, require_signed_in
from knowledge.services.content import clean_body


@transaction.atomic
def create_solution(
    viewer: Viewer,
    *,
    challenge_id: int,
    body: str,
    idempotency_key: str | None = None,
    now: datetime | None = None,
) -> Solution:
    """A new solution of the viewer's, public at once.

    Records SOLUTION_CREATED. The same `idempotency_key` with the same input answers the solution that it made the first
    time. Raises Unauthenticated, Forbidden, and Rejected: the body's mistakes, NOT_FOUND, INVALID_STATE when the
    challenge is closed.
    """
    author_id = require_signed_in(viewer)
    return once(
        Solution,
        lambda: _create(viewer, author_id, challenge_id, body, now or timezone.now()),
        user_id=author_id,
        operation="create_solution",
        key=idempotency_key,
        given={"challenge_id": challenge_id, "body": body},
    )


@transaction.atomic
def accept_solution(viewer: Viewer, *, solution_id: int, now: datetime | None = None) -> Solution:
    """The solution, now the accepted one of its challenge, which is SOLVED; another that was accepted is no longer.

    Accepting it again changes nothing. Records CHALLENGE_SOLVED, or CHALLENGE_UPDATED when another was accepted
    before. Raises Unauthenticated, Forbidden, and Rejected: NOT_FOUND, INVALID_STATE when the challenge is closed.
    """
    require_signed_in(viewer)
    moment = now or timezone.now()
    challenge = locked(Challenge, visible(Solution, solution_id, viewer).challenge_id, viewer)
    solution = locked(Solution, solution_id, viewer, may=acceptable_solutions)
    solution.challenge = challenge
    _require_not_closed(challenge, "id")
    if solution.is_accepted:
        return solution
    accept(solution, now=moment)
    return solution


def accept(solution: Solution, *, now: datetime) -> None:
    """Makes it the accepted one of `solution.challenge`, which must be locked and not closed."""
    challenge = solution.challenge
    solved_before = challenge.status == ChallengeStatus.SOLVED
    challenge.solutions.filter(is_accepted=True).update(is_accepted=False)
    solution.is_accepted = True
    solution.save(update_fields=["is_accepted"])
    challenge.status = ChallengeStatus.SOLVED
    challenge.solved_at = challenge.solved_at or now
    challenge.updated_at = now
    challenge.save(update_fields=["status", "solved_at", "updated_at"])
    event = EventType.CHALLENGE_UPDATED if solved_before else EventType.CHALLENGE_SOLVED
    outbox.record(event, challenge, at=now, solution=solution.pk)


def _create(viewer: Viewer, author_id: int, challenge_id: int, raw_body: str, now: datetime) -> Solution:
    mistakes = Mistakes()
    body = clean_body(raw_body, mistakes)
    mistakes.settle()
    challenge = locked(Challenge, challenge_id, viewer, path=("challenge_id",))
    _require_not_closed(challenge, "challenge_id")
    permit(challenge, viewer, answerable_challenges)
    solution = Solution.objects.create(challenge=challenge, author_id=author_id, created_at=now, updated_at=now, **body)
    outbox.record(EventType.SOLUTION_CREATED, solution, at=now, challenge=challenge.pk)
    return solution


def _require_not_closed(challenge: Challenge, field: str) -> None:
    if challenge.status == ChallengeStatus.CLOSED:
        raise Rejected.because(MistakeCode.INVALID_STATE, "This challenge is closed.", field)
