"""Answers that anybody gets, kept in the shared cache until something changes: then they cost no SQL.

Only what anonymous callers ask for by queries is kept, under the document, its operation and variables, what else makes
an answer what it is (schema, database, sizes of pages), and the number that `knowledge.freshness` had before it was
read. Nobody who is signed in is told what was kept, nor kept from others. How much is kept is bounded, for each network
that callers are of and for all of them: spent points are counted in the same cache.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import orjson
from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, connections

from knowledge import freshness
from knowledge.networks import network
from knowledge.policy import ANONYMOUS
from schema.absence import CACHE_AWAY
from schema.allowances import allows
from schema.budget import Facts, charge
from schema.errors import CodedError
from schema.execution import About, Answer, refused
from schema.sdl import printed_schema

logger = logging.getLogger("nexus.requests")

# Bytes. What is longer is not kept: a few of them would push out many others.
LONGEST_KEPT: Final = 500_000
# Bytes that are kept for one network, and for all of them, in ANSWER_CACHE_SECONDS. Of two such times there may be
# answers at once.
KEPT_FOR_ONE: Final = 10_000_000
KEPT_FOR_ALL: Final = 40_000_000


def remembered(
    asked: tuple[str, str, dict[str, Any]], *, address: str | None, now: datetime, make: Callable[[], Answer]
) -> Answer:
    """The answer to a document, an operation and its variables, as anonymous callers get it: kept, or made and kept.

    Charged either way. Where the cache is away it is made.
    """
    try:
        digest = _digest(asked)
    except orjson.JSONEncodeError:
        # Values nested deeper than any input: they are refused.
        return make()
    try:
        # Before anything is read: see knowledge.freshness.
        key = f"answered:{freshness.number()}:{digest}"
        found = cache.get(key)
    except CACHE_AWAY as error:
        logger.warning("the cache is away (%s); answers are not kept", error)
        return make()
    if found is not None:
        logger.info("remembered", extra={"roots": found[3]})
        return _again(*found, address=address, now=now)
    answer = make()
    facts = answer.about.facts
    if _may_be_kept(answer) and facts is not None:
        try:
            if _fits(address, len(answer.data or b""), now):
                kept = (answer.data, facts.cost, facts.nodes, answer.about.roots)
                cache.set(key, kept, settings.ANSWER_CACHE_SECONDS)
        except CACHE_AWAY as error:
            logger.warning("the cache is away (%s); an answer is not kept", error)
    return answer


def _digest(asked: tuple[str, str, dict[str, Any]]) -> str:
    database = connections[DEFAULT_DB_ALIAS].settings_dict
    place = [str(database[name]) for name in ("HOST", "PORT", "NAME")]
    whole = (_schema(), *place, settings.PAGE_SIZE, settings.PAGE_SIZE_MOST, *asked)
    return hashlib.sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).hexdigest()


@lru_cache(maxsize=1)
def _schema() -> str:
    return hashlib.sha256(printed_schema().encode()).hexdigest()


def _fits(address: str | None, size: int, now: datetime) -> bool:
    """Counts an answer of this size; whether there is room for it."""
    place, window = network(address) if address else "unknown", settings.ANSWER_CACHE_SECONDS
    return allows(cache, f"answers:{place}", size, KEPT_FOR_ONE, window, now=now) and allows(
        cache, "answers:all", size, KEPT_FOR_ALL, window, now=now
    )


def _may_be_kept(answer: Answer) -> bool:
    about = answer.about
    whole = answer.data is not None and not answer.errors
    return whole and about.anybodys and not about.momentary and len(answer.data or b"") <= LONGEST_KEPT


def _again(data: bytes, cost: int, nodes: int, roots: tuple[str, ...], *, address: str | None, now: datetime) -> Answer:
    try:
        budget = charge(ANONYMOUS, address, cost, now=now)
    except CodedError as error:
        return refused(error)
    return Answer(data, about=About(Facts(cost, nodes, budget), roots, anybodys=True))
