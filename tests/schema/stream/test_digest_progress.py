"""subscription { digestProgress }: the digest now, and each time that it gets on, to those who may see it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from knowledge.digests import lifecycle, make_digest, request_digest
from knowledge.models import Digest, DigestCadence, Session, User
from knowledge.services.sessions import EndReason
from schema.http.parameters import Parameters
from schema.planner.ids import encode_id
from schema.stream.notifications import Told
from schema.stream.opening import opening
from tests.cast import Cast
from tests.knowledge.digests.rows import day, entry
from tests.schema.stream.reading import COMPLETE, HEARTBEAT, Event, Stream, told

pytestmark = pytest.mark.django_db(transaction=True)

WATCH = "subscription ($id: ID!) { digestProgress(id: $id) { id status progress } }"


def ask_for_digest(cast: Cast) -> Digest:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    return request_digest(cast.viewer("author"), window_start=start, window_end=start + timedelta(days=7))


def id_of(digest: Digest) -> str:
    return encode_id("Digest", digest.pk)


def stage(digest: Digest, status: str, progress: int) -> Event:
    return told({"digestProgress": {"id": id_of(digest), "status": status, "progress": progress}})


def sign_out(user: User) -> None:
    Session.objects.filter(user=user).update(ended_at=timezone.now(), end_reason=EndReason.SIGNED_OUT)


def refusal(code: str) -> list[Any]:
    return [("next", [code]), ("complete", None)]


def codes(events: list[Event]) -> list[Any]:
    return [
        (event.kind, [error["extensions"]["code"] for error in event.data["errors"]] if event.data else None)
        for event in events
    ]


def test_each_step_is_told_until_it_is_ready(port: int, cast: Cast, tokens: dict[str, str | None]) -> None:
    digest = ask_for_digest(cast)
    with Stream(port, WATCH, token=tokens["author"], id=id_of(digest)) as stream:
        assert stream.response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert stream.event() == stage(digest, "QUEUED", 0)
        claim = lifecycle.take(digest.pk, timezone.now())
        assert claim is not None
        assert stream.event() == stage(digest, "RUNNING", 0)
        lifecycle.report(claim, 40)
        assert stream.event() == stage(digest, "RUNNING", 40)
        lifecycle.report(claim, 40)  # nothing new: nothing is told
        with transaction.atomic():
            lifecycle.become_ready(claim, timezone.now(), body="b", body_html="b", body_text="b", item_count=0)
        assert stream.rest() == [stage(digest, "READY", 100), COMPLETE]


def test_what_gets_on_during_a_look_is_told_once(cast: Cast, tokens: dict[str, str | None]) -> None:
    digest = ask_for_digest(cast)
    claim = lifecycle.take(digest.pk, timezone.now())
    assert claim is not None
    asked = Parameters(WATCH, variables={"id": id_of(digest)})
    feed = opening(RequestFactory().post("/graphql/stream"), asked, f"Bearer {tokens['author']}").feed
    news = [60, 20]

    def get_on(execute: Any, sql: str, *rest: Any) -> Any:
        """After the look's first statement the digest gets on, and again after the second."""
        result = execute(sql, *rest)
        if news and not sql.startswith("UPDATE"):
            lifecycle.report(claim, news.pop())
        return result

    with connection.execute_wrapper(get_on):
        look = feed.first(cast.viewer("author"))
    assert [json.loads(text) for text in look.data] == [stage(digest, "RUNNING", 60).data["data"]]
    assert not news
    assert not feed.next(cast.viewer("author"), Told(("",))).data
    lifecycle.report(claim, 80)
    (text,) = feed.next(cast.viewer("author"), Told(("",))).data
    assert json.loads(text) == stage(digest, "RUNNING", 80).data["data"]


def test_a_digest_that_is_really_made_comes_whole(port: int, cast: Cast, tokens: dict[str, str | None]) -> None:
    entry("Keyset cursors", day(3))
    digest = ask_for_digest(cast)
    query = """subscription ($id: ID!) { watched: digestProgress(id: $id) {
        status progress body sections { title items { headline subject { ... on Entry { title } } } } } }"""
    with Stream(port, query, token=tokens["author"], id=id_of(digest)) as stream:
        first = stream.event()
        make_digest(digest.pk, now=timezone.now())
        *between, last, end = stream.rest()

    assert first == told({"watched": {"status": "QUEUED", "progress": 0, "body": None, "sections": []}})
    steps = [event.data["data"]["watched"] for event in between]
    assert [step["progress"] for step in steps] == sorted(step["progress"] for step in steps)
    digest.refresh_from_db()
    assert last.data["data"]["watched"] == {
        "status": "READY",
        "progress": 100,
        "body": digest.body,
        "sections": [
            {
                "title": "New entries",
                "items": [{"headline": "Keyset cursors", "subject": {"title": "Keyset cursors"}}],
            }
        ],
    }
    assert end == COMPLETE


