from datetime import UTC, datetime
from typing import Any

import pytest

from knowledge.errors import Forbidden, MistakeCode, Rejected, Unauthenticated
from knowledge.models import Challenge, ChallengeStatus, OutboxEvent, Solution, Tag
from knowledge.policy import ANONYMOUS
from knowledge.services.challenges import create_challenge
from knowledge.services.entries import create_entry
from knowledge.services.solutions import accept_solution, create_solution
from tests.cast import Cast
from tests.snapshot import every_row

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 12, tzinfo=UTC)


def asked(cast: Cast, by: str = "author", **other: Any) -> Challenge:
    return create_challenge(cast.viewer(by), **{"title": "Slow pages", "body": "Very.", "now": NOW, **other})


def answered(cast: Cast, challenge: Challenge, by: str = "peer", **other: Any) -> Solution:
    return create_solution(cast.viewer(by), **{"challenge_id": challenge.pk, "body": "Cache.", "now": NOW, **other})


def mistakes(error: pytest.ExceptionInfo[Rejected]) -> list[tuple[str, MistakeCode]]:
    return [(".".join(mistake.path), mistake.code) for mistake in error.value.mistakes]


def events() -> list[str]:
    return list(OutboxEvent.objects.order_by("pk").values_list("type", flat=True))


def test_a_challenge_is_public_at_once(cast: Cast) -> None:
    entry = create_entry(cast.viewer("author"), kind="CONCEPT", title="Caching", body="Keep.", now=NOW)
    challenge = asked(cast, tags=["Django", "Redis"], difficulty="ADVANCED", entry_ids=[entry.pk])
    challenge.refresh_from_db()
    assert (challenge.slug, challenge.title_key, challenge.status) == ("slow-pages", "slow-pages", "OPEN")
    assert (challenge.body, challenge.body_html, challenge.difficulty) == ("Very.", "<p>Very.</p>\n", "ADVANCED")
    assert (challenge.author, challenge.created_at, challenge.updated_at) == (cast.author, NOW, NOW)
    assert list(Tag.objects.order_by("slug").values_list("slug", "challenge_count")) == [("django", 1), ("redis", 1)]
    assert list(entry.challenges.all()) == [challenge]
    assert events() == ["entry.created", "tag.created", "tag.created", "challenge.created"]


def test_whoever_is_signed_in_may_ask_and_answer(cast: Cast) -> None:
    for name in ("author", "peer", "reviewer", "staff"):
        assert answered(cast, asked(cast, name), name).author_id == cast.viewer(name).id
    before = every_row()
    with pytest.raises(Unauthenticated):
        asked(cast, "anonymous")
    with pytest.raises(Unauthenticated):
        create_solution(ANONYMOUS, challenge_id=Challenge.objects.earliest("pk").pk, body="x")
    assert every_row() == before


def test_all_mistakes_of_a_challenge_are_told_at_once(cast: Cast) -> None:
    hidden = create_entry(cast.viewer("peer"), kind="CONCEPT", title="Hidden", body="Draft.")
    before = every_row()
    with pytest.raises(Rejected) as error:
        asked(cast, title=" ", body="b" * 100_001, difficulty="EASY", tags=["\x00"], entry_ids=[hidden.pk])
    assert mistakes(error) == [
        ("title", MistakeCode.REQUIRED),
        ("body", MistakeCode.TOO_LONG),
        ("difficulty", MistakeCode.INVALID),
        ("tags.0", MistakeCode.INVALID),
        ("entry_ids.0", MistakeCode.NOT_FOUND),
    ]
    assert every_row() == before


def test_the_same_key_makes_one_challenge_and_one_solution(cast: Cast) -> None:
    challenge = asked(cast, idempotency_key="k")
    solution = answered(cast, challenge, idempotency_key="k")
    before = every_row()
    assert asked(cast, idempotency_key="k") == challenge
    assert answered(cast, challenge, idempotency_key="k") == solution
    with pytest.raises(Rejected) as error:
        asked(cast, body="Other", idempotency_key="k")
    assert mistakes(error) == [("idempotency_key", MistakeCode.CONFLICT)]
    with pytest.raises(Rejected) as error:
        answered(cast, challenge, body="Other", idempotency_key="k")
    assert mistakes(error) == [("idempotency_key", MistakeCode.CONFLICT)]
    assert every_row() == before


