"""Slugs of entries and challenges: free ones are looked up, and the unique index settles who gets one."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Final, TypeVar

from django.db import IntegrityError, transaction

from knowledge.models import Challenge, ChallengeSlug, Entry, EntrySlug
from knowledge.text import slugs

# A slug that a row comes with, its title's own, and the numbered ones.
_LOOKED_UP: Final = 10
_ATTEMPTS: Final = 10

M = TypeVar("M", Entry, Challenge)


def insert_named(model: type[M], rows: Sequence[M]) -> None:
    """Inserts new rows, each with a slug made of its title that no other row has, or had once.

    A row that comes with a slug keeps it where it is free.
    """
    _with_free_slugs(model, rows, lambda: model._default_manager.bulk_create(rows))


def rename(row: M, title: str) -> None:
    """Gives a saved row a title and a slug made of it; the slug that it had goes on leading to it."""
    row.title = title
    _with_free_slugs(type(row), [row], lambda: row.save(update_fields=["title", "slug"]))


def violated(error: IntegrityError) -> str:
    """The name of the constraint that refused a row."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""


def _with_free_slugs(model: type[M], rows: Sequence[M], write: Callable[[], object]) -> None:
    """Runs `write` again, with other slugs, as long as somebody else takes one of them first."""
    for attempt in range(1, _ATTEMPTS + 1):
        _choose_slugs(model, rows)
        try:
            with transaction.atomic():
                write()
        except IntegrityError as error:
            if "slug" not in violated(error) or attempt == _ATTEMPTS:
                raise
        else:
            return


def _choose_slugs(model: type[M], rows: Sequence[M]) -> None:
    wanted = {slug for row in rows for slug in islice(_wishes(row), _LOOKED_UP)}
    own = [row.pk for row in rows if not row._state.adding]
    taken = set(model._default_manager.filter(slug__in=wanted).exclude(pk__in=own).values_list("slug", flat=True))
    taken |= _former_slugs(model, wanted, own)
    for row in rows:
        row.slug = next(slug for slug in _wishes(row) if slug not in taken)
        taken.add(row.slug)


def _wishes(row: Entry | Challenge) -> Iterator[str]:
    """Slugs for the row, best first."""
    own = (row.slug,) if row._state.adding and row.slug else ()
    return chain(own, slugs(row.title))


def _former_slugs(model: type[M], wanted: set[str], own: list[int]) -> set[str]:
    if model is Entry:
        former = EntrySlug.objects.filter(slug__in=wanted).exclude(entry__in=own)
        return set(former.values_list("slug", flat=True))
    of_challenges = ChallengeSlug.objects.filter(slug__in=wanted).exclude(challenge__in=own)
    return set(of_challenges.values_list("slug", flat=True))
