"""What a resolver knows about the request it works for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Model
from graphql import GraphQLResolveInfo

from knowledge.policy import Viewer
from schema.planner.answers import Fetched


class RowReader(Protocol):
    """Reads what the selection at `info` asks of rows, with a viewer's eyes: one statement, however many rows."""

    def __call__(self, info: GraphQLResolveInfo, rows: Sequence[Model], viewer: Viewer) -> list[Fetched | None]:
        """In the rows' order; None for one that is not visible."""


@dataclass(slots=True)
class Carrier:
    """What a browser carries tokens in: those that came, and what becomes of them with the answer."""

    access: str | None = None
    refresh: str | None = None
    given: tuple[str, str] | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Who asks, from where, and when; `now` is the same for the whole request. `carrier` is None but for cookies.

    `variables` are the operation's, coerced.
    """

    viewer: Viewer
    now: datetime
    variables: dict[str, Any]
    read_rows: RowReader
    user_agent: str = ""
    address: str | None = None
    carrier: Carrier | None = None

    def handed_over(self, access: str, refresh: str) -> tuple[str | None, str | None]:
        """What the answer shows of a session's new tokens: both, or neither where the browser carries them."""
        if self.carrier is None:
            return access, refresh
        self.carrier.given = (access, refresh)
        return None, None
