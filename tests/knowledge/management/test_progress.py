"""A bar on a terminal, and none elsewhere."""

import contextlib
import io
import os
from collections.abc import Iterator
from typing import TextIO

import pytest
from django.core.management.base import OutputWrapper

from knowledge.management.progress import bar_on


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[TextIO, int]]:
    """A terminal to write to, and where to read what it shows."""
    monkeypatch.setenv("COLUMNS", "80")
    shown, written = os.openpty()
    os.set_blocking(shown, False)
    with os.fdopen(written, "w") as file:
        yield file, shown
    os.close(shown)


def seen(terminal: tuple[TextIO, int]) -> str:
    """All that the terminal shows; it hands it over in pieces."""
    terminal[0].flush()
    pieces = []
    with contextlib.suppress(BlockingIOError):
        while piece := os.read(terminal[1], 4_096):
            pieces.append(piece)
    return b"".join(pieces).decode()


def walk(terminal: TextIO, out: OutputWrapper, total: int) -> None:
    with bar_on(terminal, total) as bar:
        for number in range(total):
            bar.tell(out, f"line {number} [bold]")
            bar.advance()


def test_a_terminal_shows_how_far_it_is(terminal: tuple[TextIO, int]) -> None:
    out = io.StringIO()
    walk(terminal[0], OutputWrapper(out), 3)
    shown = seen(terminal)
    assert "importing" in shown
    assert "3/3" in shown
    assert out.getvalue() == "line 0 [bold]\nline 1 [bold]\nline 2 [bold]\n"
    assert "line" not in shown


def test_lines_on_the_same_terminal_stand_above_it(terminal: tuple[TextIO, int]) -> None:
    walk(terminal[0], OutputWrapper(terminal[0]), 2)
    shown = seen(terminal)
    assert [line in shown for line in ("line 0 [bold]", "line 1 [bold]", "2/2")] == [True] * 3


def test_one_step_needs_no_bar(terminal: tuple[TextIO, int]) -> None:
    walk(terminal[0], OutputWrapper(terminal[0]), 1)
    assert seen(terminal).splitlines() == ["line 0 [bold]"]


def test_a_file_gets_lines_and_nothing_else() -> None:
    out, errors = io.StringIO(), io.StringIO()
    walk(errors, OutputWrapper(out), 2)
    assert (out.getvalue(), errors.getvalue()) == ("line 0 [bold]\nline 1 [bold]\n", "")
