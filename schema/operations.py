"""An operation, and what is known of it before a request brings its values: kept with its document.

What is selected depends on the values' shape, and is worked out once for each.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    StringValueNode,
    Visitor,
    visit,
)
from graphql.execution.collect_fields import collect_fields

from schema.cost import Price, Pricing, filtering_points
from schema.errors import CodedError, ErrorCode
from schema.schema import planner, schema
from schema.variables import Variables

CORE: Final = schema.graphql_schema
# About how many bytes it takes to remember what is selected: by itself, and for each field and each variable.
SELECTED_ITSELF: Final = 700
SELECTED_FIELD: Final = 160
SELECTED_VARIABLE: Final = 16


@dataclass(slots=True)
class Room:
    """How many bytes are `left` to what a document's operations remember together."""

    left: int

    def holds(self, weight: int) -> bool:
        """Takes so many bytes, where they are left."""
        if weight > self.left:
            return False
        self.left -= weight
        return True


@dataclass(frozen=True, slots=True)
class Selected:
    """The fields at an operation's root by response key, fragments and conditions resolved.

    `planned` are those that the planner reads, `names` what they all are called in the schema. `guarded`: not everybody
    may ask for all of them. `conditions` is how many the filters have, `filtering` what these cost in points.
    """

    groups: Mapping[str, list[FieldNode]]
    planned: Mapping[str, list[FieldNode]]
    names: tuple[str, ...]
    guarded: bool
    conditions: int
    filtering: int


class Operation:
    """An operation of a valid document, whose operations share the `room` for what they remember."""

    def __init__(
        self, node: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode], room: Room
    ) -> None:
        self.node = node
        self.name = node.name.value if node.name else ""
        self.kind = node.operation
        self.variables = Variables(CORE, node.variable_definitions)
        self._fragments = dict(fragments)
        self._room = room
        self._selected: dict[Hashable, Selected] = {}

    @property
    def reads(self) -> bool:
        """Whether it is a query."""
        return self.kind is OperationType.QUERY

    @property
    def changes(self) -> bool:
        """Whether it is a mutation."""
        return self.kind is OperationType.MUTATION

    @property
    def watches(self) -> bool:
        """Whether it is a subscription."""
        return self.kind is OperationType.SUBSCRIPTION

    @cached_property
    def root(self) -> GraphQLObjectType:
        """The type of its root. Raises GRAPHQL_VALIDATION_FAILED where the schema has none for it."""
        root: GraphQLObjectType | None = CORE.get_root_type(self.kind)
        if root is None:
            raise CodedError(ErrorCode.GRAPHQL_VALIDATION_FAILED, f"There are no {self.kind.value}s here.")
        return root

    @cached_property
    def price(self) -> Price:
        """What it costs."""
        return Pricing(planner, self._fragments).of(self.node)

    @cached_property
    def characters(self) -> int:
        """How many characters the texts have that stand in it and in its fragments."""
        texts = _Texts(self._fragments)
        visit(self.node, texts)
        return texts.characters

    def selected(self, shape: Hashable, variables: Mapping[str, Any]) -> Selected:
        """What is asked at its root, with variables of this shape; worked out each time where there is no more room."""
        selected = self._selected.get(shape)
        if selected is None:
            selected = self._select(variables)
            fields = sum(map(len, selected.groups.values()))
            if self._room.holds(SELECTED_ITSELF + SELECTED_FIELD * fields + SELECTED_VARIABLE * len(variables)):
                self._selected[shape] = selected
        return selected

    def _select(self, variables: Mapping[str, Any]) -> Selected:
        groups = collect_fields(CORE, self._fragments, dict(variables), self.root, self.node.selection_set)
        names = {key: nodes[0].name.value for key, nodes in groups.items()}
        conditions = self.price.conditions(variables)
        return Selected(
            groups=groups,
            planned={key: nodes for key, nodes in groups.items() if planner.plans_root(names[key])},
            names=tuple(names.values()),
            guarded=any(map(planner.guards_root, names.values())),
            conditions=conditions,
            filtering=filtering_points(conditions),
        )


class _Texts(Visitor):
    """How many `characters` the texts have in what is visited, and in the fragments spread there, each once."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        super().__init__()
        self.characters = 0
        self._waiting = dict(fragments)

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        """A text."""
        self.characters += len(node.value)

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        """A fragment."""
        fragment = self._waiting.pop(node.name.value, None)
        if fragment:
            visit(fragment, self)
