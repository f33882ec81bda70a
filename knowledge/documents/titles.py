"""Headings that are not written as headings.

**Challenges & Solutions**        a line in bold and nothing else
Best practices:                   a topic's own words and a colon, with a list after it
Challenges I faced                a short line without a full stop, in a document that has no headings
5. Lessons Learned                the same as a list of one, with its text after it
- **Key technologies**            an item that is nothing but a topic, with a list nested in it, if there are several
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from knowledge.documents.block import Block, Kind
from knowledge.documents.labels import Role, label_of
from knowledge.documents.lines import Line
from knowledge.documents.naming import is_capitalised, is_titled, members_of
from knowledge.documents.tidy import words
from knowledge.documents.topics import Topic, is_generic, opens_with_topic, says_nothing_else, topic_of

__all__ = ["TITLE_LEVEL", "TOPIC_LEVEL", "titled"]

# Levels beneath Markdown's six: of a title that announces a topic, and of any other.
TOPIC_LEVEL = 7
TITLE_LEVEL = 8
_MAX_WORDS = 12
_MIN_ENUMERATION = 3
# "Task queues:" heads a group; of more words, a colon ends an introduction.
_MAX_GROUP_WORDS = 4
_ENUMERATED = (Topic.TECHNOLOGIES, Topic.TOOLS, Topic.CONCEPTS)
_KINDRED = {Topic.TECHNOLOGIES, Topic.TOOLS}
# Where no section says already what its lines are.
_OPEN = (None, Topic.LEARNINGS)
_SENTENCE_END = (".", ",", ";", "!", "?", "…")


def titled(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks, with headings made of the titles among them."""
    reading = _Reading(blocks)
    around = zip([None, *blocks], blocks, [*blocks[1:], None], strict=False)
    for before, block, following in around:
        for part in reading.titled(block, before, following):
            reading.go_on(part)
            yield part


