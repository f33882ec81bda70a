"""Explains a query: prices and plans it, and runs nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings

from knowledge.policy import Viewer, require_staff
from schema.budget import charge
from schema.cost import points
from schema.documents import Document
from schema.errors import CodedError, ErrorCode
from schema.execution import About, Answer, Caller, Running, begin, refusal
from schema.planner.explain import Explanation
from schema.schema import planner

# What an explanation costs, whatever is explained.
POINTS = 1
# It tells of this moment, so nobody keeps it.
LOOKED_AT = About(momentary=True)


def explained(document: Document, name: str | None, given: Mapping[str, Any], caller: Caller) -> Answer:
    """An answer without data, with the explanation in its extensions. For staff; in development for everyone."""
    try:
        viewer = caller.viewer()
        if not settings.DEVELOPMENT:
            require_staff(viewer)
        charge(viewer, caller.address, POINTS, now=caller.now)
        running = begin(document, name, given, caller)
        return Answer(data=b"{}", about=LOOKED_AT, extensions={"explain": _told(running, viewer)})
    except Exception as error:  # noqa: BLE001 - as where an operation is run
        return refusal(error)


def explanation(running: Running, viewer: Viewer, *options: str) -> Explanation:
    """The plan of a query for a viewer; `options` are EXPLAIN's.

    Raises CodedError for what is no query, or nothing but introspection, which has no plan.
    """
    if not running.operation.reads:
        raise CodedError(ErrorCode.BAD_REQUEST, "Only queries can be explained.")
    selected = running.operation.selected(running.shape, running.variables)
    unplanned = [key for key in selected.groups if key not in selected.planned]
    if not selected.planned:
        raise CodedError(ErrorCode.BAD_REQUEST, f"There is no plan to explain: {_by_core(unplanned)}.")
    for name in selected.names:
        planner.admit(name, viewer)
    key = (running.operation.name, running.shape)
    found = planner.explain(running.document.store, key, selected.planned, running.variables, viewer, *options)
    return replace(found, tree=f"{found.tree}\n\n{_by_core(unplanned)}") if unplanned else found


def _by_core(keys: Sequence[str]) -> str:
    return f"graphql-core answers {', '.join(keys)} by itself"


def priced(running: Running) -> tuple[int, int]:
    """The most rows that a query could answer with, and what it costs once it is known. Raises COST_EXCEEDED."""
    nodes = running.operation.price.checked(running.variables)
    return nodes, points(nodes, 0) + running.operation.selected(running.shape, running.variables).filtering


def _told(running: Running, viewer: Viewer) -> dict[str, Any]:
    nodes, cost = priced(running)
    found = explanation(running, viewer)
    return {
        "cost": cost,
        "nodes": nodes,
        "tree": found.tree.split("\n"),
        "sql": found.sql,
        "estimatedCost": found.estimated_cost,
        "estimatedRows": found.estimated_rows,
        "postgresql": found.postgresql,
    }
