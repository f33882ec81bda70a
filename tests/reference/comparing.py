"""Both ways, side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import is_non_null_type

from knowledge.errors import KnowledgeError
from knowledge.policy import Viewer
from schema.budget import Facts, charge
from schema.documents import Document
from schema.errors import ErrorCode
from schema.execution import Answer, Caller, Running, begin, refusal, run
from schema.explaining import priced
from schema.schema import planner
from tests.reference.executing import executed, mistakes
from tests.reference.reading import Reader

# A text, or what stands between texts and means nothing.
TOKEN = re.compile(rb'("(?:[^"\\]|\\.)*")|\s+')


@dataclass(frozen=True)
class Both:
    """The planner's answer, and those that the reference takes for right: one, unless there are several mistakes.

    `again` is the planner's from a plan that it has, by a statement that the connection knows.
    """

    planned: bytes
    again: bytes
    right: list[bytes]

    @property
    def equal(self) -> bool:
        """Whether they are, to the byte."""
        return self.planned in self.right and self.again == self.planned


def both(document: Document, name: str | None, given: Mapping[str, Any], caller: Caller) -> Both:
    """Answers a query both ways."""
    planned, again = (bare(run(document, name, given, caller).text()) for _ in range(2))
    return Both(planned, again, right(document, name, given, caller))


def right(document: Document, name: str | None, given: Mapping[str, Any], caller: Caller) -> list[bytes]:
    """The answers of which the right one is one, without spaces that mean nothing."""
    return [bare(answer) for answer in _answers(document, name, given, caller)]


def _answers(document: Document, name: str | None, given: Mapping[str, Any], caller: Caller) -> list[bytes]:
    try:
        running = begin(document, name, given, caller)
        nodes, cost = priced(running)
        viewer = caller.viewer()
        facts = Facts(cost, nodes, charge(viewer, caller.address, cost, now=caller.now))
        reader = Reader(planner.catalogue, viewer, facts)
        if _not_admitted(running, viewer):
            # Nothing is read, so what else is asked for is not looked at.
            data, errors = executed(running, given, reader, only=planner.guards_root)
            errors = [error for error in errors if error["extensions"]["code"] != ErrorCode.BAD_USER_INPUT]
        elif refused := mistakes(running, reader):
            return [refusal(error).text() for error in refused]
        else:
            data, errors = executed(running, given, reader)
    except Exception as error:  # noqa: BLE001 - as the execution does
        return [refusal(error).text()]
    return [Answer(data, errors).text()]


def _not_admitted(running: Running, viewer: Viewer) -> bool:
    """Whether the whole is refused, for a root that cannot be null."""
    for nodes in running.operation.selected(running.shape, running.variables).groups.values():
        name = nodes[0].name.value
        try:
            planner.admit(name, viewer)
        except KnowledgeError:
            if is_non_null_type(running.root.fields[name].type):
                return True
    return False


def bare(text: bytes) -> bytes:
    """JSON without the spaces and line breaks between its tokens."""
    return TOKEN.sub(lambda match: match[1] or b"", text)


def told(difference: Both) -> str:
    """What differs, for people."""
    answers = [("planned", difference.planned), ("  again", difference.again)]
    answers += [("  right", answer) for answer in difference.right]
    return "\n".join(f"{which}: {answer.decode()}" for which, answer in answers)
