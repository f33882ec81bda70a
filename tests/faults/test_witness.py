"""What is taken for a reason to send a mail twice, and what is not."""

import os
import socket

import pytest

from tests.faults.witness import Attempt, Stop, attempts, group_of, unexplained
from tests.sink import Arrival, mail_server

FIRST, SECOND = Arrival("<a>", 10.0, 7), Arrival("<a>", 130.0, 8)
LOST = {"<a>": [Attempt(1, 9.0, None), Attempt(2, 129.0, 131.0)]}
KILLED = Stop(begun=10.1, over=10.2, groups=frozenset({7}))
OTHER = Arrival("<b>", 10.05, 7)


@pytest.mark.parametrize(
    "stop",
    [
        KILLED,
        Stop(10.0, 12.0, database=True),
        # Lost while the mail is at the server: it comes nevertheless, and nobody can write down that it did.
        Stop(9.5, 12.0, database=True),
        # The server had its text, and its sender never heard so.
        Stop(9.9, 10.1, groups=frozenset({6, 7})),
    ],
)
def test_a_sender_that_was_stopped_explains_it(stop: Stop) -> None:
    assert unexplained([FIRST, SECOND], LOST, [stop]) == []


@pytest.mark.parametrize(
    ("stops", "others"),
    [
        ([], []),
        # Somebody else was, ...
        ([Stop(10.1, 10.2, groups=frozenset({6, 8}))], []),
        # ... or before it was claimed, ...
        ([Stop(7.0, 8.0, groups=frozenset({7}))], []),
        ([Stop(7.0, 8.0, database=True)], []),
        # ... or after the sender went on to the next mail.
        ([KILLED], [OTHER]),
        ([Stop(10.1, 12.0, database=True)], [OTHER]),
    ],
)
def test_nothing_else_does(stops: list[Stop], others: list[Arrival]) -> None:
    (why,) = unexplained([FIRST, *others, SECOND], LOST, stops)
    assert "nothing had stopped its sender" in why


@pytest.mark.parametrize(
    ("tried", "why"),
    [
        ([Attempt(1, 9.0, 10.3), Attempt(2, 129.0, 131.0)], "after its outcome was committed"),
        ([Attempt(1, 9.0, None)], "without a claim of its own"),
        ([], "without a claim of its own"),
        ([Attempt(1, 9.0, None), Attempt(2, 129.0, None)], "has no outcome"),
    ],
)
def test_nor_does_it_excuse_the_ledger(tried: list[Attempt], why: str) -> None:
    assert why in unexplained([FIRST, SECOND], {"<a>": tried}, [KILLED])[0]


def test_what_came_once_needs_no_reason() -> None:
    assert unexplained([FIRST, OTHER], {}, []) == []


def test_attempts_are_read_from_what_was_committed() -> None:
    rows = [
        ("<a>", 1.0, 1, True),
        ("<b>", 1.5, 1, True),
        ("<a>", 2.0, 2, True),
        ("<a>", 3.0, 2, False),
        ("<a>", 4.0, 3, True),
        ("<a>", 5.0, 3, False),
    ]
    assert attempts(rows) == {
        "<a>": [Attempt(1, 1.0, None), Attempt(2, 2.0, 3.0), Attempt(3, 4.0, 5.0)],
        "<b>": [Attempt(1, 1.5, None)],
    }


def test_a_sender_is_known_by_its_connection() -> None:
    with mail_server() as sink, socket.create_connection(("127.0.0.1", sink.port)) as connection:
        assert group_of(connection.getsockname()[1]) == os.getpgid(0)
    assert group_of(1) is None
