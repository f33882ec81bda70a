"""What PostgreSQL says reaches those who wait for it, and a gap is told as one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from django.db import connection

from schema.stream.events import next_event
from schema.stream.notifications import Inbox, Notifications, Told

AT_ONCE = 0.01
SOON = 5.0


def everything(_payload: str) -> bool:
    return True


def test_an_inbox_keeps_what_is_wanted_in_order() -> None:
    async def test() -> None:
        inbox = Inbox(3, lambda payload: payload != "noise")
        assert await inbox.take(AT_ONCE) == Told()
        for payload in ("1", "noise", "2"):
            inbox.put(payload)
        assert await inbox.take(AT_ONCE) == Told(("1", "2"))
        assert not await inbox.take(AT_ONCE)

    asyncio.run(test())


def test_an_inbox_that_is_full_is_a_gap_until_it_is_taken() -> None:
    async def test() -> None:
        inbox = Inbox(2, everything)
        for payload in ("1", "2", "3", "4"):
            inbox.put(payload)
        assert await inbox.take(AT_ONCE) == Told(gap=True)
        inbox.put("5")
        assert await inbox.take(AT_ONCE) == Told(("5",))

    asyncio.run(test())


def test_line_breaks_in_a_result_do_not_end_its_event() -> None:
    assert next_event(b'{"data": {\n"a": 1}}') == b'event: next\ndata: {"data": {\ndata: "a": 1}}\n\n'


def run(test: Callable[[Notifications], Awaitable[None]], database: Mapping[str, Any]) -> None:
    async def begin() -> None:
        notifications = Notifications(database, "nexus_test", "nexus_other")
        assert await notifications.connected(SOON)
        await test(notifications)

    asyncio.run(begin())


def notify(channel: str, payload: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [channel, payload])


@pytest.mark.django_db(transaction=True)
def test_each_topic_hears_its_own() -> None:
    async def test(notifications: Notifications) -> None:
        with (
            notifications.inbox("nexus_test", 9, everything) as channel,
            notifications.inbox("nexus_test:7", 9, everything) as seven,
            notifications.inbox("nexus_other:7", 9, everything) as other,
        ):
            for payload in ("7", "8"):
                await asyncio.to_thread(_notify_and_close, "nexus_test", payload)
            assert await seven.take(SOON) == Told(("7",))
            heard = list((await channel.take(SOON)).payloads)
            if len(heard) < 2:
                heard += (await channel.take(SOON)).payloads
            assert heard == ["7", "8"]
            assert await other.take(AT_ONCE) == Told()
        assert notifications.topics() == set()

    run(test, connection.settings_dict)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_breaks_is_made_again_and_leaves_a_gap() -> None:
    async def test(notifications: Notifications) -> None:
        with notifications.inbox("nexus_test", 9, everything) as inbox:
            await asyncio.to_thread(_hang_up)
            assert await inbox.take(SOON) == Told(gap=True)
            assert await notifications.connected(SOON)
            await asyncio.to_thread(_notify_and_close, "nexus_test", "after")
            assert await inbox.take(SOON) == Told(("after",))

    run(test, connection.settings_dict)


@pytest.mark.django_db(transaction=True)
def test_without_a_database_it_is_not_connected_and_goes_on_trying() -> None:
    async def test() -> None:
        notifications = Notifications({**connection.settings_dict, "PORT": "1"}, "nexus_test")
        assert not await notifications.connected(0.3)

    asyncio.run(test())


def _notify_and_close(channel: str, payload: str) -> None:
    """From another thread, whose connection must not stay."""
    try:
        notify(channel, payload)
    finally:
        connection.close()


def _hang_up() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query = 'LISTEN nexus_other'"
            )
    finally:
        connection.close()
