"""Why a mail came twice: what the mail server saw, what the ledger committed and when what was stopped, side by side.

A mail may be sent again only where whoever sent it was stopped, or lost the database, after claiming it and before what
would have been the commit of its outcome.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from tests.sink import Arrival

# Each change of the ledger as it is committed, in its own transaction: what was taken back leaves nothing here.
HISTORY: Final = """
CREATE TABLE ledger_history (
    place bigserial PRIMARY KEY, at double precision NOT NULL, message_id text NOT NULL,
    attempt int NOT NULL, claimed boolean NOT NULL
);
CREATE FUNCTION keep_ledger_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_history (at, message_id, attempt, claimed) VALUES (
        extract(epoch FROM clock_timestamp()), NEW.message_id, NEW.attempts, NEW.claimed_until IS NOT NULL
    );
    RETURN NULL;
END $$;
CREATE TRIGGER keep_ledger_history AFTER UPDATE ON knowledge_digestdelivery
    FOR EACH ROW EXECUTE FUNCTION keep_ledger_history();
"""
TOLD: Final = "SELECT message_id, at, attempt, claimed FROM ledger_history ORDER BY place"


@dataclass(frozen=True, slots=True)
class Stop:
    """A fault that can stop a sender. Times are seconds since 1970.

    `begun` is just before it. `groups` are the process groups that were killed, of which nothing runs afterwards;
    `database`: PostgreSQL was, and let nobody in before `over`.
    """

    begun: float
    over: float
    groups: frozenset[int] = frozenset()
    database: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a mail in the ledger: when it was claimed, and when its outcome was committed, if it was."""

    number: int
    claimed_at: float
    ended_at: float | None


def attempts(history: Iterable[tuple[Any, ...]]) -> Mapping[str, Sequence[Attempt]]:
    """The attempts at each mail by its Message-ID, from the rows that TOLD selects."""
    found: dict[str, list[Attempt]] = defaultdict(list)
    for message_id, at, number, claimed in history:
        row = found[message_id]
        if claimed:
            row.append(Attempt(number, at, None))
        elif row and row[-1].number == number:
            row[-1] = Attempt(number, row[-1].claimed_at, at)
    return found


def unexplained(
    arrivals: Sequence[Arrival], history: Mapping[str, Sequence[Attempt]], stops: Sequence[Stop]
) -> list[str]:
    """What is wrong with the mails that came more than once; nothing, where each repetition had to be."""
    came: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        came[arrival.message_id].append(arrival)
    wrong = []
    for message_id, times in came.items():
        tried = history.get(message_id, ())
        for arrival, following in pairwise(times):
            attempt = _attempt_of(arrival, tried)
            later = _attempt_of(following, tried)
            if attempt is None or later is None or attempt is later:
                wrong.append(f"{message_id} was sent without a claim of its own: {times} {tried}")
            elif attempt.ended_at is not None:
                wrong.append(f"{message_id} was sent again after its outcome was committed: {attempt}")
            elif not any(_stopped(arrival, attempt, _next_deed(arrival, arrivals), stop) for stop in stops):
                wrong.append(f"{message_id} was sent again, and nothing had stopped its sender: {arrival} {attempt}")
        if times[1:] and (not tried or tried[-1].ended_at is None):
            wrong.append(f"{message_id} has no outcome: {tried}")
    return wrong


def _attempt_of(arrival: Arrival, tried: Sequence[Attempt]) -> Attempt | None:
    """The attempt that an arrival belongs to: the last that was claimed before."""
    return next((each for each in reversed(tried) if each.claimed_at <= arrival.at), None)


def _next_deed(arrival: Arrival, arrivals: Sequence[Arrival]) -> float:
    """When the same sender came with its next mail: it had settled this one by then, or given up."""
    later = (each.at for each in arrivals if each.group == arrival.group and each.at > arrival.at)
    return min(later, default=float("inf"))


def _stopped(arrival: Arrival, attempt: Attempt, next_deed: float, stop: Stop) -> bool:
    """Whether a fault hit the sender between its claim and what would have been the commit after the mail.

    A sender does one thing after the other: until its next deed it was at this mail, or stopped.
    """
    hit = stop.database or arrival.group in stop.groups
    return hit and attempt.claimed_at <= stop.over and stop.begun <= next_deed and arrival.at <= stop.over


def group_of(port: int) -> int | None:
    """The process group that has the client's end of a connection on loopback, by its port; None where it is gone."""
    inodes = {
        fields[9]
        for fields in map(str.split, Path("/proc/net/tcp").read_text().splitlines()[1:])
        if int(fields[1].rpartition(":")[2], 16) == port
    }
    holds = _holding({f"socket:[{inode}]" for inode in inodes})
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if any(map(holds, (process / "fd").iterdir())):
                return os.getpgid(int(process.name))
    return None


def _holding(names: set[str]) -> Callable[[Path], bool]:
    def holds(descriptor: Path) -> bool:
        try:
            return str(descriptor.readlink()) in names
        except OSError:
            return False

    return holds
