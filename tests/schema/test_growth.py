"""No path of the schema to depth four takes more statements, however many rows its lists have, for any role.

Here every list has twenty rows; the same documents take as many statements where there are one to ten (test_leaks).
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.apps import apps
from django.db import transaction
from pytest_django import DjangoDbBlocker

from knowledge.models import DigestDelivery, DigestSubscription, User
from tests.cast import make_cast
from tests.client import Client
from tests.schema.growing import COMMON, MOST, RARE, client_of_everybody, grow
from tests.schema.rows import id_of
from tests.schema.walk import DEPTH, OF_MEMBER, ROWLESS, STAFFS, Walk, lists, statements, walks

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.walks, pytest.mark.usefixtures("any_size")]
ROWS = 20
# What one of a role is shown fewer of, however many there are.
SHORT = {
    "anonymous": {"Entry.revisions"},
    "author": {"Viewer.reviewQueue"},
    "reviewer": set(),
    "staff": set(),
}
# Rows of several types, by their level.
FEW = {"search": {1: 3}, "viewer": {2: 2}}
# Whose a row is that is shown to no one else.
OWNERS: dict[Any, str] = {DigestDelivery: "recipient", DigestSubscription: "user"}
# A slug or a name leads to the same plan as an id.
WALKS = [walk for walk in walks() if walk.root not in ROWLESS and walk.by != "slug"]


@pytest.fixture(scope="module")
def _world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Made once for all tests here, which read alone."""
    with django_db_blocker.unblock(), transaction.atomic():
        grow(make_cast(), ROWS)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def api(_world: None) -> Client:
    """A client that is signed in by sessions that everybody has."""
    return client_of_everybody()


def value_of(walk: Walk, user: User | None, rows: int) -> Any:
    """What the walk begins with: the row of the type that comes first, or so many; one's own, where it has an owner."""
    if walk.by == "query":
        return COMMON if rows == ROWS else RARE
    model: Any = apps.get_model("knowledge", str(walk.of))
    own = {OWNERS[model]: user} if user and model in OWNERS else {}
    found = list(model.objects.filter(**own).order_by("-joined_at" if model is User else "-pk")[:rows])
    return {"ids": [id_of(row) for row in found], "id": id_of(found[0]), "username": "staff"}[str(walk.by)]


def variables(walk: Walk, user: User | None) -> Iterator[dict[str, Any]]:
    """Short pages at every level but one, at which they are long: at each level in turn."""
    # What is found, and what a bookmark leads to, is of several types.
    short = {**dict.fromkeys(range(1, DEPTH + 1), 1), **FEW.get(walk.root, {})}
    for long in range(1, DEPTH + 1):
        if f"$size{long}:" in walk.document or (long == 1 and walk.by == "ids"):
            given = {f"size{level}": ROWS if level == long else few for level, few in short.items()}
            yield {**given, "it": value_of(walk, user, given["size1"])} if walk.by else given


def lengths(of: str, answer: dict[str, Any], path: str = "") -> Iterator[tuple[str, str, int]]:
    """For each list in an answer: its path, the field that it is, how many rows it has."""
    for key, value in answer.items():
        name = key.removeprefix(f"{of}{OF_MEMBER}")
        inside = value["nodes"] if isinstance(value, dict) and "nodes" in value else value
        if isinstance(inside, list) and name != "aliases":
            yield f"{path}{key}", f"{of}.{name}", len(inside)
        for each in inside if isinstance(inside, list) else [inside]:
            if isinstance(each, dict) and "__typename" in each:
                yield from lengths(each["__typename"], each, f"{path}{key}.")


@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_long_lists_take_no_more_statements(walk: Walk, api: Client) -> None:
    for name, short in SHORT.items():
        user = User.objects.filter(username=name).first()
        longest: Counter[tuple[str, str]] = Counter()
        for given in variables(walk, user):
            answer = api.post(orjson.dumps({"query": walk.document, "variables": given}), as_=user)
            assert answer.statements == statements(walk, name)
            if walk.root in STAFFS and name != "staff":
                continue
            for path, field, length in lengths("Query", answer.data):
                longest[path, field] = max(longest[path, field], length)
        told = {place: length for place, length in longest.items() if place[1] not in {*short, "Query.nodes"}}
        other = {place: length for place, length in told.items() if length != MOST.get(place[1], ROWS)}
        assert other == {}, name
        # Staff come to every list that there is.
        assert name != "staff" or {path for path, _ in longest} == lists(walk)
