"""Digests that come by the calendar: each day, each week from Monday, each month; all in UTC."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Min

from knowledge import outbox
from knowledge.digests.phrases import window_in_words
from knowledge.events import EventType
from knowledge.models import Challenge, Digest, DigestAudience, DigestCadence, Entry

# How many of the latest complete windows are opened, should nobody have been there to open them in time.
CAUGHT_UP: Final = {DigestCadence.DAILY: 7, DigestCadence.WEEKLY: 4, DigestCadence.MONTHLY: 2}
# What happened in a window is committed a moment after it: a request has REQUEST_SECONDS and its last statement, clocks
# differ, and searches in vain are moved to the database each minute. What came later than this would be in no digest.
SETTLED_AFTER: Final = timedelta(minutes=2)
NAMES: Final = {
    DigestCadence.DAILY: "Daily digest",
    DigestCadence.WEEKLY: "Weekly digest",
    DigestCadence.MONTHLY: "Monthly digest",
}


@dataclass(frozen=True, slots=True)
class CalendarWindow:
    """A day, a week or a month, for an audience; half-open."""

    cadence: DigestCadence
    start: datetime
    end: datetime
    audience: DigestAudience


def open_due_windows(now: datetime) -> int:
    """Opens a QUEUED digest for every window that is complete and settled, and has none; answers how many.

    Each in a transaction with its event. Unique on cadence, window and audience: opening twice, or in two processes
    at once, opens one. Nothing is opened for the time before there was anything to tell.
    """
    beginning = _beginning()
    if beginning is None:
        return 0
    due = [window for window in complete_windows(now - SETTLED_AFTER) if window.end > beginning]
    opened = _opened_since(min((window.start for window in due), default=now))
    return sum(_open(window, now) for window in due if window not in opened)


def complete_windows(now: datetime) -> Iterator[CalendarWindow]:
    """The latest windows that have ended by `now`, of every cadence and for every audience, newest first."""
    for cadence, count in CAUGHT_UP.items():
        end = _start_of(cadence, now.astimezone(UTC))
        for _ in range(count):
            start = _start_of(cadence, end - timedelta(days=1))
            for audience in DigestAudience:
                yield CalendarWindow(cadence, start, end, audience)
            end = start


def _start_of(cadence: DigestCadence, moment: datetime) -> datetime:
    """When the day, week or month of the moment began."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if cadence == DigestCadence.WEEKLY:
        return midnight - timedelta(days=midnight.weekday())
    return midnight.replace(day=1) if cadence == DigestCadence.MONTHLY else midnight


def _beginning() -> datetime | None:
    """When there first was something to tell."""
    first = (
        Entry.objects.aggregate(first=Min("published_at"))["first"],
        Challenge.objects.aggregate(first=Min("created_at"))["first"],
    )
    return min((moment for moment in first if moment is not None), default=None)


def _opened_since(start: datetime) -> set[CalendarWindow]:
    rows = Digest.objects.filter(cadence__in=CAUGHT_UP, window_start__gte=start)
    return {
        CalendarWindow(DigestCadence(cadence), start, end, DigestAudience(audience))
        for cadence, start, end, audience in rows.values_list("cadence", "window_start", "window_end", "audience")
    }


def _open(window: CalendarWindow, now: datetime) -> bool:
    with transaction.atomic():
        digest, opened = Digest.objects.get_or_create(
            cadence=window.cadence,
            window_start=window.start,
            window_end=window.end,
            audience=window.audience,
            defaults={
                "title": f"{NAMES[window.cadence]}, {window_in_words(window.start, window.end)}",
                "created_at": now,
                "queued_at": now,
            },
        )
        if opened:
            outbox.record(EventType.DIGEST_REQUESTED, digest, at=now)
    return opened
