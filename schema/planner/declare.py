"""How a schema declares what it needs: types with a model and a scope, fields with a need, pages of rows, unions.

For graphene's schemas. What is declared here has no resolvers: the planner's answers are the response.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import graphene
from django.db.models import Model
from graphene_django import DjangoObjectType

from schema.planner.needs import Connection, Key, Need

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})

# ── fields and types ────────────────────────────────────────────────────────────────────────────────────────────────


class Planned(graphene.Field):
    """A field whose `need` the planner compiles.

    At the root of a query `may` tells who may ask: it is called with the viewer before anything is read, and raises
    what others are refused with. Below the root the scopes of rows do that.
    """

    def __init__(
        self,
        type_: Any,
        need: Need | None,
        description: str,
        *,
        may: Callable[[Any], Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(type_, description=description, **{"required": True, **options})
        self.need = need
        self.may = may


class ScopedType(DjangoObjectType):
    """A type whose rows are of a model; who may see them, its `Meta` says. It cannot be without either."""

    scope: Any

    class Meta:
        abstract = True

    @classmethod
    def __init_subclass_with_meta__(cls, model: type[Model] | None = None, scope: Any = None, **options: Any) -> None:
        """Binds the type to `model`, seen within `scope`."""
        if model is None or scope is None:
            raise TypeError(f"{cls.__name__} has no scope: say in the policy who may see its rows")
        cls.scope = staticmethod(scope)
        super().__init_subclass_with_meta__(model=model, fields=(), skip_registry=True, **options)


class Node(graphene.Interface):
    """An object with an id that names it for good."""

    id = graphene.ID(
        required=True, description="Opaque; names its type, and is refused where another type is expected."
    )


def identity(type_name: str) -> Planned:
    """The field `id` of a type."""
    return Planned(
        graphene.ID,
        Key(type_name),
        "Opaque; names its type, and is refused where another type is expected.",
    )


class PlannedUnion(graphene.Union):
    """A union whose objects the planner fetched."""

    class Meta:
        abstract = True


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _answered(type_: Any, description: str) -> graphene.Field:
    return graphene.Field(type_, required=True, description=description)


class PageInfo(graphene.ObjectType):
    """What lies before and after a page."""

    has_next_page = _answered(graphene.Boolean, "Whether more rows follow the page.")
    has_previous_page = _answered(graphene.Boolean, "Whether rows lie before the page.")
    start_cursor = graphene.String(description="The first row's cursor; null on an empty page.")
    end_cursor = graphene.String(description="The last row's cursor; null on an empty page.")


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
