"""Searches that found nothing, noted for digests once they are answered."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from graphql import FieldNode, GraphQLObjectType, get_argument_values

from knowledge.search import misses
from schema.types.search import clean

logger = logging.getLogger("nexus.errors")
SEARCH = "search"
# Whoever narrows a search, or turns its pages, does not tell that there is nothing.
NARROWING = ("types", "where", "after", "before")


def note_gaps(
    root: GraphQLObjectType,
    groups: Mapping[str, list[FieldNode]],
    variables: dict[str, Any],
    answer: bytes,
    *,
    now: datetime,
) -> None:
    """Notes the searches among the root fields that found nothing at all, as `answer` tells.

    Reads the answer only where there is a search in it; a cache that is away spoils no answer.
    """
    searches = {key: nodes[0] for key, nodes in groups.items() if nodes[0].name.value == SEARCH}
    if not searches:
        return
    answers = orjson.loads(answer)
    for key, node in searches.items():
        given = get_argument_values(root.fields[SEARCH], node, variables)
        if found_nothing(answers[key]) and all(given.get(name) is None for name in NARROWING):
            try:
                misses.note(clean(given["query"]), now=now)
            except Exception as error:  # noqa: BLE001 - each cache raises its own, and none is worth an answer
                logger.warning("a search in vain was not noted: %s", error)


def found_nothing(connection: Mapping[str, Any]) -> bool:
    """Whether an answered connection says that it is empty, under whatever keys: no rows in a list, a count of 0."""
    return any(value == [] or (value == 0 and value is not False) for value in connection.values())
