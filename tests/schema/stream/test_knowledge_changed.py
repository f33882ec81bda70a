"""subscription { knowledgeChanged }: what becomes visible, to those to whom it does."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.db import connection, transaction

from knowledge import outbox
from knowledge.events import EventType
from knowledge.models import Challenge, Entry, EntryStatus
from knowledge.services.challenges import create_challenge
from knowledge.services.entries import create_entry, update_entry
from knowledge.services.merging import merge_tags
from knowledge.services.reviews import APPROVE, review_entry
from knowledge.services.solutions import accept_solution, create_solution
from knowledge.services.vocabulary import create_tag, update_tag
from schema.planner.ids import encode_id
from tests.cast import Cast
from tests.knowledge.digests.rows import day, entry
from tests.schema.stream.reading import COMPLETE, HEARTBEAT, Event, Stream, told

pytestmark = pytest.mark.django_db(transaction=True)

WATCH = """subscription ($tags: [String!]) { knowledgeChanged(tagsAny: $tags) { kind subjectId subject {
    ... on Entry { title } ... on Challenge { title status } ... on Solution { body challenge { title } } } } }"""
NAMES = ("author", "peer", "reviewer", "staff", "anonymous")


@contextmanager
def watching(port: int, tokens: dict[str, str | None]) -> Iterator[dict[str, Stream]]:
    """A stream for each of the cast, open."""
    with ExitStack() as stack:
        streams = {name: stack.enter_context(Stream(port, WATCH, token=tokens[name])) for name in NAMES}
        for stream in streams.values():
            assert stream.event(heartbeats=True) == Event(HEARTBEAT)
        yield streams


def next_of_all(streams: dict[str, Stream]) -> dict[str, Event | None]:
    return {name: stream.event() for name, stream in streams.items()}


def change(kind: str, subject_type: str, key: int, subject: object) -> Event:
    content = {"kind": kind, "subjectId": encode_id(subject_type, key), "subject": subject}
    return told({"knowledgeChanged": content})


def same_for_all(event: Event) -> dict[str, Event]:
    return dict.fromkeys(NAMES, event)


def ask(cast: Cast, title: str, *tags: str) -> int:
    made = create_challenge(cast.viewer("author"), title=title, body="How?", tags=tags)
    return made.pk


def test_an_entry_is_told_of_when_it_is_published_and_not_before(
    port: int, cast: Cast, tokens: dict[str, str | None]
) -> None:
    with watching(port, tokens) as streams:
        made = create_entry(cast.viewer("author"), kind="CONCEPT", title="Locks", body="Wait.", submit=True)
        review_entry(cast.viewer("reviewer"), entry_id=made.pk, verdict=APPROVE)
        expected = change("ENTRY_PUBLISHED", "Entry", made.pk, {"title": "Locks"})
        assert next_of_all(streams) == same_for_all(expected)

        update_entry(cast.viewer("peer"), entry_id=made.pk, title="Locks!")  # a draft beside it: nobody sees it
        update_entry(cast.viewer("staff"), entry_id=made.pk, title="Locks, explained")
        expected = change("ENTRY_UPDATED", "Entry", made.pk, {"title": "Locks, explained"})
        assert next_of_all(streams) == same_for_all(expected)


def test_a_change_says_when_it_came_about(port: int, cast: Cast) -> None:
    with Stream(port, "subscription { knowledgeChanged { at } }") as stream:
        assert stream.event(heartbeats=True) == Event(HEARTBEAT)
        made = Challenge.objects.get(pk=ask(cast, "Deadlocks"))
        at = f"{made.created_at:%Y-%m-%dT%H:%M:%S.%fZ}"
        assert stream.event() == told({"knowledgeChanged": {"at": at}})


def test_a_challenge_is_told_of_from_question_to_answer(port: int, cast: Cast, tokens: dict[str, str | None]) -> None:
    with watching(port, tokens) as streams:
        challenge = ask(cast, "Deadlocks")
        assert next_of_all(streams) == same_for_all(
            change("CHALLENGE_CREATED", "Challenge", challenge, {"title": "Deadlocks", "status": "OPEN"})
        )
        solution = create_solution(cast.viewer("peer"), challenge_id=challenge, body="In order.")
        assert next_of_all(streams) == same_for_all(
            change(
                "SOLUTION_CREATED",
                "Solution",
                solution.pk,
                {"body": "In order.", "challenge": {"title": "Deadlocks"}},
            )
        )
        accept_solution(cast.viewer("author"), solution_id=solution.pk)
        assert next_of_all(streams) == same_for_all(
            change("CHALLENGE_SOLVED", "Challenge", challenge, {"title": "Deadlocks", "status": "SOLVED"})
        )


def test_of_what_is_not_visible_nothing_is_told(port: int, cast: Cast, tokens: dict[str, str | None]) -> None:
    waiting = entry("Waiting", None, status=EntryStatus.IN_REVIEW)
    Entry.objects.update(author=cast.author)
    with watching(port, tokens) as streams:
        with transaction.atomic():
            outbox.record(EventType.ENTRY_UPDATED, waiting, revision=1, shown=True)
        challenge = ask(cast, "Next")
        first = next_of_all(streams)

    seen = change("ENTRY_UPDATED", "Entry", waiting.pk, {"title": "Waiting"})
    unseen = change("CHALLENGE_CREATED", "Challenge", challenge, {"title": "Next", "status": "OPEN"})
    assert first == {"author": seen, "peer": unseen, "reviewer": seen, "staff": seen, "anonymous": unseen}


def test_that_an_entry_was_archived_is_told_to_all_and_it_is_shown_to_few(
    port: int, cast: Cast, tokens: dict[str, str | None]
) -> None:
    old = entry("Old", day(3))
    Entry.objects.update(author=cast.author)
    with watching(port, tokens) as streams:
        with transaction.atomic():
            Entry.objects.update(status=EntryStatus.ARCHIVED, archive_reason="Wrong.")
            outbox.record(EventType.ENTRY_ARCHIVED, old)
        first = next_of_all(streams)

    shown = change("ENTRY_ARCHIVED", "Entry", old.pk, {"title": "Old"})
    hidden = change("ENTRY_ARCHIVED", "Entry", old.pk, None)
    assert first == {"author": shown, "peer": hidden, "reviewer": shown, "staff": shown, "anonymous": hidden}


@pytest.mark.parametrize(
    ("tags", "titles"),
    [
        (None, ["First", "Second", "Third"]),
        (["postgresql"], ["First"]),
        (["PostgreSQL", "redis"], ["First", "Second"]),
        (["nothing"], []),
        ([], []),
    ],
)
def test_tags_narrow_what_is_told(port: int, cast: Cast, tags: list[str] | None, titles: list[str]) -> None:
    with Stream(port, WATCH, tags=tags) as stream:
        assert stream.event(heartbeats=True) == Event(HEARTBEAT)
        ask(cast, "First", "PostgreSQL")
        ask(cast, "Second", "Redis")
        ask(cast, "Third")
        heard = [stream.event() for _ in titles]
        # Nothing else was told, or it would come before the heartbeats.
        assert [stream.event(heartbeats=True) for _ in range(2)] == [Event(HEARTBEAT)] * 2
    assert [event and event.data["data"]["knowledgeChanged"]["subject"]["title"] for event in heard] == titles


def test_every_name_of_a_tag_narrows_to_what_carries_it(port: int, cast: Cast) -> None:
    """Its own, an alias, one that it had before, and that of a tag that was merged into it."""
    staff = cast.viewer("staff")
    made, merged = create_tag(staff, name="Snow goose", aliases=["Waterbird"]), create_tag(staff, name="Puffin")
    update_tag(staff, tag_id=made.pk, name="Tern")
    merge_tags(staff, source_ids=[merged.pk], target_id=made.pk)
    with ExitStack() as stack:
        streams = {
            word: stack.enter_context(Stream(port, WATCH, tags=[word, "end"]))
            for word in ("tern", "Waterbird", "snow-goose", "puffin", "owl")
        }
        for stream in streams.values():
            assert stream.event(heartbeats=True) == Event(HEARTBEAT)
        for tag in ("Tern", "Owl"):
            challenge = ask(cast, f"Of {tag}", tag)
            create_solution(cast.viewer("peer"), challenge_id=challenge, body=f"On {tag}")
            written = create_entry(
                cast.viewer("author"), kind="CONCEPT", title=f"About {tag}", body="It flies.", tags=[tag], submit=True
            )
            review_entry(cast.viewer("reviewer"), entry_id=written.pk, verdict=APPROVE)
        ask(cast, "The end", "End")
        heard = {word: before_the_end(stream) for word, stream in streams.items()}
    of_tern = ["Of Tern", "On Tern", "About Tern"]
    assert heard == {
        "tern": of_tern,
        "Waterbird": of_tern,
        "snow-goose": of_tern,
        "puffin": of_tern,
        "owl": ["Of Owl", "On Owl", "About Owl"],
    }


def before_the_end(stream: Stream) -> list[str]:
    """What it tells of; for what it leaves out nobody waits."""
    return list(iter(lambda: subject_of(stream.event()), "The end"))


def subject_of(event: Event | None) -> str:
    assert event
    subject: dict[str, str] = event.data["data"]["knowledgeChanged"]["subject"]
    return subject.get("title") or subject["body"]


def test_solutions_have_their_challenges_tags(port: int, cast: Cast) -> None:
    challenge = ask(cast, "Deadlocks", "PostgreSQL")
    with Stream(port, WATCH, tags=["postgresql"]) as stream:
        assert stream.event(heartbeats=True) == Event(HEARTBEAT)
        create_solution(cast.viewer("peer"), challenge_id=challenge, body="In order.")
        told_kinds = [kind_of(stream.event())]
        # PostgreSQL may tell of the challenge, made just before, only when the stream is open already.
        if told_kinds == ["CHALLENGE_CREATED"]:
            told_kinds = [kind_of(stream.event())]
    assert told_kinds == ["SOLUTION_CREATED"]


def kind_of(event: Event | None) -> str:
    assert event
    kind: str = event.data["data"]["knowledgeChanged"]["kind"]
    return kind


def test_a_challenge_that_is_rolled_back_is_not_told_of(port: int, cast: Cast) -> None:
    with Stream(port, WATCH) as stream:
        assert stream.event(heartbeats=True) == Event(HEARTBEAT)
        with transaction.atomic():
            ask(cast, "Never")
            transaction.set_rollback(True)
        kept = ask(cast, "Kept")
        assert stream.event() == change("CHALLENGE_CREATED", "Challenge", kept, {"title": "Kept", "status": "OPEN"})


def test_where_changes_may_have_been_missed_the_stream_says_so_and_ends(port: int, cast: Cast) -> None:
    with Stream(port, WATCH) as stream:
        assert stream.event(heartbeats=True) == Event(HEARTBEAT)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN%%'"
            )
        error, end = stream.rest()
    assert error.data["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}
    assert end == COMPLETE
    with Stream(port, WATCH) as stream:
        assert stream.event(heartbeats=True) == Event(HEARTBEAT)
        kept = ask(cast, "Kept")
        assert stream.event() == change("CHALLENGE_CREATED", "Challenge", kept, {"title": "Kept", "status": "OPEN"})
