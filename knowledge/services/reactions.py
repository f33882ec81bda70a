"""Votes and bookmarks. Who reacts locks the subject: it cannot be deleted meanwhile, and two reactions come in turn."""

from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from knowledge import outbox
from knowledge.access import locked, visible
from knowledge.events import EventType
from knowledge.models import Bookmark, Challenge, Entry, Solution, Vote
from knowledge.policy import Viewer, others_rows, require_signed_in

V = TypeVar("V", Entry, Challenge, Solution)
B = TypeVar("B", Entry, Challenge)

_PATH = ("subject_id",)


@transaction.atomic
def cast_vote(viewer: Viewer, *, model: type[V], subject_id: int, value: int | None, now: datetime | None = None) -> V:
    """The entry, challenge or solution with the viewer's vote: Vote.UP, Vote.DOWN, or None to take it back.

    A vote that is there is changed; the same again changes nothing. Records VOTE_CAST with what it adds to the score,
    and not whose it was. Raises Unauthenticated, Forbidden on one's own, and Rejected: NOT_FOUND at `subject_id`.
    """
    user_id = require_signed_in(viewer)
    moment = now or timezone.now()
    subject = locked(model, subject_id, viewer, may=others_rows, path=_PATH)
    votes = Vote.objects.filter(**_on(subject), user_id=user_id)
    before = votes.values_list("value", flat=True).first()
    if value == before:
        return subject
    if value is None:
        votes.delete()
    elif before is None:
        Vote.objects.create(**_on(subject), user_id=user_id, value=value, cast_at=moment)
    else:
        votes.update(value=value, cast_at=moment)
    outbox.record(EventType.VOTE_CAST, subject, at=moment, adds=(value or 0) - (before or 0))
    return subject


@transaction.atomic
def add_bookmark(viewer: Viewer, *, model: type[B], subject_id: int, now: datetime | None = None) -> B:
    """The entry or challenge, kept by the viewer from now on, or since they first did.

    No event tells of bookmarks: they are nobody else's business. Raises Unauthenticated, and Rejected: NOT_FOUND at
    `subject_id`.
    """
    user_id = require_signed_in(viewer)
    subject = locked(model, subject_id, viewer, path=_PATH)
    Bookmark.objects.get_or_create(**_on(subject), user_id=user_id, defaults={"created_at": now or timezone.now()})
    return subject


@transaction.atomic
def remove_bookmark(viewer: Viewer, *, model: type[B], subject_id: int) -> B:
    """The entry or challenge, which the viewer no longer keeps, if they did. Raises as `add_bookmark`."""
    user_id = require_signed_in(viewer)
    subject = visible(model, subject_id, viewer, path=_PATH)
    Bookmark.objects.filter(**_on(subject), user_id=user_id).delete()
    return subject


def _on(subject: Entry | Challenge | Solution) -> dict[str, Any]:
    """The reaction's column for a subject of this type."""
    return {f"{subject._meta.model_name}_id": subject.pk}
