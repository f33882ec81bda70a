"""When a person's morning is, and when to try again."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MORNING: Final = time(7)
# From a minute to a day: a mail server may be away for a night, or a mailbox full for two days.
PAUSES: Final[Sequence[timedelta]] = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 720, 1_440))


def morning_after(window_end: datetime, time_zone: str) -> datetime:
    """When who lives in `time_zone` is sent what ended at `window_end`: at seven on the day that began then in UTC.

    So a week that ends with Sunday comes on Monday morning, from Honolulu to Tokyo. East of Bangkok that morning has
    come before the week is over in UTC, and the mail leaves when it is. A zone that is not known counts as UTC.
    """
    day = window_end.astimezone(UTC).date()
    return max(datetime.combine(day, MORNING, _zone(time_zone)).astimezone(UTC), window_end)


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts that failed; None when it is enough."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
