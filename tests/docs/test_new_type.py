"""docs/planner.md plans models of which the planner knows nothing, by the program that it shows."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.contrib.auth import models as auth
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphql import GraphQLSchema, OperationDefinitionNode, parse, validate
from graphql.execution.collect_fields import collect_fields

from schema.planner.planner import Planner, PlanStore

PAGE = Path(__file__).resolve().parents[2] / "docs/planner.md"
FENCED = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    """What the program's parts define, run one after the other with nothing but what they import."""
    parts = FENCED.findall(PAGE.read_text("utf-8").partition("a whole program")[2])
    defined: dict[str, Any] = {"__name__": __name__}
    exec(compile("\n".join(parts), str(PAGE), "exec"), defined)  # noqa: S102 - our own page
    return defined


def test_the_type_is_declared_in_ten_lines() -> None:
    declaration = re.search(r"class Permission\(.*?(?=\n\n\n)", PAGE.read_text("utf-8"), re.DOTALL)
    assert declaration
    assert len(declaration[0].splitlines()) <= 10


def asked(shown: dict[str, Any], viewer: tuple[Any, ...], query: str) -> Any:
    schema: GraphQLSchema = shown["schema"]
    planner: Planner = shown["planner"]
    document = parse(query)
    assert validate(schema, document) == []
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert schema.query_type is not None
    groups = collect_fields(schema, {}, {}, schema.query_type, operation.selection_set)
    with CaptureQueriesContext(connection) as captured:
        answer = planner.roots(PlanStore({}), ("",), groups, {}, shown["Viewer"](*viewer), None)
    assert len(captured) == 1
    return orjson.loads(answer)


@pytest.mark.django_db
def test_it_is_planned(shown: dict[str, Any]) -> None:
    codes = list(auth.Permission.objects.order_by("codename", "pk").values_list("codename", flat=True))
    query = "{ permissions(first: 2) { totalCount nodes { code } pageInfo { hasNextPage endCursor } } }"
    page = asked(shown, (1, "ANYBODY"), query)["permissions"]
    assert [node["code"] for node in page["nodes"]] == codes[:2]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (len(codes), True)
    more = f'{{ permissions(first: 2, after: "{page["pageInfo"]["endCursor"]}") {{ nodes {{ code }} }} }}'
    following = asked(shown, (1, "ANYBODY"), more)["permissions"]["nodes"]
    assert [node["code"] for node in following] == codes[2:4]


@pytest.mark.django_db
def test_it_nests_and_scopes_hold(shown: dict[str, Any]) -> None:
    query = "{ permissions(first: 100) { nodes { code kind { name permissions(first: 1) { nodes { code } } } } } }"
    nodes = asked(shown, (1, "ANYBODY"), query)["permissions"]["nodes"]
    ours = {node["code"]: node["kind"] for node in nodes}
    assert ours["add_entry"] == {"name": "entry", "permissions": {"nodes": [{"code": "add_entry"}]}}
    assert ours["add_group"] is None
    assert asked(shown, (), "{ permissions { totalCount nodes { code } } }") == {
        "permissions": {"totalCount": 0, "nodes": []}
    }
