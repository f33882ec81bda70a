"""Keeps a table of programs running in the foreground, shows what they say, and stops them all."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import IO, Self

from ops.console import Console
from ops.errors import CannotRun
from ops.processes import Guard, Program, kill_group, spawn

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TICK_SECONDS = 0.1
CHUNK_BYTES = 65_536
FIRST_BACKOFF_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 30.0
# Signals this close to each other are one request.
SAME_REQUEST_SECONDS = 1.0
# A program that ran this long has recovered: its next crash is a first one again.
RECOVERED_AFTER_SECONDS = 60.0


class Running:
    """One start of a program, and what it has said of a line that is not finished yet."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process = spawn(program, subprocess.PIPE)
        self.started = time.monotonic()
        self.unfinished = b""
        os.set_blocking(self.output.fileno(), False)

    @property
    def output(self) -> IO[bytes]:
        """The program's outputs, as one."""
        if self.process.stdout is None:
            raise CannotRun(f"{self.program.name} was started without a pipe.")
        return self.process.stdout

    def feed(self, data: bytes) -> list[str]:
        """Take in more output; answer the lines that it finishes."""
        *lines, self.unfinished = (self.unfinished + data).split(b"\n")
        return [line.decode(errors="replace").rstrip("\r") for line in lines]


class Supervisor:
    """Starts programs, restarts those that end, and stops all of them in the reverse order of their start.

    A context manager: leaving it stops everything within `limit` seconds, asking first and killing then. SIGINT,
    SIGTERM and SIGHUP ask for the stop (`stopping()`); a second one while it goes on kills at once.
    Single-threaded; must be used from the main thread.
    """

    def __init__(self, console: Console, guard: Guard, *, limit: float) -> None:
        self.console = console
        self.signals = 0
        self._signalled = float("-inf")
        self._guard = guard
        self._limit = limit
        self._running: dict[str, Running] = {}
        self._order: list[str] = []
        self._crashes: dict[str, int] = {}
        self._due: dict[str, tuple[float, Program]] = {}
        self._handlers: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {}
        self._selector = selectors.DefaultSelector()

    def stopping(self) -> bool:
        """Whether a signal has asked to stop."""
        return self.signals > 0

    def __enter__(self) -> Self:
        self._handlers = {number: signal.signal(number, self._on_signal) for number in STOP_SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._selector.close()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def start(self, program: Program) -> None:
        """Start the program, and start it again with growing pauses whenever it ends."""
        self._order.append(program.name)
        self._launch(program)

    def run(self, program: Program) -> int:
        """Run a program to its end and answer its exit code; a stop that is asked for meanwhile ends it too."""
        running = self._launch(program)
        while running.process.poll() is None and not self.stopping():
            self._read(TICK_SECONDS)
        self._end(running, time.monotonic() + self._limit)
        return running.process.returncode

    def wait_until(self, condition: Callable[[], bool], *, limit: float, needs: str | None = None) -> bool:
        """Serve until `condition` holds, `limit` seconds have passed or a stop is asked for; whether it holds.

        Raises CannotRun when the program named `needs` ends meanwhile.
        """
        deadline = time.monotonic() + limit
        while not self.stopping() and time.monotonic() < deadline:
            if condition():
                return True
            self._tick()
            if needs in self._crashes:
                raise CannotRun(f"{needs} did not start; what it said is above.")
        return False

    def serve(self) -> None:
        """Show output and restart what ends, until a signal asks to stop."""
        while not self.stopping():
            self._tick()

    def stop(self) -> None:
        """Stop every program, the last started first."""
        self._due.clear()
        deadline = time.monotonic() + self._limit
        for name in reversed(self._order):
            if name in self._running:
                self._end(self._running[name], deadline)

    def _tick(self) -> None:
        self._read(TICK_SECONDS)
        for running in list(self._running.values()):
            if running.process.poll() is not None:
                self._on_end(running)
        now = time.monotonic()
        for name, (due, program) in list(self._due.items()):
            if due <= now:
                del self._due[name]
                self._launch(program)

    def _launch(self, program: Program) -> Running:
        running = Running(program)
        self._guard.watch(running.process.pid)
        self._running[program.name] = running
        self._selector.register(running.output, selectors.EVENT_READ, running)
        return running

    def _on_end(self, running: Running) -> None:
        name, code = running.program.name, running.process.returncode
        self._forget(running)
        recovered = time.monotonic() - running.started > RECOVERED_AFTER_SECONDS
        crashes = 0 if recovered else self._crashes.get(name, 0)
        pause = min(FIRST_BACKOFF_SECONDS * 2**crashes, LONGEST_BACKOFF_SECONDS)
        self._crashes[name] = crashes + 1
        self._due[name] = (time.monotonic() + pause, running.program)
        self.console.line(name, f"ended ({_reason(code)}); starting it again in {pause:.0f} s")

    def _end(self, running: Running, deadline: float) -> None:
        """Ask the program to end, and kill it at `deadline` or on a second signal."""
        if running.process.poll() is None:
            running.process.send_signal(running.program.stop_signal)
        while running.process.poll() is None and time.monotonic() < deadline and self.signals <= 1:
            self._read(TICK_SECONDS)
        if running.process.poll() is None:
            self.console.line(running.program.name, "did not end in time; killed")
        self._forget(running)

    def _forget(self, running: Running) -> None:
        """Kill what the program left behind, show its last words, and let go of it."""
        kill_group(running.process.pid)
        running.process.wait()
        self._guard.forget(running.process.pid)
        while self._receive(running):
            pass
        if running.unfinished:
            self._show(running, b"\n")
        self._close(running)
        del self._running[running.program.name]

    def _read(self, seconds: float) -> None:
        """Show what the programs say; wait at most `seconds` for the first word."""
        if not self._selector.get_map():
            time.sleep(seconds)
            return
        for key, _ in self._selector.select(seconds):
            self._receive(key.data)

    def _receive(self, running: Running) -> bool:
        """Show the next piece of a program's output; whether there was one. Closes the pipe at its end."""
        if running.output.closed:
            return False
        try:
            data = os.read(running.output.fileno(), CHUNK_BYTES)
        except BlockingIOError:
            return False
        if not data:
            self._close(running)
            return False
        self._show(running, data)
        return True

    def _close(self, running: Running) -> None:
        if not running.output.closed:
            self._selector.unregister(running.output)
            running.output.close()

    def _show(self, running: Running, data: bytes) -> None:
        for line in running.feed(data):
            self.console.line(running.program.name, line)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        # One keystroke can arrive twice: from the terminal, and from make, which passes SIGTERM on.
        if now - self._signalled > SAME_REQUEST_SECONDS:
            self.signals += 1
        self._signalled = now


def _reason(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
