"""Documents that schemathesis makes from the schema, and what no answer to any of them may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import schemathesis.graphql
from graphql import REMOVE, ArgumentNode, Visitor, parse, print_ast, visit
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.core.result import Ok
from schemathesis.graphql import nodes

from schema.errors import CATALOGUE
from tests.attacks.stage import Stage
from tests.codes import codes_in
from tests.http.server import Reply
from tests.workers.programs import ROOT

PEOPLE = (None, "author", "mallory", "reviewer", "staff")
KNOWN = frozenset(code.value for code in CATALOGUE)
OUR_FAULT = frozenset({"INTERNAL", "TIMEOUT", "UNAVAILABLE"})
INTERNALS = ("Traceback", "site-packages", "psycopg", "django", "graphql.error", "knowledge_", "DETAIL:")
HOSTILE = (
    "",
    "'",
    "%_\\",
    "\x00",
    "\u202e",
    "a" * 5_000,
    "' OR 1=1 --",
    "../../etc/passwd",
    '"or -"',
    "common",
    "author",
)
LARGEST = 2**31 - 1
# Points are not counted, and tokens last: what is looked for is another thing.
SETTINGS = {"RATE_LIMIT": "off", "ACCESS_TOKEN_SECONDS": "86400"}


@lru_cache(maxsize=1)
def operations() -> dict[str, Any]:
    """Every field of Query and of Mutation, as `Query.entry`."""
    found = schemathesis.graphql.from_path(str(ROOT / "schema/schema.graphql")).get_all_operations()
    operations: list[Any] = [result.ok() for result in found if isinstance(result, Ok)]
    return {operation.label: operation for operation in operations}


def prepare(stage: Stage) -> None:
    """Has scalars made up of what reaches far: ids of the scene, sizes of pages, hostile texts; and of anything."""
    ids = st.sampled_from(sorted(stage.scene["ids"].values()))
    texts = st.one_of(st.text(max_size=40), st.sampled_from(HOSTILE))
    whole = st.one_of(*[st.integers(0, 20)] * 4, st.integers(-LARGEST, LARGEST))
    moments = st.integers(0, LARGEST).map(lambda second: datetime.fromtimestamp(second, UTC).isoformat())
    for name, strategy in {
        "ID": st.one_of(ids, ids, ids, texts).map(nodes.String),
        "String": texts.map(nodes.String),
        "Int": whole.map(nodes.Int),
        "DateTime": st.one_of(moments, moments, moments, texts).map(nodes.String),
        "JSON": texts.map(nodes.String),
    }.items():
        schemathesis.graphql.scalar(name, strategy)


def fuzz(stage: Stage, operation: str, *, examples: int, begin: int, seen: Counter[str]) -> None:
    """Sends so many documents about an operation, each as one of PEOPLE; fails on an answer that has faults.

    `seen` counts the answers by their first code, those without errors as `answered`.
    """

    @seed(begin)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operations()[operation].as_strategy(), person=st.sampled_from(PEOPLE), paged=st.sampled_from(PAGED))
    def send(case: Case[Any], person: str | None, paged: Document) -> None:
        document = paged(str(case.body))
        reply = stage.ask(document, as_=person)
        found = list(faults(reply))
        seen[next(codes_in(reply.json), "answered")] += 1
        assert not found, f"{person or 'anonymous'}: {document}\n{found}\n{reply.body.decode()}"

    send()


def forwards(document: str) -> str:
    """The document with every list read from its beginning: else most are refused for `first` beside `last`."""

    class Forwards(Visitor):
        def enter_argument(self, node: ArgumentNode, *_: Any) -> Any:
            return REMOVE if node.name.value in {"last", "before", "after"} else None

    return print_ast(visit(parse(document), Forwards()))


Document = Callable[[str], str]
PAGED: tuple[Document, ...] = (forwards, forwards, forwards, str)


def faults(reply: Reply) -> Iterator[str]:
    """What is wrong with an answer, whatever was asked: its status, a code, or what it tells of our insides."""
    codes = set(codes_in(reply.json))
    if reply.status not in {200, 400, 401, 429}:
        yield f"status {reply.status}"
    if codes - KNOWN:
        yield f"codes outside the catalogue: {codes - KNOWN}"
    if codes & OUR_FAULT:
        yield f"a fault of ours: {codes & OUR_FAULT}"
    if any("code" not in error.get("extensions", {}) for error in reply.json.get("errors", ())):
        yield "an error without a code"
    said = " ".join(str(error.get("message")) for error in reply.json.get("errors", ()))
    yield from (f"tells of {word}" for word in INTERNALS if word in said)
