"""A plan: one SQL statement for an operation, run again and again with other values."""

import hashlib
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, NamedTuple

from schema.planner.binding import Binder
from schema.planner.errors import InputError
from schema.planner.statements import Statement
from schema.planner.viewers import Viewer


class Run(NamedTuple):
    """What a plan's parameters are taken from: the viewer, each field's arguments by its number, the rows asked for.

    For a subscription also the event that it tells of. `facts` is what the server process knows of the request.
    """

    viewer: Viewer
    arguments: tuple[Mapping[str, Any], ...]
    rows: tuple[tuple[str, int], ...] = ()
    event_id: int | None = None
    facts: Any = None


Slot = Callable[[Run], Any]
# In place of the facts of a request that is only looked at: what is made of them is nothing.
UNKNOWN: Final = object()


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled operation. The slots of its statement are constants, or functions of a run.

    `checks` are slots of which the statement has no use: what they refuse is refused whatever was selected.
    """

    statement: Statement
    fields: tuple[Binder, ...] = field(repr=False)
    checks: tuple[Slot, ...] = field(default=(), repr=False)

    def values(
        self,
        variables: dict[str, Any],
        viewer: Viewer,
        rows: tuple[tuple[str, int], ...] = (),
        event_id: int | None = None,
        facts: Any = None,
    ) -> list[Any]:
        """What the statement is run with, for these variables and this viewer.

        Raises BAD_USER_INPUT where a value cannot be used.
        """
        arguments = tuple([bind(variables) for bind in self.fields])
        run = Run(viewer, arguments, rows, event_id, facts)
        for check in self.checks:
            _storable(check(run))
        return [_storable(slot(run)) for slot in self.statement.bound]

    def answer(self, values: list[Any]) -> bytes:
        """The answer's JSON text in UTF-8, by one statement."""
        return self.statement.text(values)


def _storable(value: Any) -> Any:
    """The value; raises BAD_USER_INPUT for text that PostgreSQL cannot hold, alone or in a list."""
    if isinstance(value, str):
        # Most is, and then holds nothing of the kind.
        if not value.isprintable():
            _check(value)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, str):
                _check(item)
    return value


def _check(text: str) -> None:
    if "\0" in text or (not text.isprintable() and _has_surrogate(text)):
        raise InputError("A text holds a character that cannot be stored.")


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def shape_of(variables: Mapping[str, Any]) -> Hashable:
    """What tells the variables' shape from others, and is short however large they are: plans are kept under it."""
    told = [shape(value) for value in variables.values()]
    if tuple in map(type, told):
        return hashlib.sha256(repr((tuple(variables), told)).encode()).digest()
    return (*variables, *told)


def shape(value: Any) -> Any:
    """What of a variable's value can change the SQL: structure, presence, booleans and enum values, nothing else."""
    if isinstance(value, dict):
        return tuple((key, shape(item)) for key, item in sorted(value.items()))
    if isinstance(value, list):
        # Lists of values are bound whole; lists of objects are structure.
        return tuple(shape(item) for item in value) if any(isinstance(item, dict) for item in value) else bool(value)
    if value is None or isinstance(value, bool | Enum):
        return value
    return "value"
