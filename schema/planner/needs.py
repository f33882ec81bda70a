"""What a field needs from the data: declared beside the field, compiled by the planner.

A field is one of these:

    Value       a column or an expression of the row
    Key         the global id of the row, or of one whose primary key stands in a column
    One         a row of another type, or null
    Many        a list of rows
    Connection  a page of rows, with order, filter and keyset cursors; also of what other rows link to
    Ranked      a few rows, best first, as an expression of the row names them
    OneOf       a row of the first type of several that is there (a union)
    Embedded    objects that stand in a JSON column of the row
    ByIds       rows of any type, by their ids (Query.node and Query.nodes)
    Known       what the server process knows by itself, without the data
    Search      rows of several types in one list, those first that match best what was typed

`match` relates rows to the row that they are nested in: {"author_id": "pk"} takes those whose author_id is the outer
row's pk. The scope of the other type is always added; a need cannot leave it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

from django.db.models import Expression, Field, Model, Q, QuerySet
from django.db.models.expressions import Combinable

from schema.planner.viewers import Scope, V


@dataclass(frozen=True, slots=True)
class Reading(Generic[V]):
    """What an expression may depend on: the viewer (its id bound later) and, likewise, the request's session.

    For a subscription also the event that it tells of; without one it is null.
    """

    viewer: V
    session_id: Expression
    event_id: Expression


Expressing = Callable[[Reading[Any]], Combinable | Expression]


@dataclass(frozen=True, slots=True)
class Value:
    """A leaf: a column by its path, or an expression."""

    of: str | Expressing


@dataclass(frozen=True, slots=True)
class Key:
    """The global id of the row, or of the row of `type` whose primary key stands in `path`."""

    type: str
    path: str = "pk"


@dataclass(frozen=True, slots=True)
class One:
    """A row of `type`. `pick` narrows by the field's arguments, and may order: the first row is taken."""

    type: str
    match: Mapping[str, str] = field(default_factory=dict)
    pick: Callable[[QuerySet[Any], Given, Reading[Any]], QuerySet[Any]] | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """All rows of `type`, in `order`; `at_most` as many as there are of them by a rule of the host's, for its price."""

    type: str
    at_most: int = field(kw_only=True)
    match: Mapping[str, str] = field(default_factory=dict)
    where: Q = field(default_factory=Q)
    order: tuple[str, ...] = ("pk",)


@dataclass(frozen=True, slots=True)
class Order:
    """An order that a connection offers.

    `by` is a column or an expression; `read` turns the value in a cursor back into one of `output`. `needs` names the
    filter without which it cannot be computed; `descending_only` refuses ASC. `then` follows before the primary key.
    What is `nullable` is a time.
    """

    by: str | Callable[[Given], Combinable | Expression]
    output: Field[Any, Any]
    read: Callable[[Any], Any]
    nullable: bool = False
    needs: str | None = None
    descending_only: bool = False
    then: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition that a connection offers: `q` of the value, which `convert` prepared when the plan is run.

    What the listing's index finds has a `query` of it in place of `q`, or beside it where the columns tell as well. A
    query depends on no row, and is worked out once.
    Where `empty_holds`, an empty list asks for nothing.
    """

    q: Callable[[Any], Q] | None
    output: Field[Any, Any]
    convert: Callable[[Any], Any] | None = None
    query: Callable[[Any], Any] | None = None
    empty_holds: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """An index that finds rows in no order, such as one of words: for each query, expressions of it and of rows.

    Rows that are `found` are looked up in it; whether one `matches` is seen by looking at the row. `is_common` tells of
    a table and a query whether so many rows match that a page is sooner there by looking at rows in turn. Queries are
    put together by `all_of` and `any_of`.
    """

    found: Callable[[Any], Q]
    matches: Callable[[Any], Q]
    is_common: Callable[[str, Any], Expression]
    all_of: Callable[[Sequence[Any]], Any]
    any_of: Callable[[Sequence[Any]], Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """What can be asked of a connection of a type: filters by the input's path (`createdAt.from`), orders by name.

    `index` is what filters with a query are found by.
    """

    filters: Mapping[str, Filter] = field(default_factory=dict)
    orders: Mapping[str, Order] = field(default_factory=dict)
    default: tuple[tuple[str, str], ...] = ()
    index: Index | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows of `type`, by the array of primary keys that `keys` makes of the row and the field's arguments.

    In the array's order; what the viewer may not see is left out.
    """

    type: str
    keys: Callable[[Given], Expression]


