"""Whether a field offers nothing that its need has no answer to: orders, filters, and null."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLEnumType, GraphQLField, GraphQLInputObjectType, get_named_type, is_non_null_type

from schema.planner.filters import JOINING
from schema.planner.needs import Connection, Listing, Need, Search


def unmet(definition: GraphQLField, need: Need) -> Iterator[str]:
    """What is offered and not there, as the end of a sentence about the field."""
    offered = {argument.out_name or name: get_named_type(argument.type) for name, argument in definition.args.items()}
    if isinstance(need, Connection):
        if need.only_for and is_non_null_type(definition.type):
            yield "is null for some, so it must be nullable"
        orders = [*_orders(offered.get("order_by")), *(name for name, _ in need.default or need.listing.default)]
        for name in orders:
            if name not in need.listing.orders:
                yield f"is ordered by {name}, which its listing does not have"
    for listing in _listings(need):
        for name in _filters(offered.get("where"), listing):
            if name not in listing.filters:
                yield f"is filtered by {name}, which its listing does not have"


def _listings(need: Need) -> tuple[Listing, ...]:
    if isinstance(need, Search):
        return tuple(searched.listing for searched in need.searched)
    return (need.listing,) if isinstance(need, Connection) else ()


def _orders(order: Any) -> Iterator[str]:
    """The names of the orders that an input of orders has."""
    if isinstance(order, GraphQLInputObjectType):
        by = get_named_type(order.fields["field"].type)
        if isinstance(by, GraphQLEnumType):
            yield from (getattr(choice.value, "value", choice.value) for choice in by.values.values())


def _filters(where: Any, listing: Listing) -> Iterator[str]:
    """The paths of the filters that an input of filters has: an object is one of its own, or has one for each part."""
    for name, field in _fields(where):
        parts = list(_fields(get_named_type(field.type)))
        if name in JOINING:
            continue
        if parts and name not in listing.filters:
            yield from (f"{name}.{part}" for part, _ in parts)
        else:
            yield name


def _fields(input_type: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(input_type, GraphQLInputObjectType):
        yield from ((field.out_name or name, field) for name, field in input_type.fields.items())
