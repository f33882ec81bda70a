"""What is refused before anything is read, whatever there is to read: each argument of each field that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_argument_values,
    get_named_type,
)
from graphql.execution.collect_fields import collect_sub_fields

from schema.planner.connections import page_size
from schema.planner.errors import InputError
from schema.planner.needs import ByIds, Connection, Need, One, Ranked, Search
from tests.reference.pages import JOINING, Listed, conditions
from tests.reference.reading import Arguments, Reader
from tests.reference.searching import Sought

MOST_IDS = 100
MOST_CONDITIONS = 100
DEEPEST_FILTER = 10


@dataclass
class Checks:
    """Gathers the mistakes in a selection."""

    schema: GraphQLSchema
    reader: Reader
    fragments: dict[str, FragmentDefinitionNode]
    variables: dict[str, Any]
    conditions: int = 0
    found: list[GraphQLError] = field(default_factory=list)

    def roots(self, groups: Mapping[str, list[FieldNode]]) -> None:
        """Of a query's roots."""
        root = self.schema.query_type
        assert root is not None
        for nodes in groups.values():
            need = self.reader.catalogue.roots.get(nodes[0].name.value)
            if need is not None:
                self._field(root.fields[nodes[0].name.value], need, nodes)

    def _field(self, definition: GraphQLField, need: Need, nodes: list[FieldNode]) -> None:
        if isinstance(need, Connection) and need.only_for and not need.only_for(self.reader.viewer):
            return
        try:
            arguments = get_argument_values(definition, nodes[0], self.variables)
        except GraphQLError as error:
            self.found.append(error)
            return
        for check in self._checks(need, arguments):
            try:
                check()
            except GraphQLError as error:
                self.found.append(error)
        self._below(get_named_type(definition.type), nodes)

    def _below(self, of: Any, nodes: list[FieldNode]) -> None:
        possible = [of] if isinstance(of, GraphQLObjectType) else []
        if isinstance(of, GraphQLInterfaceType | GraphQLUnionType):
            possible = list(self.schema.get_possible_types(of))
        for each in possible:
            needs = self.reader.catalogue.types.get(each.name)
            for group in self._selected(each, nodes):
                name = group[0].name.value
                if needs and name in needs.fields:
                    self._field(each.fields[name], needs.fields[name], group)
                elif name in each.fields:
                    self._below(get_named_type(each.fields[name].type), group)

    def _selected(self, of: GraphQLObjectType, nodes: list[FieldNode]) -> list[list[FieldNode]]:
        try:
            return list(collect_sub_fields(self.schema, self.fragments, self.variables, of, nodes).values())
        except GraphQLError as error:
            # Of a directive.
            self.found.append(error)
            return []

    def _checks(self, need: Need, arguments: dict[str, Any]) -> Iterator[Any]:
        match need:
            case One(pick=pick) if pick:
                yield lambda: pick(self.reader.visible(need.type), Arguments(arguments), self.reader.reading)
            case Ranked():
                yield lambda: need.keys(Arguments(arguments))
            case ByIds():
                yield lambda: self._ids(arguments[need.argument])
            case Connection():
                yield from self._page(need, arguments)
            case Search():
                yield from self._search(need, arguments)

    def _ids(self, given: Any) -> None:
        ids = given if isinstance(given, list) else [given]
        if len(ids) > MOST_IDS:
            raise InputError(f"At most {MOST_IDS} ids can be asked for at once.")
        for text in ids:
            self.reader.by_id(text, set())

    # ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _page(self, need: Connection, arguments: dict[str, Any]) -> Iterator[Any]:
        where = arguments.get("where")
        yield from self._size(arguments)
        yield lambda: self._count(where)
        yield from self._filter(need, where, 0)
        yield from (lambda order=order: order() for order in self._orders(need, arguments))
        for name in ("after", "before"):
            yield lambda name=name: Listed(self.reader, None, need, arguments).cursor(name)

    def _size(self, arguments: dict[str, Any]) -> Iterator[Any]:
        first, last = arguments.get("first"), arguments.get("last")
        if first is not None and last is not None:
            yield lambda: _refuse("Give first or last, not both.")
        yield lambda: page_size(arguments, backwards=last is not None)

    def _count(self, where: Any) -> None:
        self.conditions += held(where)
        if self.conditions > MOST_CONDITIONS:
            raise InputError(f"The filters of an operation have at most {MOST_CONDITIONS} conditions together.")

    def _filter(self, need: Connection, where: Any, depth: int) -> Iterator[Any]:
        if depth > DEEPEST_FILTER:
            yield lambda: _refuse(f"A filter nests at most {DEEPEST_FILTER} deep.")
            return
        for name, value in (where or {}).items():
            if value is None:
                continue
            if name in JOINING:
                for part in value if isinstance(value, list) else [value]:
                    yield from self._filter(need, part, depth + 1)
            else:
                yield lambda name=name, value=value: conditions(need.listing, name, value)

    def _orders(self, need: Connection, arguments: dict[str, Any]) -> Iterator[Any]:
        asked = [(item["field"].value, item["direction"].value) for item in arguments.get("order_by") or ()]
        if len({name for name, _ in asked}) < len(asked):
            yield lambda: _refuse("Each order can be asked for once.")
        for name, direction in asked:
            order = need.listing.orders[name]
            if order.needs and (arguments.get("where") or {}).get(order.needs) is None:
                yield lambda name=name, order=order: _refuse(f"The order {name} needs the filter {order.needs}.")
            if order.descending_only and direction == "ASC":
                yield lambda name=name: _refuse(f"The order {name} goes DESC only.")

    def _search(self, need: Search, arguments: dict[str, Any]) -> Iterator[Any]:
        yield from self._size(arguments)
        yield lambda: Sought(self.reader, need, arguments)
        for name in ("after", "before"):
            yield lambda name=name: Sought(self.reader, need, arguments).cursor(name)
        for searched in need.searched:
            for name, value in (arguments.get("where") or {}).items():
                if value is not None:
                    yield lambda s=searched, n=name, v=value: conditions(s.listing, n, v)


def held(where: Any) -> int:
    """How many conditions a filter holds, each AND, OR and NOT among them."""
    if isinstance(where, list):
        return sum(max(1, held(part)) for part in where)
    if not isinstance(where, Mapping):
        return 0
    return sum(1 + (held(value) if name in JOINING else 0) for name, value in where.items())


def _refuse(message: str) -> None:
    raise InputError(message)
