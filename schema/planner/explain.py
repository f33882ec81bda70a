"""A plan as a value to be looked at: what it is, what it asks of PostgreSQL, and what that thinks of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.db import connection

from schema.planner.plan import Plan

# What a line of SQL begins with; and what must be passed over as a whole.
PIECES: Final = re.compile(
    r"'(?:[^']|'')*'|\"[^\"]*\"|[()]"
    r"|\b(?:SELECT|FROM|WHERE|ORDER BY|GROUP BY|HAVING|LIMIT|UNION ALL|WITH|(?:LEFT OUTER|INNER|LEFT|CROSS) JOIN)\b"
)
OPENS: Final = re.compile(r"\s*(?:SELECT|WITH)\b")


@dataclass(frozen=True, slots=True)
class Explanation:
    """`tree` has a line a field; `sql` is the statement, with a placeholder for each value.

    The estimates are PostgreSQL's, the cost in its own units; `postgresql` is its plan, as lines.
    """

    tree: str
    sql: str
    estimated_cost: float
    estimated_rows: int
    postgresql: list[str]


def explain(plan: Plan, tree: str, values: Sequence[Any], *options: str) -> Explanation:
    """The plan's statement explained with these values; `options` are EXPLAIN's. Runs it only where ANALYZE is one."""
    parameters = plan.statement.parameters(values)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {plan.statement.sql}", parameters)
        (found,) = cursor.fetchone()
        estimate = (orjson.loads(found) if isinstance(found, str) else found)[0]["Plan"]
        cursor.execute(f"EXPLAIN ({', '.join(['FORMAT TEXT', *options])}) {plan.statement.sql}", parameters)
        lines = [line for (line,) in cursor.fetchall()]
    return Explanation(tree, laid_out(plan.statement.sql), estimate["Total Cost"], estimate["Plan Rows"], lines)


def laid_out(sql: str) -> str:
    """SQL with a line for each clause, indented by the subqueries that it stands in."""
    parts: list[str] = []
    opened: list[bool] = []
    place = 0
    for piece in PIECES.finditer(sql):
        parts.append(sql[place : piece.start()])
        place = piece.end()
        text = piece[0]
        if text == "(":
            opened.append(bool(OPENS.match(sql, place)))
        elif text == ")" and opened and opened.pop():
            text = f"\n{_indent(opened)})"
        elif text[0].isalpha() and (not opened or opened[-1]):
            text = f"\n{_indent(opened)}{text}"
        parts.append(text)
    lines = "".join([*parts, sql[place:]]).split("\n")
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _indent(opened: list[bool]) -> str:
    return "  " * sum(opened)
