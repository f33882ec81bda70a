"""Every path of the schema to depth four takes as many statements at two rows as at twenty."""

from typing import Any

import pytest
from django.apps import apps

from knowledge.models import (
    AuditEvent,
    Bookmark,
    Challenge,
    ChallengeTag,
    Digest,
    Entry,
    EntryChallenge,
    EntryTag,
    MergeConflict,
    RevisionState,
    Tag,
    User,
)
from tests.cast import Cast
from tests.client import Client
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
from tests.schema.test_leaks import DEPTH, ROWLESS
from tests.schema.walk import Walk, roots, walks

FEW, MANY = 2, 20
# A list of all with two below each; or one with all of its own below it, and one below each of these.
LISTED, NAMED = (MANY, 2, 1, 1), (1, MANY, 1, 1)


def grow(cast: Cast, start: int, stop: int) -> None:
    """Adds rows of every type: the first of a type has all others below it, and each other has the first."""
    staff = cast.staff
    for n in range(start, stop):
        user = User.objects.create(username=f"user-{n}", display_name="word")
        subscription(user)
        made = tag(f"Word {n}")
        asked = challenge(f"Word challenge {n}", made, author=staff, created_at=at(n))
        shown = entry(f"Word entry {n}", made, author=staff, challenges=(asked,), published_at=at(n))
        if n:
            EntryTag.objects.bulk_create(
                [EntryTag(entry=shown, tag=first(Tag)), EntryTag(entry=first(Entry), tag=made)]
            )
            ChallengeTag.objects.bulk_create(
                [ChallengeTag(challenge=asked, tag=first(Tag)), ChallengeTag(challenge=first(Challenge), tag=made)]
            )
            EntryChallenge.objects.bulk_create(
                [
                    EntryChallenge(entry=shown, challenge=first(Challenge)),
                    EntryChallenge(entry=first(Entry), challenge=asked),
                ]
            )
            solution(first(Challenge), f"word {n}", author=staff)
        solution(asked, "word", author=staff)
        source(f"Source {n}", *dict.fromkeys((shown, asked, first(Entry), first(Challenge))), imported_by=staff)
        waiting = revision(shown, 2, RevisionState.PENDING, made, author=user, reviewer=staff)
        MergeConflict.objects.create(revision=waiting, base=1, shown=9, merged="", is_clean=True)
        revision(first(Entry), n + 10, RevisionState.SUPERSEDED, made, author=staff)
        Bookmark.objects.create(user=staff, entry=shown)
        AuditEvent.objects.create(action="test", actor=staff, at=at(n))
        ready = digest(f"D {n}", made, status="READY", window_start=at(n), window_end=at(n + 7), requested_by=staff)
        section(ready, "NEW_ENTRIES", {"entry": shown}, {"entry": first(Entry)})
        delivery(ready, staff, status="SENT", sent_at=at(8))
        if n:
            delivery(first(Digest), user, status="SENT", sent_at=at(8))


def first(model: Any) -> Any:
    return model.objects.earliest("pk")


def value_of(walk: Walk) -> Any:
    """What the walk begins with: the first row of the type, or all of them."""
    if walk.by == "query":
        return "word"
    model: Any = apps.get_model("knowledge", walk.of)
    if walk.by in {"slug", "username"}:
        return "staff" if walk.by == "username" else first(model).slug
    return [id_of(row) for row in model.objects.order_by("pk")[:MANY]] if walk.by == "ids" else id_of(first(model))


def longest(value: Any) -> int:
    """How many rows the longest list in an answer has."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max([len(value) if isinstance(value, list) else 0, *map(longest, inside)])


@pytest.mark.walks
@pytest.mark.usefixtures("any_size")
@pytest.mark.parametrize("root", sorted(roots()))
def test_every_path_takes_as_many_statements_at_two_rows_as_at_twenty(cast: Cast, api: Client, root: str) -> None:
    api.authorization(cast.staff)
    ways = [way for way in walks(root, DEPTH, LISTED) if way.by in {None, "ids", "query"}]
    ways = ways or walks(root, DEPTH, NAMED)
    told = []
    grow(cast, 0, FEW)
    for rows in (FEW, MANY):
        if rows == MANY:
            grow(cast, FEW, MANY)
        answers = [api.run(way.document, {"it": value_of(way)} if way.by else None, as_=cast.staff) for way in ways]
        told.append([answer.statements for answer in answers])
        seen = max(longest(answer.data) for answer in answers)
        assert root in ROWLESS or seen == MANY if rows == MANY else seen < MANY
    assert told[0] == told[1] == [2] * len(ways)
