"""graphql-core executes a query over the reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import graphene
import orjson
from django.conf import settings
from graphql import (
    DocumentNode,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    execute_sync,
    get_named_type,
    is_introspection_type,
)

from schema.execution import Running
from schema.mutations.root import RootMutation
from schema.planner.needs import (
    ByIds,
    Connection,
    Embedded,
    Key,
    Known,
    Many,
    Need,
    One,
    OneOf,
    Ranked,
    Search,
    Value,
)
from schema.presentation import presented
from schema.query import Query
from schema.schema import planner
from schema.subscription import Subscription
from tests.reference.checking import Checks
from tests.reference.pages import Edge, Listed, Page
from tests.reference.reading import Reader, Row
from tests.reference.searching import Sought

# A number with six digits, which JSON has no type for.
SixDigits = GraphQLScalarType("SixDigits", serialize=lambda value: value)
# As introspection calls it.
SixDigits.name = "Float"


def unresolved() -> GraphQLSchema:
    """The schema without any resolver of its own."""
    built: GraphQLSchema = graphene.Schema(query=Query, mutation=RootMutation, subscription=Subscription).graphql_schema
    for named in built.type_map.values():
        if isinstance(named, GraphQLObjectType) and not is_introspection_type(named):
            named.is_type_of = None
            for field in named.fields.values():
                field.resolve = None
        elif hasattr(named, "resolve_type"):
            named.resolve_type = None
    edge = built.type_map["SearchEdge"]
    assert isinstance(edge, GraphQLObjectType)
    edge.fields["rank"].type = GraphQLNonNull(SixDigits)
    return built


SCHEMA: GraphQLSchema = unresolved()


def mistakes(running: Running, reader: Reader) -> list[Any]:
    """What is refused before anything is read."""
    fragments = dict(running.document.store.fragments)
    checks = Checks(SCHEMA, reader, fragments, running.variables)
    checks.roots(running.operation.selected(running.shape, running.variables).groups)
    return checks.found


def executed(
    running: Running, given: Mapping[str, Any], reader: Reader, *, only: Callable[[str], bool] | None = None
) -> tuple[bytes, list[dict[str, Any]]]:
    """The answer's data as JSON, and its errors as they are presented; of `only` some of the roots, by their names."""
    operation = running.operation.node
    if only is not None:
        groups = running.operation.selected(running.shape, running.variables).groups
        nodes = tuple(node for group in groups.values() for node in group if only(node.name.value))
        operation = OperationDefinitionNode(
            operation=operation.operation,
            name=operation.name,
            variable_definitions=operation.variable_definitions,
            directives=(),
            selection_set=SelectionSetNode(selections=nodes),
        )
    result = execute_sync(
        SCHEMA,
        DocumentNode(definitions=(operation, *running.document.store.fragments.values())),
        context_value=reader,
        variable_values=dict(given),
        field_resolver=resolve,
        type_resolver=lambda value, *_: value.type_name,
    )
    data = orjson.dumps(result.data, default=lambda rank: orjson.Fragment(f"{rank:.6f}".encode()))
    return data, [presented(error) for error in (result.errors or [])[: settings.LIMIT_ERRORS]]


def resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """What a field answers with."""
    reader: Reader = info.context
    name = info.field_name
    if source is None:
        planner.admit(name, reader.viewer)
        return needed(reader, None, planner.catalogue.roots[name], info, arguments)
    if isinstance(source, Row):
        need = planner.catalogue.types[source.type_name].fields[name]
        key = (source.type_name, source.row.pk, name, repr(arguments))
        if key not in reader.read:
            reader.read[key] = needed(reader, source, need, info, arguments)
        return reader.read[key]
    if isinstance(source, Page | Edge):
        value = getattr(source, _snake(name))
        return value() if callable(value) else value
    return source.get(name)


def needed(reader: Reader, of: Any, need: Need, info: GraphQLResolveInfo, arguments: dict[str, Any]) -> Any:
    """What a field needs."""
    if isinstance(need, ByIds):
        return _by_ids(reader, need, info, arguments[need.argument])
    return READ[type(need)](reader, of, need, arguments)


def _connection(reader: Reader, of: Row | None, need: Connection, arguments: dict[str, Any]) -> Page | None:
    if need.only_for and not need.only_for(reader.viewer):
        return None
    return Listed(reader, of, need, arguments).page()


def _by_ids(reader: Reader, need: ByIds, info: GraphQLResolveInfo, given: Any) -> Any:
    abstract: Any = get_named_type(info.return_type)
    among = {each.name for each in SCHEMA.get_possible_types(abstract)}
    return [reader.by_id(text, among) for text in given] if need.many else reader.by_id(given, among)


READ: dict[type, Callable[..., Any]] = {
    One: lambda reader, of, need, arguments: reader.one(of, need, arguments),
    Connection: _connection,
    Search: lambda reader, of, need, arguments: Sought(reader, need, arguments).page(),
    Known: lambda reader, of, need, arguments: need.of(reader.facts),
    Value: lambda reader, of, need, arguments: reader.value(of, need),
    Key: lambda reader, of, need, arguments: reader.key(of, need),
    Many: lambda reader, of, need, arguments: reader.many(of, need),
    Ranked: lambda reader, of, need, arguments: reader.ranked(of, need, arguments),
    OneOf: lambda reader, of, need, arguments: reader.one_of(of.row, need),
    Embedded: lambda reader, of, need, arguments: reader.embedded(of, need),
}


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda match: f"_{match[0].lower()}", name)