class _Reading:
    """What is known while the blocks are read, one after the other."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.is_plain = _is_plain(blocks)
        self.is_one_list = len({topic_of(block.head.text) for block in blocks if _is_topic_item(block)}) > 1
        self.topic: Topic | None = None
        self.is_begun = False
        # Whether bold words opened the topic, and hold nothing but text so far.
        self.opened_in_bold = False
        self.is_empty = False

    @property
    def within(self) -> Topic | None:
        """The topic that the next title may be a part of."""
        return self.topic if self.topic is Topic.CHALLENGES or not self.opened_in_bold else None

    def titled(self, block: Block, before: Block | None, following: Block | None) -> list[Block]:
        """The block, cut at the titles within it."""
        if self.topic in _OPEN and (announced := _announced(block, is_one_list=self.is_one_list)):
            return announced
        if block.kind is Kind.HEADING and self.topic is not Topic.CHALLENGES and (announced_in := _apart(block.head)):
            return [replace(announced_in, level=block.level, children=()), *announced_in.children]
        if block.kind is Kind.TEXT:
            return self._titled_text(block, before, following)
        if (self.is_one_list and _is_topic_item(block)) or (self.is_plain and _is_numbered_topic(block)):
            return [_heading(block.head), *self._nested(block)]
        if self.is_plain and _is_list_of_one(block, before, following):
            return [_heading(block.head, self.within)]
        return [block]

    def _nested(self, block: Block) -> Iterator[Block]:
        """What is nested in an item that is a topic; in "Major learnings" what is on other topics comes last."""
        if not self.is_one_list or topic_of(block.head.text) is not Topic.LEARNINGS:
            yield from block.children
            return
        are_topics = [_is_topic_item(child) for child in block.children]
        yield from (child for child, is_topic in zip(block.children, are_topics, strict=True) if not is_topic)
        for topic in (child for child, is_topic in zip(block.children, are_topics, strict=True) if is_topic):
            yield from (_heading(topic.head), *topic.children)

    def _titled_text(self, block: Block, before: Block | None, following: Block | None) -> list[Block]:
        is_run = self.topic not in (None, Topic.OTHER) and any(map(_opens_with_title, (before, following)))
        if (self.is_plain or is_run) and _opens_with_title(block):
            title = Block(Kind.HEADING, (block.head,), level=TITLE_LEVEL)
            return [title, Block(Kind.TEXT, block.lines[1:])]
        # After a list, bold words that stand alone head the next section if bold words headed this one.
        is_apart = before and (before.kind is Kind.ITEM or not any(map(label_of, before.lines)))
        goes_on = not (self.opened_in_bold and is_apart and len(block.lines) == 1)
        in_challenges = self.topic is Topic.CHALLENGES and goes_on
        return _titled_text(block, following, is_plain=self.is_plain, in_challenges=in_challenges, within=self.within)

    def go_on(self, part: Block) -> None:
        """Takes notice of a block that was read; the titles of parts change nothing."""
        if part.kind is not Kind.HEADING:
            self.is_empty = self.is_empty and part.kind is Kind.TEXT
        elif part.level != TITLE_LEVEL and not part.children:
            is_bold = part.level == TOPIC_LEVEL
            announced = topic_of(part.head.text)
            # The first heading is the document's title: "Project Nexus" is no section on a project.
            announced = announced if self.is_begun or announced is not Topic.OTHER else None
            self.is_begun = True
            # What bold words opened ends with the section that they stand in, once it holds something.
            goes_on = is_bold or self.is_empty or not self.opened_in_bold
            self.topic = announced or (self.topic if goes_on else None)
            self.opened_in_bold = is_bold if announced else self.opened_in_bold and self.topic is not None
            self.is_empty = is_bold or (self.is_empty and self.topic is not None and announced is None)


def _is_plain(blocks: Sequence[Block]) -> bool:
    """Whether the document has no headings, neither Markdown's nor in bold, but for a title and a last one.

    "## License" closes a document whatever its other headings were written as.
    """
    headings = [block for block in blocks if block.kind is Kind.HEADING]
    last = headings[-1].head.text if len(headings) > 1 else ""
    if topic_of(last) is Topic.OTHER and says_nothing_else(last):
        headings.pop()
    if len(headings) > 1 or any(topic_of(heading.head.text) not in (None, Topic.OTHER) for heading in headings):
        return False
    texts = (line for block in blocks if block.kind is Kind.TEXT for line in block.lines)
    return not any(_is_bold_title(line, in_challenges=False) or (line.lead and _apart(line)) for line in texts)


def _titled_text(
    block: Block, following: Block | None, *, is_plain: bool, in_challenges: bool, within: Topic | None
) -> list[Block]:
    """Cuts a text at the titles within it."""
    cut: list[Block] = []
    pending: list[Line] = []
    for position, line in enumerate(block.lines):
        is_last = position + 1 == len(block.lines)
        before_list = is_last and following is not None and following.kind is Kind.ITEM
        is_title = _is_bold_title(line, in_challenges=in_challenges) or (
            before_list and _is_announcement(line, in_challenges=in_challenges)
        )
        if is_title or (is_plain and _is_plain_title(line, opens=not pending, stands_alone=is_last and not pending)):
            cut += [*_text(pending), _heading(line, within)]
            pending = []
        else:
            pending.append(line)
    return [*cut, *_text(pending)]


def _opens_with_title(block: Block | None) -> bool:
    """Whether a text's first line is a title that only its shortness tells, as where the bold words were lost."""
    if block is None or block.kind is not Kind.TEXT or not is_titled(block.lines):
        return False
    is_told = any(label_of(line) for line in block.lines) or any("\t" in line.text for line in block.lines)
    says = topic_of(block.head.text)
    return not is_told and (says is None or (says is Topic.OTHER and not says_nothing_else(block.head.text)))


def _announced(text: Block, *, is_one_list: bool) -> list[Block]:
    """`**Technologies:** Python, Django`, each line of a text: titles with what they announce and nothing more.

    Or an item by itself, in a list of topics.
    """
    is_leaf = text.kind is Kind.ITEM and is_one_list and len(text.lines) == 1 and not text.children
    if text.kind is not Kind.TEXT and not is_leaf:
        return []
    found = [_apart(line) for line in text.lines]
    if not any(found):
        return []
    parts = zip(text.lines, found, strict=True)
    return [heading or Block(Kind.TEXT, (line,)) for line, heading in parts]


def _apart(line: Line) -> Block | None:
    if line.lead:
        lead, text = line.lead.rstrip(": "), line.rest.lstrip(": –—")
        is_row = line.rest.startswith(("–", "—")) and len(members_of(text)) > 1
        is_announced = line.lead.endswith(":") or line.rest.startswith(":") or is_row
    else:
        lead, _, text = line.text.partition(": ")
        members = members_of(text)
        if topic_of(lead) is Topic.CONCEPTS:
            is_announced = _may_be_concepts(members)
        else:
            is_announced = len(members) > 1 and all(map(is_capitalised, members))
    says_which = is_generic(lead) or opens_with_topic(lead)
    if not text or not is_announced or topic_of(lead) not in _ENUMERATED or not says_which:
        return None
    # "Concepts: tables, queues, caching." is a row with a full stop, no sentence.
    row = text.removesuffix(".")
    announced = Block(Kind.TEXT, (Line(line.number, row, "", row),))
    return Block(Kind.HEADING, (Line(line.number, lead, lead, ""),), (announced,), level=TOPIC_LEVEL)


