"""Reads what a field needs, one row at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BigIntegerField, CharField, Field, Func, JSONField, Model, QuerySet
from django.db.models import Value as Constant

from knowledge.policy import Viewer
from schema.planner.catalogue import Catalogue
from schema.planner.errors import InputError
from schema.planner.filters import NO_ROW
from schema.planner.ids import decode_id, encode_id
from schema.planner.needs import Embedded, Given, Key, Many, One, OneOf, Ranked, Reading, Value

UNSTORABLE = "A text holds a character that cannot be stored."


@dataclass(frozen=True)
class Row:
    """A visible row, as an object of a GraphQL type."""

    type_name: str
    row: Model


class Arguments(Given):
    """A field's arguments, as they are; what is bound is a constant."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def has(self, *path: str) -> bool:
        return self.value(*path) is not None

    def value(self, *path: str) -> Any:
        found: Any = self.values
        for step in path:
            if found is None:
                return None
            found = found[int(step)] if isinstance(found, list) else found.get(step)
        return found

    def bound(
        self, *path: str, output: Field[Any, Any] | None = None, convert: Callable[[Any], Any] | None = None
    ) -> Any:
        value = self.value(*path)
        value = convert(value) if convert and value is not None else value
        return Constant(storable(value), output_field=output or CharField())

    def once(self, value: Any) -> Any:
        return value


def storable(value: Any) -> Any:
    """The value; raises InputError for text that PostgreSQL cannot hold."""
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str) and any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text):
            raise InputError(UNSTORABLE)
    return value


@dataclass
class Reader:
    """What one operation reads, for one viewer; each thing once."""

    catalogue: Catalogue
    viewer: Viewer
    facts: Any
    rows: dict[tuple[str, Any], Row | None] = field(default_factory=dict)
    read: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reading = Reading(
            viewer=self.viewer,
            session_id=Constant(self.viewer.session_id, output_field=BigIntegerField()),
            event_id=Constant(None, output_field=BigIntegerField()),
        )

    # ── rows ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def visible(self, type_name: str) -> QuerySet[Any]:
        """The rows of a type that the viewer may see."""
        needs = self.catalogue.types[type_name]
        return needs.model._default_manager.filter(needs.scope(self.viewer)).order_by()

    def row(self, type_name: str, key: Any) -> Row | None:
        """The row with that primary key, if it is visible."""
        if key is None:
            return None
        if (type_name, key) not in self.rows:
            found = self.visible(type_name).filter(pk=key).first()
            self.rows[type_name, key] = None if found is None else Row(type_name, found)
        return self.rows[type_name, key]

    def matching(self, rows: QuerySet[Any], match: Mapping[str, str], outer: Model | None) -> QuerySet[Any]:
        """The rows of which each column named equals the outer row's."""
        for path, column in match.items():
            value = column_of(outer, column)
            rows = rows.filter(NO_ROW) if value is None else rows.filter(**{path: value})
        return rows

    # ── needs ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def value(self, of: Row, need: Value) -> Any:
        """A column, or what an expression makes of the row."""
        if isinstance(need.of, str):
            return column_of(of.row, need.of)
        return self.expression(of.row, need.of(self.reading))

    def expression(self, row: Model, expression: Any) -> Any:
        """What an expression makes of one row."""
        declared = vars(expression).get("output_field", getattr(type(expression), "output_field", None))
        if isinstance(declared, JSONField):
            # Django reads jsonb; psycopg2 has read json already.
            expression = Func(expression, function="to_jsonb", output_field=JSONField())
        one = type(row)._default_manager.filter(pk=row.pk).order_by()
        return one.annotate(expressed=expression).values_list("expressed", flat=True).get()

    def one(self, of: Row | None, need: One, arguments: Mapping[str, Any]) -> Row | None:
        """The row that belongs to this one; there are never two to choose from."""
        rows = self.matching(self.visible(need.type), need.match, of.row if of else None)
        if need.pick:
            rows = need.pick(rows, Arguments(arguments), self.reading)
        keys = list(rows.values_list("pk", flat=True).distinct()[:2])
        assert len(keys) < 2, f"{need} has several rows to choose from"
        return self.row(need.type, keys[0]) if keys else None

    def many(self, of: Row, need: Many) -> list[Row]:
        """The rows that belong to this one, in their order."""
        rows = self.matching(self.visible(need.type), need.match, of.row).filter(need.where).order_by(*need.order)
        keys = list(rows.values_list("pk", flat=True))
        return [row for key in keys if (row := self.row(need.type, key))]

    def ranked(self, of: Row, need: Ranked, arguments: Mapping[str, Any]) -> list[Row]:
        """The rows that an expression names, as far as they are visible."""
        keys = self.expression(of.row, need.keys(Arguments(arguments)))
        return [row for key in keys or () if (row := self.row(need.type, key))]

    def one_of(self, of: Model, need: OneOf) -> Row | None:
        """The first that is there and visible."""
        found = (self.row(type_name, column_of(of, column)) for type_name, column in need.columns.items())
        return next((row for row in found if row), None)

    def key(self, of: Row, need: Key) -> str | None:
        """A global id."""
        key = column_of(of.row, need.path)
        return None if key is None else encode_id(need.type, key)

    def embedded(self, of: Row, need: Embedded) -> list[Mapping[str, Any]]:
        """The objects in a column."""
        found: list[Mapping[str, Any]] = column_of(of.row, need.column)
        return found

    def by_id(self, text: str, among: set[str]) -> Row | None:
        """The row of a global id, if its type is among these."""
        type_name, key = decode_id(text)
        return self.row(type_name, key) if type_name in among else None


def column_of(row: Any, path: str) -> Any:
    """The value of a column, also of a related row's."""
    for step in path.split("__"):
        row = None if row is None else getattr(row, step)
    return row