def test_a_solution_is_public_at_once(cast: Cast) -> None:
    challenge = asked(cast)
    solution = answered(cast, challenge, body="*Cache*.")
    solution.refresh_from_db()
    assert (solution.challenge, solution.author, solution.is_accepted) == (challenge, cast.peer, False)
    assert (solution.body, solution.body_html, solution.created_at) == ("*Cache*.", "<p><em>Cache</em>.</p>\n", NOW)
    event = OutboxEvent.objects.latest("pk")
    assert (event.type, event.subject_id, event.payload) == (
        "solution.created",
        solution.pk,
        {"challenge": challenge.pk},
    )


def test_solutions_that_are_refused(cast: Cast) -> None:
    challenge = asked(cast)
    closed = asked(cast)
    Challenge.objects.filter(pk=closed.pk).update(status=ChallengeStatus.CLOSED)
    before = every_row()
    for arguments, told in (
        ({"body": ""}, ("body", MistakeCode.REQUIRED)),
        ({"challenge_id": 0}, ("challenge_id", MistakeCode.NOT_FOUND)),
        ({"challenge_id": closed.pk}, ("challenge_id", MistakeCode.INVALID_STATE)),
    ):
        with pytest.raises(Rejected) as error:
            answered(cast, challenge, **arguments)
        assert mistakes(error) == [told]
    assert every_row() == before


@pytest.mark.parametrize(
    ("name", "error"),
    [("author", None), ("peer", Forbidden), ("reviewer", None), ("staff", None), ("anonymous", Unauthenticated)],
)
def test_who_may_accept(cast: Cast, name: str, error: type[Exception] | None) -> None:
    challenge = asked(cast)
    solution = answered(cast, challenge)
    before = every_row()
    if error is not None:
        with pytest.raises(error):
            accept_solution(cast.viewer(name), solution_id=solution.pk)
        assert every_row() == before
        return
    accept_solution(cast.viewer(name), solution_id=solution.pk, now=LATER)
    solution.refresh_from_db()
    challenge.refresh_from_db()
    assert (solution.is_accepted, challenge.status, challenge.solved_at, challenge.updated_at) == (
        True,
        "SOLVED",
        LATER,
        LATER,
    )
    assert events()[-1] == "challenge.solved"


def test_accepting_another_leaves_one_accepted(cast: Cast) -> None:
    challenge = asked(cast)
    first, second = answered(cast, challenge), answered(cast, challenge, "reviewer")
    accept_solution(cast.viewer("author"), solution_id=first.pk, now=NOW)
    accepted = accept_solution(cast.viewer("author"), solution_id=second.pk, now=LATER)
    assert accepted == second
    assert list(Solution.objects.filter(is_accepted=True)) == [second]
    challenge.refresh_from_db()
    assert (challenge.status, challenge.solved_at) == ("SOLVED", NOW)
    assert events()[-2:] == ["challenge.solved", "challenge.updated"]


def test_accepting_again_changes_nothing(cast: Cast) -> None:
    solution = answered(cast, asked(cast))
    accept_solution(cast.viewer("author"), solution_id=solution.pk)
    before = every_row()
    assert accept_solution(cast.viewer("author"), solution_id=solution.pk) == solution
    assert every_row() == before


def test_what_cannot_be_accepted(cast: Cast) -> None:
    challenge = asked(cast)
    solution = answered(cast, challenge)
    Challenge.objects.filter(pk=challenge.pk).update(status=ChallengeStatus.CLOSED)
    before = every_row()
    for pk, code in ((solution.pk, MistakeCode.INVALID_STATE), (0, MistakeCode.NOT_FOUND)):
        with pytest.raises(Rejected) as error:
            accept_solution(cast.viewer("author"), solution_id=pk)
        assert mistakes(error) == [("id", code)]
    assert every_row() == before
