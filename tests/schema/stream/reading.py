"""A small reader of server-sent events, and the stream process that it reads from."""

import http.client
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.error import URLError
from urllib.request import urlopen

from tests import codes
from tests.contract import record
from tests.workers.programs import Programs

PATH = "/graphql/stream"
EVENTS = {"Content-Type": "application/json", "Accept": "text/event-stream"}
HEARTBEAT = "heartbeat"
# For what comes by itself, on a machine that has much else to do.
SECONDS = 120


@dataclass(frozen=True)
class Event:
    """An event's kind and its data, or a heartbeat."""

    kind: str
    data: Any = None


def told(data: Any) -> Event:
    """An answer with data."""
    return Event("next", {"data": data})


COMPLETE = Event("complete", "")


class Stream:
    """An open stream: `event` waits for the next event, `gone` closes the connection."""

    def __init__(self, port: int, query: str, *, token: str | None = None, **variables: Any) -> None:
        self.query, self.variables = query, variables
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        headers = EVENTS | ({"Authorization": f"JWT {token}"} if token else {})
        self.connection.request("POST", PATH, json.dumps({"query": query, "variables": variables}), headers)
        self.response = self.connection.getresponse()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.gone()

    def event(self, *, heartbeats: bool = False) -> Event | None:
        """The next event; None at the end of the stream. Heartbeats are passed over unless they are asked for.

        Fails where nothing else comes in SECONDS.
        """
        lines: list[str] = []
        ends = time.monotonic() + SECONDS
        while raw := self.response.readline():
            assert time.monotonic() < ends, "nothing but heartbeats came"
            line = raw.decode().removesuffix("\n")
            if line == "" and lines == [":"]:
                if heartbeats:
                    return Event(HEARTBEAT)
                lines.clear()
            elif line == "":
                return self._told(_event(lines))
            else:
                lines.append(line)
        return None

    def _told(self, event: Event) -> Event:
        record.note(self.query, self.variables, event.data)
        codes.note(event.data)
        return event

    def rest(self) -> list[Event]:
        """The events up to the end."""
        events = []
        while event := self.event():
            events.append(event)
        return events

    def gone(self) -> None:
        """Closes the connection as a client does that leaves."""
        self.response.close()
        self.connection.close()


def _event(lines: list[str]) -> Event:
    fields = dict(line.split(":", 1) for line in lines)
    data = fields["data"].removeprefix(" ")
    return Event(fields["event"].removeprefix(" "), json.loads(data) if data else "")


@dataclass(frozen=True)
class Reply:
    """A whole response."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


def ask(
    port: int, method: str, path: str = PATH, body: bytes | str | None = None, headers: Mapping[str, str] = EVENTS
) -> Reply:
    """What the process answers to one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        reply = Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        codes.note_body(reply.headers.get("content-type", ""), reply.body)
        return reply
    finally:
        connection.close()


def start_stream(programs: Programs, **environment: str) -> int:
    """Starts the stream process with a heartbeat a second, waits until it answers, and tells its port."""
    port = _free_port()
    programs.start(
        *(
            "-m",
            "uvicorn",
            "--lifespan",
            "off",
            "--no-access-log",
            "--no-proxy-headers",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
        ),
        *("--timeout-graceful-shutdown", "1", "nexus_gql.asgi:application"),
        # All of a test's listeners come from one address.
        **{"STREAM_HEARTBEAT_SECONDS": "1", "LIMIT_STREAMS": "2000", **environment},
    )
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}/livez", timeout=1).close()
        except (URLError, OSError):
            assert time.monotonic() < deadline, programs.said()
            time.sleep(0.05)
        else:
            return port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
