"""The tags that a digest or a subscription is about, from the words that people use."""

from collections.abc import Sequence
from typing import Final

from knowledge.errors import MistakeCode, Mistakes
from knowledge.services.tags import lookup

MOST_TAGS: Final = 50


def tag_ids(names: Sequence[str], mistakes: Mistakes) -> set[int]:
    """The primary keys of the tags that the names, slugs or aliases lead to; they stay until the transaction ends.

    Notes NOT_FOUND at ("tags", index) for each that leads to none, and TOO_MANY at ("tags",) for more than 50. Must be
    called inside a transaction, before any row in it is locked.
    """
    if len(names) > MOST_TAGS:
        mistakes.add(MistakeCode.TOO_MANY, f"A digest is about at most {MOST_TAGS} tags.", "tags")
        return set()
    known = lookup(names)
    for index, name in enumerate(names):
        if name not in known:
            mistakes.add(MistakeCode.NOT_FOUND, "There is no such tag.", "tags", str(index))
    return {tag.pk for tag in known.values()}
