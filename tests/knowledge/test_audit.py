from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import InternalError, transaction
from django.db.models import QuerySet

from knowledge import audit
from knowledge.events import AuditAction
from knowledge.models import AuditEvent
from knowledge.policy import COMMAND_LINE
from tests.cast import Cast

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_a_deed_is_written_down_as_it_was_done(cast: Cast) -> None:
    viewer = replace(cast.viewer("staff"), address="203.0.113.7")
    audit.record(AuditAction.USER_ROLE_SET, viewer=viewer, subject=cast.peer, at=NOW, role="REVIEWER")
    event = AuditEvent.objects.get()
    assert (event.at, event.action, event.actor) == (NOW, "user.role_set", cast.staff)
    assert (event.subject_type, event.subject_id) == ("User", cast.peer.pk)
    assert (event.address, event.detail) == ("203.0.113.7", {"role": "REVIEWER"})


@pytest.mark.django_db
def test_the_command_line_is_nobody_and_a_deed_may_be_about_nothing() -> None:
    audit.record(AuditAction.TAG_MERGED, viewer=COMMAND_LINE, at=NOW, address="::1")
    event = AuditEvent.objects.get()
    assert (event.actor, event.subject_type, event.subject_id, event.address) == (None, "", None, "::1")


@pytest.mark.django_db(transaction=True)
def test_a_deed_and_its_trace_commit_together() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        audit.record(AuditAction.TAG_MERGED, viewer=COMMAND_LINE, at=NOW)
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("change", [lambda rows: rows.update(action="other"), lambda rows: rows.delete()])
def test_nobody_changes_the_trail(change: Callable[[QuerySet[AuditEvent]], object]) -> None:
    audit.record(AuditAction.TAG_MERGED, viewer=COMMAND_LINE, at=NOW)
    with pytest.raises(InternalError), transaction.atomic():
        change(AuditEvent.objects.all())
    assert AuditEvent.objects.get().action == "tag.merged"


def test_an_address_is_no_part_of_who_somebody_is() -> None:
    assert replace(COMMAND_LINE, address="203.0.113.7") == COMMAND_LINE
