"""Documents by hash: another text under somebody's hash, hashes that are none, and two who register at once."""

import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from tests.attacks.attack import Attack, first_code
from tests.attacks.stage import PROBE, PROBED, Stage
from tests.http.server import Reply, asked, posted

POISON = "CWE-349"
SECRET = "{ users { nodes { email } } }"


def hashed(text: str) -> str:
    """The name of a document."""
    return hashlib.sha256(text.encode()).hexdigest()


def asking(stage: Stage, sha: Any, query: str | None = None, version: Any = 1) -> Reply:
    """What is answered to a document by its hash, and where it is given by its text."""
    given = {"extensions": {"persistedQuery": {"version": version, "sha256Hash": sha}}}
    text = json.dumps(given if query is None else {**given, "query": query}).encode()
    return stage.exchange(posted(text, "Accept: application/graphql-response+json"))


def refused(name: str, sha: Any, query: str | None = None, version: Any = 1) -> Attack:
    """A hash that is not taken."""
    return Attack(name, POISON, lambda stage: asking(stage, sha, query, version), 400, "BAD_REQUEST")


def _poisoned(stage: Stage) -> Iterable[Reply]:
    """Another text under the hash of what somebody is about to register: it is not what they get."""
    text = f"{PROBE} # {uuid4()}"
    for other in (SECRET, text + " ", text.upper()):
        reply = asking(stage, hashed(text), other)
        assert (reply.status, first_code(reply)) == (400, "BAD_REQUEST")
    assert first_code(asking(stage, hashed(text))) == "PERSISTED_QUERY_NOT_FOUND"
    yield asking(stage, hashed(text), text)
    yield asking(stage, hashed(text))


def _raced(stage: Stage) -> Iterable[Reply]:
    """Right and wrong texts under one hash, 20 at once: the right one is kept."""
    text = f"{PROBE} # {uuid4()}"
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda place: asking(stage, hashed(text), text if place % 2 else SECRET), range(20)))
    assert [reply.status for reply in replies] == [400, 200] * 10
    yield asking(stage, hashed(text))


def _changing(stage: Stage) -> Reply:
    """A mutation by its hash, by GET: what may not be sent so may not be named so either."""
    text = f'mutation {{ tagCreate(input: {{name: "Smuggled {uuid4()}"}}) {{ tag {{ id }} }} }}'
    assert first_code(asking(stage, hashed(text), text)) == "UNAUTHENTICATED"
    given = json.dumps({"persistedQuery": {"version": 1, "sha256Hash": hashed(text)}})
    return stage.exchange(asked(f"/graphql?extensions={quote(given)}", *stage.bearer("mallory")))


ATTACKS = [
    Attack("another text under a hash", POISON, _poisoned, data=PROBED),
    Attack("two texts under one hash at once", POISON, _raced, data=PROBED),
    Attack("a mutation by its hash, by GET", "OWASP CSRF", _changing, 405, "BAD_REQUEST"),
    refused("a text under the hash of another", hashed(PROBE), SECRET),
    refused("a hash in capital letters", hashed(PROBE).upper(), PROBE),
    refused("a hash that is a key of something else", "budget:user:1"),
    refused("a hash that is a path", "../../../../etc/passwd"),
    refused("a hash with a line break", hashed(PROBE) + "\n", PROBE),
    refused("a hash that is a list", [hashed(PROBE)], PROBE),
    refused("a hash of 100 kB", "a" * 100_000),
    refused("a hash of another version", hashed(PROBE), PROBE, 2),
    refused("a hash of a version that is a text", hashed(PROBE), PROBE, "1"),
    refused("a hash of a version that is true", hashed(PROBE), PROBE, version=True),
    Attack("a hash that nobody registered", POISON, lambda stage: asking(stage, "0" * 64), 200, "PERSISTED_QUERY_NOT_FOUND"),
]  # fmt: skip
