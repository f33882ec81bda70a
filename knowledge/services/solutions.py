"""Solutions: giving one, editing it, and accepting the one that solved the challenge.

Locks: the challenge, then its solutions. Only a solution's own text is changed without its challenge's lock.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from knowledge import audit, outbox
from knowledge.access import expect, locked, permit, visible
from knowledge.errors import MistakeCode, Mistakes, Rejected
from knowledge.events import AuditAction, EventType
from knowledge.idempotency import once
from knowledge.models import Challenge, ChallengeStatus, Solution
from knowledge.policy import (
    Scope,
    Viewer,
    acceptable_solutions,
    answerable_challenges,
    deletable_solutions,
    editable_solutions,
    require_signed_in,
)
from knowledge.services.challenges import require_not_closed
from knowledge.services.content import clean_body, clean_reason


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
def update_solution(
    viewer: Viewer, *, solution_id: int, body: str, expected_revision: int | None = None, now: datetime | None = None
) -> Solution:
    """The viewer's solution with another text, its revision counted on.

    Records SOLUTION_UPDATED. Raises Unauthenticated, Forbidden, and Rejected: the body's mistakes, NOT_FOUND, CONFLICT
    when the revision is not `expected_revision`.
    """
    require_signed_in(viewer)
    moment = now or timezone.now()
    columns = _clean(body)
    solution = locked(Solution, solution_id, viewer, may=editable_solutions)
    expect("expected_revision", expected_revision, solution.revision)
    for column, value in columns.items():
        setattr(solution, column, value)
    solution.revision += 1
    solution.updated_at = moment
    solution.save(update_fields=[*columns, "revision", "updated_at"])
    outbox.record(
        EventType.SOLUTION_UPDATED,
        solution,
        at=moment,
        challenge=solution.challenge_id,
        revision=solution.revision,
    )
    return solution


@transaction.atomic
def delete_solution(viewer: Viewer, *, solution_id: int, reason: str = "", now: datetime | None = None) -> Challenge:
    """Deletes a solution with its votes; answers its challenge, which is OPEN again where it was solved by this one.

    Records SOLUTION_DELETED, also in the audit trail with the reason, and CHALLENGE_REOPENED. Raises Unauthenticated,
    Forbidden, and Rejected: the reason's mistakes, NOT_FOUND.
    """
    require_signed_in(viewer)
    moment = now or timezone.now()
    said = clean_reason(reason)
    solution = _locked_with_challenge(solution_id, viewer, may=deletable_solutions)
    challenge = solution.challenge
    audit.record(
        AuditAction.SOLUTION_DELETED, viewer=viewer, subject=solution, at=moment, challenge=challenge.pk, reason=said
    )
    outbox.record(EventType.SOLUTION_DELETED, solution, at=moment, challenge=challenge.pk)
    accepted, solution_pk = solution.is_accepted, solution.pk
    solution.delete()
    if accepted:
        _unsolve(challenge, solution_pk, now=moment)
    return challenge


@transaction.atomic
def accept_solution(viewer: Viewer, *, solution_id: int, now: datetime | None = None) -> Solution:
    """The solution, now the accepted one of its challenge, which is SOLVED; another that was accepted is no longer.

    Accepting it again changes nothing. Records CHALLENGE_SOLVED, or CHALLENGE_UPDATED when another was accepted
    before. Raises Unauthenticated, Forbidden, and Rejected: NOT_FOUND, INVALID_STATE when the challenge is closed.
    """
    require_signed_in(viewer)
    moment = now or timezone.now()
    solution = _locked_with_challenge(solution_id, viewer, may=acceptable_solutions)
    require_not_closed(solution.challenge)
    if not solution.is_accepted:
        accept(solution, now=moment)
    return solution


@transaction.atomic
def unaccept_solution(viewer: Viewer, *, solution_id: int, now: datetime | None = None) -> Solution:
    """The solution, no longer accepted; its challenge is OPEN again.

    Records CHALLENGE_REOPENED. Raises Unauthenticated, Forbidden, and Rejected: NOT_FOUND, INVALID_STATE when it is not
    the accepted one, or the challenge is closed.
    """
    require_signed_in(viewer)
    moment = now or timezone.now()
    solution = _locked_with_challenge(solution_id, viewer, may=acceptable_solutions)
    require_not_closed(solution.challenge)
    if not solution.is_accepted:
        raise Rejected.because(MistakeCode.INVALID_STATE, "This solution is not accepted.", "id")
    solution.is_accepted = False
    solution.save(update_fields=["is_accepted"])
    _unsolve(solution.challenge, solution.pk, now=moment)
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


def _unsolve(challenge: Challenge, solution_id: int, *, now: datetime) -> None:
    """What follows when a locked challenge lost its accepted solution. A closed one stays closed."""
    reopened = challenge.status == ChallengeStatus.SOLVED
    if reopened:
        challenge.status = ChallengeStatus.OPEN
    challenge.solved_at = None
    challenge.updated_at = now
    challenge.save(update_fields=["status", "solved_at", "updated_at"])
    if reopened:
        outbox.record(EventType.CHALLENGE_REOPENED, challenge, at=now, status=challenge.status, solution=solution_id)


def _create(viewer: Viewer, author_id: int, challenge_id: int, raw_body: str, now: datetime) -> Solution:
    body = _clean(raw_body)
    challenge = locked(Challenge, challenge_id, viewer, path=("challenge_id",))
    require_not_closed(challenge, "challenge_id")
    permit(challenge, viewer, answerable_challenges)
    solution = Solution.objects.create(challenge=challenge, author_id=author_id, created_at=now, updated_at=now, **body)
    outbox.record(EventType.SOLUTION_CREATED, solution, at=now, challenge=challenge.pk)
    return solution


def _clean(raw_body: str) -> dict[str, str]:
    mistakes = Mistakes()
    body = clean_body(raw_body, mistakes)
    mistakes.settle()
    return body


def _locked_with_challenge(solution_id: int, viewer: Viewer, *, may: Scope) -> Solution:
    challenge = locked(Challenge, visible(Solution, solution_id, viewer).challenge_id, viewer)
    solution = locked(Solution, solution_id, viewer, may=may)
    solution.challenge = challenge
    return solution