def _may_be_concepts(members: Sequence[str]) -> bool:
    """Whether the parts of a line may be concepts: short, with a capital each, or else so many that they are a row."""
    are_short = all(len(words(text)) <= _MAX_GROUP_WORDS and not text.endswith(_SENTENCE_END) for text in members)
    least = 2 if all(text[0].isupper() for text in members) else _MIN_ENUMERATION
    return are_short and len(members) >= least


def _text(lines: Sequence[Line]) -> list[Block]:
    return [Block(Kind.TEXT, tuple(lines))] if lines else []


def _heading(line: Line, within: Topic | None = None) -> Block:
    """A heading of a title's level where it announces nothing, or nothing but a part of what stands under a heading.

    "Tooling" is no more than that within technologies, nor "Slow endpoints" within challenges.
    """
    topic = topic_of(line.text)
    label = label_of(line)
    names_a_case = label is not None and bool(label.text)
    is_part = within not in (None, Topic.OTHER) and (
        (topic is Topic.OTHER and not says_nothing_else(line.text)) or {topic, within} == _KINDRED
    )
    return Block(Kind.HEADING, (line,), level=TITLE_LEVEL if topic is None or names_a_case or is_part else TOPIC_LEVEL)


def _is_bold_title(line: Line, *, in_challenges: bool) -> bool:
    is_title = line.is_all_lead and _is_title(line, in_challenges=in_challenges)
    return is_title and not line.text.rstrip(":").endswith(_SENTENCE_END)


def _is_announcement(line: Line, *, in_challenges: bool) -> bool:
    if not line.text.endswith(":") or topic_of(line.text) in (None, Topic.OTHER):
        return False
    return is_generic(line.text) and _is_title(line, in_challenges=in_challenges)


def _is_plain_title(line: Line, *, opens: bool, stands_alone: bool) -> bool:
    """`opens`: nothing precedes the line in its paragraph; `stands_alone`: nothing follows either."""
    text = line.text
    if (
        not _is_title(line)
        or text.endswith(_SENTENCE_END)
        or "\t" in text
        or _enumerates_names(text)
        or not (text[0].isupper() or text[0].isdigit())
    ):
        return False
    before, colon, after = text.partition(":")
    topic = topic_of(before)
    if colon and not after and topic is None and len(words(text)) > _MAX_GROUP_WORDS:
        return False
    if colon and after.strip():
        whole = topic_of(text)
        says_it_all = whole not in (None, Topic.OTHER) and is_generic(text) and stands_alone
        return says_it_all or (topic is not None and is_generic(before) and opens and label_of(line) is None)
    return stands_alone or (topic is not None and (opens or is_generic(text)))


def _enumerates_names(text: str) -> bool:
    """Whether a line is what a title announces: "Python, Django, Docker" under "Key technologies:"."""
    members = members_of(text)
    return len(members) >= _MIN_ENUMERATION and all(map(is_capitalised, members)) and topic_of(text) is None


def _is_title(line: Line, *, in_challenges: bool = False) -> bool:
    """Whether a line is short, and no label of a challenge's part: "Solution:" opens no section.

    "Tools:" may be either; it is a label where challenges are told.
    """
    if not 0 < len(words(line.text)) <= _MAX_WORDS:
        return False
    label = label_of(line)
    if label is None:
        return True
    if label.role is Role.ASIDE:
        return not in_challenges and topic_of(line.text) is not None
    return label.role is Role.CHALLENGE and (bool(label.text) or label.is_plural)


def _is_topic_item(block: Block) -> bool:
    """An item that is nothing but a topic, with the list on it nested in it."""
    return (
        block.kind is Kind.ITEM
        and len(block.lines) == 1
        and any(child.kind is Kind.ITEM for child in block.children)
        and topic_of(block.head.text) not in (None, Topic.OTHER)
        and is_generic(block.head.text)
        and _is_title(block.head)
    )


def _is_numbered_topic(block: Block) -> bool:
    """`3. Best practices`, between lists or before one."""
    said = topic_of(block.head.text)
    is_topic = said not in (None, Topic.OTHER) and is_generic(block.head.text) and _is_title(block.head)
    return block.kind is Kind.ITEM and block.ordered and len(block.lines) == 1 and is_topic


def _is_list_of_one(block: Block, before: Block | None, following: Block | None) -> bool:
    neighbours = [other.kind for other in (before, following) if other]
    return (
        block.kind is Kind.ITEM
        and block.ordered
        and not block.children
        and len(block.lines) == 1
        and Kind.ITEM not in neighbours
        and _is_plain_title(block.head, opens=True, stands_alone=True)
    )
