"""Readers of the sections that hold sentences: best practices and learnings."""

from collections.abc import Iterator, Sequence

from knowledge.documents.block import Block, Kind
from knowledge.documents.document import Named
from knowledge.documents.kinds import without_numbering
from knowledge.documents.lines import Line, joined
from knowledge.documents.naming import are_separate, has_colon, is_placeholder, split_name
from knowledge.documents.outline import Section
from knowledge.documents.tidy import phrase, plain, words

__all__ = ["read_sayings"]

_MAX_TITLE_WORDS = 6
# A paragraph longer than this tells of practices, it is none.
_MAX_PARAGRAPH_WORDS = 45


def read_sayings(section: Section) -> list[Named]:
    """The practices or learnings of a section, those of the sections on the same topic beneath it included."""
    found = list(_from_blocks(section.blocks))
    for child in section.sections:
        if child.topic is section.topic:
            found += read_sayings(child) or _from_heading(child)
    return found


def _from_heading(section: Section) -> Iterator[Named]:
    """A heading with a paragraph under it: the practice and what is said about it."""
    name = phrase(section.title)
    text = " ".join(joined(block.lines).text for block in section.blocks if block.kind is Kind.TEXT)
    if name:
        yield Named(name, text, section.line)


def _from_blocks(blocks: Sequence[Block]) -> Iterator[Named]:
    items = [block for block in blocks if block.kind is Kind.ITEM]
    for item in items:
        yield from _from_item(item)
    for block in blocks:
        if block.kind is Kind.TABLE:
            yield from _from_table(block)
    if not items:
        yield from _from_paragraphs([block for block in blocks if block.kind is Kind.TEXT])


def _from_item(item: Block) -> Iterator[Named]:
    """`- **Title**: sentence`, `- A sentence.`, `- **Title**` with its text or its own items beneath."""
    nested = [child for child in item.children if child.kind is Kind.ITEM]
    named = _titled(item.head)
    if (
        len(nested) > 1
        and len(item.lines) == 1
        and (not named or not named[1])
        and len(words(item.head.text)) <= _MAX_TITLE_WORDS
    ):
        for child in nested:
            yield from _from_item(child)
        return
    beneath = [joined(child.lines).text for child in item.children if child.kind in (Kind.ITEM, Kind.TEXT)]
    yield from _saying(item.lines, beneath)


def _from_paragraphs(texts: Sequence[Block]) -> Iterator[Named]:
    """Without any list: each line that is a saying by itself, or each paragraph if there are several."""
    for text in texts:
        if all(_is_titled(line) for line in text.lines) or are_separate(text.lines):
            for line in text.lines:
                yield from _saying((line,), [])
        elif _is_titled(text.head):
            yield from _saying(text.lines, [])
        elif len(texts) > 1 and _is_saying(joined(text.lines)):
            yield from _saying((joined(text.lines),), [])


def _is_saying(line: Line) -> bool:
    """Whether a paragraph is no introduction, which ends with a colon, and no story."""
    return len(words(line.text)) <= _MAX_PARAGRAPH_WORDS and not line.text.endswith(":")


def _from_table(table: Block) -> Iterator[Named]:
    """`| Practice | Why |`."""
    for row in without_numbering(table.rows)[1:]:
        name = phrase(row[0].text)
        if name:
            yield Named(name, " ".join(cell.text for cell in row[1:] if cell.text), row[0].number)


def _saying(lines: Sequence[Line], beneath: Sequence[str]) -> Iterator[Named]:
    if is_placeholder(lines[0].text):
        return
    named = _titled(lines[0])
    if named is None:
        name, texts = plain(joined(lines).text).lstrip("→ "), [*beneath]
    else:
        name, texts = named[0], [named[1], *(line.text for line in lines[1:]), *beneath]
    if name:
        yield Named(name, " ".join(filter(None, texts)), lines[0].number)


def _titled(line: Line) -> tuple[str, str] | None:
    """Title and text, where a line opens with a title; in a sentence a dash or arrow separates no title."""
    named = split_name(line, limit=_MAX_TITLE_WORDS)
    if named is None or not named[0]:
        return None
    is_lead = bool(line.lead) and named[0] == phrase(line.lead)
    return named if is_lead or has_colon(line, named[0]) else None


def _is_titled(line: Line) -> bool:
    named = _titled(line)
    return named is not None and bool(named[1])
