"""What was measured, as docs/benchmarks.md: a table for each part of it, between the marks of that part."""

import platform
import re
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.measuring import Measured, Plan
from bench.questions import TITLES
from bench.servers import GRAPHENE, LIMIT, NEXUS, STRAWBERRY

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "benchmarks.md"
NOTES: Final = {
    NEXUS.name: "one plan a document",
    LIMIT.name: "in a Django view, PREPARE and EXECUTE",
    STRAWBERRY.name: "with its query optimizer",
    GRAPHENE.name: "as documented",
}


def rates(found: Sequence[Measured], plan: Plan, entries: int) -> str:
    """Answers a second, and Nexus' share of the limit; then CPU time and SQL statements."""
    names = list(dict.fromkeys(measured.question for measured in found))
    contestants = list(dict.fromkeys(measured.contestant for measured in found))
    by = {(measured.contestant, measured.question): measured for measured in found}
    lines = [
        _how(plan, entries),
        "",
        "Answers a second:",
        "",
        _row("", *names),
        _row("---", *("--:" for _ in names)),
    ]
    lines += [
        _row(f"{name}, {NOTES[name]}", *(f"{by[name, asked].rate:,.0f}" for asked in names)) for name in contestants
    ]
    if {NEXUS.name, LIMIT.name} <= set(contestants):
        lines.append(_row("Nexus' share of the SQL by hand", *(share(found, asked) for asked in names)))
    lines += ["", "CPU time of the server for an answer, in milliseconds (the database's is not in it):", ""]
    lines += [_row("", *names), _row("---", *("--:" for _ in names))]
    lines += [_row(name, *(f"{by[name, asked].cpu_milliseconds:.2f}" for asked in names)) for name in contestants]
    if {NEXUS.name, LIMIT.name} <= set(contestants):
        lines.append(_row("Nexus' divided by that of the SQL by hand", *(cpu_share(found, asked) for asked in names)))
    lines += ["", "SQL statements for an answer, BEGIN and COMMIT among them:", ""]
    lines += [_row("", *names), _row("---", *("--:" for _ in names))]
    lines += [_row(name, *(f"{by[name, asked].statements:g}" for asked in names)) for name in contestants]
    return "\n".join([*lines, "", _ceiling(found)])


def share(found: Sequence[Measured], asked: str) -> str:
    """Nexus' rate as a share of the limit's."""
    nexus, limit = _both(found, asked)
    return _by_round(nexus.rates, limit.rates)


def cpu_share(found: Sequence[Measured], asked: str) -> str:
    """Nexus' CPU time for an answer by the limit's."""
    nexus, limit = _both(found, asked)
    return _by_round(nexus.cpu_by_round, limit.cpu_by_round)


def _both(found: Sequence[Measured], asked: str) -> tuple[Measured, Measured]:
    """What was measured of Nexus, and of the limit."""
    by = {measured.contestant: measured for measured in found if measured.question == asked}
    return by[NEXUS.name], by[LIMIT.name]


def _by_round(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """The middle round's share, and between which the rounds lay."""
    # A round may have taken less than the clock tells.
    shares = sorted(one / other for one, other in zip(ours, theirs, strict=True) if other)
    if not shares:
        return "–"
    return f"{shares[len(shares) // 2]:.2f} ({shares[0]:.2f}–{shares[-1]:.2f})"


def legend() -> str:
    """What each question is."""
    return "\n".join(f"- {title}" for title in TITLES.values())


def write(part: str, text: str) -> None:
    """Puts the text between the part's marks on the page."""
    page = PAGE.read_text("utf-8")
    begin, end = f"<!-- {part} -->", f"<!-- /{part} -->"
    marked = re.compile(f"{re.escape(begin)}.*{re.escape(end)}", re.DOTALL)
    PAGE.write_text(marked.sub(lambda _: f"{begin}\n\n{text}\n\n{end}", page), "utf-8")


def _ceiling(found: Sequence[Measured]) -> str:
    """How fast our own client could have been."""
    fastest = max(found, key=lambda measured: measured.rate)
    own = sum(load.own_cpu for load in fastest.loads) / sum(load.answers for load in fastest.loads)
    return (
        f"The client spent {own * 1e6:.0f} µs a request on its own core where answers came fastest "
        f"({fastest.rate:,.0f} a second), so its ceiling is about {1 / own:,.0f} a second."
    )


def _machine() -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    return f"Python {platform.python_version()}, commit {commit or 'unknown'}, {datetime.now(UTC):%Y-%m-%d}."


def _how(plan: Plan, entries: int) -> str:
    rounds = f"{plan.rounds} rounds of {plan.seconds:g} s in turns, medians"
    return f"{entries:,} entries; {plan.connections} connections, {rounds}. {_machine()}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
