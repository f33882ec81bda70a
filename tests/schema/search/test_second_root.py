"""A schema may have other searches than `search`, with types of their own names."""

from typing import Any

import graphene
import orjson
import pytest
from graphql import OperationDefinitionNode, parse, validate
from graphql.execution.collect_fields import collect_fields

from knowledge.policy import VISIBLE, Viewer
from schema.planner.declare import Planned, connection_type, page_arguments
from schema.planner.planner import Planner, PlanStore
from schema.planner.viewers import Policy
from schema.types.search import SEARCH, SearchHit
from tests.schema.rows import entry

Finding: Any = connection_type("Finding", lambda: SearchHit, "findings")


class Query(graphene.ObjectType):  # type: ignore[misc]  # graphene is not typed
    find = Planned(
        Finding, SEARCH, "Finds.", args={"query": graphene.String(required=True), **page_arguments()}, required=True
    )


@pytest.mark.django_db
def test_types_are_called_as_the_field_s() -> None:
    entry("Docker")
    schema = graphene.Schema(query=Query).graphql_schema
    planner = Planner.of(schema, Policy(VISIBLE, lambda viewer, viewer_id: Viewer(viewer_id, viewer.role)))
    document = parse('{ find(query: "docker") { __typename edges { __typename node { __typename } } } }')
    assert validate(schema, document) == []
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert schema.query_type is not None
    groups = collect_fields(schema, {}, {}, schema.query_type, operation.selection_set)
    answer = planner.roots(PlanStore({}), ("",), groups, {}, Viewer(), None)
    assert orjson.loads(answer)["find"] == {
        "__typename": "FindingConnection",
        "edges": [{"__typename": "FindingEdge", "node": {"__typename": "Entry"}}],
    }
