"""Rows of every type, as many as one likes, and as many of them in the lists of those rows that come first.

Of entries and challenges, the last four that were made come first, one by each of the cast: on these hangs the rest. Of
other types it is the last that was made; so a page of one leads on to as many rows as there are.
"""

from itertools import product
from typing import Any

from knowledge.models import (
    AuditEvent,
    Bookmark,
    Challenge,
    ChallengeSource,
    ChallengeTag,
    DigestDelivery,
    DigestItem,
    Entry,
    EntryChallenge,
    EntryRevision,
    EntrySource,
    EntryTag,
    MergeConflict,
    PersonalAccessToken,
    RefreshToken,
    RevisionState,
    RevisionTag,
    Session,
    Solution,
    Source,
    Tag,
    User,
)
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import NOON, at, challenge, digest, entry, section, source, subscription, tag

# What comes first is found by it; by the other one no more than one row of each type.
COMMON = "word"
RARE = "nearest"
CADENCES = ("DAILY", "WEEKLY", "MONTHLY")
SECTIONS = ("NEW_ENTRIES", "UPDATED_ENTRIES", "SOLVED_CHALLENGES", "OPEN_CHALLENGES", "TRENDING_TAGS")
# What there can't be more of.
MOST = {"Viewer.digestSubscriptions": len(CADENCES), "Digest.sections": len(SECTIONS)}


def client_of_everybody() -> Client:
    """A client that is signed in by sessions that everybody has."""
    client = Client()
    for session in Session.objects.distinct("user_id"):
        client.resume(session)
    return client


def grow(cast: Cast, rows: int) -> None:
    """Saves them. What belongs to a person, each of the cast has; so there are four times as many entries."""
    people = [cast.author, cast.peer, cast.reviewer, cast.staff]
    users = User.objects.bulk_create(User(username=f"user {n}", joined_at=at(-n)) for n in range(rows))
    User.objects.filter(pk__in=[user.pk for user in people]).update(joined_at=at(1))
    # By name, the last comes first.
    tags = [tag(f"Tag {99 - n}") for n in range(rows)]
    challenges = [challenge(title(n, rows), author=people[n % 4]) for n in range(4 * rows)]
    links = [{"title": "T", "url": "https://example.org"}] * rows
    entries = [entry(title(n, rows), author=people[n % 4], resources=links) for n in range(4 * rows)]
    _tie(entries, challenges, tags, [source(f"Source {n}", imported_by=cast.staff) for n in range(rows)])
    _solutions(challenges[-4:], people, rows)
    _revisions(entries[-rows:], people, tags, rows)
    AuditEvent.objects.bulk_create(AuditEvent(action="test", actor=cast.staff) for _ in range(rows))
    subjects: list[dict[str, Any]] = [{"entry": entries[-1]}, {"challenge": challenges[-1]}]
    _digests([*users, *people], tags, [*subjects, *({"tag": each} for each in tags)], rows)
    for user in people:
        _belongings(user, entries[-rows:], challenges[-rows:], tags, rows)


def title(number: int, rows: int) -> str:
    """Those that come first are found first."""
    if number == 4 * rows - 1:
        return f"{COMMON} {RARE} {number}"
    return f"{COMMON} {number}" if number > 4 * rows - 5 else f"Title {number}"


def _tie(entries: list[Entry], challenges: list[Challenge], tags: list[Tag], sources: list[Source]) -> None:
    """The first of each type with as many of the others."""
    few = len(tags)
    EntryTag.objects.bulk_create(
        EntryTag(entry=each, tag=one) for each, one in _pairs(entries[-few - 1 :], tags, entries[-4:], tags[-1:])
    )
    ChallengeTag.objects.bulk_create(
        ChallengeTag(challenge=each, tag=one)
        for each, one in _pairs(challenges[-few:], tags, challenges[-4:], tags[-1:])
    )
    EntryChallenge.objects.bulk_create(
        EntryChallenge(entry=each, challenge=one)
        for each, one in _pairs(entries[-few:], challenges[-few:], entries[-4:], challenges[-4:])
    )
    EntrySource.objects.bulk_create(
        EntrySource(entry=each, source=one, kind=each.kind, line=each.pk, written=b"")
        for each, one in _pairs(entries[-few:], sources, entries[-4:], sources[-1:])
    )
    ChallengeSource.objects.bulk_create(
        ChallengeSource(challenge=each, source=one, line=each.pk, written=b"")
        for each, one in _pairs(challenges[-few:], sources, challenges[-4:], sources[-1:])
    )


