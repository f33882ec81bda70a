"""What was measured, as docs/benchmarks.md: a table for each part of it, between the marks of that part."""

import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Final

from bench.measuring import Measured, Plan
from bench.servers import GRAPHENE, LIMIT, NEXUS, SELDOM, STRAWBERRY
from ops.checkout import ROOT

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
    rate, cpu, statements = (
        {name: [show(by[name, asked]) for asked in names] for name in contestants}
        for show in (_rate, _cpu_milliseconds, _statements)
    )
    rate = {f"{name}, {NOTES[name]}": cells for name, cells in rate.items()}
    if {NEXUS.name, LIMIT.name} <= set(contestants):
        rate["Nexus' share of the SQL by hand"] = [share(found, asked) for asked in names]
        cpu["Nexus' divided by that of the SQL by hand"] = [cpu_share(found, asked) for asked in names]
    tables = (
        ("Answers a second:", rate),
        ("CPU time of the server for an answer, in milliseconds (the database's is not in it):", cpu),
        ("SQL statements for an answer, BEGIN and COMMIT among them:", statements),
    )
    parts = [f"{title}\n\n{_table(names, rows)}" for title, rows in tables]
    return "\n\n".join([_how(plan, entries), *parts, _ceiling(found)])


def _rate(measured: Measured) -> str:
    return f"{measured.rate:,.0f}"


def _cpu_milliseconds(measured: Measured) -> str:
    return f"{measured.cpu_milliseconds:.2f}"


def _statements(measured: Measured) -> str:
    return f"{measured.statements:g}"


def _table(names: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    lines = [_row("", *names), _row("---", *("--:" for _ in names))]
    return "\n".join([*lines, *(_row(label, *cells) for label, cells in rows.items())])


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
    """The share, taken within each round."""
    # A round may have taken less than the clock tells.
    shares = [one / other for one, other in zip(ours, theirs, strict=True) if other]
    return spread(shares) if shares else "–"


def spread(ratios: Sequence[float]) -> str:
    """The median of the rounds' ratios, and between which they lay."""
    return f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


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
    rounds = f"{plan.rounds} rounds of {plan.seconds:g} s in turns (the slow rivals: every {SELDOM}th), medians"
    return f"{entries:,} entries; {plan.connections} connections, {rounds}. {_machine()}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
