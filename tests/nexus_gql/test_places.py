"""Requests take turns at places; what comes in slowly waits outside of them."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from threading import Event, Lock
from typing import Any

import orjson
import pytest
from django.core.cache import cache
from django.db import connection

from nexus_gql.places import ROOM_BODIES, SMALL_BYTES, Busy, Environ, Place, Placed, Places, Room, body_size

PATIENCE = 20.0
MOST = 100_000


class Slow:
    """A body that comes when the test says so."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.here = Event()
        self.awaited = Event()

    def read(self, size: int) -> bytes:
        self.awaited.set()
        assert self.here.wait(PATIENCE)
        return self.text[:size]


class Work:
    """An application that answers with the body; told to, it does so only when it may."""

    def __init__(self) -> None:
        self.may_end = Event()
        self.may_end.set()
        self.begun: list[bytes] = []
        self.most = 0
        self._now = 0
        self._lock = Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        with self._lock:
            self.begun.append(body)
            self._now += 1
            self.most = max(self.most, self._now)
        assert self.may_end.wait(PATIENCE)
        with self._lock:
            self._now -= 1
        start_response("200 OK", [])
        return [body]


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(40) as pool:
        yield pool


def placed(application: Any, number: int, patience: float = PATIENCE) -> Placed:
    return Placed(application, Places(number), most_bytes=MOST, patience=patience)


def environ(body: Any, length: int | str) -> Environ:
    return {"wsgi.input": BytesIO(body) if isinstance(body, bytes) else body, "CONTENT_LENGTH": str(length)}


def ask(application: Placed, body: Any, length: int | str) -> tuple[str, bytes]:
    told: list[Any] = []
    answer = application(environ(body, length), lambda status, headers: told.extend((status, dict(headers))))
    return told[0], b"".join(answer)


def begun(work: Work, number: int) -> bool:
    pause = Event()
    return any(len(work.begun) >= number or pause.wait(0.01) for _ in range(2_000)) and len(work.begun) >= number


def test_a_body_that_is_on_its_way_has_no_place(work: Work, threads: ThreadPoolExecutor) -> None:
    application = placed(work, 1)
    slow = [Slow(b"late") for _ in range(10)]
    asked = [threads.submit(ask, application, each, 4) for each in slow]
    assert all(each.awaited.wait(PATIENCE) for each in slow)
    assert ask(application, b"quick", 5) == ("200 OK", b"quick")
    assert work.begun == [b"quick"]
    for each in slow:
        each.here.set()
    assert [each.result() for each in asked] == [("200 OK", b"late")] * 10


def test_no_more_are_worked_on_than_there_are_places_and_all_have_their_turn(
    work: Work, threads: ThreadPoolExecutor
) -> None:
    work.may_end.clear()
    application = placed(work, 3)
    asked = [threads.submit(ask, application, b"%d" % number, 1) for number in range(9)]
    assert begun(work, 3)
    work.may_end.set()
    assert sorted(each.result()[1] for each in asked) == [b"%d" % number for number in range(9)]
    assert work.most == 3


def test_who_waits_is_served_in_order() -> None:
    places = Places(1, make=object)  # type: ignore[arg-type]  # nobody enters it
    place = places.take(PATIENCE)
    came: list[int] = []

    def wait(number: int) -> None:
        mine = places.take(PATIENCE)
        came.append(number)
        places.leave(mine)

    with ThreadPoolExecutor(5) as pool:
        waiting: list[Future[None]] = []
        for number in range(5):
            waiting.append(pool.submit(wait, number))
            pause = Event()
            while places.waiting <= number:
                pause.wait(0.001)
        places.leave(place)
        assert [each.result() for each in waiting] == [None] * 5
    assert came == [0, 1, 2, 3, 4]


def test_who_finds_no_place_in_time_is_told_so_and_the_place_is_not_lost(
    work: Work, threads: ThreadPoolExecutor
) -> None:
    work.may_end.clear()
    application = placed(work, 1, patience=0.01)
    first = threads.submit(ask, application, b"first", 5)
    assert begun(work, 1)
    status, body = ask(application, b"again", 5)
    assert (status, orjson.loads(body)["errors"][0]["extensions"]) == (
        "503 Service Unavailable",
        {"code": "UNAVAILABLE"},
    )
    work.may_end.set()
    assert first.result() == ("200 OK", b"first")
    assert ask(application, b"again", 5) == ("200 OK", b"again")


