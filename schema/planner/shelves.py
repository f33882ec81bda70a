"""What is kept of what anybody may send: bounded, and fair to those who send little."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """Something, how much it weighs, and who brought it."""

    thing: T
    weight: int
    owner: Hashable


class Shelf(Generic[T]):
    """Things by name that weigh no more than `most` together, for all threads.

    When they do, whoever brought most of what is there loses what was asked for longest ago of theirs. So nobody pushes
    out what others brought by bringing more than they did.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: OrderedDict[Hashable, Kept[T]] = OrderedDict()
        self._owned: Counter[Hashable] = Counter()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._things)

    def get(self, name: Hashable) -> T | None:
        """What is kept under the name."""
        with self._lock:
            kept = self._things.get(name)
            if kept is None:
                return None
            self._things.move_to_end(name)
            return kept.thing

    def take(self, name: Hashable) -> T | None:
        """The same, and keeps it no longer."""
        with self._lock:
            return self._removed(name) if name in self._things else None

    def put(self, name: Hashable, thing: T, *, owner: Hashable, weight: int) -> None:
        """Keeps it, unless it alone weighs too much. What is there under the name already stays."""
        with self._lock:
            if name in self._things or weight > self._most:
                return
            while self._owned.total() + weight > self._most:
                self._removed(self._dispensable())
            self._things[name] = Kept(thing, weight, owner)
            self._owned[owner] += weight

    def of(self, owner: Hashable) -> list[T]:
        """What somebody brought, as far as it is there."""
        with self._lock:
            return [kept.thing for kept in self._things.values() if kept.owner == owner]

    def clear(self) -> None:
        """Keeps nothing any longer."""
        with self._lock:
            self._things.clear()
            self._owned.clear()

    def _dispensable(self) -> Hashable:
        most = max(self._owned.values())
        return next(name for name, kept in self._things.items() if self._owned[kept.owner] == most)

    def _removed(self, name: Hashable) -> T:
        kept = self._things.pop(name)
        self._owned[kept.owner] -= kept.weight
        if not self._owned[kept.owner]:
            del self._owned[kept.owner]
        return kept.thing