def test_a_digest_that_fails_ends_the_stream(port: int, cast: Cast, tokens: dict[str, str | None]) -> None:
    digest = ask_for_digest(cast)
    Digest.objects.update(attempts=lifecycle.MOST_ATTEMPTS - 1)
    claim = lifecycle.take(digest.pk, timezone.now())
    assert claim is not None
    with Stream(port, WATCH, token=tokens["author"], id=id_of(digest)) as stream:
        assert stream.event() == stage(digest, "RUNNING", 0)
        lifecycle.give_up(claim, timezone.now())
        assert stream.rest() == [stage(digest, "FAILED", 0), COMPLETE]


@pytest.mark.parametrize(
    ("name", "sees"),
    [("author", True), ("staff", True), ("peer", False), ("reviewer", False), ("anonymous", False)],
)
def test_a_digest_on_demand_is_for_its_requester_and_staff(
    port: int, cast: Cast, tokens: dict[str, str | None], name: str, sees: bool
) -> None:
    digest = ask_for_digest(cast)
    with Stream(port, WATCH, token=tokens[name], id=id_of(digest)) as stream:
        if sees:
            assert stream.event() == stage(digest, "QUEUED", 0)
        else:
            assert codes(stream.rest()) == refusal("NOT_FOUND")


@pytest.mark.parametrize("name", ["author", "peer", "reviewer", "staff", "anonymous"])
def test_a_ready_one_for_everyone_is_told_once(port: int, cast: Cast, tokens: dict[str, str | None], name: str) -> None:
    digest = ask_for_digest(cast)
    make_digest(digest.pk, now=timezone.now())
    Digest.objects.update(cadence=DigestCadence.WEEKLY)
    with Stream(port, WATCH, token=tokens[name], id=id_of(digest)) as stream:
        assert stream.rest() == [stage(digest, "READY", 100), COMPLETE]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (encode_id("Digest", 999), "NOT_FOUND"),
        (encode_id("Entry", 1), "BAD_USER_INPUT"),
        ("nothing", "BAD_USER_INPUT"),
    ],
)
def test_what_is_no_digest_is_refused(
    port: int, cast: Cast, tokens: dict[str, str | None], given: str, code: str
) -> None:
    with Stream(port, WATCH, token=tokens["staff"], id=given) as stream:
        assert codes(stream.rest()) == refusal(code)


def test_without_news_there_are_heartbeats(port: int, cast: Cast, tokens: dict[str, str | None]) -> None:
    digest = ask_for_digest(cast)
    with Stream(port, WATCH, token=tokens["author"], id=id_of(digest)) as stream:
        assert stream.event(heartbeats=True) == Event(HEARTBEAT)  # the beginning
        assert stream.event(heartbeats=True) == stage(digest, "QUEUED", 0)
        assert [stream.event(heartbeats=True) for _ in range(2)] == [Event(HEARTBEAT)] * 2


def test_a_session_that_ends_ends_the_stream_at_the_next_heartbeat(
    port: int, cast: Cast, tokens: dict[str, str | None]
) -> None:
    digest = ask_for_digest(cast)
    with Stream(port, WATCH, token=tokens["author"], id=id_of(digest)) as stream:
        assert stream.event() == stage(digest, "QUEUED", 0)
        sign_out(cast.author)
        assert codes(stream.rest()) == refusal("TOKEN_INVALID")


def test_a_session_that_ends_is_told_nothing_more(port: int, cast: Cast, tokens: dict[str, str | None]) -> None:
    digest = ask_for_digest(cast)
    with (
        Stream(port, WATCH, token=tokens["author"], id=id_of(digest)) as ended,
        Stream(port, WATCH, token=tokens["staff"], id=id_of(digest)) as goes_on,
    ):
        assert ended.event() == goes_on.event() == stage(digest, "QUEUED", 0)
        sign_out(cast.author)
        lifecycle.take(digest.pk, timezone.now())
        assert codes(ended.rest()) == refusal("TOKEN_INVALID")
        assert goes_on.event() == stage(digest, "RUNNING", 0)


def test_who_may_no_longer_see_it_is_told_so(port: int, cast: Cast, tokens: dict[str, str | None]) -> None:
    digest = ask_for_digest(cast)
    with Stream(port, WATCH, token=tokens["author"], id=id_of(digest)) as stream:
        assert stream.event() == stage(digest, "QUEUED", 0)
        Digest.objects.update(requested_by=cast.peer)
        lifecycle.take(digest.pk, timezone.now())
        assert codes(stream.rest()) == refusal("NOT_FOUND")


def test_a_database_that_hung_up_is_asked_again(port: int, cast: Cast, tokens: dict[str, str | None]) -> None:
    digest = ask_for_digest(cast)
    with Stream(port, WATCH, token=tokens["author"], id=id_of(digest)) as stream:
        assert stream.event() == stage(digest, "QUEUED", 0)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        lifecycle.take(digest.pk, timezone.now())
        assert stream.event() == stage(digest, "RUNNING", 0)
