"""What is not planned falls back to graphql-core: introspection and the roots of mutations, and nothing else."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from graphql import FieldNode, GraphQLObjectType, OperationDefinitionNode, get_named_type, is_composite_type, parse

from knowledge.models import Role
from knowledge.policy import ANONYMOUS, Viewer
from schema.planner.compile import ASKED, VIEWER_ID, Compiler
from schema.planner.needs import Embedded, Known
from schema.schema import planner, schema

CORE = schema.graphql_schema
OBJECTS = {
    name: named
    for name, named in CORE.type_map.items()
    if isinstance(named, GraphQLObjectType) and not name.startswith("__")
}
PLANNED = sorted(planner.catalogue.types)


def reached_from(root: GraphQLObjectType | None, through: set[str]) -> set[str]:
    """The object types that fields lead to from a root, going on from those in `through` alone."""
    assert root is not None
    found: set[str] = set()
    waiting = [root]
    while waiting:
        for field in waiting.pop().fields.values():
            named: Any = get_named_type(field.type)
            if not is_composite_type(named):
                continue
            for each in [named] if isinstance(named, GraphQLObjectType) else CORE.get_possible_types(named):
                if each.name not in found:
                    found.add(each.name)
                    waiting += [each] if each.name in through else []
    return found


def structures() -> set[str]:
    """The types that only hold together what a planned field answers with."""
    needs = [*planner.catalogue.roots.values()]
    needs += [need for declared in planner.catalogue.types.values() for need in declared.fields.values()]
    embedded = {need.type for need in needs if isinstance(need, Embedded)}
    assert CORE.query_type is not None
    known = {
        get_named_type(CORE.query_type.fields[name].type).name
        for name, need in planner.catalogue.roots.items()
        if isinstance(need, Known)
    }
    pages = {name for name in OBJECTS if name.endswith(("Connection", "Edge"))} | {"PageInfo"}
    return embedded | known | pages


def test_every_root_of_a_query_is_planned_but_introspection() -> None:
    assert CORE.query_type is not None
    roots = [*CORE.query_type.fields, "__typename", "__schema", "__type"]
    assert [name for name in roots if not planner.plans_root(name)] == ["__schema", "__type"]


def test_every_root_of_a_subscription_is_planned() -> None:
    assert CORE.subscription_type is not None
    assert set(CORE.subscription_type.fields) == set(planner.catalogue.watched)


def test_whatever_a_query_leads_to_is_planned() -> None:
    everything = set(OBJECTS)
    assert reached_from(CORE.query_type, everything) - set(PLANNED) - structures() == set()


def test_of_a_mutation_graphql_core_completes_what_stands_around_rows() -> None:
    around = set(OBJECTS) - set(PLANNED) - structures() - {"Query", "Mutation", "Subscription"}
    reached = reached_from(CORE.mutation_type, around)
    assert around <= reached
    payloads = {name for name in around if name.endswith("Payload")}
    tokens = {"ObtainJSONWebToken", "Refresh", "Revoke", "Verify"}
    assert around - payloads - tokens == {"ImportItem", "ImportReport", "ImportWarning", "UserError"}
    # What they lead to beyond that is rows, which are planned.
    assert reached - around <= set(PLANNED)


def asked_of(of: GraphQLObjectType) -> str:
    """Every field of a type; of rows that it leads to only what they are."""
    parts = ["__typename"]
    for name, field in of.fields.items():
        named = get_named_type(field.type)
        if not is_composite_type(named):
            parts.append(name)
        elif isinstance(named, GraphQLObjectType) and named.name not in planner.catalogue.types:
            parts.append(f"{name} {{ {asked_of(named)} }}")
        else:
            parts.append(f"{name} {{ __typename }}")
    return " ".join(parts)


@pytest.mark.django_db
@pytest.mark.parametrize("viewer", [ANONYMOUS, Viewer(id=1, role=Role.STAFF)], ids=["anonymous", "staff"])
@pytest.mark.parametrize("type_name", PLANNED)
def test_every_field_of_every_type_is_planned(type_name: str, viewer: Viewer) -> None:
    of = OBJECTS[type_name]
    (operation,) = parse(f"{{ row {{ {asked_of(of)} }} }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    (row,) = operation.selection_set.selections
    assert isinstance(row, FieldNode)
    reader = planner.policy.stand_in(viewer, VIEWER_ID if viewer.signed_in else None)
    plan = Compiler(CORE, planner.catalogue, {}, {}, reader).rows_asked(of, [row])
    assert orjson.loads(plan.answer(plan.values({}, viewer, ((type_name, 1),)))) == {ASKED: [None]}
