"""Answers of plans: an object among others, and a text, taken apart without being read."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

import orjson

# What stands in an object before a member's name, and before its value.
TO_NAME: Final = re.compile(r"[\s{},]*")
TO_VALUE: Final = re.compile(r"[\s:]*")
READER: Final = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a plan answers for one row, as it stands in the response: nothing of it is to be resolved any more."""

    response: dict[str, Any]


def members(answer: bytes) -> dict[str, orjson.Fragment]:
    """The members of a JSON object, each as it is written: read and written again, a number might lose a digit."""
    text = answer.decode()
    found = {}
    place = 0
    while (start := _past(TO_NAME, text, place)) < len(text):
        name, place = READER.raw_decode(text, start)
        start = _past(TO_VALUE, text, place)
        _, place = READER.raw_decode(text, start)
        found[name] = orjson.Fragment(text[start:place])
    return found


def _past(pattern: re.Pattern[str], text: str, place: int) -> int:
    found = pattern.match(text, place)
    return found.end() if found else place
