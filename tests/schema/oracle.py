"""What each of the cast may see, in Python, from the table of who may: it knows nothing of `knowledge.policy`.

SEEN     by model, whether somebody may see a row
LEADING  by field, to which rows it leads, whoever asks
CLOSED   by field, for whom it is null, whatever it leads to
TOLD     by field, what it tells whom, where that is not what its column holds
SECRET   by column, whom a text is for, where that is not everybody who may see the row
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from knowledge.models import (
    AuditEvent,
    Bookmark,
    Challenge,
    Digest,
    DigestDelivery,
    DigestItem,
    DigestSection,
    DigestSubscription,
    Entry,
    EntryRevision,
    MergeConflict,
    PersonalAccessToken,
    Session,
    Solution,
    Source,
    Tag,
    User,
)


@dataclass(frozen=True)
class Eyes:
    """One of the cast; nobody when `user` is None."""

    name: str
    user: User | None

    @property
    def staff(self) -> bool:
        """Whether this is staff."""
        return self.name == "staff"

    @property
    def reviews(self) -> bool:
        """Whether this is a reviewer or staff."""
        return self.name in {"reviewer", "staff"}

    def are(self, user_id: int | None) -> bool:
        """Whether these are that person's."""
        return self.user is not None and self.user.pk == user_id

    def see(self, row: Model) -> bool:
        """Whether they may see the row."""
        return SEEN[type(row)](self, row)

    def know(self, row: Model, column: str) -> bool:
        """Whether they may know what the column holds of the row."""
        secret = SECRET.get(f"{type(row).__name__}.{column}")
        return self.see(row) and (secret is None or secret(self, row))


def _entry(eyes: Eyes, row: Any) -> bool:
    waits_or_is_put_away = row.status in {"IN_REVIEW", "ARCHIVED"}
    return row.status == "PUBLISHED" or eyes.are(row.author_id) or (eyes.reviews and waits_or_is_put_away)


def _revision(eyes: Eyes, row: Any) -> bool:
    states = {"APPROVED"}
    states |= {"SUPERSEDED"} if eyes.user else set()
    states |= {"PENDING", "CHANGES_REQUESTED"} if eyes.reviews else set()
    return _entry(eyes, row.entry) and (row.state in states or eyes.are(row.author_id))


def _digest(eyes: Eyes, row: Any) -> bool:
    mine = eyes.staff or eyes.are(row.requested_by_id)
    is_for_them = row.audience == "EVERYONE" or eyes.reviews
    return mine or (row.status == "READY" and row.cadence != "ON_DEMAND" and is_for_them)


def _source(eyes: Eyes, row: Any) -> bool:
    entries = Entry.objects.filter(entrysource__source=row)
    visible = any(_entry(eyes, each) for each in entries) or row.challengesource_set.exists()
    return visible or eyes.staff or eyes.are(row.imported_by_id)


def _bookmark(eyes: Eyes, row: Any) -> bool:
    return eyes.are(row.user_id) and eyes.see(row.entry or row.challenge)


def _everyone(_eyes: Eyes, _row: Any) -> bool:
    return True


def _nobody(_eyes: Eyes, _row: Any) -> bool:
    return False


def _owner(eyes: Eyes, row: Any) -> bool:
    return eyes.are(row.user_id)


def _self(eyes: Eyes, row: Any) -> bool:
    return eyes.are(row.pk)


Sees = Callable[[Eyes, Any], bool]
SEEN: Mapping[type[Model], Sees] = {
    AuditEvent: lambda eyes, row: eyes.staff,
    Bookmark: _bookmark,
    Challenge: _everyone,
    Digest: _digest,
    DigestDelivery: lambda eyes, row: eyes.staff or (eyes.are(row.recipient_id) and _digest(eyes, row.digest)),
    DigestItem: lambda eyes, row: row.listed and _digest(eyes, row.section.digest),
    DigestSection: lambda eyes, row: _digest(eyes, row.digest),
    DigestSubscription: _owner,
    Entry: _entry,
    EntryRevision: _revision,
    MergeConflict: lambda eyes, row: _revision(eyes, row.revision),
    PersonalAccessToken: _owner,
    Session: _owner,
    Solution: _everyone,
    Source: _source,
    Tag: _everyone,
    User: _everyone,
}
SECRET: Mapping[str, Sees] = {
    "Challenge.title_key": _nobody,
    "DigestDelivery.message_id": _nobody,
    "Entry.title_key": _nobody,
    "EntryRevision.diff": lambda eyes, row: eyes.user is not None,
    "Session.end_reason": _nobody,
    "User.email": _self,
    "User.password": _nobody,
    "User.time_zone": _self,
}


def _waiting(eyes: Eyes) -> Iterable[Any]:
    """Revisions that they may review now."""
    if not eyes.reviews:
        return []
    handed_in = EntryRevision.objects.filter(state="PENDING").exclude(entry__status="ARCHIVED")
    return [row for row in handed_in if eyes.staff or not eyes.are(row.author_id)]


def _draft(eyes: Eyes, entry: Any) -> Iterable[Any]:
    states = ("DRAFT", "PENDING", "CHANGES_REQUESTED")
    return [row for row in entry.revisions.filter(state__in=states) if eyes.are(row.author_id)]


def _one(row: Any) -> list[Any]:
    return [] if row is None else [row]


