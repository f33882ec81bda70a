"""What closes a document beneath its last rule, and belongs to no section: who wrote it, and with how much love.

## Best practices
- Write tests

---
*Made with love by Ann*
"""

import re
from collections.abc import Sequence

from knowledge.documents.block import Block, Kind
from knowledge.documents.labels import Role, label_of
from knowledge.documents.lines import Line
from knowledge.documents.tidy import words
from knowledge.documents.topics import Topic, topic_of

__all__ = ["without_footer"]

# Whoever writes more than this tells something.
_MAX_WORDS = 40
# By themselves at the end, with or without a rule: "Thank you for reading!", "Good luck to the next cohort".
_FAREWELL = re.compile(
    r"(?:thank you|thanks|merci|gracias|obrigad[oa])"
    r"(?:\W*$|\W+(?:so much|for|to (?:my|the|all|every|you)|all|everyone)\b)"
    r"|(?:good luck|happy (?:coding|hacking|learning)|see you|stay curious|keep coding)\b",
    re.IGNORECASE,
)
_MAX_FAREWELL = 12


def without_footer(blocks: Sequence[Block], rules: Sequence[int]) -> Sequence[Block]:
    """The blocks but for a footer; `rules` are the lines of the document's thematic breaks.

    Where several rules stand under one heading they are between its parts, and the last part is no footer.
    """
    if len(blocks) > 1 and _is_farewell(blocks[-1]):
        blocks = blocks[:-1]
    end = _end_of_body(blocks, rules)
    body, tail = blocks[:end], blocks[end:]
    if not body or not tail or not all(block.kind is Kind.TEXT for block in tail):
        return blocks
    lines = [line for block in tail for line in block.lines]
    if any(map(_tells, lines)) or sum(len(words(line.text)) for line in lines) > _MAX_WORDS:
        return blocks
    is_set_off = len(lines) == 1 and lines[0].is_all_lead
    follows_text = body[-1].kind is Kind.TEXT and not (is_set_off and rules and rules[-1] < tail[0].head.number)
    return blocks if follows_text and not any(map(_is_part, body[-1].lines)) else body


def _end_of_body(blocks: Sequence[Block], rules: Sequence[int]) -> int:
    """Where a footer would start: after the only rule under the last heading, or at a last line in emphasis."""
    heading = max((block.head.number for block in blocks if block.kind is Kind.HEADING), default=0)
    last = [rule for rule in rules if rule > heading]
    if len(last) == 1:
        return next((n for n, block in enumerate(blocks) if block.head.number > last[0]), len(blocks))
    follows_list = len(blocks) > 1 and blocks[-2].kind in (Kind.ITEM, Kind.TABLE)
    return len(blocks) - 1 if not last and follows_list and _is_emphasis(blocks[-1]) else len(blocks)


def _is_farewell(block: Block) -> bool:
    is_line = block.kind is Kind.TEXT and len(block.lines) == 1 and len(words(block.head.text)) <= _MAX_FAREWELL
    return is_line and _FAREWELL.match(block.head.text) is not None


def _is_emphasis(block: Block) -> bool:
    return block.kind is Kind.TEXT and len(block.lines) == 1 and block.head.is_all_lead


def _tells(line: Line) -> bool:
    """Whether a line announces knowledge, or is a part of a challenge."""
    return _is_part(line) or any(
        topic_of(text) not in (None, Topic.OTHER) for text in (line.text, line.text.partition(":")[0])
    )


def _is_part(line: Line) -> bool:
    label = label_of(line)
    return label is not None and label.role is not Role.ASIDE
