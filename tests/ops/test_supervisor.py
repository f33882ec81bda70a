"""The supervisor: what it shows, restarts and stops."""

import os
import signal

import pytest

from ops.errors import CannotRun
from ops.supervisor import Supervisor
from tests.ops.conftest import WAIT_SECONDS, Screen, gone
from tests.ops.scripts import OBEDIENT, SAYS_GOODBYE, STUBBORN, program


def pids(screen: Screen, name: str) -> list[int]:
    """What a program last said of its processes: the tests' own process has others, and numbers begin anew."""
    said = [line.split() for line in screen.lines(name)]
    return [int(word) for word in next(words for words in reversed(said) if all(map(str.isdigit, words)))]


@pytest.mark.parametrize(("script", "code"), [("print('done')", 0), ("import sys; print('bad'); sys.exit(3)", 3)])
def test_a_program_runs_to_its_end(supervisor: Supervisor, screen: Screen, script: str, code: int) -> None:
    assert supervisor.run(program("once", script)) == code
    assert screen.lines("once") == ["done" if code == 0 else "bad"]


def test_both_outputs_are_shown_line_by_line(supervisor: Supervisor, screen: Screen) -> None:
    script = "import os; os.write(1, b'one\\ntw'); os.write(2, b'o\\n\\xff'); os.write(1, b'end')"
    assert supervisor.run(program("talker", script)) == 0
    assert screen.lines("talker") == ["one", "two", "\N{REPLACEMENT CHARACTER}end"]
    assert screen.getvalue().startswith("talker   | one\n")


def test_what_a_program_left_behind_is_killed_with_it(supervisor: Supervisor, screen: Screen) -> None:
    script = "import os, time\nchild = os.fork()\nif child: print(child, flush=True)\nelse: time.sleep(60)"
    assert supervisor.run(program("parent", script)) == 0
    assert gone([int(screen.lines("parent")[0])])


def test_a_crashed_program_is_started_again_with_growing_pauses(supervisor: Supervisor, screen: Screen) -> None:
    supervisor.start(program("weak", "import os; os.abort()"))
    supervisor.start(program("sound", OBEDIENT))
    again = "ended (signal SIGABRT); starting it again in {} s"
    assert supervisor.wait_until(screen.has("weak", again.format(2)), limit=WAIT_SECONDS)
    assert screen.lines("weak") == [again.format(1), again.format(2)]
    assert screen.lines("sound") == ["up"]


def test_waiting_gives_up_when_what_it_needs_ends(supervisor: Supervisor) -> None:
    supervisor.start(program("needed", "import sys; sys.exit(1)"))
    with pytest.raises(CannotRun, match=r"needed did not start"):
        supervisor.wait_until(lambda: False, limit=WAIT_SECONDS, needs="needed")


def test_waiting_ends_at_its_limit(supervisor: Supervisor) -> None:
    assert supervisor.wait_until(lambda: False, limit=0.1) is False
    assert supervisor.wait_until(lambda: True, limit=0.1) is True


def test_stops_in_the_reverse_order_of_the_start_also_after_a_crash(supervisor: Supervisor, screen: Screen) -> None:
    supervisor.start(program("first", SAYS_GOODBYE))
    assert supervisor.wait_until(screen.has("first", "up"), limit=WAIT_SECONDS)
    [crashed] = pids(screen, "first")
    supervisor.start(program("second", SAYS_GOODBYE))
    assert supervisor.wait_until(screen.has("second", "up"), limit=WAIT_SECONDS)
    os.kill(crashed, signal.SIGKILL)
    assert supervisor.wait_until(lambda: screen.lines("first").count("up") == 2, limit=WAIT_SECONDS)
    supervisor.stop()
    assert [line for line in screen.getvalue().splitlines() if "leaving" in line] == [
        "second   | leaving",
        "first    | leaving",
    ]


def test_kills_what_does_not_end_when_asked(supervisor: Supervisor, screen: Screen) -> None:
    supervisor.start(program("stubborn", STUBBORN))
    assert supervisor.wait_until(lambda: len(screen.lines("stubborn")) == 2, limit=WAIT_SECONDS)
    family = pids(screen, "stubborn")
    supervisor.stop()
    assert screen.lines("stubborn")[-1] == "did not end in time; killed"
    assert gone(family)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_asks_to_stop(supervisor: Supervisor, screen: Screen, number: signal.Signals) -> None:
    supervisor.start(program("lasting", OBEDIENT))
    assert supervisor.wait_until(screen.has("lasting", "up"), limit=WAIT_SECONDS)
    assert not supervisor.stopping()
    os.kill(os.getpid(), number)
    os.kill(os.getpid(), number)
    supervisor.serve()
    assert supervisor.signals == 1
