"""Challenges and solutions for the tests of what is done with them, and what was told of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from knowledge.errors import MistakeCode, Rejected
from knowledge.models import AuditEvent, Challenge, ChallengeStatus, OutboxEvent, Solution
from knowledge.services.challenges import create_challenge
from knowledge.services.solutions import accept_solution, create_solution
from tests.cast import Cast

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 12, tzinfo=UTC)


def asked(cast: Cast, by: str = "author", **other: Any) -> Challenge:
    return create_challenge(cast.viewer(by), **{"title": "Slow pages", "body": "Very.", "now": NOW, **other})


def answered(cast: Cast, challenge: Challenge, by: str = "peer", **other: Any) -> Solution:
    return create_solution(cast.viewer(by), **{"challenge_id": challenge.pk, "body": "Cache.", "now": NOW, **other})


def solved(cast: Cast, **other: Any) -> tuple[Challenge, Solution]:
    """The author's challenge, with the peer's solution accepted."""
    challenge = asked(cast, **other)
    solution = answered(cast, challenge)
    accept_solution(cast.viewer("author"), solution_id=solution.pk, now=NOW)
    challenge.refresh_from_db()
    solution.refresh_from_db()
    return challenge, solution


def standing(challenge: Challenge) -> tuple[str, datetime | None, str, datetime]:
    """Where it stands now: status, when it was solved, why it was closed, when it changed last."""
    challenge.refresh_from_db()
    return ChallengeStatus(challenge.status).value, challenge.solved_at, challenge.close_reason, challenge.updated_at


def mistakes(error: pytest.ExceptionInfo[Rejected]) -> list[tuple[str, MistakeCode]]:
    return [(".".join(mistake.path), mistake.code) for mistake in error.value.mistakes]


def told() -> tuple[str, str, int, dict[str, Any]]:
    """The last event: its type, its subject, and what it carries."""
    event = OutboxEvent.objects.latest("pk")
    return event.type, event.subject_type, event.subject_id, event.payload


def trail() -> list[tuple[str, int | None, str, int | None, dict[str, Any]]]:
    """The audit trail: deed, actor, subject, detail."""
    columns = ("action", "actor_id", "subject_type", "subject_id", "detail")
    return list(AuditEvent.objects.order_by("pk").values_list(*columns))
