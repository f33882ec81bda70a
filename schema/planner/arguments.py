"""A field's arguments, while its plan is made and each time that it is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Expression, Field

from schema.planner.needs import Given
from schema.planner.once import Once
from schema.planner.plan import Run, Slot
from schema.planner.sql import Bound


class Arguments(Given):
    """A field's arguments: see Given. `number` is the field's place in the plan; `bound_slots` has what is bound."""

    def __init__(self, number: int, values: Mapping[str, Any], bound_slots: list[Slot]) -> None:
        self.number = number
        self.values = values
        self.bound_slots = bound_slots
        self._bound: dict[tuple[tuple[str, ...], Any], Slot] = {}

    def has(self, *path: str) -> bool:
        """Whether it was given, and not null."""
        return dig(self.values, path) is not None

    def value(self, *path: str) -> Any:
        """The value that the plan is compiled for."""
        return dig(self.values, path)

    def bound(
        self,
        *path: str,
        output: Field[Any, Any] | None = None,
        convert: Callable[[Any], Any] | None = None,
    ) -> Bound:
        """A parameter that takes the value when the plan is run: of the same, the same one."""
        number, known = self.number, self._bound.get((path, convert))
        if known:
            return Bound(known, output)

        def slot(run: Run) -> Any:
            value = dig(run.arguments[number], path)
            return convert(value) if convert and value is not None else value

        self._bound[path, convert] = slot
        return self.run_slot(slot, output)

    def once(self, value: Expression) -> Once:
        """The value, as a step before the statement."""
        return Once(value)

    def run_slot(self, slot: Slot, output: Field[Any, Any] | None = None) -> Bound:
        """A parameter that takes what the slot makes of a run; made, or refused, even if the statement has no use."""
        self.bound_slots.append(slot)
        return Bound(slot, output)


def dig(values: Any, path: tuple[str, ...]) -> Any:
    """The value that a path leads to, through objects and (by number) lists; None where it leads nowhere."""
    for step in path:
        if values is None:
            return None
        values = values[int(step)] if isinstance(values, list) else values.get(step)
    return values
