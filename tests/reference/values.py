"""Values that made-up operations ask with: mostly such as lead somewhere."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.reference.world import World
from tests.schema.rows import at, said

WORDS = (
    "docker",
    "postgres",
    "indexes",
    "slow",
    "dokcer",
    "pg or docker",
    '"more"',
    "-postgres",
    "ind",
    "nothing",
    "é",
)
BAD_TEXTS = ("", " ", "\u0000", "x" * 300, "%", "'; --", "\\")
NAMES = ("author", "PEER", "reviewer", "staff", "nobody")
TAGS = ("docker", "pg", "PostgreSQL", "containers", "testing", "unicode", "none")
PREFIXES = ("p", "D", "un", "", "a", "Ü")
MOMENTS = (*(said(at(days)) for days in (-1, 0, 0.5, 1, 2, 3)), "2026-03-03T14:00:00+02:00")
BAD_IDS = ("", "x", "RW50cnk6", "RW50cnk6OTk5OTk5", "U2Vzc2lvbjox", "RW50cnk6MQ", "Tm9ib2R5OjE=")


def _cursor(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


BAD_CURSORS = ("", "x", _cursor("[]"), _cursor('["mark", 1]'), _cursor("{}"), _cursor('"text"'), "Wy", "\u0000")


@dataclass(frozen=True)
class Values:
    """Draws values by a type's and an argument's name."""

    world: World

    def of(self, random: Random, type_name: str, name: str, answered: str) -> Any:
        """A value for the argument or input field `name` of a field that answers with a type."""
        if type_name in {"Boolean", "Int"}:
            return random.choice((True, False)) if type_name == "Boolean" else random.choice((-1, 0, 1, 2, 3, 5))
        if type_name == "ID":
            return self._id(random, answered)
        if type_name == "DateTime":
            return random.choice(MOMENTS)
        if random.random() < 1 / 60:
            return random.choice(BAD_TEXTS)
        pool = POOLS.get(name)
        return random.choice(pool or self.world.slugs.get(answered) or TAGS)

    def _id(self, random: Random, answered: str) -> str:
        if random.random() < 1 / 20:
            return random.choice(BAD_IDS)
        known = self.world.ids
        if answered not in known or random.random() < 1 / 20:
            return random.choice(known[random.choice(sorted(known))])
        return random.choice(known[answered])

    def bad_cursor(self, random: Random) -> str:
        """What is no cursor of the list."""
        return random.choice(BAD_CURSORS)


POOLS: Mapping[str, tuple[str, ...]] = {
    "query": WORDS,
    "text": WORDS,
    "author": NAMES,
    "actor": NAMES,
    "username": NAMES,
    "tagsAny": TAGS,
    "tagsAll": TAGS,
    "prefix": PREFIXES,
    "action": ("user.role_set", "entry.archived", "x"),
}


def changed(cursor: str, random: Random) -> str:
    """A cursor with something in it changed."""
    text = base64.b64decode(cursor).decode()
    change: Callable[[str], str] = random.choice(
        (
            lambda t: t.replace("[", "[1, ", 1),
            lambda t: t[: t.rindex(",")] + ", true]",
            lambda t: t[: t.rindex(",")] + ", 1]",
            lambda t: t[: t.rindex(",")] + ", -5]",
            lambda t: t.replace("2026", "1999"),
            lambda t: t.replace("2026", "9999"),
            lambda t: t.replace("+00:00", "+23:59"),
            lambda t: t.replace(", ", ", null, ", 1),
            lambda t: t[:10],
            lambda t: t.replace('"i', '"\\u0000i'),
            lambda t: t.replace("0.", "1.5e"),
        )
    )
    return _cursor(change(text))
