"""docs/planner.md plans models of which the planner knows nothing, in the lines that it shows."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import graphene
import orjson
import pytest
from django.contrib.auth import models as auth
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Q, TextField
from django.test.utils import CaptureQueriesContext
from graphql import GraphQLSchema, OperationDefinitionNode, parse, validate
from graphql.execution.collect_fields import collect_fields

from schema.planner.declare import Planned, ScopedType, connection_type
from schema.planner.declare import connection as page_field
from schema.planner.needs import Connection, Listing, One, Order, Value
from schema.planner.planner import Planner, PlanStore
from schema.planner.viewers import Policy

PAGE = Path(__file__).resolve().parents[2] / "docs/planner.md"
FENCED = re.compile(r"```python\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Viewer:
    """Whoever has an id, a role and a session will do."""

    id: Any = None
    role: str | None = None
    session_id: int | None = None


KNOWN = {
    "Connection": Connection,
    "ContentType": ContentType,
    "Listing": Listing,
    "One": One,
    "Order": Order,
    "Planned": Planned,
    "Planner": Planner,
    "Policy": Policy,
    "Q": Q,
    "ScopedType": ScopedType,
    "TextField": TextField,
    "Value": Value,
    "Viewer": Viewer,
    "auth": auth,
    "connection": page_field,
    "connection_type": connection_type,
    "graphene": graphene,
}


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    """What the page's lines define."""
    (code,) = [code for code in FENCED.findall(PAGE.read_text("utf-8")) if "class Kind" in code]
    defined: dict[str, Any] = {**KNOWN, "__name__": __name__}
    exec(compile(code, str(PAGE), "exec"), defined)  # noqa: S102 - our own page
    return defined


def asked(shown: dict[str, Any], viewer: Viewer, query: str) -> Any:
    schema: GraphQLSchema = shown["schema"]
    planner: Planner = shown["planner"]
    document = parse(query)
    assert validate(schema, document) == []
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert schema.query_type is not None
    groups = collect_fields(schema, {}, {}, schema.query_type, operation.selection_set)
    with CaptureQueriesContext(connection) as captured:
        answer = planner.roots(PlanStore({}), ("",), groups, {}, viewer, None)
    assert len(captured) == 1
    return orjson.loads(answer)


@pytest.mark.django_db
def test_it_is_planned(shown: dict[str, Any]) -> None:
    codes = list(auth.Permission.objects.order_by("codename", "pk").values_list("codename", flat=True))
    query = "{ permissions(first: 2) { totalCount nodes { code } pageInfo { hasNextPage endCursor } } }"
    page = asked(shown, Viewer(1, "ANYBODY"), query)["permissions"]
    assert [node["code"] for node in page["nodes"]] == codes[:2]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (len(codes), True)
    more = f'{{ permissions(first: 2, after: "{page["pageInfo"]["endCursor"]}") {{ nodes {{ code }} }} }}'
    following = asked(shown, Viewer(1, "ANYBODY"), more)["permissions"]["nodes"]
    assert [node["code"] for node in following] == codes[2:4]


@pytest.mark.django_db
def test_it_nests_and_scopes_hold(shown: dict[str, Any]) -> None:
    query = "{ permissions(first: 100) { nodes { code kind { name permissions(first: 1) { nodes { code } } } } } }"
    nodes = asked(shown, Viewer(1, "ANYBODY"), query)["permissions"]["nodes"]
    ours = {node["code"]: node["kind"] for node in nodes}
    assert ours["add_entry"] == {"name": "entry", "permissions": {"nodes": [{"code": "add_entry"}]}}
    assert ours["add_group"] is None
    assert asked(shown, Viewer(), "{ permissions { totalCount nodes { code } } }") == {
        "permissions": {"totalCount": 0, "nodes": []}
    }
