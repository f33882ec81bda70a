"""Blocks under their headings: a tree of sections, each with its topic."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from knowledge.documents.block import Block, Kind
from knowledge.documents.labels import Role, heading_label, label_of, parts_of
from knowledge.documents.lines import Line
from knowledge.documents.titles import TOPIC_LEVEL, titled
from knowledge.documents.topics import Topic, is_generic, says_nothing_else, topic_of

__all__ = ["Section", "outline_of"]

# So many titles in a row, with nothing between them, are a table of contents.
_CONTENTS_RUN = 3


@dataclass(slots=True)
class Section:
    """A heading, what stands under it, and the sections beneath it. The document itself has no heading."""

    head: Line | None
    level: int
    topic: Topic | None
    blocks: list[Block] = field(default_factory=list)
    sections: list["Section"] = field(default_factory=list)
    # Headed by bold words, it took in the headings that follow.
    is_bold: bool = False

    @property
    def title(self) -> str:
        """The heading's text, or nothing."""
        return self.head.text if self.head else ""

    @property
    def line(self) -> int:
        """The heading's line."""
        return self.head.number if self.head else 1

    def walk(self) -> Iterator["Section"]:
        """This section and all beneath it, in document order."""
        yield self
        for section in self.sections:
            yield from section.walk()


def outline_of(blocks: Sequence[Block]) -> Section:
    """The document as a section."""
    root = Section(None, 0, None)
    path = [root]
    for block in _without_contents(list(titled(blocks))):
        if block.kind is not Kind.HEADING:
            path[-1].blocks.append(block)
            continue
        _take_in(path, block)
        while path[-1].level >= block.level and not _goes_on_in(path, block):
            path.pop()
        # A document's first heading is its title, and a title says much: it announces nothing.
        is_title = not root.sections and block.level not in range(2, TOPIC_LEVEL) and not is_generic(block.head.text)
        topic = None if is_title else _topic(block, path[-1])
        section = Section(block.head, block.level, topic, list(block.children))
        path[-1].sections.append(section)
        if not block.children:
            path.append(section)
    _adopt_cases(root)
    return root


def _adopt_cases(section: Section) -> None:
    """Puts challenges that are told under headings of their section's own level beneath it, where it is empty.

    ## Challenges
    ## Slow pages
    **Problem:** No index. **Solution:** Added it.
    """
    kept: list[Section] = []
    for child in section.sections:
        _adopt_cases(child)
        last = kept[-1] if kept else None
        is_open = last is not None and last.topic is Topic.CHALLENGES and not last.blocks and last.level == child.level
        if last is not None and is_open and _tells_a_case(child, section.topic):
            for part in child.walk():
                part.topic = Topic.CHALLENGES
            last.sections.append(child)
        else:
            kept.append(child)
    section.sections = kept


def _tells_a_case(section: Section, within: Topic | None) -> bool:
    """Whether a section announces nothing and says under a label what mended something."""
    is_other = section.topic is Topic.OTHER and not says_nothing_else(section.title)
    if (section.topic is not within and not is_other) or any(
        part.topic is not section.topic for part in section.walk()
    ):
        return False
    lines = (line for part in section.walk() for block in part.blocks for line in _lines(block))
    roles = {label.role for line in lines for said in parts_of(line) if (label := label_of(said))}
    return Role.SOLUTION in roles


def _lines(block: Block) -> Iterator[Line]:
    yield from block.lines
    for child in block.children:
        yield from _lines(child)


def _topic(block: Block, above: Section) -> Topic | None:
    """What a heading announces; "Collaboration" beneath a list of practices is none of them, beneath none it may be."""
    topic = topic_of(block.head.text, above.topic)
    is_filled = any(part.kind in (Kind.ITEM, Kind.TABLE) for part in above.blocks)
    if topic is above.topic and is_filled and topic_of(block.head.text) is Topic.OTHER:
        return Topic.OTHER if says_nothing_else(block.head.text) else topic
    return topic


def _take_in(path: list[Section], block: Block) -> None:
    """Lets bold words that head a section without anything on it yet take in the headings that follow them.

    **Challenges and Solutions**
    ### Slow pages
    ...
    **Best Practices**           ends what the bold words before it headed, however deep the headings go
    """
    own = topic_of(block.head.text)
    if block.level < TOPIC_LEVEL:
        above = next((n for n, section in enumerate(path) if section.level == TOPIC_LEVEL), 0)
        section = path[above]
        is_open = above and section.topic not in (None, Topic.OTHER) and path[above - 1].level < block.level
        is_part = own in (None, section.topic) or (own is Topic.OTHER and not says_nothing_else(block.head.text))
        if is_open and is_part and not section.sections and _is_bare(section):
            del path[above + 1 :]
            section.level, section.is_bold = block.level - 1, True
    elif block.level == TOPIC_LEVEL and own is not None:
        bold = next((n for n, section in enumerate(path) if section.is_bold), len(path))
        del path[bold:]


def _is_bare(section: Section) -> bool:
    return all(block.kind is Kind.TEXT for block in section.blocks)


def _goes_on_in(path: Sequence[Section], block: Block) -> bool:
    """Whether the last section goes on in a heading of its own level.

    An empty one does ("Key technologies:" in "Python, Django"), and challenges do in their solutions.
    """
    parent, section = path[-2], path[-1]
    if section.level != block.level or parent.level >= section.level:
        return False
    label = heading_label(block.head)
    if section.topic is Topic.CHALLENGES and label and label.role is Role.SOLUTION:
        return True
    return (
        section.title.endswith(":")
        and not section.blocks
        and section.topic not in (None, Topic.OTHER)
        and topic_of(block.head.text) is None
    )


def _is_empty_title(block: Block) -> bool:
    return block.kind is Kind.HEADING and block.level >= TOPIC_LEVEL and not block.children


def _without_contents(blocks: list[Block]) -> Iterator[Block]:
    """All but the titles of a written table of contents: a run of titles on several topics with nothing under them.

    Where most announce no topic, they are what stands under those that do: names, a line each.
    """
    for is_title, run in groupby(blocks, _is_empty_title):
        titles = list(run)
        announced = [topic for title in titles if (topic := topic_of(title.head.text))] if is_title else []
        is_long = len(titles) >= _CONTENTS_RUN and len(announced) * 2 >= len(titles)
        yield from titles[-1:] if is_long and len(set(announced) - {Topic.OTHER}) > 1 else titles
