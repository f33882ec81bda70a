"""A plan: one SQL statement for an operation, run again and again with other values."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.db import connection
from graphql import FieldNode, GraphQLField
from graphql.execution.values import get_argument_values

from knowledge.policy import Viewer
from schema.errors import bad_input


@dataclass(frozen=True, slots=True)
class Run:
    """What a plan's parameters are taken from: the viewer, each field's arguments by its number, the rows asked for.

    For a subscription also the event that it tells of. `facts` is what the server process knows of the request.
    """

    viewer: Viewer
    arguments: tuple[Mapping[str, Any], ...]
    rows: tuple[tuple[str, int], ...] = ()
    event_id: int | None = None
    facts: Any = None


Slot = Callable[[Run], Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled operation. `slots` are the statement's parameters: constants, or functions of a run."""

    sql: str
    slots: tuple[Any, ...]
    fields: tuple[tuple[GraphQLField, FieldNode], ...] = field(repr=False)

    def values(
        self,
        variables: Mapping[str, Any],
        viewer: Viewer,
        rows: tuple[tuple[str, int], ...] = (),
        event_id: int | None = None,
        facts: Any = None,
    ) -> list[Any]:
        """The parameters for these variables and this viewer. Raises BAD_USER_INPUT where one cannot be used."""
        arguments = tuple(get_argument_values(definition, node, dict(variables)) for definition, node in self.fields)
        run = Run(viewer, arguments, rows, event_id, facts)
        return [_storable(slot(run)) if callable(slot) else slot for slot in self.slots]

    def answer(self, values: list[Any]) -> str:
        """The answer's JSON text, by one statement."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, values)
            row = cursor.fetchone()
        text: str = row[0]
        return text


def _storable(value: Any) -> Any:
    """The value; raises BAD_USER_INPUT for text that PostgreSQL cannot hold, alone or in a list."""
    for item in value if isinstance(value, list) else (value,):
        if isinstance(item, str) and ("\0" in item or (not item.isprintable() and _has_surrogate(item))):
            raise bad_input("A text holds a character that cannot be stored.")
    return value


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def shape_of(variables: Mapping[str, Any]) -> bytes:
    """A short name of the variables' shape, however large they are: plans are kept under it."""
    return hashlib.sha256(repr(shape(dict(variables))).encode()).digest()


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
