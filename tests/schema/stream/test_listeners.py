"""Many streams on one process: each is told once, they share their connections, and who leaves leaves nothing."""

import json
import resource
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
from django.db import connection

from knowledge.services.challenges import create_challenge
from schema.stream.threads import THREADS
from tests.cast import Cast
from tests.schema.stream.reading import HEARTBEAT, SECONDS, Event, Stream, start_stream, told
from tests.workers.programs import Programs, eventually

pytestmark = pytest.mark.django_db(transaction=True)

WATCH = "subscription { knowledgeChanged { kind } }"
CREATED = told({"knowledgeChanged": {"kind": "CHALLENGE_CREATED"}})


@contextmanager
def listeners(port: int, number: int) -> Iterator[list[Stream]]:
    with ExitStack() as stack:
        streams = [stack.enter_context(Stream(port, WATCH)) for _ in range(number)]
        assert {stream.event(heartbeats=True) for stream in streams} == {Event(HEARTBEAT)}
        yield streams


def connections(like: str = "%") -> int:
    """How many other connections to this database last did something like this."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE %s",
            [like],
        )
        (number,) = cursor.fetchone()
    return int(number)


def ended(programs: Programs) -> int:
    """How many streams have ended, as the process's log says."""
    lines = (json.loads(line) for line in programs.said().splitlines() if line.startswith("{"))
    return sum(line["message"] == "stream" for line in lines)


def test_ten_listeners_share_one_connection_that_listens(port: int) -> None:
    with listeners(port, 10):
        assert connections("LISTEN%") == 1
        assert connections() <= 1 + THREADS


def test_each_of_two_hundred_is_told_each_change_once(port: int, cast: Cast) -> None:
    with listeners(port, 200) as streams:
        for title in ("First", "Second"):
            create_challenge(cast.viewer("author"), title=title, body="How?")
        for _ in range(2):
            assert [stream.event() for stream in streams] == [CREATED] * 200
        # Nothing came twice: a heartbeat is next.
        assert [stream.event(heartbeats=True) for stream in streams] == [Event(HEARTBEAT)] * 200
        assert connections() <= 1 + THREADS


def test_who_leaves_leaves_nothing(stream_process: tuple[int, Programs], cast: Cast) -> None:
    port, programs = stream_process
    before = ended(programs)
    with listeners(port, 20):
        assert ended(programs) == before
    assert eventually(lambda: ended(programs) == before + 20, SECONDS)
    assert connections() <= 1 + THREADS
    with listeners(port, 1) as (stream,):
        create_challenge(cast.viewer("author"), title="After them", body="How?")
        assert stream.event() == CREATED
    assert "Traceback" not in programs.said()


@contextmanager
def many_files() -> Iterator[None]:
    """Meanwhile this process, and those that it starts, may have as many connections as the system lets them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4_096)), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.slow
def test_a_thousand_idle_listeners_fit_into_300_megabytes(tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    listening = connections("LISTEN%")  # the process that other tests share may be there
    with many_files():
        try:
            port = start_stream(programs)
            with listeners(port, 1_000) as streams:
                assert streams[-1].event(heartbeats=True) == Event(HEARTBEAT)
                assert connections("LISTEN%") == listening + 1
                (process,) = programs.running
                assert psutil.Process(process.pid).memory_info().rss < 300 * 2**20
            assert eventually(lambda: ended(programs) == 1_000, SECONDS)
        finally:
            programs.end()


def test_a_stop_ends_open_streams_in_order(programs_of_its_own: tuple[int, Programs]) -> None:
    port, programs = programs_of_its_own
    with listeners(port, 3) as streams:
        (process,) = programs.running
        process.terminate()
        assert [stream.rest() for stream in streams] == [[], [], []]
        assert process.wait(SECONDS) == -signal.SIGTERM  # uvicorn ends by it once all is closed
    assert "Traceback" not in programs.said()