def _bookmarks(eyes: Eyes, user: Any) -> Iterable[Any]:
    return [row.entry or row.challenge for row in Bookmark.objects.filter(user=user) if eyes.see(row)]


def _found(eyes: Eyes, _root: Any) -> Iterable[Any]:
    """What the word that all texts have in common finds."""
    return [*Entry.objects.all(), *Challenge.objects.all(), *Solution.objects.all()]


def _subject(item: Any) -> list[Any]:
    return _one(item.entry or item.challenge or item.tag)


# To which rows a field of a row leads, whoever asks: those of them that they may see are the answer.
LEADING: Mapping[str, Callable[[Eyes, Any], Iterable[Any]]] = {
    "Query.viewer": lambda eyes, _: _one(eyes.user),
    "Query.entries": lambda *_: Entry.objects.all(),
    "Query.challenges": lambda *_: Challenge.objects.all(),
    "Query.tags": lambda *_: Tag.objects.all(),
    "Query.users": lambda *_: User.objects.all(),
    "Query.search": _found,
    "Query.sources": lambda *_: Source.objects.all(),
    "Query.digests": lambda *_: Digest.objects.all(),
    "Query.auditEvents": lambda *_: AuditEvent.objects.all(),
    "Entry.author": lambda _, row: _one(row.author),
    "Entry.tags": lambda _, row: row.tags.all(),
    "Entry.challenges": lambda _, row: row.challenges.all(),
    "Entry.sources": lambda _, row: Source.objects.filter(entrysource__entry=row),
    "Entry.viewerDraft": _draft,
    "Entry.revisions": lambda _, row: row.revisions.all(),
    "EntryRevision.entry": lambda _, row: [row.entry],
    "EntryRevision.tags": lambda _, row: row.tags.all(),
    "EntryRevision.author": lambda _, row: _one(row.author),
    "EntryRevision.reviewer": lambda _, row: _one(row.reviewer),
    "EntryRevision.conflict": lambda _, row: MergeConflict.objects.filter(revision=row),
    "Challenge.author": lambda _, row: _one(row.author),
    "Challenge.tags": lambda _, row: row.tags.all(),
    "Challenge.entries": lambda _, row: row.entries.all(),
    "Challenge.solutions": lambda _, row: row.solutions.all(),
    "Challenge.acceptedSolution": lambda _, row: row.solutions.filter(is_accepted=True),
    "Challenge.sources": lambda _, row: Source.objects.filter(challengesource__challenge=row),
    "Solution.challenge": lambda _, row: [row.challenge],
    "Solution.author": lambda _, row: _one(row.author),
    "Tag.entries": lambda _, row: row.entries.all(),
    "Tag.challenges": lambda _, row: row.challenges.all(),
    "User.entries": lambda _, row: row.entries.all(),
    "User.challenges": lambda _, row: row.challenges.all(),
    "User.solutions": lambda _, row: row.solutions.all(),
    "Viewer.user": lambda _, row: [row],
    "Viewer.entries": lambda _, row: row.entries.all(),
    "Viewer.bookmarks": _bookmarks,
    "Viewer.reviewQueue": lambda eyes, _: _waiting(eyes),
    "Viewer.digestSubscriptions": lambda _, row: row.digest_subscriptions.all(),
    "Viewer.deliveries": lambda _, row: row.deliveries.all(),
    "Viewer.sessions": lambda _, row: row.sessions.filter(ended_at=None),
    "Viewer.personalAccessTokens": lambda _, row: row.personal_access_tokens.filter(revoked_at=None),
    "AuditEvent.actor": lambda _, row: _one(row.actor),
    "Source.importedBy": lambda _, row: _one(row.imported_by),
    "Source.entries": lambda _, row: Entry.objects.filter(entrysource__source=row),
    "Source.challenges": lambda _, row: Challenge.objects.filter(challengesource__source=row),
    "Digest.tags": lambda _, row: row.tags.all(),
    "Digest.requestedBy": lambda _, row: _one(row.requested_by),
    "Digest.sections": lambda _, row: row.sections.order_by("position"),
    "Digest.deliveries": lambda _, row: row.deliveries.all(),
    "DigestSection.items": lambda _, row: row.items.order_by("position"),
    "DigestItem.subject": lambda _, row: _subject(row),
    "DigestSubscription.tags": lambda _, row: row.tags.all(),
    "DigestDelivery.digest": lambda _, row: [row.digest],
    "DigestDelivery.recipient": lambda _, row: [row.recipient],
}
# What it leads to is for its own tests to say: here, that it is visible and published.
RANKED = "Entry.related"
CLOSED: Mapping[str, Sees] = {"Digest.deliveries": lambda eyes, _: not eyes.staff}
TOLD: Mapping[str, Callable[[Eyes, Any], Any]] = {
    "User.role": lambda eyes, row: row.role if eyes.staff or eyes.are(row.pk) else None,
    "User.isActive": lambda eyes, row: row.is_active if eyes.staff or eyes.are(row.pk) else None,
    "EntryRevision.diff": lambda eyes, row: row.diff if eyes.user else "",
    "Tag.entryCount": lambda _, row: row.entries.filter(status="PUBLISHED").count(),
    "Tag.challengeCount": lambda _, row: row.challenges.count(),
    "Entry.sourceCount": lambda _, row: row.entrysource_set.count(),
}
