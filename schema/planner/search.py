"""Searches: from a need and its arguments to one expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, Q, QuerySet, Subquery, TextField, Value, When
from graphql import get_named_type

from schema.planner.connections import page_info, page_size
from schema.planner.cursors import fingerprint, rank, read_cursor, whole_number
from schema.planner.errors import InputError
from schema.planner.filters import conditions
from schema.planner.needs import Engine, Search, Searched
from schema.planner.page_sql import Edges, Nodes, PagePart
from schema.planner.search_sql import (
    EXACT_QUERY,
    KEY,
    KIND,
    MOST_LOOKED_AT,
    QUERY,
    RANK,
    SUGGESTION,
    TOTAL_COUNT,
    TYPED,
    USED,
    BeyondHit,
    Chosen,
    OfKind,
    OfPage,
    Queried,
    SearchPage,
    Sought,
)
from schema.planner.sql import ASKED_KEY, Bound, CursorText, Row

if TYPE_CHECKING:
    from graphql import FieldNode, GraphQLField, GraphQLObjectType

    from schema.planner.arguments import Arguments
    from schema.planner.compile import Compiler
    from schema.planner.plan import Run

TEXTS = ArrayField(TextField())


def compile_search(compiler: Compiler, need: Search, definition: GraphQLField, group: list[FieldNode]) -> SearchPage:
    """The search as one expression: an object with what is asked of edges, nodes, pageInfo and the rest."""
    given = compiler.arguments(definition, group)
    if given.has("first") and given.has("last"):
        raise InputError("Give first or last, not both.")
    connection_type = compiler.object_type(get_named_type(definition.type).name)
    columns = Columns(compiler, need, given, connection_type)
    parts = {key: columns.part(nodes) for key, nodes in compiler.selected(connection_type, group).items()}
    types = [_Rows(compiler, need.engine, searched, given) for searched in need.searched]
    engine = need.engine
    sought = Sought(
        function=engine.function,
        is_common=engine.is_common,
        tables=[of.scoped.model._meta.db_table for of in types],
        asked=given.bound("query", output=TEXTS, convert=lambda raw: engine.typed(engine.clean(raw))),
        respelt=_respelt(compiler, need, given, [of.wanted for of in types]),
        typed=[of.found(TYPED, Value(1)) for of in types],
        heads=[of.found(USED, of.head) for of in types],
        latest=[of.latest() for of in types],
        rank=OfKind([Row(_row(compiler, searched).values_list(_rank(engine))) for searched in need.searched]),
    )
    backwards = given.has("last")
    size = Bound(lambda run: page_size(run.arguments[given.number], backwards=backwards))
    return SearchPage(sought, _beyond(need, given), columns.made, parts, size, backwards=backwards)


class _Rows:
    """The rows of a type that may be found: visible, of a type that is asked for, and within the filter."""

    def __init__(self, compiler: Compiler, engine: Engine, searched: Searched, given: Arguments) -> None:
        self.engine = engine
        self.head = _rank(engine, searched.head) if searched.head else Value(0)
        self.scoped = compiler.rows(searched.type)
        if given.has("types"):
            chosen = given.bound("types", convert=lambda types: [each.value for each in types])
            self.scoped = self.scoped.filter(Q(Chosen(searched.choice, chosen)))
        self.condition = conditions(searched.listing, given, ("where",)).whole

    @property
    def wanted(self) -> QuerySet[Any]:
        """All of them."""
        return self.scoped.filter(self.condition)

    def found(self, query: Queried, worth: Any) -> Subquery:
        """Those that an index finds, with what they are worth: null where the words stand in no such phrase."""
        candidates = self.wanted.filter(self.engine.found(query.words))
        return _looked_at(candidates, Q(query.sure) | self.engine.matches(query.whole), worth)

    def latest(self) -> Subquery:
        """The latest that the viewer may see, with what their heads are worth: null where they do not match.

        So the filter is no condition for PostgreSQL to begin with, and no more rows than these are looked at.
        """
        return _looked_at(self.scoped.order_by("-pk"), self.condition & self.engine.matches(QUERY), self.head)


def _looked_at(rows: QuerySet[Any], matching: Q, worth: Any) -> Subquery:
    return Subquery(rows.values_list("pk", Case(When(matching, then=worth)))[:MOST_LOOKED_AT])


def _rank(engine: Engine, *column: str) -> Any:
    return engine.rank(QUERY, EXACT_QUERY, *column)


def _row(compiler: Compiler, searched: Searched) -> QuerySet[Any]:
    return compiler.rows(searched.type).filter(pk=ASKED_KEY)


def _respelt(compiler: Compiler, need: Search, given: Arguments, rows: list[QuerySet[Any]]) -> Any:
    engine = need.engine

    def part(place: int) -> Any:
        return lambda raw: [word[place] for word in engine.spellings(engine.clean(raw))]

    words = given.bound("query", output=TEXTS, convert=part(0))
    spelt = given.bound("query", output=TEXTS, convert=part(1))
    names = [
        Subquery(compiler.rows(type_name).filter(engine.similar_to(name)).values_list(name)[: engine.most_names])
        for type_name, name in need.named.items()
    ]
    known = [Subquery(of.filter(engine.found(engine.word_query)).values("pk")) for of in rows]
    return engine.respelt(words, spelt, names, known)


class Columns:
    """What is made of each row of the page, by the name of its column; and the parts of the answer made of them."""

    def __init__(self, compiler: Compiler, need: Search, given: Arguments, connection_type: GraphQLObjectType) -> None:
        self.compiler = compiler
        self.need = need
        self.given = given
        self.connection_type = connection_type
        self.edge_type = compiler.object_type(get_named_type(connection_type.fields["edges"].type).name)
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
            case "__typename":
                return OfPage(f"'{self.connection_type.name}'::text")
            case name:
                raise TypeError(f"{self.connection_type.name}.{name} is not planned")

    def _edge(self, nodes: list[FieldNode]) -> dict[str, str]:
        selected = self.compiler.selected(self.edge_type, nodes)
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
            case "__typename":
                return f"'{self.edge_type.name}'::text"
            case name:
                raise TypeError(f"{self.edge_type.name}.{name} is not planned")

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
                Row(
                    _row(self.compiler, searched).values(
                        node=self.need.engine.highlights(QUERY, searched.lines, searched.html)
                    )
                )
                for searched in self.need.searched
            ]
        )
        return "highlights"

    def _cursor(self) -> str:
        self.made["cursor"] = CursorText(Bound(lambda run: _fingerprint(self.need, self.given, run)), [RANK, KIND, KEY])
        return "cursor"


def _fingerprint(need: Search, given: Arguments, run: Run) -> str:
    arguments = run.arguments[given.number]
    types = arguments.get("types")
    chosen = None if types is None else sorted({each.value for each in types})
    return fingerprint("search", need.engine.clean(arguments["query"]), chosen, arguments.get("where") or None)


def _beyond(need: Search, given: Arguments) -> list[BeyondHit]:
    return [
        BeyondHit(
            *(_cursor_value(need, given, argument, place) for place in range(len(READ))), before=argument == "before"
        )
        for argument in ("after", "before")
        if given.has(argument)
    ]


def _cursor_value(need: Search, given: Arguments, argument: str, place: int) -> Bound:
    def slot(run: Run) -> Any:
        values = read_cursor(run.arguments[given.number][argument], _fingerprint(need, given, run), len(READ))
        try:
            return READ[place](values[place])
        except ValueError:
            raise InputError("This is not a cursor.") from None

    return Bound(slot)


# The rank, the place of the type, the primary key.
READ: tuple[Any, ...] = (rank, whole_number(0, 2**31), whole_number(0, 2**63))
