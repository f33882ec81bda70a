"""Tags: from the words that people use to the tags that stand for them.

Writers never deadlock over tags because all of them go in one order: first `resolve` keeps the names as they are and
inserts what is new, sorted by slug; then entries and challenges are locked, by id; then slugs are taken; last `hold`
locks the tags that are counted, by id. Who changes where names lead (renames, merges, deletes) begins with
`change_names`, and so has no writer beside it that found a tag by its name and has not committed yet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, transaction

from knowledge import outbox
from knowledge.events import EventType
from knowledge.models import Tag, TagAlias, TagCategory
from knowledge.services.naming import violated
from knowledge.text import slug_for

# Any number; with it PostgreSQL tells this lock from others.
_NAMES: Final = 0x54616773
_COLUMNS: Final = tuple(field.attname for field in Tag._meta.concrete_fields)
# Two statements, sent at once: the second sees what was committed while the first had to wait. By hand, since every new
# entry comes by here, and Django would take longer to write them than PostgreSQL to answer.
_KEPT: Final = f"""
    SELECT pg_advisory_xact_lock_shared(%s);
    SELECT alias.slug, {", ".join(f"tag.{column}" for column in _COLUMNS)}
      FROM {TagAlias._meta.db_table} AS alias JOIN {Tag._meta.db_table} AS tag ON tag.id = alias.tag_id
     WHERE alias.slug = ANY(%s)
"""  # noqa: S608 - the models' own names


@dataclass(frozen=True, slots=True)
class Resolution:
    """The tag that each name leads to, and which tags had to be made for it, by slug."""

    tags: Mapping[str, Tag]
    created: tuple[Tag, ...]


def keep_names() -> None:
    """Lets nobody rename, merge or delete a tag until the transaction ends. Many may keep them at once.

    Must be called before any row is locked.
    """
    _lock_names("pg_advisory_xact_lock_shared")


def change_names() -> None:
    """Waits until nobody keeps the names, and lets nobody keep or change them until the transaction ends.

    Must be called before any row is locked.
    """
    _lock_names("pg_advisory_xact_lock")


def resolve(names: Iterable[str], *, now: datetime) -> list[Tag]:
    """The tags that these names, slugs or aliases lead to, each once; unknown ones are made."""
    resolution = resolve_all(dict.fromkeys(names, TagCategory.OTHER), now=now)
    return list({tag.pk: tag for tag in resolution.tags.values()}.values())


def resolve_all(wanted: Mapping[str, TagCategory], *, now: datetime) -> Resolution:
    """The tags that the keys of `wanted` (clean names, slugs or aliases) lead to; unknown ones are made.

    A new one gets its category from `wanted` and records TAG_CREATED; one that is there stays as it is. Two writers
    that make the same tag at once get one: the unique indexes settle it, and the later one waits for the earlier. Must
    be called inside a transaction, before any row in it is locked; until it ends, the names lead to the same tags.
    """
    slugs = {name: slug_for(name) for name in wanted}
    known = _kept(slugs.values())
    missing = _missing(wanted, slugs, known, now)
    if not missing:
        return Resolution({name: known[slug] for name, slug in slugs.items()}, ())
    try:
        with transaction.atomic():
            Tag.objects.bulk_create(missing)
    except IntegrityError as error:
        if "slug" not in violated(error):
            raise
        return resolve_all(wanted, now=now)  # somebody made one of them meanwhile: now it is known
    outbox.record_all([outbox.about(EventType.TAG_CREATED, tag, at=now) for tag in missing])
    made = {tag.slug: tag for tag in missing}
    return Resolution({name: known.get(slug) or made[slug] for name, slug in slugs.items()}, tuple(missing))


def hold(tag_ids: Iterable[int]) -> None:
    """Locks tags, in the order that the counting triggers use, until the transaction ends.

    For writers that change what is counted in more than one statement; see the module's order of locks.
    """
    locked = Tag.objects.select_for_update(no_key=True).filter(pk__in=set(tag_ids)).order_by("pk")
    list(locked.values_list("pk", flat=True))


def lookup(names: Iterable[str]) -> dict[str, Tag]:
    """The tags that these names, slugs or aliases lead to; those that lead nowhere are left out.

    Must be called inside a transaction, before any row in it is locked; until it ends, the names lead to the same tags.
    """
    slugs = {name: slug_for(name) for name in names}
    known = _kept(slugs.values())
    return {name: known[slug] for name, slug in slugs.items() if slug in known}


def _lock_names(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_NAMES])


def _kept(slugs: Iterable[str]) -> dict[str, Tag]:
    """The tags that the slugs lead to, after `keep_names`."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, [_NAMES, list(set(slugs))])
        return {slug: Tag.from_db(DEFAULT_DB_ALIAS, _COLUMNS, columns) for slug, *columns in cursor.fetchall()}


def _missing(
    wanted: Mapping[str, TagCategory], slugs: Mapping[str, str], known: Mapping[str, Tag], now: datetime
) -> list[Tag]:
    """Unsaved tags for the names that lead nowhere, sorted by slug; the first name of a slug is how it is written."""
    first_names: dict[str, str] = {}
    for name, slug in slugs.items():
        if slug not in known:
            first_names.setdefault(slug, name)
    return [
        Tag(name=name, slug=slug, category=wanted[name], created_at=now, updated_at=now)
        for slug, name in sorted(first_names.items())
    ]
