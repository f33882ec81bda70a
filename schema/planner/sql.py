"""SQL that answers JSON: the expressions that a plan is compiled from.

Each is an ordinary Django expression, so Django resolves relations, scopes and aliases, and compiles once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import (
    CharField,
    DateTimeField,
    F,
    Field,
    Func,
    IntegerField,
    JSONField,
    Subquery,
    Value,
)
from django.db.models.expressions import BaseExpression, Combinable, Expression, RawSQL

Sql = tuple[str, tuple[Any, ...]]
# PostgreSQL takes a hundred arguments a function: fifty pairs of key and value.
PAIRS_A_CALL: Final = 50


class Bound(Expression):
    """A parameter whose value is known when the plan runs: `slot` stands for it until then."""

    def __init__(self, slot: object, output_field: Field[Any, Any] | None = None) -> None:
        super().__init__(output_field=output_field or CharField())
        self.slot = slot

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """A placeholder."""
        return "%s", (self.slot,)

    # Two parameters are the same only when they are one object: a slot may hold a function.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


class BoundJson(Bound):
    """A parameter whose value is JSON text, which goes into the answer as it is."""

    def __init__(self, slot: object) -> None:
        super().__init__(slot, JSONField())

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """A placeholder, typed."""
        return "%s::json", (self.slot,)


class JsonObject(BaseExpression):
    """An object with its keys in the given order. Keys are GraphQL names, which need no quoting."""

    output_field = JSONField()

    def __init__(self, pairs: Mapping[str, Any]) -> None:
        super().__init__()
        self.keys = tuple(pairs)
        self.values = list(pairs.values())

    def get_source_expressions(self) -> list[Any]:
        """The values."""
        return self.values

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Takes the values, resolved."""
        self.values = list(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """One json_build_object, or the joined insides of several."""
        pairs: list[str] = []
        params: list[Any] = []
        for key, value in zip(self.keys, self.values, strict=True):
            sql, value_params = compiler.compile(value)
            pairs.append(f"'{key}', {sql}")
            params += value_params
        calls = [
            f"json_build_object({', '.join(pairs[start : start + PAIRS_A_CALL])})"
            for start in range(0, len(pairs) or 1, PAIRS_A_CALL)
        ]
        if len(calls) == 1:
            return calls[0], tuple(params)
        insides = ", ".join(f"regexp_replace({call}::text, '^.|.$', '', 'g')" for call in calls)
        return f"('{{' || concat_ws(', ', {insides}) || '}}')::json", tuple(params)


class Literal(Value):
    """A fixed text, as JSON text can hold it. Given to JSON functions, its type must be known."""

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """The text, typed."""
        return "%s::text", (self.value,)


class GlobalId(Func):
    """The opaque id of a row: base64 of `Type:pk`."""

    output_field = CharField()

    def __init__(self, type_name: str, key: str | Combinable) -> None:
        super().__init__(key)
        self.type_name = type_name

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **extra: Any) -> Sql:
        """Short enough that PostgreSQL's base64 has no line break."""
        sql, params = compiler.compile(self.source_expressions[0])
        return f"encode(convert_to('{self.type_name}:' || {sql}, 'UTF8'), 'base64')", tuple(params)


class NamedId(Func):
    """The opaque id of a row whose type stands in a column too; null where there is no row."""

    output_field = CharField()
    template = "encode(convert_to(%(expressions)s, 'UTF8'), 'base64')"
    arg_joiner = " || ':' || "

    def __init__(self, type_column: str, key_column: str) -> None:
        super().__init__(F(type_column), F(key_column))


class Moment(Func):
    """A time in the one canonical form: UTC, Z, six digits."""

    output_field = CharField()
    template = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


class NullsLast(Func):
    """A time to order by, null behind all others: as a time that is, so that rows compare and one index serves."""

    output_field = DateTimeField()

    def __init__(self, time: Any, *, descending: bool) -> None:
        super().__init__(time)
        self.stand_in = last_time(descending=descending)

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **extra: Any) -> Sql:
        """The constant stands in the text: as a parameter, it would be none to an index."""
        sql, params = compiler.compile(self.source_expressions[0])
        return f"COALESCE({sql}, '{self.stand_in}'::timestamptz)", tuple(params)


def last_time(*, descending: bool) -> str:
    """What comes after every time, in one direction or the other."""
    return "-infinity" if descending else "infinity"