@dataclass(frozen=True, slots=True)
class OneOf:
    """The row of the first type whose primary key, found in the column, is not null and visible."""

    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Links:
    """Rows of `model` that are no objects themselves: each leads to one, `to`.

    They have the model's scope, and those that lead to nothing visible are not there.
    """

    model: type[Model]
    to: OneOf


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows a connection has is kept, but for those in the scope of `rest`.

    `kept` is a column of the outer row, or an expression that needs none.
    """

    kept: str | Expression
    rest: Scope | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """A page of rows of `type`, or of what Links lead to.

    `default` overrides the listing's order. `copies` says which columns of the rows stand in the rows that `match` goes
    through as well, always equal: an index over those serves relation and order in one. `counted` says where their
    number is kept; it holds where nothing is filtered. `only` narrows the rows,
    whoever asks. For viewers whom `only_for` does not name, the field is null. It may look at the viewer's role alone,
    as plans are kept by role.
    """

    type: str | Links
    listing: Listing
    match: Mapping[str, str] = field(default_factory=dict)
    default: tuple[tuple[str, str], ...] = ()
    copies: Mapping[str, str] = field(default_factory=dict)
    counted: Counted | None = None
    only: Scope | None = None
    only_for: Callable[[Any], bool] | None = None


@dataclass(frozen=True, slots=True)
class Embedded:
    """A list of objects of GraphQL type `type`, whose fields are the keys of the objects in a JSON column.

    There are `at_most` so many, by a rule of the host's, for its price.
    """

    column: str
    type: str
    at_most: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ByIds:
    """Rows of any type by their global ids, in the order asked; `many` tells nodes from node."""

    argument: str
    many: bool


@dataclass(frozen=True, slots=True)
class Known:
    """An object, or a list of them, that the server process knows by itself.

    `of` makes it from what the planner was told of the request: what JSON can hold, by GraphQL names.
    """

    of: Callable[[Any], Mapping[str, Any] | Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Searched:
    """A type that is searched: `choice` is what the argument `types` calls it, `listing` has the filters of `where`.

    Highlights come from the columns `lines`, of one line each, and `html`. `head` is the column that ranks a row
    but for its body, if it has more than that.
    """

    type: str
    choice: str
    listing: Listing
    lines: tuple[str, ...]
    html: str
    head: str | None = None


@dataclass(frozen=True, slots=True)
class Engine:
    """How words are found: what the host's database has for it.

    `clean` makes of what a person typed what is searched for, or refuses it; `typed` makes the array of texts that the
    SQL function called `function` makes a tsquery of; `spellings` has for each word those under which to look for it.
    The SQL function called `is_common` says of a table and a query whether more rows match than should be ranked: then
    rows are looked at in turn, by `matches`, and no index is asked for all that it `found`.
    The others make expressions: whether a row matches a query; how well, by a query and the same without beginnings of
    words (by a column, if one is named); where, by columns of one line and one of HTML; and another spelling,
    `respelt`, of words by their spellings, names (narrowed by `similar_to` to `most_names`) and known rows (narrowed to
    what matches `word_query`).
    """

    clean: Callable[[str], str]
    typed: Callable[[str], list[str]]
    spellings: Callable[[str], list[tuple[str, str]]]
    function: str
    is_common: str
    found: Callable[[Any], Q]
    matches: Callable[[Any], Q]
    rank: Callable[..., Expression]
    highlights: Callable[[Any, Sequence[str], str], Expression]
    similar_to: Callable[[Any], Any]
    word_query: Expression
    most_names: int
    respelt: Callable[[Any, Any, Sequence[Any], Sequence[Any]], Any]


@dataclass(frozen=True, slots=True)
class Search:
    """A page of rows of several types, those first that match the argument `query` best; at equal ranks in this order.

    `named` says where words for another spelling stand: an expression a type.
    """

    searched: tuple[Searched, ...]
    engine: Engine
    named: Mapping[str, Combinable | Expression]


Need = Value | Key | One | Many | Connection | Ranked | OneOf | Embedded | ByIds | Known | Search


@dataclass(frozen=True, slots=True)
class TypeNeeds:
    """A GraphQL type, the model behind it, who may see its rows, and the needs of its fields by GraphQL name."""

    name: str
    model: type[Model]
    scope: Scope
    fields: Mapping[str, Need]


class Given:
    """The arguments of a field: what is there decides the SQL, what it holds is bound when the plan is run."""

    def has(self, *path: str) -> bool:
        """Whether the argument was given, and not null."""
        raise TypeError

    def value(self, *path: str) -> Any:
        """The value that this plan is compiled for. Only for what is part of a plan's key: enum values, structure."""
        raise TypeError

    def bound(
        self, *path: str, output: Field[Any, Any] | None = None, convert: Callable[[Any], Any] | None = None
    ) -> Expression:
        """The value as a parameter; `convert` is applied each time the plan is run, and may raise BAD_USER_INPUT."""
        raise TypeError

    def once(self, value: Expression) -> Expression:
        """A value that depends on no row, to be worked out once for the statement, wherever the same stands in it."""
        raise TypeError
