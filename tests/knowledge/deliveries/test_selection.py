"""What of a digest is for a person, and new to them."""

from datetime import date, timedelta

import pytest

from knowledge.deliveries.selection import select
from knowledge.models import (
    Challenge,
    DeliveryStatus,
    DigestAudience,
    DigestCadence,
    DigestDelivery,
    DigestSubscription,
    Entry,
    EntryStatus,
    RevisionState,
    RevisionTag,
    Role,
    SearchMiss,
    Tag,
)
from tests.knowledge.deliveries.rows import person, planned, ready, subscription
from tests.knowledge.digests.rows import END, challenge, day, entry, revision, tag

pytestmark = pytest.mark.django_db


def selected(delivery: DigestDelivery, *tags: Tag) -> list[tuple[str, list[str], int]]:
    """Kind, headlines and total of each section."""
    selection = select(delivery, [each.pk for each in tags])
    assert len(selection.item_ids) == sum(len(section.listed) for section in selection.sections)
    return [(section.kind, [item.headline for item in section.listed], section.total) for section in selection.sections]


def told(delivery: DigestDelivery) -> None:
    """Marks it as sent, with all that it would tell."""
    DigestDelivery.objects.filter(pk=delivery.pk).update(
        status=DeliveryStatus.SENT, sent_at=END, item_ids=list(select(delivery, []).item_ids)
    )


def weekly() -> DigestSubscription:
    return subscription(person("ada"))


def test_without_tags_it_is_all_of_it() -> None:
    weekly()
    entry("Generators", day(3), tags=(tag("Python"),))
    challenge("Slow images", day(4))
    (delivery,) = planned(ready())
    assert selected(delivery) == [
        ("NEW_ENTRIES", ["Generators"], 1),
        ("OPEN_CHALLENGES", ["Slow images"], 1),
        ("TRENDING_TAGS", ["Python"], 1),
    ]


def test_with_tags_it_is_what_carries_one_of_them_however_far_down() -> None:
    weekly()
    rust, go = tag("Rust"), tag("Go")
    entry("Ownership", day(3), tags=(rust,))
    for number in range(12):
        entry(f"Popular {number}", day(4), score=5)
    challenge("Borrowed too long", day(4), tags=(rust,))
    challenge("Something else", day(4), tags=(go,))
    digest = ready()
    (delivery,) = planned(digest)
    assert digest.body is not None
    assert "Ownership" not in digest.body
    assert selected(delivery, rust) == [
        ("NEW_ENTRIES", ["Ownership"], 1),
        ("OPEN_CHALLENGES", ["Borrowed too long"], 1),
        ("TRENDING_TAGS", ["Rust"], 1),
    ]
    assert [row[1:] for row in selected(delivery, rust, go)][1:2] == [(["Something else", "Borrowed too long"], 2)]
    assert selected(delivery, tag("Kotlin")) == []


def test_a_long_section_lists_ten_and_counts_all() -> None:
    weekly()
    python = tag("Python")
    for number in range(12):
        entry(f"Entry {number:02}", day(4, number), tags=(python,))
    (delivery,) = planned(ready())
    (kind, headlines, total), _ = selected(delivery)
    assert (kind, len(headlines), total) == ("NEW_ENTRIES", 10, 12)
    assert selected(delivery, python)[0] == (kind, headlines, 12)


def test_what_was_hidden_or_deleted_since_is_left_out() -> None:
    weekly()
    entry("Stays", day(3))
    entry("Archived", day(3))
    entry("Deleted", day(3))
    challenge("Gone", day(3))
    (delivery,) = planned(ready())
    Entry.objects.filter(title="Archived").update(status=EntryStatus.ARCHIVED)
    Entry.objects.get(title="Deleted").delete()
    Challenge.objects.all().delete()
    assert selected(delivery) == [("NEW_ENTRIES", ["Stays"], 3)]


