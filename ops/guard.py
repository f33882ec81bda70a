"""A process that ends what its owner started, once the owner can't any more.

The owner holds the other end of this program's standard input and writes one line for each process group: `+17` when
it started, `-17` when it ended. At end of file, be it that the owner closed the pipe or that it was killed, what is
left of the groups is asked to end and, after the time limit in seconds that the first argument gives, killed.
"""

import os
import signal
import sys
import time
from contextlib import suppress

PAUSE_SECONDS = 0.05
# PermissionError: the number has come to mean a group of somebody else's.
GONE = (ProcessLookupError, PermissionError)


def main(limit: float) -> None:
    """Read groups until end of file, then end those that are left within `limit` seconds."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    end(groups, limit)


def end(groups: set[int], limit: float) -> None:
    """Ask the leaders of `groups` to end, wait at most `limit` seconds, and kill whoever is left."""
    for leader in groups:
        with suppress(*GONE):
            os.kill(leader, signal.SIGTERM)
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline and any(exists(group) for group in groups):
        time.sleep(PAUSE_SECONDS)
    for group in groups:
        with suppress(*GONE):
            os.killpg(group, signal.SIGKILL)


def exists(group: int) -> bool:
    """Whether the process group has a member."""
    try:
        os.killpg(group, 0)
    except GONE:
        return False
    return True


if __name__ == "__main__":
    main(float(sys.argv[1]))
