"""Asking for a digest, and again for one that failed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from knowledge import outbox
from knowledge.access import locked
from knowledge.digests.lifecycle import queue_again
from knowledge.digests.phrases import window_in_words
from knowledge.digests.subjects import tag_ids
from knowledge.errors import MistakeCode, Mistakes, Rejected
from knowledge.events import EventType
from knowledge.idempotency import once
from knowledge.models import Digest, DigestCadence
from knowledge.policy import Viewer, require_signed_in, retryable_digests
from knowledge.text import clean_line

LONGEST_WINDOW: Final = timedelta(days=366)
# Callers' clocks differ from ours.
LATEST_END: Final = timedelta(minutes=5)
TITLE_LENGTH: Final = 200


def request_digest(
    viewer: Viewer,
    *,
    window_start: datetime,
    window_end: datetime,
    tags: Sequence[str] = (),
    title: str | None = None,
    idempotency_key: str | None = None,
    now: datetime | None = None,
) -> Digest:
    """A QUEUED digest of what happens from `window_start` up to, not including, `window_end`; a worker makes it.

    With `tags` (slugs or aliases) only of what carries at least one of them. Without a title it is named after its
    window. The same `idempotency_key` with the same input answers the digest that was made the first time.

    One transaction, one event. Raises Unauthenticated, or Rejected: INVALID for a window that is empty, longer than
    366 days, or not over yet (of what comes later it would never tell), NOT_FOUND at ("tags", index) for an unknown
    tag, TOO_MANY tags, what `clean_line` says of the title, what `once` says of the key.
    """
    user_id = require_signed_in(viewer)
    mistakes = Mistakes()
    moment = now or timezone.now()
    _check_window(window_start, window_end, moment, mistakes)
    cleaned_title = _title(title, window_start, window_end, mistakes)

    def make() -> Digest:
        digest = Digest.objects.create(
            title=cleaned_title,
            cadence=DigestCadence.ON_DEMAND,
            window_start=window_start,
            window_end=window_end,
            requested_by_id=user_id,
            created_at=moment,
            queued_at=moment,
        )
        digest.tags.set(subjects)
        outbox.record(EventType.DIGEST_REQUESTED, digest, at=moment)
        return digest

    with transaction.atomic():
        subjects = tag_ids(tags, mistakes)
        mistakes.settle()
        given = {
            "window": [window_start.astimezone(UTC), window_end.astimezone(UTC)],
            "tags": sorted(subjects),
            "title": title,
        }
        return once(Digest, make, user_id=user_id, operation="request_digest", key=idempotency_key, given=given)


@transaction.atomic
def retry_digest(viewer: Viewer, *, digest_id: int, now: datetime | None = None) -> Digest:
    """The digest that FAILED, QUEUED again as if it had never been tried; a worker makes it.

    One transaction, one event. Raises Unauthenticated, Forbidden for whoever did not ask for it and is no staff, and
    Rejected: NOT_FOUND, INVALID_STATE when it has not failed.
    """
    require_signed_in(viewer)
    digest = locked(Digest, digest_id, viewer, may=retryable_digests)
    if not queue_again(digest.pk, now or timezone.now()):
        raise Rejected.because(MistakeCode.INVALID_STATE, "This digest has not failed.", "id")
    digest.refresh_from_db()
    return digest


def _check_window(start: datetime, end: datetime, now: datetime, mistakes: Mistakes) -> None:
    if start >= end:
        mistakes.add(MistakeCode.INVALID, "The window must end after it starts.", "window_end")
    elif end > now + LATEST_END:
        mistakes.add(MistakeCode.INVALID, "The window must be over by now.", "window_end")
    elif end - start > LONGEST_WINDOW:
        mistakes.add(
            MistakeCode.INVALID, f"The window must not be longer than {LONGEST_WINDOW.days} days.", "window_end"
        )


def _title(title: str | None, start: datetime, end: datetime, mistakes: Mistakes) -> str:
    if title is None:
        return f"Digest, {window_in_words(start, end)}"
    return clean_line(title, mistakes, "title", most=TITLE_LENGTH)
