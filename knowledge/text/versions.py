"""Versions of a text, compared line by line, in bounded time however the texts are made."""

from collections.abc import Sequence
from difflib import Match, SequenceMatcher
from itertools import takewhile
from typing import Final

CONTEXT_LINES: Final = 3
# difflib takes longest where single equal lines alternate with changes: 0.2 s for 1,500 such lines.
PAIRS_COMPARED: Final = 1_500 * 1_500


def unified_diff(before: str, after: str, *, before_name: str, after_name: str) -> str:
    """The changes from `before` to `after` in unified format, with three lines around each; empty where none is."""
    old, new = before.split("\n"), after.split("\n")
    groups = _LineMatcher(None, old, new).get_grouped_opcodes(CONTEXT_LINES)
    lines: list[str] = []
    for group in groups:
        (_, first_old, _, first_new, _), (_, _, end_old, _, end_new) = group[0], group[-1]
        lines.append(f"@@ -{_span(first_old, end_old)} +{_span(first_new, end_new)} @@")
        for change, old_from, old_to, new_from, new_to in group:
            if change == "equal":
                lines += (f" {line}" for line in old[old_from:old_to])
            else:
                lines += (f"-{line}" for line in old[old_from:old_to])
                lines += (f"+{line}" for line in new[new_from:new_to])
    return "\n".join([f"--- {before_name}", f"+++ {after_name}", *lines, ""]) if lines else ""


def _span(start: int, end: int) -> str:
    """A range of lines as unified diffs have it: counted from 1, an empty one by the line before it."""
    length = end - start
    return str(start + 1) if length == 1 else f"{start + 1 if length else start},{length}"


class _LineMatcher(SequenceMatcher[str]):
    """difflib's matcher between what two texts begin and end with alike; what would take it too long, it leaves out.

    What is left out counts as replaced whole, which is a right diff of two texts, if not the shortest.
    """

    a: Sequence[str]
    b: Sequence[str]

    def get_matching_blocks(self) -> list[Match]:
        """As difflib has it: where equal lines stand in both, in order, and an empty match at the end."""
        old, new = self.a, self.b
        head = _alike(old, new)
        tail = _alike(old[head:][::-1], new[head:][::-1])
        old_end, new_end = len(old) - tail, len(new) - tail
        between: list[Match] = []
        if (old_end - head) * (new_end - head) <= PAIRS_COMPARED:
            between = SequenceMatcher(None, old[head:old_end], new[head:new_end]).get_matching_blocks()[:-1]
        blocks = [
            Match(0, 0, head),
            *(Match(block.a + head, block.b + head, block.size) for block in between),
            Match(old_end, new_end, tail),
        ]
        return [*(block for block in blocks if block.size), Match(len(old), len(new), 0)]


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """How many lines both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
