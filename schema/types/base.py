"""How a type declares its fields, and what every planned type has."""

from collections.abc import Callable, Mapping
from typing import Any

import graphene
from django.db.models import Model
from graphene_django import DjangoObjectType
from graphql import GraphQLResolveInfo

from knowledge.policy import VISIBLE, Viewer
from schema.planner.compile import TYPE_KEY
from schema.planner.needs import Need


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
        may: Callable[[Viewer], Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(type_, description=description, resolver=resolve_fetched, **{"required": True, **options})
        self.need = need
        self.may = may


class PlannedType(DjangoObjectType):
    """A type whose rows are of a model. It takes the model's scope from the policy, and cannot be without one."""

    scope: Any

    class Meta:
        abstract = True

    @classmethod
    def __init_subclass_with_meta__(cls, model: type[Model] | None = None, scope: Any = None, **options: Any) -> None:
        """Binds the type to `model`; `scope` overrides the policy's, and a model without either is an error."""
        if model is None or (scope is None and model not in VISIBLE):
            raise TypeError(f"{cls.__name__} has no scope: say in knowledge.policy who may see its rows")
        cls.scope = staticmethod(scope or VISIBLE[model])
        super().__init_subclass_with_meta__(model=model, fields=(), skip_registry=True, **options)

    @classmethod
    def is_type_of(cls, root: Any, info: GraphQLResolveInfo) -> bool:
        """Whether a fetched object is one of this type."""
        return isinstance(root, Mapping) and root.get(TYPE_KEY, cls._meta.name) == cls._meta.name