def test_what_goes_wrong_leaves_the_place(work: Work) -> None:
    application = placed(work, 1, patience=0.01)
    for _ in range(2):
        with pytest.raises(KeyError, match=r"wsgi\.input"):
            application({"CONTENT_LENGTH": ""}, lambda *_: None)
    assert ask(application, b"then", 4) == ("200 OK", b"then")


@pytest.mark.parametrize("length", [MOST + 1, 10**17])
def test_a_body_that_is_too_long_is_not_read(work: Work, length: int) -> None:
    body = Slow(b"long")
    application = Placed(lambda environ, _: [environ["wsgi.input"].text], Places(1), most_bytes=MOST, patience=PATIENCE)
    assert application(environ(body, length), lambda *_: None) == [b"long"]
    assert not body.awaited.is_set()


@pytest.mark.parametrize(
    ("length", "size"),
    [
        *((None, 0), ("", 0), ("0", 0), ("5", 5), ("-5", 0), ("5.0", 0), ("+5", 0), ("\u0665", 0)),
        *(("9" * 18, 10**18 - 1), ("9" * 19, 0)),
    ],
)
def test_a_length_is_what_its_digits_say(length: str | None, size: int) -> None:
    assert body_size(length) == size


def test_large_bodies_share_a_room_and_small_ones_always_find_one(work: Work, threads: ThreadPoolExecutor) -> None:
    # The room is as large as so many of the longest.
    application = Placed(work, Places(1), most_bytes=SMALL_BYTES + 1, patience=PATIENCE)
    large = [Slow(b"") for _ in range(ROOM_BODIES)]
    with ThreadPoolExecutor(ROOM_BODIES) as pool:
        asked = [pool.submit(ask, application, each, SMALL_BYTES + 1) for each in large]
        assert all(each.awaited.wait(PATIENCE) for each in large)
        assert ask(application, b"a" * (SMALL_BYTES + 1), SMALL_BYTES + 1)[0] == "503 Service Unavailable"
        assert ask(application, b"a" * SMALL_BYTES, SMALL_BYTES)[0] == "200 OK"
        for each in large:
            each.here.set()
        assert {each.result()[0] for each in asked} == {"200 OK"}
    assert ask(application, b"a" * (SMALL_BYTES + 1), SMALL_BYTES + 1)[0] == "200 OK"


def test_a_room_is_left_whatever_happens() -> None:
    room = Room(10)
    with pytest.raises(KeyError), room.hold(10):
        raise KeyError
    with room.hold(6), pytest.raises(Busy), room.hold(5):
        pass
    with room.hold(10):
        pass


@pytest.mark.django_db(transaction=True)
def test_however_many_threads_there_are_the_database_sees_as_many_connections_as_places(
    threads: ThreadPoolExecutor,
) -> None:
    together = Event()

    def tell(_environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        assert together.wait(PATIENCE)
        cache.set("seen", 1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            start_response("200 OK", [])
            return [b"%d" % cursor.fetchone()[0]]

    made: list[Place] = []

    def make() -> Place:
        made.append(Place())
        return made[-1]

    application = Placed(tell, Places(2, make), most_bytes=MOST, patience=PATIENCE)
    asked = [threads.submit(ask, application, b"", 0) for _ in range(40)]
    together.set()
    assert len({each.result()[1] for each in asked}) == 2
    for place in made:
        place.close()


def test_the_end_of_an_answer_is_at_the_place() -> None:
    closed: list[bytes] = []
    places = Places(1)

    class Answer(list[bytes]):
        def close(self) -> None:
            # Nobody else can have it just now.
            with pytest.raises(Busy):
                places.take(0.001)
            closed.extend(self)

    application = Placed(lambda *_: Answer([b"a", b"b"]), places, most_bytes=MOST, patience=PATIENCE)
    assert application({}, lambda *_: None) == [b"ab"]
    assert closed == [b"a", b"b"]
