"""The folder as a broker: whole messages, each taken once, by however many processes."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from kombu import Connection, Exchange, Queue

from workers.filesystem import prepared

EXCHANGE = Exchange("tasks", type="topic")
QUEUES = [Queue(name, EXCHANGE, routing_key=name) for name in ("a", "b")]
SENDER = """
import sys
from kombu import Connection, Exchange, Queue
from pathlib import Path
from workers.filesystem import prepared
options = prepared(Path(sys.argv[1]))
with Connection("filesystem://localhost", transport="workers.filesystem:Transport", transport_options=options) as c:
    exchange = Exchange("tasks", type="topic")
    queues = [Queue(name, exchange, routing_key=name) for name in ("a", "b")]
    producer = c.Producer()
    for number in range(40):
        producer.publish([sys.argv[2], number], exchange=exchange, routing_key="ab"[number % 2], declare=queues)
"""


def connect(folder: Path) -> Connection:
    return Connection(
        "filesystem://localhost", transport="workers.filesystem:Transport", transport_options=prepared(folder)
    )


def taken_while(going_on: Callable[[], bool], folder: Path, into: list[tuple[str, int]]) -> None:
    """Takes what comes, until nothing goes on any more and nothing is left."""
    with connect(folder) as connection:
        sources = [queue.bind(connection.default_channel) for queue in QUEUES]
        for source in sources:
            source.declare()
        while going_on() or list((folder / "messages").iterdir()):
            into.extend(tuple(message.payload) for source in sources if (message := source.get(no_ack=True)))


def test_processes_that_start_at_once_lose_nothing_and_take_nothing_twice(tmp_path: Path) -> None:
    names = ("one", "two", "three")
    command = [sys.executable, "-W", "ignore", "-c", SENDER, str(tmp_path)]
    senders = [subprocess.Popen([*command, name]) for name in names]
    taken: list[tuple[str, int]] = []

    def sending() -> bool:
        return any(sender.poll() is None for sender in senders)

    takers = [Thread(target=taken_while, args=(sending, tmp_path, taken)) for _ in names]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()

    assert [sender.returncode for sender in senders] == [0, 0, 0]
    assert sorted(taken) == sorted((name, number) for name in names for number in range(40))
    assert [list((tmp_path / part).iterdir()) for part in ("unfinished", "taken")] == [[], []]


def test_messages_come_in_the_order_in_which_they_were_sent_and_to_their_queue(tmp_path: Path) -> None:
    # Names of its own: kombu remembers per process what it has bound.
    exchange = Exchange("ordered", type="topic")
    queues = [Queue(name, exchange, routing_key=name) for name in ("c", "d")]
    with connect(tmp_path) as connection:
        producer = connection.Producer()
        for number in range(12):
            producer.publish(number, exchange=exchange, routing_key="c", declare=queues)
        c, d = (queue.bind(connection.default_channel) for queue in queues)
        got = [c.get(no_ack=True) for _ in range(13)]
        assert [message.payload for message in got if message] == list(range(12))
        assert (got[12], d.get()) == (None, None)
