"""The needs of every type, gathered from the schema and checked when it is built.

A type without a scope, or a planned type with a field that declares no need, stops the import. So does a connection
that offers an order or a filter that its listing does not have, or is null for some and declared as never null.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from graphene.utils.str_converters import to_camel_case
from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema

from schema.planner.needs import Embedded, Links, Need, OneOf, Search, TypeNeeds
from schema.planner.offers import unmet
from schema.planner.viewers import Scope

Guard = Callable[[Any], Any]


class UndeclaredError(TypeError):
    """A field or a type does not say what it needs, or offers what it does not say."""


@dataclass(frozen=True)
class Catalogue:
    """What is known of the schema's data: types by name, and the needs of the roots' fields.

    `roots` are those of queries, `watched` those of subscriptions. `guards` are the rules of those roots of queries
    that not everybody may ask for. `scopes` are those of rows that only link to others.
    """

    types: Mapping[str, TypeNeeds]
    roots: Mapping[str, Need]
    watched: Mapping[str, Need]
    guards: Mapping[str, Guard]
    scopes: Mapping[type[Model], Scope]

    @classmethod
    def of(cls, schema: GraphQLSchema, scopes: Mapping[type[Model], Scope]) -> "Catalogue":
        """Reads the needs from the graphene types behind `schema`."""
        types = {
            name: _type_needs(name, graphql_type)
            for name, graphql_type in schema.type_map.items()
            if isinstance(graphql_type, GraphQLObjectType) and hasattr(_graphene(graphql_type), "scope")
        }
        catalogue = cls(
            types=types,
            roots=_roots(schema.query_type),
            watched=_needs(schema.subscription_type) if schema.subscription_type else {},
            guards=_guards(schema.query_type),
            scopes=scopes,
        )
        catalogue._check_targets()
        catalogue._check_offers(schema)
        return catalogue

    def _check_targets(self) -> None:
        for place, need in self._all_needs():
            if isinstance(need, Embedded):
                continue
            for target in self._targets(need):
                if target not in self.types:
                    raise UndeclaredError(f"{place} needs {target}, which declares no scope")

    def _check_offers(self, schema: GraphQLSchema) -> None:
        for place, need in self._all_needs():
            for lacking in unmet(_definition(schema, place), need):
                raise UndeclaredError(f"{place} {lacking}")

    def _all_needs(self) -> list[tuple[str, Need]]:
        fields = [(f"{t.name}.{name}", need) for t in self.types.values() for name, need in t.fields.items()]
        fields += [(f"Query.{name}", need) for name, need in self.roots.items()]
        return fields + [(f"Subscription.{name}", need) for name, need in self.watched.items()]

    def _targets(self, need: Need) -> tuple[str, ...]:
        """The names of the types that a field's rows are of."""
        if isinstance(need, Search):
            return (*(searched.type for searched in need.searched), *need.named)
        rows = getattr(need, "type", need)
        if isinstance(rows, Links):
            if rows.model not in self.scopes:
                raise UndeclaredError(f"{rows.model.__name__} has no scope: say in the policy who may see its rows")
            rows = rows.to
        return (
            tuple(rows.columns) if isinstance(rows, OneOf) else tuple(name for name in (rows,) if isinstance(name, str))
        )


def _definition(schema: GraphQLSchema, place: str) -> GraphQLField:
    parent, _, name = place.partition(".")
    roots = {"Query": schema.query_type, "Subscription": schema.subscription_type}
    graphql_type = roots.get(parent) or schema.type_map[parent]
    assert isinstance(graphql_type, GraphQLObjectType)  # noqa: S101 - for the type checker: needs are objects' alone
    definition: GraphQLField = graphql_type.fields[name]
    return definition


def _graphene(graphql_type: GraphQLObjectType) -> Any:
    return getattr(graphql_type, "graphene_type", None)


def _needs(graphql_type: GraphQLObjectType) -> dict[str, Need]:
    declared = {}
    for name in graphql_type.fields:
        need = field_need(graphql_type, name)
        if need is None:
            raise UndeclaredError(f"{graphql_type.name}.{name} does not say what it needs")
        if _declared(graphql_type, name, "may") is not None:
            raise UndeclaredError(f"{graphql_type.name}.{name} says who may; only roots of queries can")
        declared[name] = need
    return declared


def field_need(graphql_type: GraphQLObjectType, name: str) -> Need | None:
    """The need that stands beside a field, by the field's GraphQL name."""
    need: Need | None = _declared(graphql_type, name, "need")
    return need


def _declared(graphql_type: GraphQLObjectType, name: str, what: str) -> Any:
    """What stands beside a field in the graphene type, by the field's GraphQL name."""
    for attribute, graphene_field in _graphene(graphql_type)._meta.fields.items():
        if name in {graphene_field.name, to_camel_case(attribute)}:
            return getattr(graphene_field, what, None)
    return None


def _type_needs(name: str, graphql_type: GraphQLObjectType) -> TypeNeeds:
    graphene_type = _graphene(graphql_type)
    return TypeNeeds(name, graphene_type._meta.model, graphene_type.scope, _needs(graphql_type))


def _roots(query: GraphQLObjectType | None) -> dict[str, Need]:
    if query is None:
        raise UndeclaredError("The schema has no queries")
    return {name: need for name in query.fields if (need := field_need(query, name)) is not None}


def _guards(query: GraphQLObjectType | None) -> dict[str, Guard]:
    if query is None:
        return {}
    return {name: may for name in query.fields if (may := _declared(query, name, "may")) is not None}
