"""Every value of the enums that rows hold is answered as it is kept, and finds its rows where it can be asked for."""

from typing import Any

import pytest
from django.db.models import TextChoices

from knowledge.models import (
    DeliveryStatus,
    DigestSectionKind,
    DigestStatus,
    EntryKind,
    RevisionState,
    TagCategory,
)
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import at, challenge, delivery, digest, entry, id_of, revision, section, tag


def page(api: Client, asked: str, user: Any = None, **variables: Any) -> list[Any]:
    """The nodes of the only root."""
    (connection,) = api.run(asked, variables, as_=user).data.values()
    return list(connection["nodes"])


@pytest.mark.django_db
@pytest.mark.parametrize("kind", EntryKind)
def test_kinds_of_entries(api: Client, kind: str) -> None:
    for each in EntryKind:
        entry(f"Of {each}", kind=each)
    asked = "query($kind: EntryKind!) { entries(where: {kind: [$kind]}) { nodes { title kind } } }"
    assert page(api, asked, kind=kind) == [{"title": f"Of {kind}", "kind": kind}]


@pytest.mark.django_db
@pytest.mark.parametrize("category", TagCategory)
def test_categories_of_tags(api: Client, category: str) -> None:
    for each in TagCategory:
        tag(f"Of {each}", category=each)
    asked = "query($it: TagCategory!) { tags(where: {category: [$it]}) { nodes { name category } } }"
    assert page(api, asked, it=category) == [{"name": f"Of {category}", "category": category}]


def test_states_of_revisions(cast: Cast, api: Client) -> None:
    # Of each author one at most is open.
    authors = {RevisionState.DRAFT: cast.author, RevisionState.PENDING: cast.peer}
    held = entry("Held", author=cast.author)
    for number, state in enumerate(RevisionState, 2):
        if state != RevisionState.APPROVED:
            author = authors.get(state, cast.reviewer)
            revision(held, number, state, author=author, created_at=at(number))
    asked = "query($id: ID!) { entry(id: $id) { revisions { nodes { number state } } } }"

    def seen(user: Any) -> list[str]:
        nodes = api.run(asked, {"id": id_of(held)}, as_=user).data["entry"]["revisions"]["nodes"]
        return sorted(node["state"] for node in nodes)

    assert seen(cast.reviewer) == ["APPROVED", "CHANGES_REQUESTED", "DISCARDED", "PENDING", "SUPERSEDED"]
    assert seen(cast.author) == ["APPROVED", "DRAFT", "SUPERSEDED"]
    assert seen(None) == ["APPROVED"]


def test_kinds_of_a_digests_sections(cast: Cast, api: Client) -> None:
    made = digest("All", status=DigestStatus.READY)
    for place, kind in enumerate(DigestSectionKind):
        section(made, kind, {"headline": kind}, position=place)
    asked = "query($id: ID!) { digest(id: $id) { sections { kind items { headline } } } }"
    sections = api.run(asked, {"id": id_of(made)}, as_=cast.peer).data["digest"]["sections"]
    assert sections == [{"kind": kind, "items": [{"headline": kind}]} for kind in DigestSectionKind]


def test_statuses_of_deliveries(cast: Cast, api: Client) -> None:
    statuses: type[TextChoices] = DeliveryStatus
    for days, status in enumerate(statuses):
        made = digest(status, status=DigestStatus.READY, window_start=at(-days))
        told = {"reason": "Why."} if status in {DeliveryStatus.SKIPPED, DeliveryStatus.FAILED} else {}
        sent = {"sent_at": at(8)} if status == DeliveryStatus.SENT else {}
        delivery(made, cast.peer, status=status, created_at=at(days), **told, **sent)
    asked = "{ viewer { deliveries { nodes { status digest { title } } } } }"
    nodes = api.run(asked, as_=cast.peer).data["viewer"]["deliveries"]["nodes"]
    assert nodes == [{"status": status, "digest": {"title": status}} for status in reversed([*statuses])]


@pytest.mark.django_db
def test_challenges_by_relevance(api: Client) -> None:
    challenge("Why is it slow", body="redis", created_at=at(3))
    challenge("Redis or not", body="redis", created_at=at(1))
    challenge("Else", body="nothing of the kind", created_at=at(2))
    asked = """{ challenges(where: {text: "redis"}, orderBy: {field: RELEVANCE, direction: DESC}) {
      nodes { title }
    } }"""
    assert page(api, asked) == [{"title": "Redis or not"}, {"title": "Why is it slow"}]
