"""What an operation may cost, counted before it runs: the product of the page sizes down each path, summed."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from math import ceil
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from schema.documents import Document
from schema.errors import CodedError, ErrorCode
from schema.planner.connections import DEFAULT_SIZE, LARGEST_SIZE

MOST_NODES = 10_000
# Types that only hold others together, and what the server process knows: their objects are no rows.
NO_ROWS = ("Edge", "PageInfo", "Payload", "RateLimit", "ErrorCodeInfo")
NODES_A_POINT = 100
MUTATION_POINTS = 10


def check_cost(
    schema: GraphQLSchema, document: Document, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> int:
    """The most rows that the operation could answer with; raises COST_EXCEEDED above MOST_NODES."""
    nodes = NodeCount(schema, document, variables).of(operation)
    if nodes > MOST_NODES:
        raise CodedError(
            ErrorCode.COST_EXCEEDED, f"The operation could answer with {nodes} objects; {MOST_NODES} is the most."
        )
    return nodes


def points(nodes: int, mutations: int) -> int:
    """The price of an operation that could answer with so many rows, and makes so many changes."""
    return max(1, ceil(nodes / NODES_A_POINT)) + MUTATION_POINTS * mutations


class NodeCount:
    """Counts the rows that an operation could answer with. Fragments are counted once for each type they stand on."""

    def __init__(self, schema: GraphQLSchema, document: Document, variables: Mapping[str, Any]) -> None:
        self.schema = schema
        self.document = document
        self.variables = variables
        self.fragments: dict[tuple[str, str], int] = {}

    def of(self, operation: OperationDefinitionNode) -> int:
        """The number of rows of the whole operation."""
        root = self.schema.get_root_type(operation.operation)
        return self._selection(operation.selection_set, root) if root else 0

    def _selection(self, selection: SelectionSetNode | None, parent: GraphQLCompositeType | None) -> int:
        total = 0
        spread: set[str] = set()
        for node in selection.selections if selection else ():
            if isinstance(node, FieldNode):
                total += self._field(node, parent)
            elif isinstance(node, InlineFragmentNode):
                total += self._selection(node.selection_set, self._on(node.type_condition, parent))
            elif isinstance(node, FragmentSpreadNode):
                spread.add(node.name.value)
        return total + sum(self._fragment(name) for name in spread)

    def _fragment(self, name: str) -> int:
        fragment = self.document.store.fragments[name]
        key = (name, fragment.type_condition.name.value)
        if key not in self.fragments:
            self.fragments[key] = self._selection(fragment.selection_set, self._on(fragment.type_condition, None))
        return self.fragments[key]

    def _on(self, condition: Any, parent: GraphQLCompositeType | None) -> GraphQLCompositeType | None:
        named = self.schema.type_map.get(condition.name.value) if condition else parent
        composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
        return named if isinstance(named, composite) else None

    def _field(self, node: FieldNode, parent: GraphQLCompositeType | None) -> int:
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) or node.name.value.startswith("__"):
            return 0
        definition = parent.fields[node.name.value]
        named = get_named_type(definition.type)
        if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            return 0
        inner = self._selection(node.selection_set, named)
        if named.name.endswith("Connection"):
            sizes = [size for name in ("first", "last") if (size := self._value(node, name)) is not None]
            return max(0, min(*sizes, LARGEST_SIZE) if sizes else DEFAULT_SIZE) * inner
        if "first" in definition.args:
            size = self._value(node, "first")
            usual: int = definition.args["first"].default_value
            return max(0, min(usual if size is None else size, LARGEST_SIZE)) * (1 + inner)
        if "ids" in definition.args:
            ids = self._value(node, "ids")
            # A single value stands for a list of one.
            return (len(ids) if isinstance(ids, Sized) else 1) * (1 + inner)
        return inner if named.name.endswith(NO_ROWS) else 1 + inner

    def _value(self, node: FieldNode, name: str) -> Any:
        """The value of an argument; None where it is not given. A number, a variable, or a list written out."""
        for argument in node.arguments:
            if argument.name.value == name:
                match argument.value:
                    case VariableNode():
                        return self.variables.get(argument.value.name.value)
                    case IntValueNode():
                        return int(argument.value.value)
                    case ListValueNode():
                        return argument.value.values
        return None
