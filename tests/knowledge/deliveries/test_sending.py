"""Sending what is due, over a real mail server's socket."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from knowledge.deliveries import leave, retry_delivery, send_due
from knowledge.deliveries.ledger import LEASE, claim_next, settle_sent
from knowledge.deliveries.sending import (
    NO_ACCOUNT,
    NO_ADDRESS,
    NO_SUBSCRIPTION,
    NOT_FOR_THEM,
    NOTHING_NEW,
    NOTHING_ON_TAGS,
)
from knowledge.deliveries.timing import PAUSES
from knowledge.errors import Forbidden, Rejected, Unauthenticated
from knowledge.models import (
    DeliveryStatus,
    DigestAudience,
    DigestCadence,
    DigestDelivery,
    DigestSubscription,
    OutboxEvent,
    Role,
    User,
)
from tests.cast import Cast
from tests.knowledge.deliveries.rows import MORNING, ledger, person, planned, ready, sent, subscription
from tests.knowledge.digests.rows import END, day, entry, tag
from tests.sink import Sink
from tests.together import at_once

pytestmark = pytest.mark.django_db


def one_due() -> DigestDelivery:
    """Ada's mail of the week."""
    subscription(person("ada"))
    entry("Generators", day(3), summary="Lazy iteration.")
    (delivery,) = planned(ready())
    OutboxEvent.objects.all().delete()
    return delivery


def events() -> list[str]:
    return list(OutboxEvent.objects.order_by("pk").values_list("type", flat=True))


def test_a_mail_goes_at_its_time_and_once(sink: Sink) -> None:
    delivery = one_due()
    assert send_due(MORNING - timedelta(seconds=1)) == 0
    assert send_due(MORNING) == 1
    assert send_due(MORNING + timedelta(hours=1)) == 0

    (message,) = sink.mails
    assert (message["To"], message["Message-ID"]) == ("ada@example.org", delivery.message_id)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.reason) == ("SENT", 1, "")
    assert delivery.sent_at is not None
    assert MORNING <= delivery.sent_at < MORNING + timedelta(minutes=1)
    assert len(delivery.item_ids) == 1
    assert DigestSubscription.objects.get().last_sent_at == delivery.sent_at
    assert events() == ["delivery.sent"]


def test_three_mails_cost_three_times_the_statements_of_one_and_one_connection(sink: Sink) -> None:
    def statements(count: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert send_due(MORNING) == count
        return len(queries)

    entry("Generators", day(3))
    subscription(person("p0"))
    digest = ready()
    planned(digest)
    with CaptureQueriesContext(connection) as idle:
        assert send_due(END) == 0
    one = statements(1)
    for number in (1, 2, 3):
        subscription(person(f"p{number}"))
    planned(digest)
    assert statements(3) == 3 * (one - len(idle)) + len(idle)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda: DigestSubscription.objects.update(active=False), NO_SUBSCRIPTION),
        (lambda: DigestSubscription.objects.all().delete(), NO_SUBSCRIPTION),
        (lambda: User.objects.update(is_active=False), NO_ACCOUNT),
        (lambda: User.objects.update(email_confirmed_at=None), NO_ADDRESS),
        (lambda: DigestDelivery.objects.get().digest.sections.all().delete(), NOTHING_NEW),
        (lambda: DigestSubscription.objects.get().tags.add(tag("Rust")), NOTHING_ON_TAGS),
    ],
)
def test_nobody_is_sent_what_is_not_for_them_any_more(sink: Sink, change: object, reason: str) -> None:
    one_due()
    assert callable(change)
    change()
    assert send_due(MORNING) == 1
    assert ledger() == [("ada", "SKIPPED", 1, reason)]
    assert sink.mails == []
    assert events() == ["delivery.skipped"]


def test_who_is_no_reviewer_any_more_is_not_sent_what_is_for_reviewers(sink: Sink) -> None:
    subscription(person("rev", role=Role.REVIEWER))
    entry("Generators", day(3))
    planned(ready(audience=DigestAudience.REVIEWERS))
    User.objects.update(role=Role.CONTRIBUTOR)
    send_due(MORNING)
    assert ledger() == [("rev", "SKIPPED", 1, NOT_FOR_THEM)]
    assert sink.mails == []


