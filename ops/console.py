"""What the person at the terminal sees: one line at a time, with the name of who says it in front."""

import os
import sys
import time
from collections.abc import Mapping
from itertools import cycle
from typing import TextIO

COLOURS = (36, 33, 32, 35, 34, 96, 93, 92)
WIDTH = 8


class Console:
    """Writes prefixed lines to `stream`, in colour where that is a terminal and NO_COLOR is not set."""

    def __init__(self, stream: TextIO = sys.stdout, environment: Mapping[str, str] = os.environ) -> None:
        self.last_written = time.monotonic()
        self._stream: TextIO | None = stream
        self._coloured = stream.isatty() and not environment.get("NO_COLOR")
        self._palette = cycle(COLOURS)
        self._colours: dict[str, int] = {}

    def line(self, name: str, text: str) -> None:
        """One line of what the program `name` says."""
        prefix = f"{name:<{WIDTH}} | "
        if self._coloured:
            colour = self._colours.setdefault(name, next(self._palette))
            prefix = f"\033[{colour}m{prefix}\033[0m"
        self.say(prefix + text)

    def say(self, text: str) -> None:
        """One line of our own, without a prefix."""
        self.last_written = time.monotonic()
        if self._stream is None:
            return
        try:
            self._stream.write(text + "\n")
            self._stream.flush()
        except OSError:
            # The reader is gone (`make run | head`, a closed terminal). Running and stopping go on without it.
            self._stream = None
