"""What a resolver knows about the request it works for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Model
from graphql import GraphQLResolveInfo

from knowledge.policy import Viewer


class RowReader(Protocol):
    """Reads what the selection at `info` asks of rows, with a viewer's eyes: one statement, however many rows."""

    def __call__(self, info: GraphQLResolveInfo, rows: Sequence[Model], viewer: Viewer) -> list[dict[str, Any] | None]:
        """By response key, in the rows' order; None for one that is not visible."""


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Who asks, from where, and when; `now` is the same for the whole request."""

    viewer: Viewer
    now: datetime
    read_rows: RowReader
    user_agent: str = ""
    address: str | None = None
