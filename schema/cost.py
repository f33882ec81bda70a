"""What an operation may cost, counted before it runs: the product of the page sizes down each path, summed.

An operation is priced once, as a sum that only lacks the sizes that variables say; each request fills those in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
)

from schema.errors import CodedError, ErrorCode
from schema.planner.filters import count_conditions
from schema.planner.needs import Embedded, Many, Need, Search
from schema.planner.planner import Planner
from schema.planner.search_sql import MOST_HITS
from schema.planner.values import holds_variables, reader
from schema.settings import settings

COMPOSITE: Final = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
# Types that only hold others together, and what the server process knows: their objects are no rows.
NO_ROWS: Final = ("Edge", "PageInfo", "Payload", "RateLimit", "ErrorCodeInfo")
NODES_A_POINT: Final = 100
MUTATION_POINTS: Final = 10
# A text, or tags, take PostgreSQL two to six milliseconds each to look for among ten thousand rows.
CONDITIONS_FREE: Final = 10

Variables = Mapping[str, Any]
PageSize = Callable[[Variables], int]


def points(nodes: int, mutations: int) -> int:
    """The price of an operation that could answer with so many rows, and makes so many changes."""
    return max(1, ceil(nodes / NODES_A_POINT)) + MUTATION_POINTS * mutations


def filtering_points(conditions: int) -> int:
    """What filters of so many conditions together add to the price of an operation: a point each, but for the first."""
    return max(0, conditions - CONDITIONS_FREE)


@dataclass(frozen=True, slots=True)
class Price:
    """An operation's price: how many rows it could answer with, and how many relations a plan has to join.

    `filters` is how many conditions its filters have: a number that only the variables' shape has a say in.
    """

    rows: Rows
    relations: int
    filters: Rows

    def conditions(self, variables: Variables) -> int:
        """How many conditions the filters have, with variables of this shape."""
        return self.filters.number(variables, {})

    def checked(self, variables: Variables) -> int:
        """The most rows, with these variables; a search counts for all that it ranks. Raises COST_EXCEEDED."""
        nodes = self.rows.number(variables, {})
        if nodes > settings.LIMIT_NODES:
            raise CodedError(
                ErrorCode.COST_EXCEEDED,
                f"The operation could answer with {nodes} objects; {settings.LIMIT_NODES} is the most.",
            )
        if self.relations > settings.LIMIT_RELATIONS:
            raise CodedError(
                ErrorCode.COST_EXCEEDED,
                f"The operation follows {self.relations} relations; {settings.LIMIT_RELATIONS} is the most.",
            )
        return nodes


@dataclass(slots=True)
class Rows:
    """A number of rows: `fixed`, and for each of the `pages` its size times what is on it."""

    fixed: int = 0
    pages: list[tuple[PageSize, Rows]] = field(default_factory=list)

    def add(self, rows: Rows, times: int | PageSize = 1) -> None:
        """Adds rows, so many times."""
        if isinstance(times, int) and not rows.pages:
            self.fixed += times * rows.fixed
        elif isinstance(times, int):
            self.pages.append((lambda _: times, rows))
        else:
            self.pages.append((times, rows))

    def number(self, variables: Variables, known: dict[int, int]) -> int:
        """The number, with these variables. What stands at several places, as a fragment's, is computed once."""
        if not self.pages:
            return self.fixed
        if id(self) not in known:
            known[id(self)] = self.fixed + sum(
                size(variables) * rows.number(variables, known) for size, rows in self.pages
            )
        return known[id(self)]


@dataclass(slots=True)
class Part:
    """What a part of an operation adds to its price."""

    rows: Rows = field(default_factory=Rows)
    relations: int = 0
    filters: Rows = field(default_factory=Rows)

    def add(self, part: Part, times: int | PageSize = 1) -> None:
        """Adds another part, whose rows are there so many times."""
        self.rows.add(part.rows, times)
        self.relations += part.relations
        self.filters.add(part.filters)


