"""What is kept of what anybody may send: bounded, and fair to those who send little."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
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

    def holds(self, name: Hashable) -> bool:
        """Whether something is kept under the name; that is no use of it."""
        return name in self._things

    def take(self, name: Hashable) -> Kept[T] | None:
        """What is kept under the name, with its weight; it is kept no longer."""
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

    def named(self, fits: Callable[[Hashable], bool]) -> list[T]:
        """What is kept under names that fit."""
        with self._lock:
            return [kept.thing for name, kept in self._things.items() if fits(name)]

    def clear(self) -> None:
        """Keeps nothing any longer."""
        with self._lock:
            self._things.clear()
            self._owned.clear()

    def _dispensable(self) -> Hashable:
        most = max(self._owned.values())
        return next(name for name, kept in self._things.items() if self._owned[kept.owner] == most)

    def _removed(self, name: Hashable) -> Kept[T]:
        kept = self._things.pop(name)
        self._owned[kept.owner] -= kept.weight
        if not self._owned[kept.owner]:
            del self._owned[kept.owner]
        return kept


class Shelves(Generic[T]):
    """Two of them, of which the large one has only what was asked for again; what came once waits on the small one.

    So ever new things push out nothing that is in use, whoever brings them.
    """

    def __init__(self, most_in_use: int, most_new: int) -> None:
        self.in_use: Shelf[T] = Shelf(most_in_use)
        self.new: Shelf[T] = Shelf(most_new)

    def get(self, name: Hashable, *, owner: Hashable) -> T | None:
        """What is kept under the name. Who asks for it when it comes again is its owner from then on."""
        thing = self.in_use.get(name)
        if thing is not None:
            return thing
        kept = self.new.take(name)
        if kept is None:
            return None
        self.in_use.put(name, kept.thing, owner=owner, weight=kept.weight)
        return kept.thing

    def put(self, name: Hashable, thing: T, *, owner: Hashable, weight: int) -> None:
        """Keeps what is new."""
        self.new.put(name, thing, owner=owner, weight=weight)

    def holds(self, name: Hashable) -> bool:
        """Whether something is kept under the name; that is no use of it."""
        return self.in_use.holds(name) or self.new.holds(name)

    def named(self, fits: Callable[[Hashable], bool]) -> list[T]:
        """What is kept under names that fit, what is in use first."""
        return [*self.in_use.named(fits), *self.new.named(fits)]

    def clear(self) -> None:
        """Keeps nothing any longer."""
        self.in_use.clear()
        self.new.clear()
