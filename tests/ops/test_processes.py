"""What is started ends with its owner, however the owner ends."""

import os
import signal
import subprocess
import sys
import textwrap

import psutil
import pytest

from ops.checkout import ROOT
from tests.ops.conftest import gone

# Starts a stubborn program with a child, says the three process ids, and waits.
OWNER = """
    import signal
    from ops.processes import Guard, spawn
    from tests.ops.scripts import STUBBORN, program
    import subprocess
    # It is ignored where the tests run in the background of a shell.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    guard = Guard(limit=0.5)
    process = spawn(program("stubborn", STUBBORN), subprocess.PIPE)
    guard.watch(process.pid)
    lines = [process.stdout.readline().decode().split() for _ in range(2)]
    child = next(line[1] for line in lines if len(line) == 2)
    print(process.pid, child, flush=True)
    signal.pause()
"""
# The same without a guard, of a program that ends when it is asked.
UNGUARDED = """
    import signal, subprocess
    from ops.processes import spawn
    from tests.ops.scripts import OBEDIENT, program
    process = spawn(program("obedient", OBEDIENT), subprocess.PIPE)
    process.stdout.readline()
    print(process.pid, flush=True)
    signal.pause()
"""


def started(script: str) -> tuple[subprocess.Popen[str], list[int]]:
    """An owner that runs `script`, and the processes that it said it started."""
    owner = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    return owner, [int(pid) for pid in owner.stdout.readline().split()]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_its_owner(number: signal.Signals) -> None:
    owner, family = started(OWNER)
    everyone = [process.pid for process in psutil.Process(owner.pid).children(recursive=True)]
    assert set(family) < set(everyone)
    os.kill(owner.pid, number)
    owner.communicate()
    assert gone(everyone)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_a_program_is_told_of_its_owners_death_even_without_a_guard() -> None:
    owner, family = started(UNGUARDED)
    assert psutil.pid_exists(family[0])
    owner.kill()
    owner.communicate()
    assert gone(family)
