"""The hash of the content: equal where readers are shown the same."""

import hashlib
import json
from dataclasses import asdict, replace
from typing import Final

from knowledge.documents.exact.values import CHALLENGE, Exact, ExactSource, Told

_UNSEEN: Final = "0" * 64


class Fingerprint:
    """Grows with each value, in whatever order they come; 32 bytes of memory each.

    In it is what is shown of tags with their other names, entries, challenges, solutions and which one is accepted, and
    sources with what they name. Not in it: votes, history, accounts, and what imports note of a source for themselves.
    """

    def __init__(self) -> None:
        self._digests: list[bytes] = []

    def add(self, value: Exact) -> None:
        """Takes a value in."""
        said = [type(value).__name__, asdict(_shown(value))]
        text = json.dumps(said, default=str, sort_keys=True)
        self._digests.append(hashlib.sha256(text.encode()).digest())

    def hexdigest(self) -> str:
        """The hash of all that was taken in."""
        return hashlib.sha256(b"".join(sorted(self._digests))).hexdigest()


def _shown(value: Exact) -> Exact:
    if not isinstance(value, ExactSource):
        return value
    told = {(each.is_challenge, each.slug) for each in value.told}
    named = tuple(Told(0, CHALLENGE if is_challenge else "", slug, "") for is_challenge, slug in sorted(told))
    return replace(value, text_hash=_UNSEEN, copy=1, told=named)
