"""Searches: what matches, how well, in which order; ranked row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQueryField
from django.db import connection
from django.db.models import QuerySet, Subquery, TextField
from django.db.models import Value as Constant
from django.db.models.expressions import RawSQL
from django.db.models.sql import Query

from schema.planner.cursors import fingerprint, read_cursor
from schema.planner.errors import InputError
from schema.planner.filters import NO_ROW
from schema.planner.needs import Search, Searched
from schema.planner.search import READ
from schema.planner.search_sql import MOST_HITS
from tests.reference.pages import Edge, Page, conditions, cut, encoded
from tests.reference.reading import Reader, Row, storable

TEXTS = ArrayField(TextField())


@dataclass(frozen=True)
class Hit:
    """A row that was found."""

    rank: Decimal
    kind: int
    row: Row

    @property
    def place(self) -> tuple[Decimal, int, int]:
        """What it is ordered by."""
        return -self.rank, self.kind, self.row.row.pk


class Sought:
    """A search: its rows, ranked, and a page of them."""

    def __init__(self, reader: Reader, need: Search, arguments: Mapping[str, Any]) -> None:
        self.reader = reader
        self.need = need
        self.engine = need.engine
        self.arguments = arguments
        self.words = storable(self.engine.clean(arguments["query"]))

    def page(self) -> Page:
        """The page that is asked for."""
        hits = sorted(self.hits, key=lambda hit: hit.place)
        ends = {name: values for name in ("after", "before") if (values := self.cursor(name)) is not None}
        inside = [
            hit
            for hit in hits
            if ("after" not in ends or hit.place > ends["after"])
            and ("before" not in ends or hit.place < ends["before"])
        ]
        shown, more = cut(inside, self.arguments)
        backwards = self.arguments.get("last") is not None
        return Page(
            edges=[self._edge(hit) for hit in shown],
            more=more,
            elsewhere=self.arguments.get("before" if backwards else "after") is not None,
            backwards=backwards,
            total_count=len(hits),
            suggestion=self.respelt if hits else None,
        )

    def _edge(self, hit: Hit) -> Edge:
        searched = self.need.searched[hit.kind]
        query, _ = self.used
        return Edge(
            cursor=lambda: encoded(self.mark, (hit.rank, hit.kind, hit.row.row.pk)),
            node=lambda: hit.row,
            rank=hit.rank,
            highlights=lambda: self.reader.expression(
                hit.row.row, self.engine.highlights(query, searched.lines, searched.html)
            ),
        )

    # ── what is found ───────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def hits(self) -> list[Hit]:
        """The best, unordered."""
        query, exact = self.used
        by_head = []
        for kind, searched in enumerate(self.need.searched):
            for key in self._rows(searched).filter(self.engine.found(query)).values_list("pk", flat=True):
                row = self.reader.row(searched.type, key)
                assert row is not None
                head = searched.head and self.reader.expression(row.row, self.engine.rank(query, exact, searched.head))
                by_head.append((-(head or Decimal(0)), kind, key, row))
        by_head.sort(key=lambda found: found[:3])
        return [
            Hit(self.reader.expression(row.row, self.engine.rank(query, exact)), kind, row)
            for _, kind, _, row in by_head[:MOST_HITS]
        ]

    @cached_property
    def used(self) -> tuple[Any, Any]:
        """The query, and the one without beginnings of words: of another spelling, where this one finds nothing."""
        if self.respelt is not None:
            other = self._tsquery([self.respelt, ""])
            return other, other
        whole, last = self.engine.typed(self.words)
        return self._tsquery([whole, last]), self._tsquery([whole, ""])

    @cached_property
    def respelt(self) -> str | None:
        """Another spelling, where this one finds nothing."""
        query = self._tsquery(self.engine.typed(self.words))
        if any(self._rows(searched).filter(self.engine.found(query)).exists() for searched in self.need.searched):
            return None
        spellings = self.engine.spellings(self.words)
        words, ways = ([part[place] for part in spellings] for place in (0, 1))
        names = [
            self.reader.visible(type_name).filter(self.engine.similar_to(name)).values_list(name)
            for type_name, name in self.need.named.items()
        ]
        known = [
            self._rows(searched).filter(self.engine.found(self.engine.word_query)) for searched in self.need.searched
        ]
        expression = self.engine.respelt(
            Constant(words, output_field=TEXTS),
            Constant(ways, output_field=TEXTS),
            [Subquery(rows[: self.engine.most_names]) for rows in names],
            [Subquery(rows.values("pk")) for rows in known],
        )
        found: str | None = alone(expression)
        return found

    def _rows(self, searched: Searched) -> QuerySet[Any]:
        """The rows of a type that may be found."""
        rows = self.reader.visible(searched.type)
        types = self.arguments.get("types")
        if types is not None and searched.choice not in {each.value for each in types}:
            return rows.filter(NO_ROW)
        for name, value in (self.arguments.get("where") or {}).items():
            for condition in conditions(searched.listing, name, value) if value is not None else ():
                rows = rows.filter(condition)
        return rows

    def _tsquery(self, typed: list[str]) -> Any:
        text = alone(RawSQL(f"{self.engine.function}(%s::text[])::text", (typed,), TextField()))  # noqa: S611 - a constant's name
        return RawSQL("(%s::tsquery)", (text,), SearchQueryField())

    # ── cursors ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def mark(self) -> str:
        """What a cursor begins with."""
        types = self.arguments.get("types")
        chosen = None if types is None else sorted({each.value for each in types})
        return fingerprint("search", self.words, chosen, self.arguments.get("where") or None)

    def cursor(self, argument: str) -> tuple[Decimal, int, int] | None:
        """The place that a cursor tells; raises InputError where it is none of this list."""
        given = self.arguments.get(argument)
        if given is None:
            return None
        try:
            values = read_cursor(given, self.mark, len(READ))
            rank, kind, key = (read(value) for read, value in zip(READ, values, strict=True))
        except (TypeError, ValueError, ArithmeticError):
            raise InputError("This is not a cursor.") from None
        return -rank, kind, key


def alone(expression: Any) -> Any:
    """What an expression is that belongs to no row."""
    query = Query(None)
    sql, params = query.get_compiler(connection=connection).compile(expression.resolve_expression(query))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql}", params)
        return cursor.fetchone()[0]
