from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

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


def written(*ages: int, action: AuditAction = AuditAction.TAG_MERGED) -> None:
    """Deeds of so many days ago."""
    now = timezone.now()
    for days in ages:
        with transaction.atomic():
            audit.record(action, viewer=COMMAND_LINE, at=now - timedelta(days=days), age=days)


def ages_left() -> list[int]:
    return [event.detail["age"] for event in AuditEvent.objects.order_by("pk")]


@pytest.mark.django_db
def test_what_is_older_than_the_trail_goes_back_is_deleted() -> None:
    written(800, 729, 200, 1)
    written(800, 200, 179, 2, action=AuditAction.SIGN_IN_FAILED)
    assert audit.prune(timezone.now()) == 3
    assert ages_left() == [729, 200, 1, 179, 2]
    assert audit.prune(timezone.now()) == 0


@pytest.mark.django_db
def test_the_last_thirty_days_are_never_deleted() -> None:
    written(29, 31)
    assert audit.prune(timezone.now() + timedelta(days=10_000)) == 1
    assert ages_left() == [29]


@pytest.mark.django_db
def test_nobody_but_that_function_deletes_even_old_ones() -> None:
    written(800)
    with pytest.raises(InternalError), transaction.atomic():
        AuditEvent.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL nexus.prunes_audit = 'on'")
    with pytest.raises(InternalError), transaction.atomic():
        AuditEvent.objects.update(action="other")
    audit.prune(timezone.now() - timedelta(days=100))
    assert ages_left() == [800]


@pytest.mark.django_db
def test_who_claims_to_prune_deletes_nothing_of_the_last_thirty_days() -> None:
    written(29)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL nexus.prunes_audit = 'on'")
    with pytest.raises(InternalError), transaction.atomic():
        AuditEvent.objects.all().delete()
    assert ages_left() == [29]


@pytest.mark.django_db
def test_a_role_without_the_right_to_delete_prunes_by_the_function() -> None:
    written(800, 1)
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE nexus_test_writer")
        cursor.execute("GRANT SELECT, INSERT ON knowledge_auditevent TO nexus_test_writer")
        cursor.execute("SET LOCAL ROLE nexus_test_writer")
        with pytest.raises(ProgrammingError), transaction.atomic():
            cursor.execute("DELETE FROM knowledge_auditevent")
        assert audit.prune(timezone.now()) == 1
        cursor.execute("RESET ROLE")
    assert ages_left() == [1]
