"""What is asked: Q1 to Q6 and M1, as each kind of contestant understands it."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count, cycle
from pathlib import Path
from typing import Any, Final

from bench.servers import GRAPHENE, LIMIT, NEXUS, STRAWBERRY, Contestant

OPERATIONS: Final = Path(__file__).with_name("operations")
NAMES: Final = ("q1", "q2", "q3", "q4", "q5", "q6", "m1")
DEEP: Final = 5_000
TEXT: Final = {"tag": "snapshot", "kind": "TOOL", "text": "cache token"}
TAGS: Final = ["Leader", "Rollback", "Cursor"]
BODY: Final = "It was made **to measure** how long making takes."

Variables = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Where Q4 begins: behind the entry at some depth. Its order values, and Nexus' own cursor for it."""

    depth: int
    published_at: str
    id: int
    cursor: str


@dataclass(frozen=True)
class Questions:
    """The requests of a run. `slugs` are the entries that Q3 asks for in turns."""

    slugs: tuple[str, ...]
    place: Place
    token: str

    def requests(self, contestant: Contestant, name: str, address: tuple[str, int]) -> Iterator[bytes]:
        """The question's requests, without end."""
        asked = self._variables(contestant, name)
        prepared = cycle([self._request(contestant, name, given, address) for given in asked])
        if name != "m1":
            return prepared
        return (
            self._request(contestant, name, {"title": f"Made {number}", "body": BODY, "tags": TAGS}, address)
            for number in self._numbers
        )

    @cached_property
    def _numbers(self) -> Iterator[int]:
        return count()

    def _variables(self, contestant: Contestant, name: str) -> list[Variables]:
        if name == "q3":
            return [{"slug": slug} for slug in self.slugs]
        if name == "q4":
            return [self._after(contestant)]
        if name == "q5":
            return [TEXT]
        return [{}]

    def _after(self, contestant: Contestant) -> Variables:
        if contestant == LIMIT:
            return {"publishedAt": self.place.published_at, "id": self.place.id}
        if contestant == NEXUS:
            return {"after": self.place.cursor}
        return {"after": base64.b64encode(f"arrayconnection:{self.place.depth - 1}".encode()).decode()}

    def _request(self, contestant: Contestant, name: str, given: Variables, address: tuple[str, int]) -> bytes:
        if contestant == LIMIT:
            return http(address, f"/{name}", given, self.token)
        folder = OPERATIONS / "relay" if contestant in {GRAPHENE, STRAWBERRY} else OPERATIONS
        body = {"query": (folder / f"{name}.graphql").read_text("utf-8"), "variables": given}
        return http(address, "/graphql" if contestant == NEXUS else "/", body, self.token if name == "m1" else "")


def http(address: tuple[str, int], path: str, body: Any, token: str = "") -> bytes:
    """A POST of JSON over a connection that is kept."""
    content = json.dumps(body).encode()
    authorization = f"Authorization: JWT {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\nContent-Type: application/json\r\n"
        f"Accept: application/json\r\n{authorization}Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def leaves(answer: Any) -> list[Any]:
    """The values of an answer in their order, whatever they are nested in; times in one form."""
    if isinstance(answer, dict):
        return [leaf for value in answer.values() for leaf in leaves(value)]
    if isinstance(answer, list):
        return [leaf for value in answer for leaf in leaves(value)]
    return [_plain(answer)]


def _plain(leaf: Any) -> Any:
    # 2026-01-01T00:00:00.000000Z, 2026-01-01T00:00:00+00:00
    if isinstance(leaf, str) and leaf[10:11] == "T" and leaf[:4].isdigit():
        whole, _, fraction = leaf.removesuffix("Z").removesuffix("+00:00").partition(".")
        return f"{whole}.{fraction:0<6}"
    return leaf
