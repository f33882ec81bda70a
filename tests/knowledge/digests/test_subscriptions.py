"""Subscribing to periodic digests: one a person and cadence, turned on and off."""

from typing import Any

import pytest

from knowledge.digests import subscribe, unsubscribe
from knowledge.errors import Rejected, Unauthenticated
from knowledge.models import DigestCadence, DigestSubscription, OutboxEvent, TagAlias
from knowledge.policy import ANONYMOUS, VISIBLE, Viewer
from tests.cast import Cast, viewer_of
from tests.knowledge.digests.rows import day, tag
from tests.together import at_once

pytestmark = pytest.mark.django_db
DAILY, WEEKLY, MONTHLY, ON_DEMAND = DigestCadence


def mistakes(refused: pytest.ExceptionInfo[Rejected]) -> list[tuple[str, tuple[str, ...]]]:
    return [(mistake.code, mistake.path) for mistake in refused.value.mistakes]


def paused(viewer: Viewer) -> DigestSubscription:
    """One that was sent, and then paused."""
    made = subscribe(viewer, cadence=DAILY, tags=["python"], now=day(1))
    state = {"active": False, "paused_reason": "Mail came back.", "last_sent_at": day(2)}
    DigestSubscription.objects.filter(pk=made.pk).update(**state)
    return made


@pytest.mark.parametrize("cadence", [DAILY, WEEKLY, MONTHLY])
@pytest.mark.parametrize("name", ["author", "peer", "reviewer", "staff"])
def test_who_is_signed_in_may_subscribe(cast: Cast, name: str, cadence: DigestCadence) -> None:
    tag("Python")
    made = subscribe(cast.viewer(name), cadence=cadence, now=day(1))

    stored = DigestSubscription.objects.get()
    assert stored == made
    assert (stored.user, stored.cadence, stored.active) == (getattr(cast, name), cadence, True)
    assert (stored.paused_reason, stored.created_at, stored.last_sent_at) == ("", day(1), None)
    assert list(stored.tags.all()) == []
    assert not OutboxEvent.objects.exists()


def test_who_is_not_signed_in_may_not(cast: Cast) -> None:
    made = subscribe(viewer_of(cast.author), cadence=DAILY)
    with pytest.raises(Unauthenticated):
        subscribe(ANONYMOUS, cadence=DAILY)
    with pytest.raises(Unauthenticated):
        unsubscribe(ANONYMOUS, subscription_id=made.pk)
    assert DigestSubscription.objects.get().active


def test_tags_are_found_by_slug_name_and_alias(cast: Cast) -> None:
    node, postgres, python = tag("Node.js"), tag("PostgreSQL"), tag("Python")
    tag("Unasked")
    TagAlias.objects.create(tag=postgres, slug="postgres", name="Postgres")
    made = subscribe(viewer_of(cast.author), cadence=DAILY, tags=["node-js", "Node.js", "postgres", "PYTHON"])
    assert set(made.tags.all()) == {node, postgres, python}


BAD: list[tuple[dict[str, Any], list[tuple[str, tuple[str, ...]]]]] = [
    ({"cadence": ON_DEMAND}, [("INVALID", ("cadence",))]),
    ({"tags": ["python", "nope", ""]}, [("NOT_FOUND", ("tags", "1")), ("NOT_FOUND", ("tags", "2"))]),
    ({"tags": ["python"] * 51}, [("TOO_MANY", ("tags",))]),
    ({"cadence": ON_DEMAND, "tags": ["nope"]}, [("INVALID", ("cadence",)), ("NOT_FOUND", ("tags", "0"))]),
]


@pytest.mark.parametrize(("given", "told"), BAD)
def test_bad_input_is_told_all_at_once_and_changes_nothing(
    cast: Cast, given: dict[str, Any], told: list[tuple[str, tuple[str, ...]]]
) -> None:
    python = tag("Python")
    paused(viewer_of(cast.author))
    before = DigestSubscription.objects.values().get()
    with pytest.raises(Rejected) as refused:
        subscribe(viewer_of(cast.author), **{"cadence": DAILY, **given})
    assert mistakes(refused) == told
    assert DigestSubscription.objects.values().get() == before
    assert list(DigestSubscription.objects.get().tags.all()) == [python]


def test_fifty_tags_are_not_too_many(cast: Cast) -> None:
    tags = [tag(f"Tag {number}") for number in range(50)]
    made = subscribe(viewer_of(cast.author), cadence=DAILY, tags=[each.slug for each in tags])
    assert set(made.tags.all()) == set(tags)


@pytest.mark.parametrize(("names", "left"), [(["rust"], {"Rust"}), ([], set())])
def test_again_changes_the_tags_and_ends_a_pause(cast: Cast, names: list[str], left: set[str]) -> None:
    tag("Python"), tag("Rust")
    first = paused(viewer_of(cast.author))
    others = subscribe(viewer_of(cast.peer), cadence=DAILY, tags=["python"])

    again = subscribe(viewer_of(cast.author), cadence=DAILY, tags=names, now=day(9))

    assert (again.pk, again.active, again.paused_reason) == (first.pk, True, "")
    stored = DigestSubscription.objects.get(pk=first.pk)
    assert (stored.active, stored.paused_reason) == (True, "")
    assert (stored.created_at, stored.last_sent_at) == (day(1), day(2))
    assert {each.name for each in stored.tags.all()} == left
    assert [each.name for each in others.tags.all()] == ["Python"]
    assert subscribe(viewer_of(cast.author), cadence=WEEKLY).pk != first.pk


def test_unsubscribing_leaves_the_tags_and_twice_is_fine(cast: Cast) -> None:
    tag("Python")
    made = subscribe(viewer_of(cast.author), cadence=DAILY, tags=["python"], now=day(1))
    kept = subscribe(viewer_of(cast.author), cadence=WEEKLY)
    for _ in range(2):
        ended = unsubscribe(viewer_of(cast.author), subscription_id=made.pk)
        assert (ended.pk, ended.active) == (made.pk, False)
        stored = DigestSubscription.objects.get(pk=made.pk)
        assert (stored.active, [each.name for each in stored.tags.all()]) == (False, ["Python"])
    assert DigestSubscription.objects.get(pk=kept.pk).active


def test_a_paused_one_that_is_ended_is_no_longer_paused(cast: Cast) -> None:
    tag("Python")
    made = paused(viewer_of(cast.author))
    unsubscribe(viewer_of(cast.author), subscription_id=made.pk)
    stored = DigestSubscription.objects.get()
    assert (stored.active, stored.paused_reason, stored.last_sent_at) == (False, "", day(2))


@pytest.mark.parametrize("name", ["peer", "reviewer", "staff"])
def test_somebody_elses_is_not_there(cast: Cast, name: str) -> None:
    made = subscribe(viewer_of(cast.author), cadence=DAILY)
    with pytest.raises(Rejected) as refused:
        unsubscribe(cast.viewer(name), subscription_id=made.pk)
    assert mistakes(refused) == [("NOT_FOUND", ("id",))]
    assert DigestSubscription.objects.get().active
    assert not DigestSubscription.objects.filter(VISIBLE[DigestSubscription](cast.viewer(name))).exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one(cast: Cast) -> None:
    tag("Python"), tag("Rust")
    viewer = viewer_of(cast.author)
    calls = [lambda name=name: subscribe(viewer, cadence=DAILY, tags=[name]) for name in ("python", "rust")]

    answers = at_once(calls)

    made = DigestSubscription.objects.get()
    assert answers == [made, made]
    assert [each.name for each in made.tags.all()] in (["Python"], ["Rust"])