def test_what_is_refused_for_now_is_tried_again_and_given_up_in_the_end(sink: Sink) -> None:
    one_due()
    sink.to_recipient["ada@example.org"] = "450 Mailbox busy"
    now = MORNING
    for attempt, pause in enumerate(PAUSES, 1):
        assert send_due(now) == 0
        assert ledger() == [("ada", "PENDING", attempt, "")]
        assert send_due(now + pause - timedelta(seconds=1)) == 0
        now += pause + timedelta(seconds=1)
    assert send_due(now) == 0
    assert ledger() == [("ada", "FAILED", len(PAUSES) + 1, "450 Mailbox busy")]
    assert events() == ["delivery.failed"]
    assert DigestSubscription.objects.get().active


def test_another_attempt_may_succeed(sink: Sink) -> None:
    delivery = one_due()
    sink.to_text.append("451 Try again")
    assert send_due(MORNING) == 0
    assert send_due(MORNING + timedelta(minutes=2)) == 1
    assert ledger() == [("ada", "SENT", 2, "")]
    assert [message["Message-ID"] for message in sink.mails] == [delivery.message_id]


@pytest.mark.parametrize("where", ["to_recipient", "to_text"])
def test_what_is_refused_for_good_fails_at_once_and_the_next_mail_goes(sink: Sink, where: str) -> None:
    subscription(person("ada"))
    subscription(person("bob"))
    entry("Generators", day(3))
    planned(ready())
    if where == "to_recipient":
        sink.to_recipient["ada@example.org"] = "550 No such mailbox"
    else:
        sink.to_text.append("550 No such mailbox")
    assert send_due(MORNING) == 2
    assert ledger() == [("ada", "FAILED", 1, "550 No such mailbox"), ("bob", "SENT", 1, "")]
    assert [message["To"] for message in sink.mails] == ["bob@example.org"]


def test_the_third_refusal_in_a_row_pauses_the_subscription(sink: Sink) -> None:
    ada = person("ada")
    subscription(ada, cadence=DigestCadence.DAILY)
    sink.to_recipient["ada@example.org"] = "550 No such mailbox"
    for number in (2, 3, 4, 5, 6):
        entry(f"Entry {number}", day(number))
    for number in (2, 3):
        planned(ready(DigestCadence.DAILY, start=day(number), end=day(number + 1)))
    send_due(END)
    sink.to_recipient.clear()
    planned(ready(DigestCadence.DAILY, start=day(4), end=day(5)))
    send_due(END)
    assert DigestSubscription.objects.get().active

    sink.to_recipient["ada@example.org"] = "550 No such mailbox"
    DigestDelivery.objects.filter(status=DeliveryStatus.SENT).delete()
    OutboxEvent.objects.all().delete()
    planned(ready(DigestCadence.DAILY, start=day(5), end=day(6)))
    send_due(END)

    paused = DigestSubscription.objects.get()
    assert not paused.active
    assert paused.paused_reason == "The last 3 mails were refused. 550 No such mailbox"
    assert events()[-2:] == ["delivery.failed", "subscription.paused"]
    assert planned(ready(DigestCadence.DAILY, start=day(6), end=day(7))) == []


def test_a_server_that_is_away_ends_the_turn_and_loses_nothing(sink: Sink, settings: Settings) -> None:
    for name in ("ada", "bob", "cyd"):
        subscription(person(name))
    entry("Generators", day(3))
    planned(ready())
    settings.EMAIL_PORT = 1
    assert send_due(MORNING) == 0
    assert ledger() == [("ada", "PENDING", 1, ""), ("bob", "PENDING", 0, ""), ("cyd", "PENDING", 0, "")]
    settings.EMAIL_PORT = sink.port
    assert send_due(MORNING + timedelta(minutes=2)) == sent() == 3


def test_a_server_that_hangs_up_ends_the_turn(sink: Sink) -> None:
    subscription(person("ada"))
    subscription(person("bob"))
    entry("Generators", day(3))
    planned(ready())
    sink.to_text.append("421 Too many mails")
    assert send_due(MORNING) == 0
    assert [row[1:3] for row in ledger()] == [("PENDING", 1), ("PENDING", 0)]
    assert send_due(MORNING + timedelta(minutes=2)) == 2


