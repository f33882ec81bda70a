"""Programs started so that they never outlive who started them.

Three things see to it. Each program leads a process group of its own. On Linux the kernel signals it when its starter
dies, so that it ends in its own way. And a guard process, told of every group, kills what is then still there.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

PR_SET_PDEATHSIG = 1
# Found once, here: between fork and exec nothing may be looked up.
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the machine as whom a program runs."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Program:
    """What to start: its arguments, its whole environment, and the signal that asks it to end."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    account: Account | None = None


def dying_with_parent(number: signal.Signals) -> Callable[[], None]:
    """A function for a child to call before exec: `number` is sent to it when the thread that forked it dies.

    That thread must be one that lasts, so programs are started from the main thread only. Without effect off Linux.
    """
    parent = os.getpid()

    def ask_kernel() -> None:
        if LIBC is None:
            return
        LIBC.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os.kill(os.getpid(), number)

    return ask_kernel


def end_with_parent() -> None:
    """Have this very process ended (SIGTERM) when its parent dies. Without effect off Linux."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def spawn(program: Program, output: int | IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the program as leader of its own session, with no input; both its outputs go to `output`."""
    account = program.account
    return subprocess.Popen(
        program.argv,
        cwd=program.folder,
        env=dict(program.environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=dying_with_parent(program.stop_signal),  # noqa: PLW1509 - one thread here, and no other way to set it
    )


def kill_group(leader: int) -> None:
    """Kill the process group of `leader`, if any of it is left."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


class Guard:
    """The guard process of this process (see guard.py). As a context manager it is dismissed on the way out.

    `kept` are file descriptors that the guard holds open until its work is done, such as that of a lock.
    """

    def __init__(self, limit: float, kept: tuple[int, ...] = ()) -> None:
        guard = Path(__file__).with_name("guard.py")
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(guard), str(limit)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            pass_fds=kept,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dismiss()

    def watch(self, leader: int) -> None:
        """Take the process group of `leader` under guard."""
        self._tell(f"+{leader}")

    def forget(self, leader: int) -> None:
        """The process group of `leader` has ended; its number may come to mean another one."""
        self._tell(f"-{leader}")

    def dismiss(self) -> None:
        """Let the guard end whatever is still there, and wait for it."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        if self._process.stdin is not None:
            # Somebody killed the guard: the kernel's signal is left, and stopping in good order needs no guard.
            with suppress(BrokenPipeError):
                self._process.stdin.write(line + "\n")
                self._process.stdin.flush()
