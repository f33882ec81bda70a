"""Slugs of entries and challenges: free ones are looked up, and the unique index settles who gets one."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Final, TypeVar

from django.db import IntegrityError, connection, transaction

from knowledge.inserting import insert
from knowledge.models import Challenge, ChallengeSlug, Entry, EntrySlug
from knowledge.text import slugs

# A slug that a row comes with, its title's own, and the numbered ones.
_LOOKED_UP: Final = 10
_ATTEMPTS: Final = 10

# Both places of slugs by one statement, which Django would take longer to write than PostgreSQL to answer.
_TAKEN: Final[Mapping[type[Entry | Challenge], str]] = {
    model: f"""SELECT slug FROM {model._meta.db_table}
                WHERE slug = ANY(%(wanted)s) AND id <> ALL(%(own)s::bigint[])
                UNION ALL SELECT slug FROM {former._meta.db_table}
                WHERE slug = ANY(%(wanted)s) AND {column} <> ALL(%(own)s::bigint[])"""  # noqa: S608 - the models' own names
    for model, former, column in ((Entry, EntrySlug, "entry_id"), (Challenge, ChallengeSlug, "challenge_id"))
}

M = TypeVar("M", Entry, Challenge)


def insert_named(model: type[M], rows: Sequence[M]) -> None:
    """Inserts new rows, each with a slug made of its title that no other row has, or had once.

    A row that comes with a slug keeps it where it is free. Raises IntegrityError where others take ten in turn.
    """
    waiting = list(rows)
    for _ in range(_ATTEMPTS):
        _choose_slugs(model, waiting)
        insert(waiting, unless_taken="slug")
        waiting = [row for row in waiting if row._state.adding]
        if not waiting:
            return
    raise IntegrityError(f"No free slug was found for {waiting[0].title!r}.")


def rename(row: M, title: str) -> None:
    """Gives a saved row a title and a slug made of it; the slug that it had goes on leading to it."""
    row.title = title
    for attempt in range(1, _ATTEMPTS + 1):
        _choose_slugs(type(row), [row])
        try:
            with transaction.atomic():
                row.save(update_fields=["title", "slug"])
        except IntegrityError as error:
            if "slug" not in violated(error) or attempt == _ATTEMPTS:
                raise
        else:
            return


def violated(error: IntegrityError) -> str:
    """The name of the constraint that refused a row."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""


def _choose_slugs(model: type[M], rows: Sequence[M]) -> None:
    wanted = {slug for row in rows for slug in islice(_wishes(row), _LOOKED_UP)}
    taken = _taken(model, wanted, [row.pk for row in rows if not row._state.adding])
    for row in rows:
        row.slug = next(slug for slug in _wishes(row) if slug not in taken)
        taken.add(row.slug)


def _wishes(row: Entry | Challenge) -> Iterator[str]:
    """Slugs for the row, best first."""
    own = (row.slug,) if row._state.adding and row.slug else ()
    return chain(own, slugs(row.title))


def _taken(model: type[M], wanted: set[str], own: list[int]) -> set[str]:
    """Which of the slugs lead somewhere, but for those that are or were the `own` rows'."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN[model], {"wanted": list(wanted), "own": own})
        return {slug for (slug,) in cursor.fetchall()}
