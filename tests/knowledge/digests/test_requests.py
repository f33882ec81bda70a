"""Asking for a digest: who may, what is stored, what is refused."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from knowledge.digests import request_digest
from knowledge.errors import Rejected, Unauthenticated
from knowledge.models import Digest, IdempotencyKey, OutboxEvent, TagAlias
from knowledge.policy import ANONYMOUS, VISIBLE
from tests.cast import Cast, viewer_of
from tests.knowledge.digests.rows import END, START, day, tag

pytestmark = pytest.mark.django_db


def mistakes(refused: pytest.ExceptionInfo[Rejected]) -> list[tuple[str, tuple[str, ...]]]:
    return [(mistake.code, mistake.path) for mistake in refused.value.mistakes]


def nothing_is_stored() -> bool:
    return not any(model.objects.exists() for model in (Digest, OutboxEvent, IdempotencyKey))


@pytest.mark.parametrize("name", ["author", "peer", "reviewer", "staff"])
def test_who_is_signed_in_gets_a_queued_digest_and_its_event(cast: Cast, name: str) -> None:
    made = request_digest(cast.viewer(name), window_start=START, window_end=END, now=day(10))

    stored = Digest.objects.get()
    assert stored == made
    assert (stored.status, stored.cadence, stored.audience, stored.progress) == ("QUEUED", "ON_DEMAND", "EVERYONE", 0)
    assert (stored.window_start, stored.window_end, stored.title) == (START, END, "Digest, 2 to 8 March 2026")
    assert (stored.requested_by, stored.created_at, stored.queued_at) == (getattr(cast, name), day(10), day(10))
    event = OutboxEvent.objects.get()
    assert (event.type, event.subject_type, event.subject_id) == ("digest.requested", "Digest", stored.pk)
    assert (event.created_at, event.published_at) == (day(10), None)


def test_who_is_not_signed_in_gets_none(cast: Cast) -> None:
    with pytest.raises(Unauthenticated):
        request_digest(ANONYMOUS, window_start=START, window_end=END)
    assert nothing_is_stored()


def test_it_is_seen_by_who_asked_and_by_staff(cast: Cast) -> None:
    request_digest(viewer_of(cast.author), window_start=START, window_end=END)

    seen = {
        name: Digest.objects.filter(VISIBLE[Digest](cast.viewer(name))).count()
        for name in ("author", "peer", "reviewer", "staff", "anonymous")
    }
    assert seen == {"author": 1, "peer": 0, "reviewer": 0, "staff": 1, "anonymous": 0}


def test_tags_are_found_by_slug_name_and_alias(cast: Cast) -> None:
    node, postgres = tag("Node.js"), tag("PostgreSQL")
    tag("Unasked")
    TagAlias.objects.create(tag=postgres, slug="postgres", name="Postgres")

    made = request_digest(
        viewer_of(cast.author),
        window_start=START,
        window_end=END,
        tags=["node-js", "Node.js", "postgres"],
        title="  Databases  and   more ",
    )

    assert set(made.tags.all()) == {node, postgres}
    assert made.title == "Databases and more"


BAD: list[tuple[dict[str, Any], list[tuple[str, tuple[str, ...]]]]] = [
    ({"window_end": START}, [("INVALID", ("window_end",))]),
    ({"window_end": START - timedelta(1)}, [("INVALID", ("window_end",))]),
    ({"window_end": START + timedelta(days=366, microseconds=1)}, [("INVALID", ("window_end",))]),
    ({"tags": ["python", "nope", "", "nul\x00"]}, [("NOT_FOUND", ("tags", str(index))) for index in (1, 2, 3)]),
    ({"tags": ["python"] * 51}, [("TOO_MANY", ("tags",))]),
    ({"title": " "}, [("REQUIRED", ("title",))]),
    ({"title": "x" * 201}, [("TOO_LONG", ("title",))]),
    ({"title": "a\x00b"}, [("INVALID", ("title",))]),
    ({"idempotency_key": " "}, [("REQUIRED", ("idempotency_key",))]),
    ({"idempotency_key": "x" * 201}, [("TOO_LONG", ("idempotency_key",))]),
    (
        {"title": "", "tags": ["nope"], "window_end": START},
        [("INVALID", ("window_end",)), ("REQUIRED", ("title",)), ("NOT_FOUND", ("tags", "0"))],
    ),
]


@pytest.mark.parametrize(("given", "told"), BAD)
def test_bad_input_is_told_all_at_once_and_nothing_is_stored(
    cast: Cast, given: dict[str, Any], told: list[tuple[str, tuple[str, ...]]]
) -> None:
    tag("Python")
    with pytest.raises(Rejected) as refused:
        request_digest(viewer_of(cast.author), **{"window_start": START, "window_end": END, **given})
    assert mistakes(refused) == told
    assert nothing_is_stored()


def test_a_window_that_is_not_over_is_refused(cast: Cast) -> None:
    viewer = cast.viewer("author")
    for end in (END + timedelta(microseconds=1), END + timedelta(days=30)):
        with pytest.raises(Rejected) as refused:
            request_digest(viewer, window_start=START, window_end=end, now=END - timedelta(minutes=5))
        assert mistakes(refused) == [("INVALID", ("window_end",))]
    assert nothing_is_stored()
    assert request_digest(viewer, window_start=START, window_end=END, now=END - timedelta(minutes=5)).pk


def test_the_longest_window_and_the_shortest(cast: Cast) -> None:
    for start in (END - timedelta(days=366), END - timedelta(microseconds=1)):
        assert request_digest(viewer_of(cast.author), window_start=start, window_end=END).window_start == start


def test_the_same_key_with_the_same_input_answers_the_first_digest(cast: Cast) -> None:
    tag("Python")
    given: dict[str, Any] = {"window_start": START, "window_end": END, "tags": ["python"], "idempotency_key": "again"}
    first = request_digest(viewer_of(cast.author), **given)

    assert request_digest(viewer_of(cast.author), **given).pk == first.pk
    assert (Digest.objects.count(), OutboxEvent.objects.count()) == (1, 1)
    moved = {"window_start": START.astimezone(timezone(timedelta(hours=2)))}
    assert request_digest(viewer_of(cast.author), **{**given, **moved}).pk == first.pk
    assert request_digest(viewer_of(cast.peer), **given).pk != first.pk


@pytest.mark.parametrize("other", [{"title": "Other"}, {"tags": []}, {"window_end": END - timedelta(1)}])
def test_the_same_key_with_another_input_is_a_conflict(cast: Cast, other: dict[str, Any]) -> None:
    tag("Python")
    given: dict[str, Any] = {"window_start": START, "window_end": END, "tags": ["python"], "idempotency_key": "again"}
    request_digest(viewer_of(cast.author), **given)

    with pytest.raises(Rejected) as refused:
        request_digest(viewer_of(cast.author), **{**given, **other})
    assert mistakes(refused) == [("CONFLICT", ("idempotency_key",))]
    assert (Digest.objects.count(), OutboxEvent.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("start", "end", "title"),
    [
        (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC), "Digest, 2 March 2026"),
        (datetime(2026, 3, 30, tzinfo=UTC), datetime(2026, 4, 6, tzinfo=UTC), "Digest, 30 March to 5 April 2026"),
        (
            datetime(2025, 12, 29, tzinfo=UTC),
            datetime(2026, 1, 5, tzinfo=UTC),
            "Digest, 29 December 2025 to 4 January 2026",
        ),
        (
            datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
            datetime(2026, 3, 2, 17, tzinfo=UTC),
            "Digest, 2 March 2026, 09:30 to 2 March 2026, 17:00 UTC",
        ),
    ],
)
def test_without_a_title_it_is_named_after_its_window(cast: Cast, start: datetime, end: datetime, title: str) -> None:
    assert request_digest(viewer_of(cast.author), window_start=start, window_end=end).title == title
