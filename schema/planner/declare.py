"""How a schema declares what it needs: types with a model and a scope, fields with a need, pages of rows, unions.

For graphene's schemas. What is declared here has no resolver of its own: the planner's answers are the response, and
where graphql-core goes on from one of them, it takes what stands under the field's response key.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import graphene
from django.db.models import Model
from graphene_django import DjangoObjectType
from graphql import GraphQLResolveInfo

from schema.planner.compile import TYPE_KEY
from schema.planner.needs import Connection, Key, Need

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})

# ── fields and types ────────────────────────────────────────────────────────────────────────────────────────────────


class Fetched(dict[str, Any]):
    """An object that the planner fetched, by response key: what a mutation's payload answers with."""


def resolve_fetched(root: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """What the planner put under the field's response key; its arguments were heeded there."""
    value = root[info.path.key]
    return _as_fetched(value)


def _as_fetched(value: Any) -> Any:
    if isinstance(value, dict):
        return Fetched(value)
    if isinstance(value, list):
        return [_as_fetched(item) for item in value]
    return value


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
        super().__init__(type_, description=description, resolver=resolve_fetched, **{"required": True, **options})
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

    @classmethod
    def is_type_of(cls, root: Any, info: GraphQLResolveInfo) -> bool:
        """Whether a fetched object is one of this type."""
        return isinstance(root, Mapping) and root.get(TYPE_KEY, cls._meta.name) == cls._meta.name


class Node(graphene.Interface):
    """An object with an id that names it for good."""

    id = graphene.ID(
        required=True, description="Opaque; names its type, and is refused where another type is expected."
    )

    @classmethod
    def resolve_type(cls, instance: Any, info: GraphQLResolveInfo) -> str:
        """The type that the planner says."""
        name: str = instance[TYPE_KEY]
        return name


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

    @classmethod
    def resolve_type(cls, instance: Any, info: GraphQLResolveInfo) -> str:
        """The type that the planner says."""
        name: str = instance[TYPE_KEY]
        return name


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


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
