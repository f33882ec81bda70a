"""To whom a digest goes, and when: one row a subscription and window."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from knowledge.deliveries import plan_deliveries, plan_waiting
from knowledge.deliveries.planning import NO_MAIL_SERVER, NOTHING_HAPPENED, PATIENCE
from knowledge.models import Digest, DigestAudience, DigestCadence, DigestDelivery, DigestStatus, Role
from tests.knowledge.deliveries.rows import MORNING, ledger, person, planned, ready, subscription
from tests.knowledge.digests.rows import END, START, day, entry
from tests.knowledge.digests.rows import digest as on_demand
from tests.together import at_once

pytestmark = pytest.mark.django_db


def test_every_subscription_to_the_cadence_that_was_there_in_time() -> None:
    entry("Generators", day(3))
    ada, bob, cyd, dee = (subscription(person(name)) for name in ("ada", "bob", "cyd", "dee"))
    bob.active = False
    bob.save()
    cyd.cadence = DigestCadence.DAILY
    cyd.save()
    dee.created_at = END
    dee.save()

    assert [row.subscription_id for row in planned(ready())] == [ada.pk]


def test_each_at_seven_in_the_morning_where_they_live() -> None:
    entry("Generators", day(3))
    for name, time_zone in (("honolulu", "Pacific/Honolulu"), ("tokyo", "Asia/Tokyo"), ("utc", "UTC")):
        subscription(person(name, time_zone=time_zone))
    rows = planned(ready())
    assert [row.next_attempt_at - END for row in rows] == [timedelta(hours=hours) for hours in (17, 0, 7)]


def test_a_person_is_sent_the_digest_for_reviewers_or_the_one_for_everyone() -> None:
    entry("Generators", day(3))
    for name, role in (("ada", Role.CONTRIBUTOR), ("rev", Role.REVIEWER), ("sam", Role.STAFF)):
        subscription(person(name, role=role))
    assert [row.recipient.username for row in planned(ready())] == ["ada"]
    assert [row.recipient.username for row in planned(ready(audience=DigestAudience.REVIEWERS))] == ["rev", "sam"]


def test_planning_again_changes_nothing() -> None:
    entry("Generators", day(3))
    subscription(person("ada"))
    digest = ready()
    assert plan_deliveries(digest.pk, now=END) == 1
    before = list(DigestDelivery.objects.values())
    assert plan_deliveries(digest.pk, now=MORNING) == 0
    assert list(DigestDelivery.objects.values()) == before
    digest.refresh_from_db()
    assert digest.deliveries_planned_at == END


@pytest.mark.django_db(transaction=True)
def test_of_many_who_plan_at_once_each_row_is_written_once() -> None:
    entry("Generators", day(3))
    for number in range(5):
        subscription(person(f"p{number}"))
    digest = ready()
    assert not any(isinstance(r, Exception) for r in at_once([lambda: plan_deliveries(digest.pk, now=END)] * 6))
    assert ledger() == [(f"p{number}", "PENDING", 0, "") for number in range(5)]


def test_nobody_is_sent_what_is_not_ready_or_came_on_demand() -> None:
    subscription(person("ada"))
    waiting = Digest.objects.create(title="x", cadence="WEEKLY", window_start=START, window_end=END)
    assert plan_deliveries(waiting.pk, now=END) == 0
    asked = on_demand()
    asked.status, asked.progress, asked.finished_at = DigestStatus.READY, 100, END
    asked.body = asked.body_html = asked.body_text = "x"
    asked.save()
    assert plan_deliveries(asked.pk, now=END) == plan_deliveries(0, now=END) == 0
    assert ledger() == []
    # Nor is either gone through as if there were somebody to send it to.
    assert set(Digest.objects.values_list("deliveries_planned_at", flat=True)) == {None}


def test_nothing_is_sent_where_nothing_happened() -> None:
    subscription(person("ada"))
    planned(ready())
    assert ledger() == [("ada", "SKIPPED", 0, NOTHING_HAPPENED)]


def test_nor_where_there_is_no_mail_server(settings: Settings) -> None:
    settings.MAIL_ENABLED = False
    entry("Generators", day(3))
    subscription(person("ada"))
    planned(ready())
    assert ledger() == [("ada", "SKIPPED", 0, NO_MAIL_SERVER)]


def test_a_lost_task_is_made_up_for() -> None:
    entry("Generators", day(3))
    subscription(person("ada"))
    finished = ready().finished_at
    assert finished is not None
    assert plan_waiting(finished + PATIENCE - timedelta(seconds=1)) == 0
    assert plan_waiting(finished + PATIENCE) == 1
    assert plan_waiting(finished + PATIENCE) == 0
    assert ledger() == [("ada", "PENDING", 0, "")]


def test_three_subscriptions_cost_as_many_statements_as_one() -> None:
    def statements() -> int:
        DigestDelivery.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            plan_deliveries(digest.pk, now=END)
        return len(queries)

    entry("Generators", day(3))
    digest = ready()
    subscription(person("p0"))
    with_one = statements()
    for number in (1, 2):
        subscription(person(f"p{number}"))
    assert statements() == with_one
    assert len(ledger()) == 3
