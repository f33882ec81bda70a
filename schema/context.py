"""What a resolver knows about the request it works for."""

from dataclasses import dataclass
from datetime import datetime

from knowledge.policy import Viewer


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Who asks, from where, and when; `now` is the same for the whole request."""

    viewer: Viewer
    now: datetime
    user_agent: str = ""
    address: str | None = None
