"""From the database to values: what everyone may see, in batches that each take a fixed number of statements."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from typing import Any, Final, TypeVar

from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from knowledge.documents.exact.values import (
    CHALLENGE,
    Exact,
    ExactChallenge,
    ExactEntry,
    ExactResource,
    ExactSolution,
    ExactSource,
    ExactTag,
    Told,
)
from knowledge.documents.importing.exact.sources import solution_hash
from knowledge.models import (
    Challenge,
    ChallengeSource,
    ChallengeTag,
    Entry,
    EntryChallenge,
    EntrySource,
    EntryTag,
    Solution,
    Source,
    Tag,
    TagAlias,
)
from knowledge.models.tags import LISTED
from knowledge.policy import ANONYMOUS, VISIBLE

BATCH: Final = 200

M = TypeVar("M", bound=Model)


def gather() -> Iterator[Exact]:
    """Tags, entries, challenges with their solutions, and sources; each kind by id. Memory is that of one batch."""
    yield from _in_batches(_visible(Tag), _tags)
    yield from _in_batches(_visible(Entry), _entries)
    yield from _in_batches(_visible(Challenge), _challenges)
    yield from _in_batches(_visible(Source).annotate(copy=_copy()), _sources)


def _visible(model: type[M]) -> QuerySet[M]:
    return model._default_manager.filter(VISIBLE[model](ANONYMOUS))


def _in_batches(rows: QuerySet[M], read: Callable[[Sequence[M]], Iterable[Exact]]) -> Iterator[Exact]:
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield from read(batch)
        last = batch[-1].pk


def _tags(rows: Sequence[Tag]) -> Iterator[ExactTag]:
    aliases = TagAlias.objects.filter(tag__in=rows, kind__in=LISTED).order_by("slug")
    names = _grouped(aliases.values_list("tag_id", "name"))
    for tag in rows:
        yield ExactTag(tag.slug, tag.name, tag.category, tag.description, tuple(names[tag.pk]))


def _entries(rows: Sequence[Entry]) -> Iterator[ExactEntry]:
    carried = EntryTag.objects.filter(entry__in=rows).order_by("tag__slug")
    tags = _grouped(carried.values_list("entry_id", "tag__slug"))
    for entry in rows:
        yield ExactEntry(
            slug=entry.slug,
            kind=entry.kind,
            title=entry.title,
            summary=entry.summary,
            body=entry.body,
            tags=tuple(tags[entry.pk]),
            resources=tuple(ExactResource(each["title"], each["url"]) for each in entry.resources),
            created=entry.created_at,
            updated=entry.updated_at,
            published=entry.published_at or entry.created_at,
        )


def _challenges(rows: Sequence[Challenge]) -> Iterator[ExactChallenge]:
    carried = ChallengeTag.objects.filter(challenge__in=rows).order_by("tag__slug")
    tags = _grouped(carried.values_list("challenge_id", "tag__slug"))
    linked = EntryChallenge.objects.filter(challenge__in=rows, entry__in=_visible(Entry)).order_by("entry__slug")
    entries = _grouped(linked.values_list("challenge_id", "entry__slug"))
    given = _visible(Solution).filter(challenge__in=rows).order_by("-is_accepted", "created_at", "pk")
    solutions = _grouped((solution.challenge_id, solution) for solution in given)
    for challenge in rows:
        yield ExactChallenge(
            slug=challenge.slug,
            title=challenge.title,
            body=challenge.body,
            difficulty=challenge.difficulty,
            status=challenge.status,
            close_reason=challenge.close_reason,
            tags=tuple(tags[challenge.pk]),
            entries=tuple(entries[challenge.pk]),
            solutions=tuple(_solutions(solutions[challenge.pk])),
            created=challenge.created_at,
            updated=challenge.updated_at,
            solved=challenge.solved_at,
        )


def _solutions(rows: Sequence[Solution]) -> Iterator[ExactSolution]:
    copies: dict[str, Iterator[int]] = defaultdict(lambda: count(1))
    for row in rows:
        yield ExactSolution(row.body, row.is_accepted, next(copies[row.body]), row.created_at, row.updated_at)


def _copy() -> Coalesce:
    """The how-manieth source of its text it is, among those without an address."""
    alike = _visible(Source).filter(url=None, content_hash=OuterRef("content_hash"), pk__lte=OuterRef("pk"))
    return Coalesce(Subquery(alike.order_by().values("content_hash").annotate(n=Count("pk")).values("n")), 1)


def _sources(rows: Sequence[Any]) -> Iterator[ExactSource]:
    named = EntrySource.objects.filter(source__in=rows, entry__in=_visible(Entry))
    entries = named.values_list("source_id", "line", "kind", "entry__slug", "written")
    asked = ChallengeSource.objects.filter(source__in=rows, challenge__in=_visible(Challenge))
    challenges = asked.values_list("source_id", "line", "challenge__slug", "written", "solution__body")
    told = _grouped(
        (source, Told(line, kind, slug, bytes(written).hex())) for source, line, kind, slug, written in entries
    )
    for source, line, slug, written, solution in challenges:
        answer = solution_hash(solution) if solution else ""
        told[source].append(Told(line, CHALLENGE, slug, bytes(written).hex(), answer))
    for source in rows:
        yield ExactSource(
            title=source.title,
            url=source.url,
            text_hash=bytes(source.content_hash).hex(),
            copy=1 if source.url else source.copy,
            imported=source.imported_at,
            updated=source.updated_at,
            told=tuple(sorted(told[source.pk], key=lambda each: (each.line, each.kind, each.slug))),
        )


def _grouped(pairs: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups
