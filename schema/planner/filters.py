"""What rows a filter asks for, and how they are found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from schema.planner.errors import InputError
from schema.planner.needs import Filter, Index, Listing
from schema.planner.once import Once

if TYPE_CHECKING:
    from schema.planner.arguments import Arguments

DEEPEST_FILTER = 10
MOST_CONDITIONS = 100
# Not `pk__in=[]`: Django answers that without SQL, and a plan needs SQL.
NO_ROW = Q(pk__isnull=True)
JOINING = frozenset({"AND", "OR", "NOT"})


@dataclass(slots=True)
class Conditions:
    """What a filter asks of a row: `plain` by its columns, `queries` by the listing's index, all of which must hold.

    `known_twice` are queries for what `plain` says already: of use only beside what the index alone can tell.
    """

    index: Index | None
    plain: Q = field(default_factory=Q)
    queries: list[Any] = field(default_factory=list)
    known_twice: list[Any] = field(default_factory=list)

    @property
    def sought(self) -> list[Any]:
        """What to look for in the index: nothing where the columns tell all."""
        return [*self.queries, *self.known_twice] if self.queries else []

    @property
    def whole(self) -> Q:
        """All of it as one condition. Query by query: one by itself makes PostgreSQL expect half a percent of all."""
        return reduce(and_, map(self.index.found, self.sought), self.plain) if self.index else self.plain

    def add(self, chosen: Filter, value: Any) -> None:
        """Asks for what a filter makes of the value."""
        if chosen.q is not None:
            self.plain &= chosen.q(value)
        if chosen.query is not None:
            (self.queries if chosen.q is None else self.known_twice).append(Once(chosen.query(value)))

    def add_all(self, others: list[Conditions]) -> None:
        """Asks for what all of the others ask for."""
        for other in others:
            self.plain &= other.plain
            self.queries += other.queries
            self.known_twice += other.known_twice

    def add_any(self, others: list[Conditions]) -> None:
        """Asks for what at least one of the others asks for: of the index, where it alone can tell."""
        if self.index and others and all(other.queries and not other.plain for other in others):
            self.queries.append(self.index.any_of([self.index.all_of(other.queries) for other in others]))
        else:
            self.plain &= _any_of([other.whole for other in others])


def count_conditions(where: Any) -> int:
    """How many conditions a filter holds, each AND, OR and NOT among them."""
    if isinstance(where, list):
        return sum(max(1, count_conditions(item)) for item in where)
    if not isinstance(where, Mapping):
        return 0
    return sum(1 + (count_conditions(value) if name in JOINING else 0) for name, value in where.items())


def conditions(listing: Listing, given: Arguments, path: tuple[str, ...], depth: int = 0) -> Conditions:
    """What the filter that stands at `path` in the arguments asks for: its structure is compiled, its values are bound.

    Raises InputError where it nests too deep.
    """
    if depth > DEEPEST_FILTER:
        raise InputError(f"A filter nests at most {DEEPEST_FILTER} deep.")
    asked = Conditions(listing.index)
    for name, value in (given.value(*path) or {}).items():
        here = (*path, name)
        if value is None:
            continue
        if name == "NOT":
            inner = conditions(listing, given, here, depth + 1).whole
            asked.plain &= ~inner if inner else NO_ROW
        elif name in JOINING:
            options = [conditions(listing, given, (*here, str(place)), depth + 1) for place in range(len(value))]
            (asked.add_all if name == "AND" else asked.add_any)(options)
        else:
            _add(asked, listing, given, here)
    return asked


def _add(asked: Conditions, listing: Listing, given: Arguments, path: tuple[str, ...]) -> None:
    """Asks for what a filter makes of the value at `path`, or for each end of a range there."""
    name, value = path[-1], given.value(*path)
    if name not in listing.filters:
        paths = {f"{name}.{part}": (*path, part) for part, end in value.items() if end is not None}
    elif listing.filters[name].empty_holds and not value:
        paths = {}
    else:
        paths = {name: path}
    for key, place in paths.items():
        chosen = listing.filters[key]
        asked.add(chosen, given.bound(*place, output=chosen.output, convert=chosen.convert))


def _any_of(options: list[Q]) -> Q:
    if not options:
        return NO_ROW
    # An empty condition is true of every row, and to Q.__or__ it is nothing.
    return reduce(or_, options) if all(options) else Q()
