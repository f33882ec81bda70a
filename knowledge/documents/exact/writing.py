"""A value as a document, always in the same bytes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import singledispatch
from itertools import count
from typing import Any, Final

from knowledge.documents.exact.front import with_front
from knowledge.documents.exact.values import (
    Exact,
    ExactAbout,
    ExactChallenge,
    ExactEntry,
    ExactSource,
    ExactTag,
    Told,
)

VERSION: Final = "1"
# Numbered in the order in which they refer to each other, which is the order in which a folder is imported.
TAGS: Final = "1-tags"
ENTRIES: Final = "2-entries"
CHALLENGES: Final = "3-challenges"
SOURCES: Final = "4-sources"
OPENING: Final = f"---\nnexus: '{VERSION}'\ndocument: "
TABLE_HEAD: Final = "| line | kind | what | written | solution |\n|---|---|---|---|---|"

_ABOUT: Final = """# An export of Nexus

Everything that a visitor who has not signed in could read when this was written: tags, entries, challenges with their
solutions, and the documents that they came from. One document each, in Markdown with front matter. Votes, history,
accounts, and what is not published are not in it.

`manage.py import_documents FOLDER` reads it back, in the order of the folders' names. `manage.py content_hash` of what
was read back is the `content_hash` above, where nothing else was there before."""


@singledispatch
def write_exact(value: Exact) -> str:
    """The document that reads back as this value."""
    raise TypeError(f"{type(value).__name__} is not written")


def boundary_for(bodies: Sequence[str]) -> str:
    """The line that parts bodies: the first of these that stands in none of them."""
    return next(line for line in _boundaries() if not any(line in body for body in bodies))


def _boundaries() -> Iterator[str]:
    yield DEFAULT_BOUNDARY
    for number in count(2):
        yield f"<!-- solution {number} -->"


DEFAULT_BOUNDARY: Final = "<!-- solution -->"


def parted(boundary: str) -> str:
    """What stands between two bodies."""
    return f"\n\n{boundary}\n\n"


@write_exact.register
def _tag_document(tag: ExactTag) -> str:
    return _document(
        "tag",
        {"slug": tag.slug, "name": tag.name, "category": tag.category, "aliases": list(tag.aliases)},
        tag.description,
    )


@write_exact.register
def _entry_document(entry: ExactEntry) -> str:
    fields = {
        "slug": entry.slug,
        "kind": entry.kind,
        "title": entry.title,
        "summary": entry.summary,
        "tags": list(entry.tags),
        "resources": [{"title": each.title, "url": each.url} for each in entry.resources],
        "created": _time(entry.created),
        "updated": _time(entry.updated),
        "published": _time(entry.published),
    }
    return _document("entry", fields, entry.body)


@write_exact.register
def _challenge_document(challenge: ExactChallenge) -> str:
    bodies = [challenge.body, *(solution.body for solution in challenge.solutions)]
    boundary = boundary_for(bodies)
    fields = {
        "slug": challenge.slug,
        "title": challenge.title,
        "difficulty": challenge.difficulty,
        "status": challenge.status,
        "close_reason": challenge.close_reason,
        "tags": list(challenge.tags),
        "entries": list(challenge.entries),
        "created": _time(challenge.created),
        "updated": _time(challenge.updated),
        "solved": _time(challenge.solved),
        "boundary": "" if boundary == DEFAULT_BOUNDARY else boundary,
        "solutions": [
            {
                **({"accepted": "yes"} if solution.accepted else {}),
                **({"copy": str(solution.copy)} if solution.copy > 1 else {}),
                "created": _time(solution.created),
                "updated": _time(solution.updated),
            }
            for solution in challenge.solutions
        ],
    }
    return _document("challenge", fields, parted(boundary).join(bodies))


@write_exact.register
def _source_document(source: ExactSource) -> str:
    fields = {
        "title": source.title,
        "url": source.url,
        "text_hash": source.text_hash,
        "copy": str(source.copy) if source.copy > 1 else "",
        "imported": _time(source.imported),
        "updated": _time(source.updated),
    }
    return _document("source", fields, "\n".join([TABLE_HEAD, *map(_row, source.told)]))


@write_exact.register
def _about_document(about: ExactAbout) -> str:
    counts = {name: str(number) for name, number in about.counts}
    return _document("export", {"content_hash": about.content_hash, "counts": counts}, _ABOUT)


def _document(kind: str, fields: Mapping[str, Any], body: str) -> str:
    return with_front({"nexus": VERSION, "document": kind, **fields}, body)


def _row(told: Told) -> str:
    folder = CHALLENGES if told.is_challenge else ENTRIES
    what = f"[{told.slug}](../{folder}/{told.slug}.md)"
    return f"| {told.line} | {told.kind} | {what} | {told.written} | {told.solution} |"


def _time(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").zfill(27)
