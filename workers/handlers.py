"""What happens after what: the one table from events to tasks."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from knowledge.events import EventType

# Each task is given the id of the event's subject, at least once, and changes nothing the second time.
HANDLERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        EventType.DIGEST_REQUESTED: ("workers.make_digest",),
        EventType.DIGEST_STALLED: ("workers.make_digest",),
        EventType.DIGEST_READY: ("workers.plan_deliveries",),
        EventType.LINK_ASKED: ("workers.mail_link",),
    }
)


def tasks_after(event_type: str) -> tuple[str, ...]:
    """The names of the tasks to send after an event; none for a type that nothing follows or that is not known."""
    return HANDLERS.get(event_type, ())
