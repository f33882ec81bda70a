"""Rows for made-up operations to find: some of each sort, related in every way, not all of them for everyone to see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from knowledge.models import (
    AuditEvent,
    Bookmark,
    DigestAudience,
    DigestCadence,
    DigestStatus,
    Entry,
    EntryKind,
    EntryStatus,
    MergeConflict,
    RevisionState,
    Tag,
    TagCategory,
    Vote,
)
from tests.cast import Cast
from tests.schema.rows import (
    at,
    challenge,
    delivery,
    digest,
    entry,
    id_of,
    revision,
    section,
    solution,
    source,
    subscription,
    tag,
)


@dataclass
class World:
    """What operations can ask for by name."""

    cast: Cast
    ids: dict[str, list[str]] = field(default_factory=dict)
    slugs: dict[str, list[str]] = field(default_factory=dict)

    def keep(self, row: Any) -> Any:
        """Notes the row's id, and its slug if it has one, by its type."""
        name = type(row).__name__
        self.ids.setdefault(name, []).append(id_of(row))
        if slug := getattr(row, "slug", None):
            self.slugs.setdefault(name, []).append(slug)
        return row


def make_world(cast: Cast) -> World:
    """Saves it."""
    world = World(cast)
    tags = _tags(world)
    challenges = _challenges(world, tags)
    entries = _entries(world, tags, challenges)
    _revisions(world, entries, tags)
    _sources(world, entries, challenges)
    _reactions(world, entries, challenges)
    _digests(world, entries, challenges, tags)
    for number, user in enumerate((cast.staff, cast.author, None)):
        AuditEvent.objects.create(
            at=at(number), actor=user, action=("user.role_set", "entry.archived")[number % 2], detail={"n": number}
        )
    for user in (cast.author, cast.peer, cast.reviewer, cast.staff):
        world.keep(user)
    return world


def _tags(world: World) -> list[Tag]:
    made = [
        tag("PostgreSQL", "postgres", "pg", category=TagCategory.TECHNOLOGY),
        tag("Docker", "containers", category=TagCategory.TOOL, description="Ships it."),
        tag("Testing", category=TagCategory.PRACTICE),
        tag("Ünïcode", category=TagCategory.OTHER),
    ]
    return [world.keep(each) for each in made]


def _challenges(world: World, tags: list[Tag]) -> list[Any]:
    cast = world.cast
    made = [
        challenge("Slow queries", tags[0], author=cast.author, created_at=at(1), score=2),
        challenge("slow builds", tags[1], tags[2], author=cast.peer, created_at=at(2), body="Docker builds are slow."),
        challenge('Odd "quotes" \\ and\ttabs', author=None, created_at=at(2), close_reason="done", status="CLOSED"),
    ]
    for number, each in enumerate(made[:2]):
        world.keep(solution(each, "Use an index.", author=cast.peer, created_at=at(3), is_accepted=number == 0))
        world.keep(solution(each, "Cache the <b>layers</b>.", author=cast.author, created_at=at(4), score=number))
        world.keep(solution(each, "Measure docker first.", author=None, created_at=at(4)))
    return [world.keep(each) for each in made]


def _entries(world: World, tags: list[Tag], challenges: list[Any]) -> list[Entry]:
    cast = world.cast
    kinds, statuses = list(EntryKind), list(EntryStatus)
    words = ("Indexes", "docker compose", "Éclair", "Testing databases", "transactions", "Z", "a_b", "indexes again")
    made = []
    for number, word in enumerate([*words, *(f"draft {status}" for status in statuses)]):
        status = EntryStatus.PUBLISHED if number < len(words) else statuses[number - len(words)]
        shown = status in {EntryStatus.PUBLISHED, EntryStatus.ARCHIVED}
        made.append(
            entry(
                word,
                *tags[number % 4 : number % 4 + 2],
                author=(cast.author, cast.peer, None)[number % 3],
                status=status,
                challenges=tuple(challenges[: number % 3]),
                kind=kinds[number % len(kinds)],
                summary=f"On {word} with Docker" if number % 2 else "",
                body=f"Postgres and {word}.\n\nMore.",
                body_html=f"<p>Postgres and <em>{word}</em>.</p>",
                resources=[{"title": f"T{n}", "url": f"https://example.org/{n}"} for n in range(number % 3)],
                created_at=at(number / 7),
                published_at=at(number // 2 + 0.000_123_4 * (number % 2)) if shown else None,
                score=number % 4,
                archive_reason="old" if status == EntryStatus.ARCHIVED else "",
            )
        )
    return [world.keep(each) for each in made]


def _revisions(world: World, entries: list[Entry], tags: list[Tag]) -> None:
    cast = world.cast
    for each in entries:
        world.keep(each.revisions.get())
    for number, (user, state) in enumerate(
        (
            (cast.author, RevisionState.DRAFT),
            (cast.peer, RevisionState.PENDING),
            (cast.reviewer, RevisionState.CHANGES_REQUESTED),
            (cast.staff, RevisionState.SUPERSEDED),
        ),
        2,
    ):
        made = world.keep(
            revision(entries[0], number, state, tags[0], author=user, based_on=1, note="n", diff="--- a\n+++ b")
        )
        MergeConflict.objects.create(revision=made, base=1, shown=2, merged="m", is_clean=bool(number % 2))


def _sources(world: World, entries: list[Entry], challenges: list[Any]) -> None:
    cast = world.cast
    world.keep(source("README", *entries[:4], challenges[0], imported_by=cast.author, imported_at=at(1)))
    world.keep(source("Notes", *entries[2:], url="https://example.org/notes", imported_at=at(1)))
    world.keep(source("Hidden", entries[-4], imported_by=cast.reviewer, imported_at=at(2)))


def _reactions(world: World, entries: list[Entry], challenges: list[Any]) -> None:
    for number, user in enumerate((world.cast.author, world.cast.peer, world.cast.staff)):
        Bookmark.objects.create(user=user, entry=entries[number], created_at=at(1))
        Bookmark.objects.create(user=user, entry=entries[-1 - number], created_at=at(1))
        Bookmark.objects.create(user=user, challenge=challenges[number], created_at=at(2))
        Vote.objects.create(user=user, entry=entries[4], value=1 - 2 * (number % 2))
        Vote.objects.create(user=user, challenge=challenges[0], value=1)


def _digests(world: World, entries: list[Entry], challenges: list[Any], tags: list[Tag]) -> None:
    cast = world.cast
    made = [
        digest("Week", *tags[:2], status=DigestStatus.READY),
        digest("Reviewers", audience=DigestAudience.REVIEWERS, status=DigestStatus.READY, created_at=at(8)),
        digest("Asked", cadence=DigestCadence.ON_DEMAND, requested_by=cast.author, status=DigestStatus.READY),
        digest("Failed", cadence=DigestCadence.DAILY, status=DigestStatus.FAILED, failure="No words."),
    ]
    section(made[0], "NEW_ENTRIES", *({"entry": each} for each in entries), {"headline": "gone"})
    section(made[0], "TRENDING_TAGS", {"tag": tags[0]}, {"challenge": challenges[0]}, position=1)
    section(made[2], "OPEN_CHALLENGES", {"challenge": challenges[1], "excerpt": "e"})
    for each in made:
        world.keep(each)
    for user in (cast.author, cast.staff):
        world.keep(delivery(made[0], user, status="SENT", sent_at=at(8), attempts=1))
        world.keep(delivery(made[1], user, status="SKIPPED", reason="nothing new"))
        world.keep(subscription(user, *tags[:2]))