def _pairs(these: list[Any], those: list[Any], first_of_these: list[Any], first_of_those: list[Any]) -> set[Any]:
    """Each of these with the first of those, and the other way round."""
    return {*product(these, first_of_those), *product(first_of_these, those)}


def _solutions(challenges: list[Challenge], people: list[User], rows: int) -> None:
    Challenge.objects.filter(pk__in=[each.pk for each in challenges]).update(status="SOLVED", solved_at=NOON)
    Solution.objects.bulk_create(
        Solution(
            challenge=each,
            body=f"{COMMON} {RARE}" if each == challenges[-1] and n == 0 else COMMON,
            author=people[n % 4],
            is_accepted=n == 0,
        )
        for each in challenges
        for n in range(rows)
    )


def _revisions(entries: list[Entry], people: list[User], tags: list[Tag], rows: int) -> None:
    """Of each entry one that waits; of the first those shown before, and a draft by each other of the cast."""
    waiting = [_revision(each, 100, RevisionState.PENDING, people[1], -n) for n, each in enumerate(entries)]
    open_, shown = waiting[-4:], []
    for each in entries[-4:]:
        open_ += [_revision(each, 50 + n, RevisionState.DRAFT, user) for n, user in enumerate(people) if n != 1]
        shown += [_revision(each, 2 + n, RevisionState.SUPERSEDED, people[-1]) for n in range(rows)]
    EntryRevision.objects.bulk_create([*shown, *open_[4:], *waiting])
    MergeConflict.objects.bulk_create(
        MergeConflict(revision=each, base=1, shown=49, merged="", is_clean=True) for each in open_
    )
    approved = EntryRevision.objects.filter(state=RevisionState.APPROVED)
    approved.update(resources=entries[0].resources)
    RevisionTag.objects.bulk_create(
        RevisionTag(revision=each, tag=one)
        for each in [*open_, *approved.filter(entry__in=entries[-4:])]
        for one in tags
    )


def _revision(of: Entry, number: int, state: RevisionState, author: User | None, submitted: float = 0) -> EntryRevision:
    times = {"created_at": at(number), "submitted_at": at(submitted)}
    texts = {"kind": of.kind, "title": of.title, "resources": of.resources}
    return EntryRevision(entry=of, number=number, state=state, author=author, reviewer=of.author, **texts, **times)


def _digests(users: list[User], tags: list[Tag], subjects: list[dict[str, Any]], rows: int) -> None:
    """Each has a section with as many lines, and is sent to all users."""
    for n in range(rows):
        made = digest(f"D {n}", *tags, status="READY", window_start=at(n), window_end=at(n + 7), requested_by=users[-1])
        parts = [section(made, kind, position=place) for place, kind in enumerate(SECTIONS)]
        DigestItem.objects.bulk_create(
            DigestItem(section=parts[0], position=place, headline="H", reason="new", **subjects[place])
            for place in range(rows)
        )
        DigestDelivery.objects.bulk_create(
            DigestDelivery(
                digest=made, recipient=user, message_id=f"{n} {user.pk}", window_start=NOON, window_end=at(7)
            )
            for user in users
        )


def _belongings(user: User, entries: list[Entry], challenges: list[Challenge], tags: list[Tag], rows: int) -> None:
    """What a person keeps and gets, and where they are signed in."""
    Bookmark.objects.bulk_create(
        Bookmark(user=user, **{name: row}, created_at=at(n))
        for n, pair in enumerate(zip(entries[:rows], challenges[:rows], strict=True))
        for name, row in zip(("entry", "challenge"), pair, strict=True)
    )
    for cadence in CADENCES:
        subscription(user, *tags, cadence=cadence)
    signed_in = Session.objects.bulk_create(Session(user=user) for _ in range(rows))
    RefreshToken.objects.bulk_create(
        RefreshToken(session=each, token_hash=f"{each.pk}".encode(), expires_at=at(100_000)) for each in signed_in
    )
    PersonalAccessToken.objects.bulk_create(
        PersonalAccessToken(user=user, name=f"{n}", scope="READ", token_hash=f"{user.pk} {n}".encode(), hint="hint")
        for n in range(rows)
    )