class Pricing:
    """Prices operations of a document. Fragments are priced once, wherever they stand."""

    def __init__(self, planner: Planner, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._planner = planner
        self._fragments = fragments
        self._priced: dict[str, Part] = {}

    def of(self, operation: OperationDefinitionNode) -> Price:
        """The operation's price."""
        part = self._selection(operation.selection_set, self._planner.schema.get_root_type(operation.operation))
        return Price(part.rows, part.relations, part.filters)

    def _selection(self, selection: SelectionSetNode | None, parent: GraphQLCompositeType | None) -> Part:
        total = Part()
        spread: set[str] = set()
        for node in selection.selections if selection else ():
            if isinstance(node, FieldNode):
                total.add(self._field(node, parent))
            elif isinstance(node, InlineFragmentNode):
                total.add(self._selection(node.selection_set, self._on(node.type_condition, parent)))
            elif isinstance(node, FragmentSpreadNode):
                spread.add(node.name.value)
        for name in spread:
            total.add(self._fragment(name))
        return total

    def _fragment(self, name: str) -> Part:
        if name not in self._priced:
            fragment = self._fragments[name]
            self._priced[name] = self._selection(fragment.selection_set, self._on(fragment.type_condition, None))
        return self._priced[name]

    def _on(self, condition: Any, parent: GraphQLCompositeType | None) -> GraphQLCompositeType | None:
        named = self._planner.schema.type_map.get(condition.name.value) if condition else parent
        return named if isinstance(named, COMPOSITE) else None

    def _field(self, node: FieldNode, parent: GraphQLCompositeType | None) -> Part:
        part = Part()
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) or node.name.value.startswith("__"):
            return part
        definition = parent.fields[node.name.value]
        named = get_named_type(definition.type)
        if not isinstance(named, COMPOSITE):
            return part
        inner = self._selection(node.selection_set, named)
        need = self._planner.need(parent.name, node.name.value)
        part.relations = int(need is not None)
        if not named.name.endswith(("Connection", *NO_ROWS)):
            inner.rows.add(Rows(1))
        part.add(inner, page_size(node, definition, need, paged=named.name.endswith("Connection")))
        if isinstance(need, Search):
            part.rows.add(Rows(MOST_HITS))
        part.filters.add(Rows(1), conditions_at(node, definition))
        return part


def page_size(node: FieldNode, definition: GraphQLField, need: Need | None, *, paged: bool) -> int | PageSize:
    """How many times there can be at a field what is asked for there; where variables say it, what tells by them."""
    if paged:
        sizes = [given for name in ("first", "last") if (given := _given(node, name)) is not None]
        return _late(lambda variables: _smallest(sizes, variables, settings.PAGE_SIZE), sizes)
    if "first" in definition.args:
        usual: int = definition.args["first"].default_value
        first = [given] if (given := _given(node, "first")) is not None else []
        return _late(lambda variables: _smallest(first, variables, usual), first)
    if "ids" in definition.args:
        ids = _given(node, "ids")
        return _late(lambda variables: _length(ids, variables), [ids])
    return need.at_most if isinstance(need, Many | Embedded) else 1


def conditions_at(node: FieldNode, definition: GraphQLField) -> int | PageSize:
    """How many conditions the filter at a field has; where variables have a say in it, what tells by them."""
    given = next((argument.value for argument in node.arguments if argument.name.value == "where"), None)
    if given is None:
        return 0
    read = reader(given, definition.args["where"].type)
    return _late(lambda variables: count_conditions(read(dict(variables))), [given])


def _given(node: FieldNode, name: str) -> Any:
    """An argument: a number, how long a list is that is written out, a variable; None where it is not given or null."""
    for argument in node.arguments:
        if argument.name.value == name:
            match argument.value:
                case VariableNode():
                    return argument.value
                case IntValueNode():
                    return int(argument.value.value)
                case ListValueNode():
                    return argument.value.values
    return None


def _late(size: PageSize, given: list[Any]) -> int | PageSize:
    """The size itself, where no variable has a say in it."""
    return size if any(isinstance(each, ValueNode) and holds_variables(each) for each in given) else size({})


def _value(given: Any, variables: Variables) -> Any:
    return variables.get(given.name.value) if isinstance(given, VariableNode) else given


def _smallest(given: list[Any], variables: Variables, otherwise: int) -> int:
    sizes: list[int] = [size for each in given if (size := _value(each, variables)) is not None]
    most: int = settings.PAGE_SIZE_MOST
    return max(0, min([*(sizes or [otherwise]), most]))


def _length(given: Any, variables: Variables) -> int:
    ids = _value(given, variables)
    # A single value stands for a list of one.
    return len(ids) if isinstance(ids, Sized) and not isinstance(ids, str) else 1
