"""What was searched for in vain: words and days, no persons, for digests.

A search that finds nothing is noted in the cache that all processes share, so that a read writes nothing to the
database; now and then a worker moves what was noted there. What is lost on the way is lost: these are hints.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.core.cache import caches
from django.db import connection

from knowledge.models import SearchMiss

SHARED: Final = "shared"
# More between two flushes are not people at a loss.
MOST: Final = 1_000
KEPT: Final = timedelta(days=400)

# A place for as many characters as the column of the model has.
LONGEST: Final = 200

_NOTED: Final = "search-misses:noted"
_MOVED: Final = "search-misses:moved"
_MOVING: Final = "search-misses:moving"
_KEPT_SECONDS: Final = 86_400
_MOVING_SECONDS: Final = 60

_ADD: Final = """
    INSERT INTO knowledge_searchmiss AS known (day, words, count)
    SELECT * FROM unnest(%s::date[], %s::text[], %s::integer[])
    ON CONFLICT (day, words) DO UPDATE SET count = known.count + excluded.count
"""


def note(words: str, *, now: datetime) -> None:
    """Notes that a search for clean `words` found nothing. One shared counter gives each note a place of its own."""
    cache = caches[SHARED]
    cache.add(_NOTED, 0, None)
    cache.set(_place(cache.incr(_NOTED)), (now.astimezone(UTC).date(), words.lower()), _KEPT_SECONDS)


def flush(now: datetime) -> int:
    """Moves what was noted into the database; answers how many notes. One process at a time does.

    What is older than KEPT is deleted.
    """
    cache = caches[SHARED]
    if not cache.add(_MOVING, 1, _MOVING_SECONDS):
        return 0
    try:
        noted, moved = cache.get(_NOTED, 0), cache.get(_MOVED, 0)
        # A cache that was emptied counts from the start again.
        first = max(moved if moved <= noted else 0, noted - MOST) + 1
        found = cache.get_many([_place(number) for number in range(first, noted + 1)])
        # Before they are forgotten: where the database fails, they wait for the next time.
        _add(found.values())
        cache.set(_MOVED, noted, None)
        cache.delete_many(found)
        SearchMiss.objects.filter(day__lt=(now - KEPT).date()).delete()
        return len(found)
    finally:
        cache.delete(_MOVING)


def _add(notes: Iterable[tuple[date, str]]) -> None:
    # In lower case some letters are two.
    counted = sorted(Counter((day, words[:LONGEST]) for day, words in notes).items())
    if counted:
        days, words = zip(*(note for note, _ in counted), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [list(days), list(words), [times for _, times in counted]])


def _place(number: int) -> str:
    return f"search-misses:{number}"