def test_whose_sender_died_before_the_server_took_it_is_sent_once(sink: Sink) -> None:
    one_due()
    assert claim_next(MORNING) is not None
    assert send_due(MORNING + LEASE - timedelta(seconds=1)) == 0
    assert send_due(MORNING + LEASE) == 1
    assert (len(sink.mails), ledger()) == (1, [("ada", "SENT", 2, "")])


def test_whose_sender_died_after_it_is_sent_again_under_the_same_id(sink: Sink) -> None:
    one_due()
    with pytest.raises(SystemExit):
        _send_and_die(sink, MORNING)
    assert ledger() == [("ada", "PENDING", 1, "")]
    assert send_due(MORNING + LEASE + timedelta(seconds=5)) == 1
    assert len(sink.mails) == 2
    assert len({message["Message-ID"] for message in sink.mails}) == 1
    assert ledger() == [("ada", "SENT", 2, "")]


def _send_and_die(sink: Sink, now: datetime) -> None:
    """Ends as a process that is killed does: after the server said 250, before the ledger was written."""
    with connection.execute_wrapper(_dying_at_the_ledger):
        send_due(now)


def _dying_at_the_ledger(execute: object, sql: str, params: object, many: bool, context: object) -> object:
    if sql.startswith("UPDATE") and "sent_at" in sql:
        raise SystemExit
    assert callable(execute)
    return execute(sql, params, many, context)


def test_who_lost_the_claim_changes_nothing(sink: Sink) -> None:
    one_due()
    claimed = claim_next(MORNING)
    assert claimed is not None
    send_due(MORNING + LEASE)
    before = list(DigestDelivery.objects.values())
    assert settle_sent(claimed[0], item_ids=[1], now=MORNING) is False
    assert list(DigestDelivery.objects.values()) == before


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_send_each_mail_once(sink: Sink) -> None:
    entry("Generators", day(3))
    for number in range(8):
        subscription(person(f"p{number}"))
    planned(ready())
    answers = at_once([lambda: send_due(MORNING)] * 4)
    assert sum(answer for answer in answers if isinstance(answer, int)) == 8
    assert sorted(message["To"] for message in sink.mails) == [f"p{number}@example.org" for number in range(8)]
    assert ledger() == [(f"p{number}", "SENT", 1, "") for number in range(8)]


@pytest.mark.django_db(transaction=True)
def test_two_mails_of_one_person_never_tell_the_same(sink: Sink) -> None:
    entry("Generators", day(8))
    for number in range(6):
        ada = person(f"p{number}")
        subscription(ada, cadence=DigestCadence.DAILY)
        subscription(ada)
    planned(ready(DigestCadence.DAILY, start=day(8), end=END))
    planned(ready())
    at_once([lambda: send_due(MORNING)] * 4)
    send_due(MORNING)
    assert sorted(row[:2] for row in ledger()) == sorted(
        (f"p{number}", status) for number in range(6) for status in ("SENT", "SKIPPED")
    )


def test_staff_may_have_a_failed_one_sent_again(sink: Sink, cast: Cast) -> None:
    delivery = one_due()
    sink.to_recipient["ada@example.org"] = "550 No such mailbox"
    send_due(MORNING)
    for name, refusal in (("anonymous", Unauthenticated), ("author", Forbidden), ("reviewer", Forbidden)):
        with pytest.raises(refusal):
            retry_delivery(cast.viewer(name), delivery_id=delivery.pk)
    with pytest.raises(Rejected, match="There is no such"):
        retry_delivery(cast.viewer("staff"), delivery_id=delivery.pk + 1)
    retry_delivery(cast.viewer("staff"), delivery_id=delivery.pk, now=MORNING)
    with pytest.raises(Rejected, match="has not failed"):
        retry_delivery(cast.viewer("staff"), delivery_id=delivery.pk)
    sink.to_recipient.clear()
    assert send_due(MORNING) == 1
    assert ledger() == [("ada", "SENT", 1, "")]


def test_who_left_by_the_link_in_the_mail_is_sent_no_more(sink: Sink) -> None:
    one_due()
    send_due(MORNING)
    address = sink.mails[0]["List-Unsubscribe"]
    assert leave(address.removesuffix(">").rpartition("/")[2]) is not None
    assert not DigestSubscription.objects.get().active


def test_without_a_server_named_mails_stay_in_the_process() -> None:
    one_due()
    assert send_due(MORNING) == 1
    assert [message.to for message in mail.outbox] == [["ada@example.org"]]
