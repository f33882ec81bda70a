"""Which tags gained the most, against the period before."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from knowledge.models import Challenge, ChallengeTag, Entry, EntryStatus, EntryTag, Tag


@dataclass(frozen=True, slots=True)
class Trend:
    """A tag, and how many entries and challenges it gained in the period and in the one before."""

    tag_id: int
    name: str
    description: str
    now: int
    before: int


def trending_tags(
    entries: QuerySet[Entry],
    challenges: QuerySet[Challenge],
    *,
    periods: tuple[datetime, datetime, datetime],
    most: int,
) -> list[Trend]:
    """Tags that gained more of these entries (when published) and challenges (when asked) than in the period before.

    `periods` are the start of the one before, the start of this one, and its end. Those that gained the most first.
    """
    _, start, _ = periods
    published = entries.filter(_between("published_at", periods), status=EntryStatus.PUBLISHED)
    asked = challenges.filter(_between("created_at", periods))
    now: Counter[int] = Counter()
    before: Counter[int] = Counter()
    for tag_id, gained_now, gained_before in (
        *_gains(EntryTag.objects.filter(entry__in=published), "entry__published_at", start),
        *_gains(ChallengeTag.objects.filter(challenge__in=asked), "challenge__created_at", start),
    ):
        now[tag_id] += gained_now
        before[tag_id] += gained_before
    rising = [tag_id for tag_id in now if now[tag_id] > before[tag_id]]
    names = {row[0]: row for row in Tag.objects.filter(pk__in=rising).values_list("pk", "name", "description")}
    found = [Trend(*names[tag_id], now[tag_id], before[tag_id]) for tag_id in rising if tag_id in names]
    return sorted(found, key=_rank)[:most]


def _between(field: str, periods: tuple[datetime, datetime, datetime]) -> Q:
    return Q(**{f"{field}__gte": periods[0], f"{field}__lt": periods[2]})


def _gains(carried: QuerySet[Any], moment: str, start: datetime) -> Iterable[tuple[int, int, int]]:
    """For each tag: its id, what it gained since `start`, what it gained before."""
    rows = carried.values("tag_id").annotate(
        now=Count("pk", filter=Q(**{f"{moment}__gte": start})), before=Count("pk", filter=Q(**{f"{moment}__lt": start}))
    )
    return [(row["tag_id"], row["now"], row["before"]) for row in rows]


def _rank(trend: Trend) -> tuple[int, int, str, int]:
    return (trend.before - trend.now, -trend.now, trend.name.casefold(), trend.tag_id)
