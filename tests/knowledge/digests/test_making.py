"""Making a digest: what is in it, for whom, and that it is made once."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from knowledge.digests import make_digest
from knowledge.digests.lifecycle import FAILURE, LEASE, MOST_ATTEMPTS, Claim, become_ready, queue_again, take
from knowledge.models import (
    Digest,
    DigestAudience,
    DigestSection,
    DigestStatus,
    EntryStatus,
    OutboxEvent,
    RevisionState,
    SearchMiss,
    Tag,
)
from tests.knowledge.digests.rows import END, challenge, contents, day, digest, entry, revision, tag

pytestmark = pytest.mark.django_db


def events() -> list[tuple[str, int]]:
    return list(OutboxEvent.objects.order_by("pk").values_list("type", "subject_id"))


def a_week() -> None:
    python, docker = tag("Python", "A language."), tag("Docker")
    entry("Generators", day(3), tags=(python,), summary="Lazy iteration.", score=2)
    entry("Images", day(4), tags=(docker,), body_html="<p>Layers &amp; <em>caches</em></p>\n<p>More</p>", sources=3)
    entry("Volumes", day(8, 23), tags=(docker,))
    entry("Before", day(1, 23), tags=(python,))
    entry("At the end", day(9))
    entry("In review", None, status=EntryStatus.IN_REVIEW)
    entry("Archived", day(5), status=EntryStatus.ARCHIVED)
    old = entry("Decorators", day(1), summary="Functions around functions.")
    old.revision = 3
    old.save(update_fields=["revision"])
    for number, state in ((1, RevisionState.SUPERSEDED), (2, RevisionState.SUPERSEDED), (3, RevisionState.APPROVED)):
        old.revisions.filter(number=number).update(state=state)
        if number > 1:
            revision(old, number, state, day(number + 2))
    revision(entry("Untouched", day(1)), 2, RevisionState.SUPERSEDED, day(9))
    challenge("Slow images", day(2), solved_at=day(5, 12), answers=("<p>Order the layers.</p>",), tags=(docker,))
    challenge("Old one", day(1) - timedelta(days=10), solved_at=day(3), answers=("Wait.",), score=4)
    challenge("Who knows?", day(6), body_html="<p>Nobody?</p>", tags=(python,))
    challenge("Half", day(7), answers=("Try it.", "Or that."))
    challenge("Solved later", day(3), solved_at=day(10), answers=("x",))


WEEK = [
    (
        "NEW_ENTRIES",
        [
            ("Generators", "new, with a score of 2", "Lazy iteration."),
            ("Images", "new, named by 3 documents", "Layers & caches More"),
            ("Volumes", "new", ""),
        ],
    ),
    ("UPDATED_ENTRIES", [("Decorators", "revised 2 times", "Functions around functions.")]),
    (
        "SOLVED_CHALLENGES",
        [("Old one", "solved after 12 days", "Wait."), ("Slow images", "solved after 3 days", "Order the layers.")],
    ),
    (
        "OPEN_CHALLENGES",
        [("Who knows?", "new, no answer yet", "Nobody?"), ("Half", "new, 2 answers, none accepted", "")],
    ),
    (
        "TRENDING_TAGS",
        [
            ("Docker", "3 new here, none in the period before", ""),
            ("Python", "2 new here, 1 in the period before", "A language."),
        ],
    ),
]


def test_a_week_for_everyone() -> None:
    a_week()
    made = digest()

    assert make_digest(made.pk, now=day(11)) is True

    made.refresh_from_db()
    assert contents(made) == WEEK
    assert (made.status, made.progress, made.item_count, made.attempts, made.failure) == ("READY", 100, 10, 1, "")
    assert (made.started_at, made.lease_expires_at) == (day(11), None)
    assert made.finished_at is not None
    assert day(11) < made.finished_at < day(11, 1)
    assert events() == [("digest.ready", made.pk)]
    assert OutboxEvent.objects.get().payload == {"item_count": 10}
    assert made.body == (
        "Three new entries, one updated entry, two solved challenges and two new challenges that are still open: "
        "that was 2 to 8 March 2026. Docker gained the most: 3 new here, none in the period before.\n\n"
        "## New entries\n\n"
        "- **Generators** (new, with a score of 2): Lazy iteration.\n"
        "- **Images** (new, named by 3 documents): Layers & caches More\n"
        "- **Volumes** (new)\n\n"
        "## Updated entries\n\n"
        "- **Decorators** (revised 2 times): Functions around functions.\n\n"
        "## Solved challenges\n\n"
        "- **Old one** (solved after 12 days): Wait.\n"
        "- **Slow images** (solved after 3 days): Order the layers.\n\n"
        "## Open challenges\n\n"
        "- **Who knows?** (new, no answer yet): Nobody?\n"
        "- **Half** (new, 2 answers, none accepted)\n\n"
        "## Trending tags\n\n"
        "- **Docker** (3 new here, none in the period before)\n"
        "- **Python** (2 new here, 1 in the period before): A language.\n"
    )
    assert made.body_text is not None
    assert "\n\nSOLVED CHALLENGES\n* Old one (solved after 12 days)\n  Wait.\n" in made.body_text
    assert made.body_html is not None
    assert "<li><strong>Volumes</strong> (new)</li>\n</ul>\n<h2>Updated entries</h2>" in made.body_html


def test_items_lead_to_their_subjects() -> None:
    docker = tag("Docker")
    new = entry("Images", day(3), tags=(docker,))
    asked = challenge("Slow images", day(4))
    made = digest()

    make_digest(made.pk, now=END)

    items = DigestSection.objects.order_by("position").values_list("items__entry", "items__challenge", "items__tag")
    assert list(items) == [(new.pk, None, None), (None, asked.pk, None), (None, None, docker.pk)]


def test_with_tags_it_holds_only_what_carries_one_of_them() -> None:
    a_week()
    made = digest(tag("Kotlin"), Tag.objects.get(name="Docker"))

    make_digest(made.pk, now=END)

    made.refresh_from_db()
    assert [(kind, [headline for headline, _, _ in items]) for kind, items in contents(made)] == [
        ("NEW_ENTRIES", ["Images", "Volumes"]),
        ("SOLVED_CHALLENGES", ["Slow images"]),
        ("TRENDING_TAGS", ["Docker"]),
    ]
    assert made.body is not None
    assert made.body.startswith(
        "Two new entries and one solved challenge on Docker and Kotlin: that was 2 to 8 March 2026."
    )


def test_reviewers_also_see_the_queue_and_the_gaps() -> None:
    waiting = entry("Waiting", None, status=EntryStatus.IN_REVIEW)
    revision(waiting, 2, RevisionState.PENDING, day(5), "Fresh from the author.")
    revision(entry("Too new", day(1)), 2, RevisionState.PENDING, day(9))
    # Of what is archived nothing can be reviewed.
    archived = entry("Archived", day(1), status=EntryStatus.ARCHIVED)
    revision(archived, 2, RevisionState.PENDING, day(5), "Of what was put away.")
    for words, on, count in (("kafka", 2, 2), ("kafka", 8, 5), ("rust", 4, 1), ("late", 9, 9), ("early", 1, 9)):
        SearchMiss.objects.create(words=words, day=date(2026, 3, on), count=count)
    for_reviewers, for_everyone = digest(audience=DigestAudience.REVIEWERS), digest()

    make_digest(for_reviewers.pk, now=END)
    make_digest(for_everyone.pk, now=END)

    for_reviewers.refresh_from_db()
    assert contents(for_reviewers) == [
        (
            "SEARCH_GAPS",
            [("kafka", "searched for 7 times, nothing found", ""), ("rust", "searched for once, nothing found", "")],
        ),
        ("REVIEW_QUEUE", [("Waiting", "waiting for 4 days", "Fresh from the author.")]),
    ]
    assert for_reviewers.body is not None
    assert for_reviewers.body.startswith(
        "Two searches that found nothing and one revision waiting for a review: that was 2 to 8 March 2026."
    )
    assert contents(for_everyone) == []


def test_a_quiet_window_is_told_as_such() -> None:
    made = digest()

    assert make_digest(made.pk, now=END) is True

    made.refresh_from_db()
    assert (made.status, made.item_count, contents(made)) == ("READY", 0, [])
    assert made.body == made.body_text == "Nothing happened: that was 2 to 8 March 2026.\n"
    assert made.body_html == "<p>Nothing happened: that was 2 to 8 March 2026.</p>\n"


def test_a_long_section_is_capped_and_says_how_much_is_left() -> None:
    for number in range(12):
        entry(f"Entry {number:02}", day(3, number))
    made = digest()

    make_digest(made.pk, now=END)

    made.refresh_from_db()
    [(_, items)] = contents(made)
    assert [headline for headline, _, _ in items] == [f"Entry {number:02}" for number in range(11, 1, -1)]
    assert made.body is not None
    assert made.body.startswith("Twelve new entries: ")
    assert made.body.endswith("\n… and 2 more.\n")


@pytest.mark.parametrize(
    ("names", "leaders"),
    [
        (["Docker", "Kafka"], "Docker and Kafka"),
        (["Docker", "Kafka", "Python"], "Docker, Kafka and one other tag"),
        (["Docker", "Kafka", "Python", "Rust"], "Docker, Kafka and two other tags"),
    ],
)
def test_none_of_several_that_gained_alike_is_said_to_lead(names: list[str], leaders: str) -> None:
    entry("All of them", day(3), tags=tuple(tag(name) for name in names))
    made = digest()
    make_digest(made.pk, now=END)
    made.refresh_from_db()
    said = (made.body_text or "").partition("\n")[0]
    assert said == (
        "One new entry: that was 2 to 8 March 2026. "
        f"{leaders} gained the most, each with 1 new here, none in the period before."
    )


def test_an_excerpt_that_says_no_more_than_the_title_is_left_out() -> None:
    entry("Write the test first.", day(3), summary="Write the test  first")
    entry("Write the tests", day(4), summary="Write the tests first.")
    challenge("Slow images", day(5), body_html="<p>Slow images</p>")
    made = digest()
    make_digest(made.pk, now=END)
    items = [item for _, section in contents(made) for item in section]
    assert {headline: excerpt for headline, _, excerpt in items} == {
        "Write the test first.": "",
        "Write the tests": "Write the tests first.",
        "Slow images": "",
    }


def test_what_people_wrote_stays_text() -> None:
    entry("*<script>alert(1)</script>* [x](javascript:alert)", day(3), summary="# not a heading\n- no list & <b>")
    made = digest()

    make_digest(made.pk, now=END)

    made.refresh_from_db()
    assert made.body_html is not None
    assert (
        "<li><strong>*&lt;script&gt;alert(1)&lt;/script&gt;* [x](javascript:alert)</strong> (new): "
        "# not a heading - no list &amp; &lt;b&gt;</li>"
    ) in made.body_html


def test_making_it_twice_changes_nothing_the_second_time() -> None:
    a_week()
    made = digest()
    make_digest(made.pk, now=END)
    before = Digest.objects.values().get(), contents(made), events()

    assert make_digest(made.pk, now=day(20)) is False

    assert (Digest.objects.values().get(), contents(made), events()) == before


def test_one_item_a_section_costs_as_many_statements_as_three() -> None:
    def statements(made: Digest) -> int:
        with CaptureQueriesContext(connection) as queries:
            make_digest(made.pk, now=END)
        return len(queries)

    def one_of_each(number: int) -> None:
        carried = tag(f"Tag {number}")
        entry(f"New {number}", day(3), tags=(carried,))
        old = entry(f"Old {number}", day(1))
        revision(old, 2, RevisionState.SUPERSEDED, day(4))
        revision(old, 3, RevisionState.PENDING, day(4))
        challenge(f"Solved {number}", day(2), solved_at=day(3), answers=("So.",))
        challenge(f"Open {number}", day(2))
        SearchMiss.objects.create(words=f"words {number}", day=date(2026, 3, 3))

    one_of_each(1)
    with_one = statements(digest(audience=DigestAudience.REVIEWERS))
    one_of_each(2)
    one_of_each(3)
    Digest.objects.all().delete()
    again = digest(audience=DigestAudience.REVIEWERS)
    assert statements(again) == with_one == 32
    assert [len(items) for _, items in contents(again)] == [3] * 7


def test_a_failed_attempt_waits_for_another_and_the_last_one_fails_the_digest() -> None:
    entry("Poison", day(3))
    made = digest()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE knowledge_digestitem ADD CONSTRAINT no_poison CHECK (headline <> 'Poison')")

    states = []
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(IntegrityError, match="no_poison"):
            make_digest(made.pk, now=END)
        made.refresh_from_db()
        states.append((made.status, made.attempts, made.failure, made.body, made.lease_expires_at))

    assert states == [
        ("QUEUED", 1, "", None, None),
        ("QUEUED", 2, "", None, None),
        ("FAILED", 3, FAILURE, None, None),
    ]
    assert events() == [("digest.failed", made.pk)]
    assert make_digest(made.pk, now=END) is False


def test_a_lost_lease_is_taken_over_and_its_old_holder_changes_nothing() -> None:
    made = digest()
    slow = take(made.pk, END)
    assert slow == Claim(made.pk, 1, END)
    assert take(made.pk, END + LEASE - timedelta(seconds=1)) is None

    assert make_digest(made.pk, now=END + LEASE) is True

    ready = Digest.objects.values().get()
    assert become_ready(slow, END, body="late", body_html="late", body_text="late", item_count=7) is False
    assert Digest.objects.values().get() == ready
    assert (ready["status"], ready["attempts"]) == ("READY", 2)


def test_a_holder_from_before_the_digest_was_asked_for_again_changes_nothing() -> None:
    made = digest()
    slow = take(made.pk, END)
    Digest.objects.update(status="FAILED", failure="Too slow.", lease_expires_at=None, finished_at=END + LEASE)
    with transaction.atomic():
        assert queue_again(made.pk, END + LEASE) is True
    held = take(made.pk, END + LEASE)
    assert slow is not None
    assert held == Claim(made.pk, slow.attempt, END + LEASE)

    assert become_ready(slow, END, body="late", body_html="late", body_text="late", item_count=7) is False
    made.refresh_from_db()
    assert (made.status, made.item_count) == ("RUNNING", 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_makes_it() -> None:
    made = digest()
    barrier = Barrier(2)
    answers: list[bool] = []

    def make() -> None:
        try:
            barrier.wait()
            answers.append(make_digest(made.pk, now=END))
        finally:
            connection.close()

    threads = [Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False, True]
    made.refresh_from_db()
    assert (made.status, made.attempts) == (DigestStatus.READY, 1)
    assert events() == [("digest.ready", made.pk)]
