"""A progress bar, where somebody watches: on a terminal, and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text


class Writer(Protocol):
    """Where lines are written: Django's OutputWrapper, of which nothing else is needed."""

    def isatty(self) -> bool:
        """Whether it is a terminal."""

    def write(self, msg: str) -> None:
        """Writes a line."""


class Bar:
    """How far it is. Without a terminal nothing is drawn, and lines go where they go."""

    def __init__(self, drawn: Progress | None, total: int) -> None:
        self._drawn = drawn
        self._task = None if drawn is None else drawn.add_task("importing", total=total)

    def advance(self) -> None:
        """One more is done."""
        if self._drawn is not None and self._task is not None:
            self._drawn.advance(self._task)

    def tell(self, out: Writer, line: str) -> None:
        """Writes a line; above the bar where both are on the terminal."""
        if self._drawn is not None and out.isatty():
            self._drawn.console.print(Text(line), soft_wrap=True)
        else:
            out.write(line)


@contextmanager
def bar_on(terminal: IO[str], total: int) -> Iterator[Bar]:
    """A bar over `total` steps, drawn if `terminal` is one and there is more than one step."""
    if total < 2 or not terminal.isatty():  # noqa: PLR2004 - one step is no way to go
        yield Bar(None, total)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(file=terminal, force_terminal=True)
    with Progress(*columns, console=console, redirect_stdout=False, redirect_stderr=False) as drawn:
        yield Bar(drawn, total)
