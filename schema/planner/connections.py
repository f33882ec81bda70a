"""Pages of rows: filter, total order, keyset, counts only when asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import BigIntegerField, CharField, F, QuerySet, Value
from graphql import get_named_type

from schema.planner.cursors import fingerprint, read_cursor, whole_number
from schema.planner.errors import InputError
from schema.planner.filters import MOST_CONDITIONS, NO_ROW, conditions, count_conditions
from schema.planner.keyset import Beyond, KeysetColumn
from schema.planner.needs import Connection, Links, Order
from schema.planner.page_keys import PageKeys
from schema.planner.page_sql import Edges, Nodes, Page, PageInfo, PagePart
from schema.planner.sql import Bound, Count, CursorText, JsonObject, Literal, NullsLast, last_time

if TYPE_CHECKING:
    from graphql import FieldNode, GraphQLField

    from schema.planner.arguments import Arguments
    from schema.planner.compile import Compiler
    from schema.planner.plan import Run


PRIMARY_KEY = Order(by="pk", output=BigIntegerField(), read=whole_number(1, 2**63))


def compile_connection(compiler: Compiler, need: Connection, definition: GraphQLField, group: list[FieldNode]) -> Any:
    """The connection as one expression: an object with what is asked of edges, nodes, pageInfo and totalCount.

    NULL for viewers whom it is not for: then no row is looked at.
    """
    if need.only_for and not need.only_for(compiler.reading.viewer):
        return Value(None, output_field=CharField())
    given = compiler.arguments(definition, group)
    rows = compiler.listed(need)
    compiler.conditions += count_conditions(given.value("where"))
    if compiler.conditions > MOST_CONDITIONS:
        raise InputError(f"The filters of an operation have at most {MOST_CONDITIONS} conditions together.")
    asked = conditions(need.listing, given, ("where",))
    window = Window(need, given)
    found = rows.filter(asked.whole)
    columns = Columns(compiler, need)
    connection_type = compiler.object_type(get_named_type(definition.type).name)
    parts = {
        key: _part(columns, window, found, nodes, connection_type.name)
        for key, nodes in compiler.selected(connection_type, group).items()
    }
    if not any(isinstance(part, PagePart) for part in parts.values()):
        return JsonObject(parts)
    # Ranks are made of all that match.
    if asked.sought and isinstance(need.type, str) and not window.ranks:
        within = window.ordered(compiler.listed(need, within=True).filter(asked.plain))
        keys = PageKeys(asked, within, window.size, among=compiler.rows(need.type) if need.match else None)
        found = rows.filter(pk__any=keys)
    return Page(window.page(found, columns), window.size, parts, backwards=window.backwards)


def page_size(arguments: Mapping[str, Any], *, backwards: bool) -> int:
    """How many rows were asked for, by `last` or by `first`. Raises BAD_USER_INPUT where that is no page."""
    name = "last" if backwards else "first"
    size: int = arguments.get(name) or (settings.PAGE_SIZE if arguments.get(name) is None else 0)
    if not 1 <= size <= settings.PAGE_SIZE_MOST:
        raise InputError(f"{name} is between 1 and {settings.PAGE_SIZE_MOST}.")
    return size


class Columns:
    """The columns of a page's rows: a JSON object for each different selection, and the cursor where it is asked."""

    def __init__(self, compiler: Compiler, need: Connection) -> None:
        self.compiler = compiler
        self.need = need
        self.objects: dict[str, Any] = {}
        self.cursor = False

    def object(self, nodes: list[FieldNode]) -> str:
        """The name of a column that holds what is asked of a row."""
        name = f"object_{len(self.objects)}"
        self.objects[name] = self.compiler.listed_object(self.need, nodes)
        return name


def _part(
    columns: Columns, window: Window, rows: QuerySet[Any], nodes: list[FieldNode], connection_name: str
) -> PagePart | Any:
    compiler = columns.compiler
    name = nodes[0].name.value
    if name == "totalCount":
        return _total(compiler, window, rows)
    if name == "nodes":
        return Nodes(columns.object(nodes))
    if name == "edges":
        return Edges(_edge(columns, nodes, connection_name))
    if name == "pageInfo":
        columns.cursor = True
        return page_info(compiler, nodes, elsewhere=window.elsewhere)
    if name == "__typename":
        return Literal(connection_name)
    raise TypeError(f"{connection_name}.{name} is not planned")


def _total(compiler: Compiler, window: Window, rows: QuerySet[Any]) -> Any:
    counted = window.need.counted
    if counted is None or window.need.only or window.given.value("where"):
        return Count(rows.values("pk"))
    rest = counted.rest(compiler.reading.viewer) if counted.rest else NO_ROW
    kept = F(counted.kept) if isinstance(counted.kept, str) else counted.kept
    return kept if rest == NO_ROW else kept + Count(rows.filter(rest).values("pk"))


def page_info(compiler: Compiler, nodes: list[FieldNode], *, elsewhere: bool) -> PageInfo:
    """What is asked of what lies before and after a page, whose rows have a column `cursor`."""
    asked = compiler.object_type("PageInfo")
    fields = {key: group[0].name.value for key, group in compiler.selected(asked, nodes).items()}
    return PageInfo(fields, asked.name, elsewhere=elsewhere)