def test_what_a_daily_mail_told_a_weekly_one_does_not_tell_again() -> None:
    ada = person("ada")
    subscription(ada, cadence=DigestCadence.DAILY)
    subscription(ada)
    subscription(person("bob"))
    told_entry = entry("Generators", day(3))
    (daily,) = planned(ready(DigestCadence.DAILY, start=day(3), end=day(4)))
    told(daily)
    entry("Decorators", day(4))
    revision(told_entry, 2, RevisionState.SUPERSEDED, day(5))
    adas, bobs = planned(ready())
    assert selected(adas) == [("NEW_ENTRIES", ["Decorators"], 1)]
    assert selected(bobs) == [("NEW_ENTRIES", ["Decorators", "Generators"], 2)]


def test_a_mail_that_did_not_go_told_nothing() -> None:
    ada = person("ada")
    subscription(ada, cadence=DigestCadence.DAILY)
    subscription(ada)
    entry("Generators", day(3))
    (daily,) = planned(ready(DigestCadence.DAILY, start=day(3), end=day(4)))
    DigestDelivery.objects.filter(pk=daily.pk).update(
        status=DeliveryStatus.FAILED, reason="x", item_ids=list(select(daily, []).item_ids)
    )
    (delivery,) = planned(ready())
    assert selected(delivery) == [("NEW_ENTRIES", ["Generators"], 1)]


def test_an_entry_that_was_revised_again_is_news_again() -> None:
    ada = person("ada")
    subscription(ada, cadence=DigestCadence.DAILY)
    subscription(ada)
    old = entry("Generators", day(1))
    revision(old, 2, RevisionState.SUPERSEDED, day(3))
    (daily,) = planned(ready(DigestCadence.DAILY, start=day(3), end=day(4)))
    assert selected(daily) == [("UPDATED_ENTRIES", ["Generators"], 1)]
    told(daily)
    (quiet,) = planned(ready())
    assert selected(quiet) == []
    revision(old, 3, RevisionState.SUPERSEDED, day(6))
    quiet.digest.delete()
    (weekly_mail,) = planned(ready())
    assert selected(weekly_mail) == [("UPDATED_ENTRIES", ["Generators"], 1)]


def test_reviewers_are_told_of_the_queue_as_long_as_it_waits() -> None:
    rev = person("rev", role=Role.REVIEWER)
    subscription(rev, cadence=DigestCadence.DAILY)
    subscription(rev)
    rust = tag("Rust")
    waiting = revision(
        entry("Ownership", None, status=EntryStatus.IN_REVIEW), 2, RevisionState.PENDING, day(3), "Fresh."
    )
    RevisionTag.objects.create(revision=waiting, tag=rust)
    SearchMiss.objects.create(words="borrow checker", day=date(2026, 3, 3), count=2)
    daily = ready(DigestCadence.DAILY, start=day(3), end=day(4), audience=DigestAudience.REVIEWERS)
    (first,) = planned(daily)
    both = [("SEARCH_GAPS", ["borrow checker"], 1), ("REVIEW_QUEUE", ["Ownership"], 1)]
    assert selected(first) == both
    told(first)
    (second,) = planned(ready(audience=DigestAudience.REVIEWERS))
    # The week ends later than the day did: its count of searches is another.
    assert selected(second) == both
    assert selected(second, rust) == [("REVIEW_QUEUE", ["Ownership"], 1)]
    assert selected(second, tag("Go")) == []


def test_a_window_of_another_time_says_nothing_of_this_one() -> None:
    ada = person("ada")
    subscription(ada, created_at=END - timedelta(days=60))
    entry("Generators", day(3))
    (before,) = planned(ready(start=END - timedelta(days=14), end=END - timedelta(days=7)))
    DigestDelivery.objects.filter(pk=before.pk).update(status=DeliveryStatus.SENT, sent_at=END, reason="")
    (now,) = planned(ready())
    assert selected(now) == [("NEW_ENTRIES", ["Generators"], 1)]
