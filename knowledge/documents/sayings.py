"""Readers of the sections that hold sentences: best practices and learnings."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from knowledge.documents.avoided import avoided, is_crossed, is_on_donts
from knowledge.documents.block import Block, Kind
from knowledge.documents.document import Named
from knowledge.documents.kinds import without_numbering
from knowledge.documents.labels import Role, label_of
from knowledge.documents.lines import Line, joined
from knowledge.documents.naming import are_separate, has_colon, is_placeholder, split_name
from knowledge.documents.outline import Section
from knowledge.documents.tidy import phrase, plain, words

__all__ = ["read_sayings"]

_MAX_TITLE_WORDS = 6
# A paragraph longer than this tells of practices, it is none.
_MAX_PARAGRAPH_WORDS = 45
# "Best practice 2: Retry" says no more than "Retry"; "Practice 2" alone leaves it to what stands beneath.
_LABEL = re.compile(
    r"(?:(?:best|good|key) )?(?:(?:practice|rule|tip|lesson|takeaway|principle) ?#?\d{1,2}(?:[:.)]\s+|\s+[-–—]+\s+|:?$)"
    r"|practice:\s+)",
    re.IGNORECASE,
)


def read_sayings(section: Section) -> list[Named]:
    """The practices or learnings of a section, those of the sections on the same topic beneath it included."""
    found = list(_from_blocks(section.blocks))
    for child in section.sections:
        if child.topic is section.topic:
            own = [] if _is_explained(child) else read_sayings(child)
            found += own or _from_heading(child)
    return list(_under(section.title, found))


def _under(title: str, sayings: Iterable[Named]) -> Iterator[Named]:
    """What stands under a title, as it is meant there: under "Don'ts" it is to be avoided."""
    is_avoided = is_on_donts(title)
    for saying in sayings:
        yield replace(saying, name=avoided(saying.name)) if is_avoided else saying


def _is_explained(section: Section) -> bool:
    """Whether a heading is the practice, and all that stands under it are a reason, an example: "Why: keys leak"."""
    said = [block for block in section.blocks if block.kind in (Kind.TEXT, Kind.ITEM)]
    return bool(said) and not section.sections and all(_explains(line) for block in said for line in block.lines)


def _explains(line: Line) -> bool:
    """Whether a line tells of the practice before it: "Why: keys leak", "How: in the environment"."""
    label = label_of(line)
    return (label is not None and label.role is Role.ASIDE) or line.text.casefold().startswith("how:")


def _from_heading(section: Section) -> Iterator[Named]:
    """A heading with a paragraph under it: the practice and what is said about it."""
    text = " ".join(joined(block.lines).text for block in section.blocks if block.kind in (Kind.TEXT, Kind.ITEM))
    name = _bare(phrase(section.title))
    name, text = (name, text) if name else (text, "")
    if section.head and is_crossed(section.head):
        name = avoided(name)
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
    is_explained = all(_explains(child.head) for child in nested)
    if (
        len(nested) > 1
        and not is_explained
        and len(item.lines) == 1
        and (not named or not named[1])
        and len(words(item.head.text)) <= _MAX_TITLE_WORDS
    ):
        for child in nested:
            yield from _under(item.head.text, _from_item(child))
        return
    beneath = [joined(child.lines).text for child in item.children if child.kind in (Kind.ITEM, Kind.TEXT)]
    yield from _saying(item.lines, beneath)


def _from_paragraphs(texts: Sequence[Block]) -> Iterator[Named]:
    """Without any list: each line that is a saying by itself, or each paragraph if there are several."""
    for text in texts:
        explained = _explained(text.lines)
        for lines in explained:
            yield from _saying(lines[:1], [line.text for line in lines[1:]])
        if explained:
            continue
        is_title = len(text.lines) > 1 and text.head.is_all_lead and not any(line.lead for line in text.lines[1:])
        if not is_title and (all(_is_titled(line) for line in text.lines) or are_separate(text.lines)):
            for line in text.lines:
                yield from _saying((line,), [])
        elif is_title or _is_titled(text.head):
            yield from _saying(text.lines, [])
        elif len(texts) > 1 and _is_saying(joined(text.lines)):
            yield from _saying((joined(text.lines),), [])


def _explained(lines: Sequence[Line]) -> list[list[Line]]:
    """A paragraph's practices, each with the lines that tell of it; nothing where no line does."""
    if _explains(lines[0]) or not any(map(_explains, lines)):
        return []
    practices: list[list[Line]] = []
    for line in lines:
        if _explains(line):
            practices[-1].append(line)
        else:
            practices.append([line])
    return practices


def _is_saying(line: Line) -> bool:
    """Whether a paragraph is no introduction, which ends with a colon, and no story."""
    return len(words(line.text)) <= _MAX_PARAGRAPH_WORDS and not line.text.endswith(":")


def _from_table(table: Block) -> Iterator[Named]:
    """`| Practice | Why |`, `| Don't | Do |`, `| Before | After |`."""
    header, *rows = without_numbering(table.rows)
    donts = {column for column, cell in enumerate(header) if is_on_donts(cell.text) or words(cell.text) == ["before"]}
    first = next((column for column in range(len(header)) if column not in donts), 0)
    for row in rows:
        said = [avoided(cell.text) if column in donts else cell.text for column, cell in enumerate(row)]
        name = phrase(said.pop(first)) if first < len(said) else ""
        if name:
            yield Named(name, " ".join(filter(None, said)), row[0].number)


def _saying(lines: Sequence[Line], beneath: Sequence[str]) -> Iterator[Named]:
    if is_placeholder(lines[0].text):
        return
    is_labelled = _LABEL.match(lines[0].text) is not None
    named = None if is_labelled else _titled(lines[0])
    if is_labelled:
        said = [_bare(lines[0].text), *(line.text for line in lines[1:]), *beneath]
        name, *texts = [*filter(None, said), ""]
    elif named is None:
        name, texts = plain(joined(lines).text).lstrip("→ "), [*beneath]
    else:
        name, texts = named[0], [named[1], *(line.text for line in lines[1:]), *beneath]
    text = " ".join(filter(None, texts))
    name = name.removesuffix(".") if text else name
    if name:
        yield Named(avoided(name) if is_crossed(lines[0]) else name, text, lines[0].number)


def _bare(text: str) -> str:
    """A practice without the word that announces one."""
    return _LABEL.sub("", text, count=1) if _LABEL.match(text) else text


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