def _edge(columns: Columns, nodes: list[FieldNode], connection_name: str) -> dict[str, str]:
    compiler = columns.compiler
    edge_type = compiler.object_type(connection_name.removesuffix("Connection") + "Edge")
    pairs: dict[str, str] = {}
    for key, group in compiler.selected(edge_type, nodes).items():
        name = group[0].name.value
        if name == "node":
            pairs[key] = f"page.{columns.object(group)}"
        elif name == "cursor":
            columns.cursor = True
            pairs[key] = "page.cursor"
        elif name == "__typename":
            pairs[key] = f"'{edge_type.name}'::text"
        else:
            raise TypeError(f"{edge_type.name}.{name} is not planned")
    return pairs


@dataclass(frozen=True, slots=True)
class Ordering:
    """One order of a connection, in its direction."""

    order: Order
    descending: bool


class Window:
    """Which rows of a connection are asked for: order, size, side, and where to begin."""

    def __init__(self, need: Connection, given: Arguments) -> None:
        if given.has("first") and given.has("last"):
            raise InputError("Give first or last, not both.")
        self.need = need
        self.given = given
        self.backwards = given.has("last")
        self.chosen = self._chosen()
        self.orderings = self._orderings()
        self.size = given.run_slot(self._size)
        self.beyond = {
            argument: [
                given.run_slot(self._cursor_value(argument, place), ordering.order.output)
                for place, ordering in enumerate(self.orderings)
            ]
            for argument in ("after", "before")
            if given.has(argument)
        }
        self.elsewhere = given.has("after" if not self.backwards else "before")

    @property
    def ranks(self) -> bool:
        """Whether the order is by what a filter makes of each row."""
        return any(ordering.order.needs for ordering in self.orderings)

    def page(self, rows: QuerySet[Any], columns: Columns) -> QuerySet[Any]:
        """The rows in the window's order from the cursor on, with their columns."""
        rows = self.ordered(rows)
        selected: dict[str, Any] = dict(columns.objects)
        if columns.cursor:
            values = [self._column(ordering.order) for ordering in self.orderings]
            selected["cursor"] = CursorText(Bound(self._fingerprint), values)
        return rows.values(**selected) if selected else rows.values("pk")

    def ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows in the window's order from the cursor on."""
        rows = rows.alias(**{f"order_{place}": self._by(ordering) for place, ordering in enumerate(self.orderings)})
        for argument, values in self.beyond.items():
            rows = rows.filter(Beyond(self._columns(values), before=argument == "before"))
        return rows.order_by(*(self._order_by(place, ordering) for place, ordering in enumerate(self.orderings)))

    def _chosen(self) -> list[tuple[str, str]]:
        """The names of the orders with their directions, as asked or by default."""
        asked = [(item["field"].value, item["direction"].value) for item in self.given.value("order_by") or ()]
        if len(dict(asked)) < len(asked):
            raise InputError("Each order can be asked for once.")
        return asked or list(self.need.default or self.need.listing.default)

    def _orderings(self) -> list[Ordering]:
        orderings: list[Ordering] = []
        for name, direction in self.chosen:
            order = self.need.listing.orders[name]
            if order.needs and not self.given.has("where", order.needs):
                raise InputError(f"The order {name} needs the filter {order.needs}.")
            if order.descending_only and direction == "ASC":
                raise InputError(f"The order {name} goes DESC only.")
            orderings += [Ordering(part, direction == "DESC") for part in (order, *order.then)]
        return [*orderings, Ordering(PRIMARY_KEY, bool(orderings) and orderings[-1].descending)]

    def _column(self, order: Order) -> Any:
        if not isinstance(order.by, str):
            return order.by(self.given)
        return F(self.need.copies.get(order.by, order.by))

    def _by(self, ordering: Ordering) -> Any:
        column = self._column(ordering.order)
        return NullsLast(column, descending=ordering.descending) if ordering.order.nullable else column

    def _order_by(self, place: int, ordering: Ordering) -> Any:
        column = F(f"order_{place}")
        return column.desc() if ordering.descending != self.backwards else column.asc()

    def _columns(self, values: list[Bound]) -> list[KeysetColumn]:
        return [
            KeysetColumn(F(f"order_{place}"), value, descending=ordering.descending)
            for place, (ordering, value) in enumerate(zip(self.orderings, values, strict=True))
        ]

    # ── when the plan is run ────────────────────────────────────────────────────────────────────────────────────────

    def _size(self, run: Run) -> int:
        return page_size(run.arguments[self.given.number], backwards=self.backwards)

    def _fingerprint(self, run: Run) -> str:
        where = run.arguments[self.given.number].get("where")
        return self._fingerprint_of(where) if where else self._unfiltered

    @cached_property
    def _unfiltered(self) -> str:
        return self._fingerprint_of(None)

    def _fingerprint_of(self, where: Any) -> str:
        return fingerprint(self._name(), sorted(self.need.match.items()), self.chosen, where)

    def _name(self) -> str:
        rows = self.need.type
        return rows.model.__name__ if isinstance(rows, Links) else rows

    def _cursor_value(self, argument: str, place: int) -> Any:
        order, descending = self.orderings[place].order, self.orderings[place].descending
        number, length = self.given.number, len(self.orderings)

        def slot(run: Run) -> Any:
            value = read_cursor(run.arguments[number][argument], self._fingerprint(run), length)[place]
            if value is None and order.nullable:
                return last_time(descending=descending)
            try:
                return order.read(value)
            except (TypeError, ValueError, ArithmeticError):
                raise InputError("This is not a cursor.") from None

        return slot
