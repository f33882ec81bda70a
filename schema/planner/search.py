"""Searches: from a need and its arguments to one expression."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Q, QuerySet, Subquery, TextField, Value
from graphql import get_named_type

from knowledge import search
from knowledge.errors import Mistakes
from schema.errors import bad_input
from schema.planner.connections import condition, page_info, page_size
from schema.planner.cursors import fingerprint, read_cursor
from schema.planner.needs import Search, Searched
from schema.planner.search_sql import (
    EXACT_QUERY,
    KEY,
    KIND,
    QUERY,
    RANK,
    SUGGESTION,
    TOTAL_COUNT,
    TYPED_QUERY,
    BeyondHit,
    Chosen,
    OfKind,
    OfPage,
    SearchPage,
    Sought,
)
from schema.planner.sql import ASKED_KEY, Bound, CursorText, Edges, Nodes, PagePart, Row

if TYPE_CHECKING:
    from graphql import FieldNode, GraphQLField

    from schema.planner.compile import Arguments, Compiler
    from schema.planner.plan import Run

TEXTS = ArrayField(TextField())
HIGHEST_RANK = 1_000


def compile_search(compiler: Compiler, need: Search, definition: GraphQLField, group: list[FieldNode]) -> SearchPage:
    """The search as one expression: an object with what is asked of edges, nodes, pageInfo and the rest."""
    given = compiler.arguments(definition, group)
    if given.has("first") and given.has("last"):
        raise bad_input("Give first or last, not both.")
    connection_type = compiler.object_type(get_named_type(definition.type).name)
    columns = Columns(compiler, need, given)
    parts = {key: columns.part(nodes) for key, nodes in compiler.selected(connection_type, group).items()}
    rows = [_rows(compiler, searched, given) for searched in need.searched]
    sought = Sought(
        asked=given.bound("query", output=TEXTS, convert=lambda raw: search.typed(clean(raw))),
        respelt=_respelt(compiler, need, given, rows),
        typed=[Subquery(of.filter(search.found(TYPED_QUERY)).values("pk")) for of in rows],
        heads=[_by_head(of, searched) for of, searched in zip(rows, need.searched, strict=True)],
        rank=OfKind([Row(_row(compiler, searched).values_list(_rank())) for searched in need.searched]),
    )
    backwards = given.has("last")
    size = Bound(lambda run: page_size(run.arguments[given.number], backwards=backwards))
    return SearchPage(sought, _beyond(given), columns.made, parts, size, backwards=backwards)


def clean(raw: str) -> str:
    """What to search for; raises BAD_USER_INPUT where that is nothing, too long, or no text."""
    mistakes = Mistakes()
    words = search.clean_words(raw, mistakes, "query")
    for mistake in mistakes.found:
        raise bad_input(mistake.message)
    return words


def _rows(compiler: Compiler, searched: Searched, given: Arguments) -> QuerySet[Any]:
    """The rows of a type that may be found: visible, asked for, and within the filter."""
    rows = compiler.rows(searched.type).filter(condition(searched.listing, given, ("where",)))
    if given.has("types"):
        chosen = given.bound("types", convert=lambda types: [each.value for each in types])
        rows = rows.filter(Q(Chosen(searched.choice, chosen)))
    return rows


def _by_head(rows: QuerySet[Any], searched: Searched) -> Subquery:
    head = _rank(searched.head) if searched.head else Value(0)
    return Subquery(rows.filter(search.found(QUERY)).values_list("pk", head))


def _rank(*column: str) -> Any:
    return search.rank(QUERY, EXACT_QUERY, *column)


def _row(compiler: Compiler, searched: Searched) -> QuerySet[Any]:
    return compiler.rows(searched.type).filter(pk=ASKED_KEY)


def _respelt(compiler: Compiler, need: Search, given: Arguments, rows: list[QuerySet[Any]]) -> search.Respelt:
    words = given.bound("query", output=TEXTS, convert=lambda raw: [word for word, _ in search.spellings(clean(raw))])
    spelt = given.bound("query", output=TEXTS, convert=lambda raw: [ways for _, ways in search.spellings(clean(raw))])
    names = [
        Subquery(compiler.rows(type_name).filter(search.similar_to(name)).values_list(name)[: search.MOST_NAMES])
        for type_name, name in need.named.items()
    ]
    known = [Subquery(of.filter(search.found(search.WORD_QUERY)).values("pk")) for of in rows]
    return search.Respelt(words, spelt, names, known)


class Columns:
    """What is made of each row of the page, by the name of its column; and the parts of the answer made of them."""

    def __init__(self, compiler: Compiler, need: Search, given: Arguments) -> None:
        self.compiler = compiler
        self.need = need
        self.given = given
        self.made: dict[str, Any] = {}

    def part(self, nodes: list[FieldNode]) -> PagePart:
        """What is asked of a field of the connection."""
        match nodes[0].name.value:
            case "nodes":
                return Nodes(self._objects(nodes))
            case "edges":
                return Edges(self._edge(nodes))
            case "pageInfo":
                self._cursor()
                elsewhere = self.given.has("before" if self.given.has("last") else "after")
                return page_info(self.compiler, nodes, elsewhere=elsewhere)
            case "totalCount":
                return TOTAL_COUNT
            case "suggestion":
                return SUGGESTION
            case _:
                return OfPage("'SearchConnection'::text")

    def _edge(self, nodes: list[FieldNode]) -> dict[str, str]:
        edge_type = self.compiler.object_type("SearchEdge")
        selected = self.compiler.selected(edge_type, nodes)
        return {key: self._of_edge(group) for key, group in selected.items()}

    def _of_edge(self, group: list[FieldNode]) -> str:
        match group[0].name.value:
            case "node":
                return f"page.{self._objects(group)}"
            case "cursor":
                return f"page.{self._cursor()}"
            case "rank":
                return "page.rank"
            case "highlights":
                return f"page.{self._highlights()}"
            case _:
                return "'SearchEdge'::text"

    def _objects(self, group: list[FieldNode]) -> str:
        name = f"object_{len(self.made)}"
        objects = (
            self.compiler.nodes(_row(self.compiler, searched), searched.type, group) for searched in self.need.searched
        )
        self.made[name] = OfKind([Row(rows) for rows in objects])
        return name

    def _highlights(self) -> str:
        self.made["highlights"] = OfKind(
            [
                Row(_row(self.compiler, searched).values(node=search.highlights(QUERY, searched.lines, searched.html)))
                for searched in self.need.searched
            ]
        )
        return "highlights"

    def _cursor(self) -> str:
        self.made["cursor"] = CursorText(Bound(lambda run: _fingerprint(self.given, run)), [RANK, KIND, KEY])
        return "cursor"


def _fingerprint(given: Arguments, run: Run) -> str:
    arguments = run.arguments[given.number]
    types = arguments.get("types")
    chosen = None if types is None else sorted({each.value for each in types})
    return fingerprint("search", clean(arguments["query"]), chosen, arguments.get("where") or None)


def _beyond(given: Arguments) -> list[BeyondHit]:
    return [
        BeyondHit(*(_cursor_value(given, argument, place) for place in range(len(READ))), before=argument == "before")
        for argument in ("after", "before")
        if given.has(argument)
    ]


def _cursor_value(given: Arguments, argument: str, place: int) -> Bound:
    def slot(run: Run) -> Any:
        values = read_cursor(run.arguments[given.number][argument], _fingerprint(given, run), len(READ))
        try:
            return READ[place](values[place])
        except (TypeError, ValueError, ArithmeticError):
            raise bad_input("This is not a cursor.") from None

    return Bound(slot)


def _read_rank(value: Any) -> Decimal:
    # By its text: the number that JSON makes of 0.607927 is a little less.
    rank = Decimal(str(value))
    if isinstance(value, bool) or not 0 <= rank <= HIGHEST_RANK:
        raise ValueError(value)
    return rank


def _whole(below: int) -> Any:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < below:
            raise ValueError(value)
        return value

    return read


READ: tuple[Any, ...] = (_read_rank, _whole(2**31), _whole(2**63))
