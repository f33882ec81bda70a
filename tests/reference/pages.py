"""Connections: which rows, in which order, which page of them; in Python."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property, cmp_to_key
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet, TextField

from schema.planner.connections import PRIMARY_KEY, page_size
from schema.planner.cursors import fingerprint, read_cursor
from schema.planner.errors import InputError
from schema.planner.needs import Connection, Links, Listing, Order
from tests.reference.reading import Arguments, Reader, Row, storable

JOINING = ("AND", "OR", "NOT")


@dataclass(frozen=True)
class Edge:
    """A row of a page."""

    cursor: Callable[[], str]
    node: Callable[[], Row | None]
    rank: Decimal | None = None
    highlights: Callable[[], Any] | None = None


@dataclass(frozen=True)
class Page:
    """What a connection answers with."""

    edges: list[Edge]
    more: bool
    elsewhere: bool
    backwards: bool
    total_count: int
    suggestion: str | None = None

    @property
    def nodes(self) -> list[Row | None]:
        """The rows."""
        return [edge.node() for edge in self.edges]

    @property
    def page_info(self) -> dict[str, Any]:
        """What lies before and after."""
        ahead, behind = ("hasPreviousPage", "hasNextPage") if self.backwards else ("hasNextPage", "hasPreviousPage")
        return {
            ahead: self.more,
            behind: self.elsewhere,
            "startCursor": self.edges[0].cursor() if self.edges else None,
            "endCursor": self.edges[-1].cursor() if self.edges else None,
        }


def cut(items: list[Any], arguments: Mapping[str, Any]) -> tuple[list[Any], bool]:
    """The items of the page, and whether there are more on the side that it looks towards."""
    backwards = arguments.get("last") is not None
    size = page_size(arguments, backwards=backwards)
    return (items[-size:] if backwards else items[:size]), len(items) > size


def encoded(mark: str, values: Iterable[Any]) -> str:
    """A cursor: base64 of the JSON array that PostgreSQL would write."""
    text = ", ".join([json.dumps(mark), *map(_written, values)])
    return base64.b64encode(f"[{text}]".encode()).decode()


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        fraction = f".{moment:%f}".rstrip("0").rstrip(".")
        return f'"{moment:%Y-%m-%dT%H:%M:%S}{fraction}+00:00"'
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


class Ordered:
    """An order of rows: columns, each with its direction; nulls last, whichever way."""

    def __init__(self, need: Connection, arguments: Mapping[str, Any]) -> None:
        asked = [(item["field"].value, item["direction"].value) for item in arguments.get("order_by") or ()]
        self.chosen: list[tuple[str, str]] = asked or list(need.default or need.listing.default)
        self.given = Arguments(arguments)
        self.columns: list[tuple[Order, bool]] = []
        for name, direction in self.chosen:
            order = need.listing.orders[name]
            self.columns += [(part, direction == "DESC") for part in (order, *order.then)]
        self.columns.append((PRIMARY_KEY, bool(self.columns) and self.columns[-1][1]))

    def keys(self, rows: QuerySet[Any]) -> dict[Any, tuple[Any, ...]]:
        """By primary key, the values of the row that count."""
        named = {f"order_{place}": self._expression(order) for place, (order, _) in enumerate(self.columns)}
        return {key: tuple(values) for key, *values in rows.annotate(**named).values_list("pk", *named)}

    def _expression(self, order: Order) -> Any:
        return F(order.by) if isinstance(order.by, str) else order.by(self.given)

    def compare(self, texts: Mapping[str, int]) -> Callable[[tuple[Any, ...], tuple[Any, ...]], int]:
        """Which of two rows comes first; `texts` are in the order that the database has them in."""

        def compared(one: tuple[Any, ...], two: tuple[Any, ...]) -> int:
            for left, right, (order, descending) in zip(one, two, self.columns, strict=True):
                if left == right:
                    continue
                if left is None or right is None:
                    return 1 if left is None else -1
                is_text = isinstance(order.output, TextField)
                smaller = texts[left] < texts[right] if is_text else left < right
                return 1 if smaller == descending else -1
            return 0

        return compared


def in_order(texts: Iterable[str]) -> dict[str, int]:
    """The texts with their places, as the database's collation has them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT word FROM unnest(%s::text[]) AS word ORDER BY word", [sorted(set(texts))])
        return {word: place for place, (word,) in enumerate(cursor.fetchall())}


