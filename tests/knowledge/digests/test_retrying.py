"""Asking again for a digest that failed: who may, what starts anew, what is refused."""

from datetime import timedelta
from typing import Any

import pytest

from knowledge.digests import make_digest, retry_digest
from knowledge.digests.lifecycle import MOST_ATTEMPTS
from knowledge.errors import Forbidden, Rejected, Unauthenticated
from knowledge.models import Digest, DigestCadence, OutboxEvent, User
from tests.cast import Cast
from tests.knowledge.digests.rows import END, START
from tests.together import at_once

pytestmark = pytest.mark.django_db
LATER = END + timedelta(hours=1)


def failed(by: User | None, **fields: Any) -> Digest:
    """One whose attempts are spent."""
    return Digest.objects.create(
        **{
            "title": "A week",
            "cadence": DigestCadence.ON_DEMAND if by else DigestCadence.WEEKLY,
            "window_start": START,
            "window_end": END,
            "requested_by": by,
            "status": "FAILED",
            "failure": "It could not be made.",
            "attempts": MOST_ATTEMPTS,
            "queued_at": END,
            "started_at": END,
            "finished_at": END,
            **fields,
        }
    )


@pytest.mark.parametrize("name", ["author", "staff"])
def test_it_starts_anew(cast: Cast, name: str) -> None:
    spent = failed(cast.author)

    again = retry_digest(cast.viewer(name), digest_id=spent.pk, now=LATER)

    stored = Digest.objects.get()
    assert again == stored
    assert (stored.status, stored.attempts, stored.progress, stored.failure) == ("QUEUED", 0, 0, "")
    assert (stored.queued_at, stored.started_at, stored.finished_at) == (LATER, None, None)
    assert (stored.created_at, stored.requested_by) == (spent.created_at, cast.author)
    assert [again.status, again.failure, again.finished_at] == ["QUEUED", "", None]
    event = OutboxEvent.objects.get()
    assert (event.type, event.subject_type, event.subject_id) == ("digest.requested", "Digest", spent.pk)
    assert event.created_at == LATER
    assert make_digest(spent.pk, now=LATER) is True
    stored.refresh_from_db()
    assert (stored.status, stored.attempts) == ("READY", 1)


@pytest.mark.parametrize("name", ["peer", "reviewer", "anonymous"])
def test_to_others_it_is_not_there(cast: Cast, name: str) -> None:
    spent = failed(cast.author)
    before = Digest.objects.values().get()
    with pytest.raises(Unauthenticated if name == "anonymous" else Rejected) as refused:
        retry_digest(cast.viewer(name), digest_id=spent.pk)
    if isinstance(refused.value, Rejected):
        assert [(mistake.code, mistake.path) for mistake in refused.value.mistakes] == [("NOT_FOUND", ("id",))]
    assert (Digest.objects.values().get(), OutboxEvent.objects.count()) == (before, 0)


def test_one_by_the_calendar_is_for_staff(cast: Cast) -> None:
    spent = failed(None)
    with pytest.raises(Rejected, match="NOT_FOUND"):
        retry_digest(cast.viewer("reviewer"), digest_id=spent.pk)
    assert retry_digest(cast.viewer("staff"), digest_id=spent.pk).status == "QUEUED"


@pytest.mark.parametrize("name", ["author", "peer", "reviewer"])
def test_what_one_sees_and_did_not_ask_for_is_forbidden(cast: Cast, name: str) -> None:
    ready = failed(None, status="READY", failure="", progress=100, body="It", body_html="It", body_text="It")
    with pytest.raises(Forbidden):
        retry_digest(cast.viewer(name), digest_id=ready.pk)
    assert not OutboxEvent.objects.exists()


STATES: dict[str, dict[str, Any]] = {
    "QUEUED": {},
    "RUNNING": {"lease_expires_at": LATER},
    "READY": {"progress": 100, "body": "It", "body_html": "It", "body_text": "It"},
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", ["author", "staff"])
def test_what_has_not_failed_is_left_alone(cast: Cast, name: str, state: str) -> None:
    made = failed(cast.author, status=state, failure="", **STATES[state])
    before = Digest.objects.values().get()
    with pytest.raises(Rejected) as refused:
        retry_digest(cast.viewer(name), digest_id=made.pk, now=LATER)
    assert [(mistake.code, mistake.path) for mistake in refused.value.mistakes] == [("INVALID_STATE", ("id",))]
    assert (Digest.objects.values().get(), OutboxEvent.objects.count()) == (before, 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_queues_it(cast: Cast) -> None:
    spent = failed(cast.author)
    calls = [lambda name=name: retry_digest(cast.viewer(name), digest_id=spent.pk) for name in ("author", "staff")]

    answers = at_once(calls)

    assert sorted(type(answer).__name__ for answer in answers) == ["Digest", "Rejected"]
    assert (Digest.objects.get().status, OutboxEvent.objects.count()) == ("QUEUED", 1)
