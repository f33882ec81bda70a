"""The life of a stream: what is there now, then what comes, until the end, the client's leaving, or a refusal."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import orjson

from schema.execution import Answer, refusal
from schema.stream.events import COMPLETE, HEARTBEAT, next_event
from schema.stream.feeds import Look
from schema.stream.notifications import Inbox, Told
from schema.stream.opening import Opening
from schema.stream.threads import Threads


async def stream(
    opening: Opening, first: Look, inbox: Inbox, threads: Threads, heartbeat_seconds: float
) -> AsyncGenerator[bytes, None]:
    """The bytes of a stream that begins with `first`. Who is asking is asked anew at each look and each heartbeat."""

    def look(told: Told) -> Look:
        viewer = opening.identify()
        return opening.feed.next(viewer, told) if told else Look()

    # Sent at once also where there is nothing to tell yet: a client then knows that it is heard.
    yield HEARTBEAT
    found = first
    while True:
        for data in found.data:
            yield next_event(Answer(data).text())
        if found.last:
            break
        told = await inbox.take(heartbeat_seconds)
        try:
            found = await threads.run(look, told)
        except Exception as error:  # noqa: BLE001 - whatever went wrong becomes a coded last word
            yield last_word(refusal(error))
            return
        if not told:
            yield HEARTBEAT
    yield COMPLETE


def last_word(answer: Answer) -> bytes:
    """An answer of errors as the end of a stream."""
    return next_event(orjson.dumps({"errors": answer.errors})) + COMPLETE
