"""Readers of one case, each for one way of writing a challenge and its solution; the first that can read it does."""

import re
from collections.abc import Callable

from knowledge.documents.block import Kind
from knowledge.documents.cases import Case, Entry
from knowledge.documents.document import Challenge
from knowledge.documents.labels import Role, label_of
from knowledge.documents.lines import Line
from knowledge.documents.naming import ARROW, is_placeholder, is_titled, split_name, statement
from knowledge.documents.passages import Parts, passage_of
from knowledge.documents.tidy import words

__all__ = ["READERS", "is_head_of_columns", "labelled", "read_case"]

# A challenge without a solution that is longer than this is a story, in which no reader finds the two parts.
_MAX_BARE_WORDS = 30
_MAX_TITLE_WORDS = 12
# What a program serves under "Challenges" is no challenge that anybody met.
_SOLVED_BY = re.compile(
    r"(?:,|;|\s[-–—])\s+(?:and\s+)?(?=(?:(?:I|we)\s+)?(?:re)?(?:solved|fixed|resolved|overcame|overcome)\s"
    r"(?:(?:it|this|that|them)\s)?(?:by|with|through|using)\s)",
    re.IGNORECASE,
)
_ENDPOINT = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s*[:|–—-]?\s*/")


def read_case(case: Case) -> Challenge | None:
    """The challenge that a case tells, or None when no reader understands it."""
    if is_placeholder(case.head.line.text) or _ENDPOINT.match(case.head.line.text):
        return None
    found = (reader(case) for reader in READERS)
    return next((challenge for challenge in found if challenge), None)


def is_head_of_columns(case: Case) -> bool:
    """Whether a case is no case but the head over two columns without borders: `Challenge | Solution`."""
    challenge = tabbed(case) or titled(case)
    if challenge is None or challenge.solution is None:
        return False
    said = label_of(Line(0, f"{challenge.title}:")), label_of(Line(0, f"{challenge.solution}:"))
    return all(label and not label.text for label in said) and said[1] is not None and said[1].role is Role.SOLUTION


def labelled(case: Case) -> Challenge | None:
    """Parts under labels, at any depth, in a list, under a heading or in one line.

    - **Challenge:** Pages were slow            ### Challenge 1: Slow pages
      - **Solution:** Added an index            **Problem:** No index.
                                                **Solution:**
    Slow pages: no index. Solution: Added it.   - Added one
    """
    if not case.has(Role.CHALLENGE, Role.PROBLEM, Role.SOLUTION):
        return None
    if told := _told_without_labels(case):
        return told
    parts = Parts(case)
    title, body = (parts.title, parts.body.text) if parts.title else (parts.body.text, "")
    return _challenge(case, title, body, parts.solution.text)


def _told_without_labels(case: Case) -> Challenge | None:
    """`### Challenge 2: Slow pages` with nothing but text beneath it: what was done about it."""
    label = case.head.label
    own, beneath = _own_and_beneath(case)
    is_title = case.head.kind is Kind.HEADING and label is not None and label.role in (Role.CHALLENGE, Role.PROBLEM)
    if not is_title or label is None or not label.text or len(own) > 1 or any(entry.label for entry in beneath):
        return None
    return _challenge(case, label.text, "", passage_of(beneath)) if beneath else None


def tabbed(case: Case) -> Challenge | None:
    """A row of a table that lost its borders: `Slow pages<tab>Added an index`."""
    cells = [cell.strip() for cell in case.head.line.text.split("\t") if cell.strip()]
    return _challenge(case, cells[0], " ".join(cells[1:-1]), cells[-1]) if len(cells) > 1 else None


def arrow(case: Case) -> Challenge | None:
    """`**Slow pages** → Added an index`."""
    text = " ".join(entry.line.text for entry in case.entries if entry.kind is not Kind.CODE)
    before, *after = ARROW.split(text, maxsplit=1)
    return _challenge(case, before, "", after[0]) if after else None


def titled(case: Case) -> Challenge | None:
    """A title with the text after it or beneath it.

    - **Slow pages**: Added an index.     - **Slow pages**        - Slow pages          ### Slow pages
                                            Added an index.         - Added an index    Added an index.
    """
    own, beneath = _own_and_beneath(case)
    if beneath and all(entry.is_labelled(Role.ASIDE) or not entry.opens_block for entry in beneath):
        return bare(case)  # "Cause: ..." and "Impact: ..." beneath a challenge solve nothing
    if case.head.kind is Kind.HEADING:
        return _challenge(case, case.head.line.text, "", passage_of(beneath)) if beneath else None
    named = split_name(case.head.line, limit=_MAX_TITLE_WORDS)
    if not named and is_titled([entry.line for entry in own]):
        named = case.head.line.text, ""
    if named:
        text = "\n".join(filter(None, (named[1], passage_of([*own[1:], *beneath]))))
        return _challenge(case, named[0], "", text) if text else None
    return _challenge(case, passage_of(own), "", passage_of(beneath)) if beneath else None


def narrated(case: Case) -> Challenge | None:
    """One sentence that closes with what helped: `- Time management, solved by getting up early`."""
    own, beneath = _own_and_beneath(case)
    before, *after = _SOLVED_BY.split(passage_of(own), maxsplit=1)
    return _challenge(case, before, "", after[0]) if after and not beneath else None


def bare(case: Case) -> Challenge | None:
    """A challenge alone: `- Finding time to learn`."""
    own, _ = _own_and_beneath(case)
    text = passage_of(own)
    return _challenge(case, text, "", "") if len(words(text)) <= _MAX_BARE_WORDS else None


READERS: tuple[Callable[[Case], Challenge | None], ...] = (labelled, tabbed, arrow, titled, narrated, bare)


def _challenge(case: Case, title: str, body: str, solution: str) -> Challenge | None:
    title = statement(title)
    return Challenge(title, body, solution.strip() or None, case.head.line.number) if title else None


def _own_and_beneath(case: Case) -> tuple[list[Entry], list[Entry]]:
    """The lines of the block that opened the case, and what follows."""
    later = [position for position, entry in enumerate(case.entries) if position and entry.opens_block]
    end = later[0] if later else len(case.entries)
    return case.entries[:end], case.entries[end:]
