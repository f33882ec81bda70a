"""What each root field tells, and when: the one table from a subscription's root to what it is fed by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol

import orjson
from graphql import FieldNode

from knowledge import channels
from knowledge.digests import Stage, stage_of
from knowledge.models.changes import KIND_OF
from knowledge.policy import Viewer
from schema.documents import Document
from schema.errors import CodedError, ErrorCode
from schema.planner.ids import key_of
from schema.schema import planner
from schema.stream.notifications import Told

# Changes that may wait while a client is slow to read; with more than that, it has missed some.
CHANGES_WAITING: Final = 1_000


@dataclass(frozen=True, slots=True)
class Root:
    """A subscription's one root field: how it is answered, with which arguments, and what it is called.

    `pay` charges who watches for one more answer. Raises RATE_LIMITED.
    """

    document: Document
    operation_name: str
    response_key: str
    nodes: list[FieldNode]
    variables: dict[str, Any]
    arguments: Mapping[str, Any]
    pay: Callable[[Viewer], None]

    def read(self, viewer: Viewer, event_id: int | None = None) -> bytes | None:
        """The answer's data as JSON text in UTF-8, by one statement; None where the viewer sees nothing there."""
        groups = {self.response_key: self.nodes}
        text = planner.watched(self.document.store, self.operation_name, groups, self.variables, viewer, event_id)
        return None if orjson.loads(text)[self.response_key] is None else text

    def refusal(self, code: ErrorCode, message: str) -> CodedError:
        """An error of this field."""
        error = CodedError(code, message)
        error.path = [self.response_key]
        return error


@dataclass(frozen=True, slots=True)
class Look:
    """What a look brought: data to send, in order, and whether there will be no more."""

    data: tuple[bytes, ...] = ()
    last: bool = False


class Feed(Protocol):
    """What a stream is fed by. The looks read the database, and raise what the stream ends with."""

    topic: str
    backlog: int

    def wants(self, payload: str) -> bool:
        """Whether a notification with this payload is worth a look."""

    def first(self, viewer: Viewer) -> Look:
        """What is told at the start."""

    def next(self, viewer: Viewer, told: Told) -> Look:
        """What is told after notifications."""


class DigestProgress:
    """The digest now, and each time that its status or progress is another, until it is finished."""

    # Any number of notifications lead to the same look at what is there now.
    backlog = 1

    def __init__(self, root: Root) -> None:
        self._root = root
        self._digest_id = key_of(root.arguments["id"], "Digest")
        self._stage: Stage | None = None
        self.topic = f"{channels.DIGESTS}:{self._digest_id}"

    def wants(self, payload: str) -> bool:
        """Each: the topic is this digest alone."""
        return True

    def first(self, viewer: Viewer) -> Look:
        """The digest; raises NOT_FOUND, also when it is there and not visible."""
        return self._look(viewer, stage_of(self._digest_id, viewer))

    def next(self, viewer: Viewer, told: Told) -> Look:
        """The digest, unless it is where it was."""
        stage = stage_of(self._digest_id, viewer)
        if stage == self._stage:
            return Look()
        self._root.pay(viewer)
        return self._look(viewer, stage)

    def _look(self, viewer: Viewer, stage: Stage | None) -> Look:
        data = self._root.read(viewer)
        # Where it got on between the two, the data may be of either stage: it would be told again as the next one.
        while (after := stage_of(self._digest_id, viewer)) != stage:
            stage, data = after, self._root.read(viewer)
        if stage is None or data is None:
            raise self._root.refusal(ErrorCode.NOT_FOUND, "There is no such digest.")
        self._stage = stage
        return Look((data,), last=stage.finished)


class KnowledgeChanged:
    """Each change of something that the viewer may see, from now on."""

    topic = channels.EVENTS
    backlog = CHANGES_WAITING

    def __init__(self, root: Root) -> None:
        self._root = root

    def wants(self, payload: str) -> bool:
        """Those of the kinds that readers are told of."""
        return payload.partition(" ")[2] in KIND_OF

    def first(self, viewer: Viewer) -> Look:
        """Nothing: what was before, a query tells."""
        return Look()

    def next(self, viewer: Viewer, told: Told) -> Look:
        """Those that the viewer may see. After a gap raises UNAVAILABLE: a client must know that it missed some."""
        if told.gap:
            raise self._root.refusal(
                ErrorCode.UNAVAILABLE, "Some changes may have been missed. Subscribe again, then read anew."
            )
        found = []
        for payload in told.payloads:
            data = self._root.read(viewer, int(payload.partition(" ")[0]))
            if data is not None:
                # Each by itself: what waits may be many, and the budget holds for few of them.
                self._root.pay(viewer)
                found.append(data)
        return Look(tuple(found))


FEEDS: Final[Mapping[str, Callable[[Root], Feed]]] = MappingProxyType(
    {"digestProgress": DigestProgress, "knowledgeChanged": KnowledgeChanged}
)
