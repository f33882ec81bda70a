"""What a field needs from the data: declared beside the field, compiled by the planner.

A field is one of these:

    Value       a column or an expression of the row
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
from typing import Any

from django.db.models import Expression, Field, Model, Q, QuerySet
from django.db.models.expressions import Combinable

from knowledge.policy import Scope, Viewer


@dataclass(frozen=True, slots=True)
class Reading:
    """What an expression may depend on: the viewer (its id bound later) and, likewise, the request's session.

    For a subscription also the event that it tells of; without one it is null.
    """

    viewer: Viewer
    session_id: Expression
    event_id: Expression


Expressing = Callable[[Reading], Combinable | Expression]


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
    pick: Callable[[QuerySet[Any], Given, Reading], QuerySet[Any]] | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """All rows of `type`, in `order`."""

    type: str
    match: Mapping[str, str] = field(default_factory=dict)
    where: Q = field(default_factory=Q)
    order: tuple[str, ...] = ("pk",)


@dataclass(frozen=True, slots=True)
class Order:
    """An order that a connection offers.

    `by` is a column or an expression; `read` turns the value in a cursor back into one of `output`. `needs` names the
    filter without which it cannot be computed; `descending_only` refuses ASC. `then` follows before the primary key.
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
    """A condition that a connection offers: `q` of the value, which `convert` prepared when the plan is run."""

    q: Callable[[Any], Q]
    output: Field[Any, Any]
    convert: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What can be asked of a connection of a type: filters by the input's path (`createdAt.from`), orders by name."""

    filters: Mapping[str, Filter] = field(default_factory=dict)
    orders: Mapping[str, Order] = field(default_factory=dict)
    default: tuple[tuple[str, str], ...] = ()


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
class Connection:
    """A page of rows of `type`, or of what Links lead to.

    `default` overrides the listing's order; `only` narrows the rows, whoever asks. For viewers whom `only_for` does not
    name, the field is null. It may look at the viewer's role alone, as plans are kept by role.
    """

    type: str | Links
    listing: Listing
    match: Mapping[str, str] = field(default_factory=dict)
    default: tuple[tuple[str, str], ...] = ()
    only: Callable[[Viewer], Q] | None = None
    only_for: Callable[[Viewer], bool] | None = None


@dataclass(frozen=True, slots=True)
class Embedded:
    """A list of objects of GraphQL type `type`, whose fields are the keys of the objects in a JSON column."""

    column: str
    type: str


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
class Search:
    """A page of rows of several types, those first that match the argument `query` best; at equal ranks in this order.

    `named` says where words for another spelling stand: an expression a type.
    """

    searched: tuple[Searched, ...]
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
