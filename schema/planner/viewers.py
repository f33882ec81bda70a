"""Who is asking, as far as the planner cares."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.db.models import Expression, Model, Q


class Viewer(Protocol):
    """Somebody of a role. A plan is compiled for the role, None for who is not signed in; the ids are bound later."""

    @property
    def id(self) -> Any:
        """Their primary key."""

    @property
    def role(self) -> Hashable:
        """What they may, as far as it changes the SQL."""

    @property
    def session_id(self) -> Any:
        """The primary key of the session that the request came with."""


V = TypeVar("V", bound=Viewer)

# Which rows a viewer may see. It may look at the role in Python, and at the id in the database alone.
Scope = Callable[[Any], Q]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a schema's host says of its viewers.

    `scopes` are those of the models whose rows only link to others. `stand_in` makes, of a viewer and an expression in
    their id's place (None for who is not signed in), the viewer that scopes are compiled with.
    """

    scopes: Mapping[type[Model], Scope]
    stand_in: Callable[[Any, Expression | None], Viewer]