class CursorText(BaseExpression):
    """An opaque cursor: base64 of a JSON array of fingerprint, order values and primary key."""

    output_field = CharField()

    def __init__(self, fingerprint: Bound, values: Sequence[Any]) -> None:
        super().__init__()
        self.parts = [fingerprint, *values]

    def get_source_expressions(self) -> list[Any]:
        """The fingerprint and the values."""
        return self.parts

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Takes them resolved."""
        self.parts = list(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """PostgreSQL breaks base64 into lines: they are joined again."""
        compiled = [compiler.compile(part) for part in self.parts]
        fingerprint, *values = (sql for sql, _ in compiled)
        array = ", ".join([f"{fingerprint}::text", *values])
        text = f"encode(convert_to(json_build_array({array})::text, 'UTF8'), 'base64')"
        return f"translate({text}, E'\\n', '')", tuple(param for _, params in compiled for param in params)


class Row(Subquery):
    """The JSON in column `node` of the first row; null when there is none."""

    template = "(%(subquery)s LIMIT 1)"
    output_field = JSONField()


class Rows(Subquery):
    """The JSON in column `node` of every row, as an array in the rows' order: an aggregate takes them as they come."""

    template = "(SELECT coalesce(json_agg(listed.node), '[]'::json) FROM (%(subquery)s) listed)"
    output_field = JSONField()


class RankedRows(BaseExpression):
    """Rows of one type by an array of their primary keys, as an array in that order; null leaves no gap.

    `node` is a subquery over the row whose primary key is RANKED_KEY.
    """

    output_field = JSONField()

    def __init__(self, keys: Expression, node: Row) -> None:
        super().__init__()
        self.sources: list[Any] = [keys, node]

    def get_source_expressions(self) -> list[Any]:
        """The array and the subquery."""
        return self.sources

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Takes them resolved."""
        self.sources = list(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """The subquery for each of the unnested keys."""
        (keys, key_params), (node, node_params) = (compiler.compile(source) for source in self.sources)
        rows = f"SELECT {node} AS node, ranked.place FROM unnest({keys}) WITH ORDINALITY AS ranked (id, place)"  # noqa: S608 - compiled SQL
        found = "coalesce(json_agg(found.node ORDER BY found.place) FILTER (WHERE found.node IS NOT NULL), '[]'::json)"
        return f"(SELECT {found} FROM ({rows}) found)", (*node_params, *key_params)  # noqa: S608 - as above


RANKED_KEY: Final = RawSQL("ranked.id", ())


class EmbeddedList(Func):
    """The objects of a JSON array in a column, each with the keys of `pairs`."""

    output_field = JSONField()

    def __init__(self, column: str, type_name: str, pairs: Mapping[str, str]) -> None:
        super().__init__(column)
        self.type_name = type_name
        self.pairs = dict(pairs)

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **extra: Any) -> Sql:
        """An array in the stored order."""
        column, params = compiler.compile(self.source_expressions[0])
        pairs = ", ".join(
            f"'{key}', '{self.type_name}'::text" if name == "__typename" else f"'{key}', item.value -> '{name}'"
            for key, name in self.pairs.items()
        )
        rows = f"jsonb_array_elements({column}) WITH ORDINALITY AS item (value, place)"
        objects = f"json_agg(json_build_object({pairs}) ORDER BY item.place)"
        return f"(SELECT coalesce({objects}, '[]'::json) FROM {rows})", tuple(params)  # noqa: S608 - of the schema's names


class Names(Subquery):
    """The texts in column `name` of every row, as an array in the rows' order."""

    template = "(SELECT coalesce(json_agg(listed.name), '[]'::json) FROM (%(subquery)s) listed)"
    output_field = JSONField()


class Count(Subquery):
    """How many rows there are."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


class Asked(BaseExpression):
    """Rows of several types by their ids, in the order asked.

    `objects` is, for each type, a subquery over the row whose primary key is ASKED_KEY. The two arrays hold the types
    and the primary keys.
    """

    output_field = JSONField()

    def __init__(self, types: Bound, keys: Bound, objects: Mapping[str, Row], *, many: bool) -> None:
        super().__init__()
        self.names = tuple(objects)
        self.sources = [types, keys, *objects.values()]
        self.many = many

    def get_source_expressions(self) -> list[Any]:
        """The arrays and the subqueries."""
        return self.sources

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Takes them resolved."""
        self.sources = list(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """A choice by type over the unnested arrays."""
        (types, type_params), (keys, key_params), *objects = (compiler.compile(source) for source in self.sources)
        choices = " ".join(f"WHEN '{name}' THEN {sql}" for name, (sql, _) in zip(self.names, objects, strict=True))
        chosen = f"CASE asked.type {choices} END"
        answer = f"coalesce(json_agg({chosen} ORDER BY asked.place), '[]'::json)" if self.many else chosen
        rows = f"unnest({types}::text[], {keys}::bigint[]) WITH ORDINALITY AS asked (type, id, place)"
        params = [param for _, object_params in objects for param in object_params]
        # The texts are compiled SQL and the schema's names.
        return f"(SELECT {answer} FROM {rows})", (*params, *type_params, *key_params)  # noqa: S608


ASKED_KEY: Final = RawSQL("asked.id", ())
