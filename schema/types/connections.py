"""Connections: pages of rows with cursors."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import graphene

from schema.planner.needs import Connection
from schema.types.base import Planned, resolve_fetched

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def _answered(type_: Any, description: str) -> graphene.Field:
    return graphene.Field(type_, required=True, description=description, resolver=resolve_fetched)


class PageInfo(graphene.ObjectType):
    """What lies before and after a page."""

    has_next_page = _answered(graphene.Boolean, "Whether more rows follow the page.")
    has_previous_page = _answered(graphene.Boolean, "Whether rows lie before the page.")
    start_cursor = graphene.String(
        description="The first row's cursor; null on an empty page.", resolver=resolve_fetched
    )
    end_cursor = graphene.String(description="The last row's cursor; null on an empty page.", resolver=resolve_fetched)


def connection_type(
    name: str,
    node: Callable[[], Any],
    plural: str,
    *,
    of_edge: Mapping[str, Any] = NOTHING,
    total_count: str | None = None,
    **of_page: Any,
) -> Any:
    """The types NameConnection and NameEdge; `of_edge` and `of_page` are fields beyond those that all have."""
    counted = total_count or f"How many {plural} there are on all pages. Counted only when it is asked for."
    edge = type(
        f"{name}Edge",
        (graphene.ObjectType,),
        {
            "cursor": _answered(graphene.String, "Where this row is in this order; good for after and before."),
            "node": _answered(node, "The row."),
            **of_edge,
            "Meta": type("Meta", (), {"description": f"A row of a page of {plural}, with its cursor."}),
        },
    )
    listed: Any = graphene.NonNull(edge)
    return type(
        f"{name}Connection",
        (graphene.ObjectType,),
        {
            "edges": _answered(graphene.List(listed), "The page's rows, each with its cursor."),
            "nodes": _answered(graphene.List(graphene.NonNull(node)), "The page's rows."),
            "page_info": _answered(PageInfo, "What lies before and after."),
            "total_count": _answered(graphene.Int, counted),
            **of_page,
            "Meta": type("Meta", (), {"description": f"A page of {plural}."}),
        },
    )


def connection(
    type_: Any, need: Connection, description: str, *, where: Any = None, order_by: Any = None, **options: Any
) -> Planned:
    """A connection field with the arguments of a page, and those of its filter and order where it has them."""
    arguments = page_arguments()
    if where is not None:
        arguments["where"] = graphene.Argument(where, description="Which rows.")
    if order_by is not None:
        listed = graphene.List(graphene.NonNull(order_by))
        arguments["order_by"] = graphene.Argument(listed, description="In which order; the first item counts most.")
    return Planned(type_, need, description, args=arguments, **options)


def page_arguments() -> dict[str, Any]:
    """The arguments that say which page."""
    return {
        "first": graphene.Int(description="How many rows, from the start or from `after`: 1 to 100; 20 by default."),
        "after": graphene.String(description="A cursor: the page begins behind it."),
        "last": graphene.Int(description="How many rows, from the end or from `before`: 1 to 100. Not with `first`."),
        "before": graphene.String(description="A cursor: the page ends before it."),
    }
