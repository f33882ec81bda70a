"""Relay's object identification."""

from typing import Any

import graphene
from graphql import GraphQLResolveInfo

from schema.planner.compile import TYPE_KEY
from schema.planner.needs import Key
from schema.types.base import Planned


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
