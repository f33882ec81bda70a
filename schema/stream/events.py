"""Server-sent events as graphql-sse has them: `next` with a result, `complete` at the end, comments to keep alive."""

from typing import Final

MEDIA_TYPE: Final = "text/event-stream"

# With a field for data, though it is empty: a browser's EventSource drops events without one.
COMPLETE: Final = b"event: complete\ndata:\n\n"
HEARTBEAT: Final = b":\n\n"


def next_event(result: bytes) -> bytes:
    """The event that carries a result: JSON text, in which line breaks can only stand between values."""
    lines = b"\n".join(b"data: " + line for line in result.splitlines())
    return b"event: next\n" + lines + b"\n\n"