class Listed:
    """A connection: its rows, narrowed, ordered, and a page of them."""

    def __init__(self, reader: Reader, of: Row | None, need: Connection, arguments: Mapping[str, Any]) -> None:
        self.reader = reader
        self.need = need
        self.arguments = arguments
        self.order = Ordered(need, arguments)
        self.of = of

    @cached_property
    def base(self) -> QuerySet[Any]:
        """The rows that belong to this list, as far as they are visible."""
        reader, need = self.reader, self.need
        if isinstance(need.type, str):
            rows = reader.visible(need.type)
        else:
            model = need.type.model
            rows = model._default_manager.filter(reader.catalogue.scopes[model](reader.viewer)).order_by()
        rows = reader.matching(rows, need.match, self.of.row if self.of else None)
        return rows.filter(need.only(reader.viewer)) if need.only else rows

    @cached_property
    def keys(self) -> set[Any]:
        """The primary keys of the rows on all pages."""
        keys = set(self.base.values_list("pk", flat=True))
        if isinstance(self.need.type, Links):
            keys = {key for key in keys if self.node(key) is not None}
        return self._narrowed(keys, self.arguments.get("where"))

    def node(self, key: Any) -> Row | None:
        """The object that a row is, or leads to."""
        if isinstance(self.need.type, str):
            return self.reader.row(self.need.type, key)
        link = self.need.type.model._default_manager.get(pk=key)
        return self.reader.one_of(link, self.need.type.to)

    def page(self) -> Page:
        """The page that is asked for."""
        model = self.base.model._default_manager
        placed = self.order.keys(model.filter(pk__in=self.keys)) if self.keys else {}
        ends = {name: values for name in ("after", "before") if (values := self.cursor(name)) is not None}
        compare = self.order.compare(in_order(self._texts([*placed.values(), *ends.values()])))
        inside = [
            key
            for key, values in placed.items()
            if ("after" not in ends or compare(values, ends["after"]) > 0)
            and ("before" not in ends or compare(values, ends["before"]) < 0)
        ]
        inside.sort(key=lambda key: cmp_to_key(compare)(placed[key]))
        shown, more = cut(inside, self.arguments)
        backwards = self.arguments.get("last") is not None
        return Page(
            edges=[self._edge(key, placed[key]) for key in shown],
            more=more,
            elsewhere=self.arguments.get("before" if backwards else "after") is not None,
            backwards=backwards,
            total_count=len(self.keys),
        )

    def _edge(self, key: Any, values: tuple[Any, ...]) -> Edge:
        return Edge(cursor=lambda: encoded(self.mark, values), node=lambda: self.node(key))

    def _texts(self, rows: list[tuple[Any, ...]]) -> Iterable[str]:
        places = [place for place, (order, _) in enumerate(self.order.columns) if isinstance(order.output, TextField)]
        return (values[place] for values in rows for place in places if values[place] is not None)

    # ── cursors ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def mark(self) -> str:
        """What a cursor begins with."""
        rows = self.need.type
        name = rows if isinstance(rows, str) else rows.model.__name__
        where = self.arguments.get("where") or None
        return fingerprint(name, sorted(self.need.match.items()), self.order.chosen, where)

    def cursor(self, argument: str) -> tuple[Any, ...] | None:
        """The values in a cursor; raises InputError where it is none of this list."""
        given = self.arguments.get(argument)
        if given is None:
            return None
        read = []
        columns = [order for order, _ in self.order.columns]
        for value, order in zip(read_cursor(given, self.mark, len(columns)), columns, strict=True):
            try:
                read.append(None if value is None and order.nullable else storable(order.read(value)))
            except (TypeError, ValueError, ArithmeticError):
                raise InputError("This is not a cursor.") from None
        return tuple(read)

    # ── filters ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _narrowed(self, keys: set[Any], where: Mapping[str, Any] | None) -> set[Any]:
        """Those of the keys of which a filter is true."""
        left = set(keys)
        for name, value in (where or {}).items():
            if value is None:
                continue
            if name == "AND":
                for part in value:
                    left &= self._narrowed(keys, part)
            elif name == "OR":
                left &= {key for part in value for key in self._narrowed(keys, part)}
            elif name == "NOT":
                left -= self._narrowed(keys, value)
            else:
                left &= self._holding(keys, name, value)
        return left

    def _holding(self, keys: set[Any], name: str, value: Any) -> set[Any]:
        for condition in conditions(self.need.listing, name, value):
            found = self.base.model._default_manager.filter(pk__in=keys).filter(condition) if keys else []
            keys = {row.pk for row in found}
        return keys


def conditions(listing: Listing, name: str, value: Any) -> list[Any]:
    """What one key of a filter asks for: a condition, or one for each end of a range. Raises InputError."""
    if name in listing.filters:
        return [_condition(listing, name, value)]
    return [_condition(listing, f"{name}.{part}", item) for part, item in value.items() if item is not None]


def _condition(listing: Listing, name: str, value: Any) -> Any:
    chosen = listing.filters[name]
    if chosen.empty_holds and not value:
        return Q()
    bound = Arguments({"it": value}).bound("it", output=chosen.output, convert=chosen.convert)
    if chosen.q is not None:
        return chosen.q(bound)
    assert listing.index
    assert chosen.query
    return listing.index.found(chosen.query(bound))
