"""Putting a draft on top of what is shown by now, so that nothing is undone which changed meanwhile."""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, Final

from knowledge.errors import MistakeCode, Rejected
from knowledge.models import Entry, EntryRevision
from knowledge.models.entries import BODY_LENGTH
from knowledge.services import revisions
from knowledge.services.content import Written
from knowledge.services.differences import base_of, merged_body
from knowledge.text import render_markdown

# What is taken from one side or the other, whole.
_WHOLE: Final = ("kind", "title", "summary", "resources")


def rebase(entry: Entry, revision: EntryRevision, written: Written) -> Written:
    """What to write so that the draft says what it said, and else what is shown; `written` goes before.

    The draft is based on what is shown from then on and gets a new number, which is not saved yet: what is shown always
    has a higher one than before. Its tags and challenges, where not `written`, are saved: those of both sides. Does
    nothing where it is based on what is shown already. Raises Rejected with CONFLICT at ("body",) when both changed the
    same lines and no body is `written`.
    """
    if revision.based_on == entry.revision:
        return written
    base = base_of(revision)
    columns = _kept_whole(base, entry, revision)
    if "body" not in written.columns:
        columns |= _merged(base, entry, revision)
    challenges = _of_both(*(_keys(row.challenges) for row in (base, entry, revision)))
    if written.tags is None:
        revision.tags.set(_of_both(*(_keys(row.tags) for row in (base, entry, revision))))
    revision.based_on = entry.revision
    revision.number = revisions.next_number(entry)
    return replace(
        written,
        columns={**columns, **written.columns},
        challenge_ids=tuple(sorted(challenges)) if written.challenge_ids is None else written.challenge_ids,
    )


def _kept_whole(base: EntryRevision, shown: Entry, revision: EntryRevision) -> dict[str, Any]:
    """Where the draft says what its base said, it says what is shown."""
    return {column: getattr(shown, column) for column in _WHOLE if getattr(revision, column) == getattr(base, column)}


def _merged(base: EntryRevision, shown: Entry, revision: EntryRevision) -> dict[str, str]:
    merged = merged_body(base, shown, revision)
    if not merged.clean or len(merged.text) > BODY_LENGTH:
        raise Rejected.because(
            MistakeCode.CONFLICT, "Both changed the same lines; send the body that is right.", "body"
        )
    return {"body": merged.text, "body_html": render_markdown(merged.text)}


def _of_both(base: AbstractSet[int], shown: AbstractSet[int], revision: AbstractSet[int]) -> set[int]:
    return {key for key in base | shown | revision if (key in shown and key in revision) or key not in base}


def _keys(related: Any) -> set[int]:
    return set(related.values_list("pk", flat=True))
