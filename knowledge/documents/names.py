"""Readers of the sections that hold names: technologies, tools and concepts."""

import re
from collections.abc import Iterator, Sequence

from knowledge.documents.block import Block, Kind
from knowledge.documents.document import Named
from knowledge.documents.kinds import category_column, is_category_list, is_kind, name_column, without_numbering
from knowledge.documents.lines import Line, joined
from knowledge.documents.naming import (
    DIVIDER,
    are_separate,
    is_capitalised,
    is_placeholder,
    is_titled,
    looks_like_name,
    members_of,
    name_of,
    split_name,
    without_purpose,
)
from knowledge.documents.outline import Section
from knowledge.documents.tidy import phrase, vocabulary, words
from knowledge.documents.topics import Topic, is_generic

__all__ = ["read_names"]

# A longer text without a separator describes something, it names nothing.
_MAX_WORDS = {Topic.TECHNOLOGIES: 6, Topic.TOOLS: 6, Topic.CONCEPTS: 12}
_MIN_ENUMERATION = 3
_MIN_CATEGORIES = 2
# In an enumeration, a concept of more words is part of a sentence.
_MAX_CONCEPT_WORDS = 5
# Concepts in a row that are written small: so many, so short, and without the words of a sentence.
_MIN_BARE_ROW = 4
# Without a full stop, fewer are a row.
_MIN_OPEN_ROW = 3
_MAX_BARE_WORDS = 3
# What closes such a row: "tables, queues & caching". With a capital it may be one: "Security, Roles & Permissions".
_LAST_TWO = re.compile(r"\s+(?:&|and)\s+(?=[a-z])")
_TELLING = vocabulary(
    "i we you it they he she my our your is are was were be been has have had do did then so but not this that these"
    " there here all day days week weeks first later finally"
)
# "Load balancing" is a name, "Building robust APIs with Django" is not.
_MAX_DOING = 3
# "**Caching**, to save work", "**Postman** for manual tests": what the emphasis holds is the name.
_PURPOSE = re.compile(r"(?:,\s+(?:to|which|that|so|because|where|when|for|a|an|the|as)|for)\s+\S")
# "**Indexing** speeds up reads" goes on as a sentence, "**Caching** with Redis" as a name.
_SENTENCE = re.compile(r"(?!(?:and|as|at|by|for|from|in|of|on|or|to|using|via|vs|with)\b)[a-z]+\s+\S+\s+\S")
_MIN_SENTENCES = 2
_LAST_NAMES = re.compile(r"\s+and\s+(?=[A-Z])")
_TABS = re.compile(r"\t+")
_NAMES_BETWEEN = re.compile(r",? (?:and|&) |, ")
# The sentence's own first word is none of them: "Using Python, Django and Docker".
_OPENING = re.compile(r"^(?:\w{2,}ing|In|With|From|The|For|Both|Through)\s+")
# Names in a sentence: "In the course I used Python, Django and Docker."
_NAME = r"[A-Z][\w+#./-]{0,30}(?: (?!I\b)[A-Z\d][\w+#./-]{0,30}){0,3}"
_NAMES_TOLD = re.compile(
    rf"\b{_NAME}(?:, {_NAME}){{2,}}(?:,? (?:and|&) {_NAME})?|\b{_NAME}, {_NAME},? (?:and|&) {_NAME}"
)


def read_names(section: Section) -> list[Named]:
    """The names that a section holds, those of the sections on the same topic beneath it included."""
    topic = section.topic or Topic.TECHNOLOGIES
    found = list(_from_blocks(section.blocks, topic))
    children = [child for child in section.sections if child.topic is topic]
    groups = [child for child in children if _is_group(child, topic)]
    if topic is not Topic.CONCEPTS and all(_lists_names(child, topic) for child in children if child not in groups):
        groups = [child for child in children if child in groups or child.blocks or child.sections]
    is_list = bool(found) and topic is not Topic.CONCEPTS
    for child in children:
        # Beneath a list of names, what is not written like one is another matter: "Implementation process".
        if child in groups:
            found += read_names(child)
        elif not is_list or looks_like_name(child.title):
            found += _from_heading(child)
    return found or _from_pictures(section.blocks, topic) or _from_sentences(section.blocks, topic)


def _is_group(section: Section, topic: Topic) -> bool:
    """Whether a heading within the topic names nothing itself: "Backend technologies", or one with a table under it."""
    has_table = any(block.kind is Kind.TABLE for block in section.blocks)
    return is_generic(section.title) or (has_table and topic is not Topic.CONCEPTS)


def _lists_names(section: Section, topic: Topic) -> bool:
    """Whether what stands under a heading are names ("Databases": PostgreSQL, Redis), not sentences about it."""
    items = [block for block in section.blocks if block.kind is Kind.ITEM]
    if not items:
        texts = [block for block in section.blocks if block.kind is Kind.TEXT]
        return all(len(block.lines) == 1 and _is_row_of_names(block.head, topic) for block in texts) and len(
            texts
        ) == len(section.blocks)
    named = [item for item in items if _has_description(item.head) or _is_short(item.head, topic)]
    return len(named) * 5 >= len(items) * 4


def _has_description(line: Line) -> bool:
    named = split_name(line)
    return named is not None and bool(named[1])


def _is_row_of_names(line: Line, topic: Topic) -> bool:
    return _enumerates(_in_a_row(line), topic)


def _in_a_row(line: Line) -> list[str]:
    """The parts of a line that may be names in a row: "Docker, Nginx" or "Docker / Nginx / AWS"."""
    parts = line.text.split(" / ")
    if len(parts) >= _MIN_ENUMERATION and "," not in line.text:
        return parts
    *before, last = members_of(line.text) or [""]
    both = _LAST_NAMES.split(last)
    # "Python, Django, Docker and Git": behind so many, what joins the last two is no part of a name.
    return (
        [*before, *both] if len(before) + 1 >= _MIN_ENUMERATION and all(map(is_capitalised, both)) else [*before, last]
    )


def _is_short(line: Line, topic: Topic) -> bool:
    return looks_like_name(line.text) and len(words(line.text)) <= _MAX_WORDS[topic]


def _from_heading(section: Section) -> list[Named]:
    """A heading that is the name, or that enumerates names: "### Python, Django, Docker"."""
    head = section.head
    if head is None:
        return []
    members = members_of(head.text)
    named = split_name(head)
    if not section.blocks and len(members) > 1 and not (named and named[1]):
        return [Named(member, "", head.number) for member in members]
    name, text = named or (phrase(head.text), "")
    return [Named(name, "\n".join(filter(None, (text, *_said(section.blocks)))), head.number)] if name else []


def _from_blocks(blocks: Sequence[Block], topic: Topic) -> Iterator[Named]:
    items = [block for block in blocks if block.kind is Kind.ITEM]
    if told := _told_of([block for block in blocks if block.kind in (Kind.ITEM, Kind.TEXT)]):
        yield from told
        return
    for block in blocks:
        if block.kind is Kind.TABLE:
            yield from _from_table(block)
        elif block.kind is Kind.TEXT and not items:
            yield from _columns(block.lines) or _from_text(block, topic)
    yield from _from_items(items, topic)


def _told_of(blocks: Sequence[Block]) -> list[Named]:
    """Emphasised names that each open a sentence on them: "**Indexing** speeds up reads", and so on."""
    are_told = all(
        block.head.lead and _SENTENCE.match(block.head.rest) and len(words(block.head.lead)) <= _MAX_CONCEPT_WORDS
        for block in blocks
    )
    if not are_told or len(blocks) < _MIN_SENTENCES:
        return []
    wholes = [(joined(block.lines), block.children) for block in blocks]
    return [
        Named(name, "\n".join((whole.rest, *_said(children))), whole.number)
        for whole, children in wholes
        if (name := phrase(whole.lead))
    ]


def _from_items(items: Sequence[Block], topic: Topic) -> Iterator[Named]:
    if topic is not Topic.CONCEPTS and is_category_list([item.head for item in items]):
        for item in items:
            yield from _members(item.head)
        return
    if topic is not Topic.CONCEPTS and _are_categories(items):
        items = [child for item in items for child in item.children]
    is_grouped = all(_groups_names(item, topic) for item in items if _nested(item))
    for item in items:
        yield from _from_item(item, topic, is_grouped=is_grouped)


def _nested(item: Block) -> list[Block]:
    return [child for child in item.children if child.kind is Kind.ITEM]


def _groups_names(item: Block, topic: Topic) -> bool:
    """Whether what is nested in an item are names, so that it may be their group, not sentences about it."""
    return is_kind(item.head.text) or all(_is_short(child.head, topic) for child in _nested(item))


def _are_categories(items: Sequence[Block]) -> bool:
    """Whether most items are kinds of things ("Backend") with names nested in them ("Python: the language")."""
    if len(items) < _MIN_CATEGORIES or not all(_holds_names(item) for item in items):
        return False
    kinds = [is_kind(item.head.text) for item in items]
    return sum(kinds) * 2 >= len(kinds)


def _holds_names(item: Block) -> bool:
    named = split_name(item.head)
    is_title = len(item.lines) == 1 and not (named and named[1])
    names = [name_of(child.head) for child in item.children if child.kind is Kind.ITEM]
    return is_title and len(names) == len(item.children) > 0 and all(map(is_capitalised, names))


def _members(line: Line) -> Iterator[Named]:
    """`**Databases:** PostgreSQL, Redis`."""
    named = split_name(line)
    for member in members_of(named[1] if named else line.text):
        yield Named(member, "", line.number)


def _from_item(item: Block, topic: Topic, *, is_grouped: bool = True) -> Iterator[Named]:
    """`- **Docker** – containers`, `- Docker`, or a category with its members nested in it."""
    nested = _nested(item)
    named = (phrase(item.head.text), "") if is_titled(item.lines) else _named(item.head)
    text = named[1] if named else ""
    is_title = len(item.lines) == 1 and not text
    may_group = is_grouped or (len(nested) > 1 and is_kind(item.head.text))
    is_group = is_title and nested and topic is not Topic.CONCEPTS and may_group
    if is_group and all(_is_short(child.head, topic) for child in nested):
        for child in nested:
            yield from _from_item(child, topic)
        return
    members = [] if named or nested or topic is Topic.CONCEPTS else members_of(joined(item.lines).text)
    if len(members) > 1 and all(is_capitalised(member) for member in members):
        yield from (Named(member, "", item.head.number) for member in members)
        return
    head = item.head if named else joined(item.lines)
    rest = [line.text for line in item.lines[1:]] if named else []
    name = named[0] if named else phrase(without_purpose(head.text) if topic is not Topic.CONCEPTS else head.text)
    if name and not is_placeholder(item.head.text) and (named or _is_name(head, topic)):
        yield Named(name, "\n".join(filter(None, (text, *rest, *_said(item.children)))), item.head.number)


def _is_name(line: Line, topic: Topic) -> bool:
    said = words(line.text)
    if not 0 < len(said) <= _MAX_WORDS[topic]:
        return False
    describes = len(said) > _MAX_DOING and said[0].endswith(("ing", "ed")) and not looks_like_name(line.text)
    return not describes or topic is Topic.CONCEPTS


def _from_text(block: Block, topic: Topic) -> Iterator[Named]:
    """Lines outside of any list: `Docker: containers`, or `Python, Django and Docker`."""
    lines = [part for line in block.lines for part in _cut(line)]
    is_categories = topic is not Topic.CONCEPTS and is_category_list(lines)
    if is_categories:
        for line in lines:
            yield from _members(line)
        return
    if are_separate(block.lines) and all(
        _is_short(line, topic) or _is_plain_concept(line, topic) for line in block.lines
    ):
        yield from (Named(phrase(line.text), "", line.number) for line in block.lines)
        return
    for line in block.lines:
        named = split_name(line)
        row = _open_row(line) if topic is Topic.CONCEPTS else []
        members = row or _in_a_row(line)
        if named and named[1] and not DIVIDER.search(line.text):
            yield Named(*named, line.number)
        elif row or _enumerates(members, topic):
            for member in members:
                yield Named(member, "", line.number)


def _columns(lines: Sequence[Line]) -> list[Named]:
    """`Docker<tab>Small containers`, line after line: names and what is said of them, unless those are names too."""
    rows = [_TABS.split(line.text) for line in lines]
    if len(rows) < _MIN_SENTENCES or any(len(row) != 2 for row in rows):  # noqa: PLR2004 - a name and a text
        return []
    named = [Named(phrase(row[0]), row[1].strip(), line.number) for line, row in zip(lines, rows, strict=True)]
    are_names = [is_capitalised(each.text) and not is_kind(each.text) for each in named]
    return [] if sum(are_names) * 2 > len(named) else named


def _cut(line: Line) -> list[Line]:
    """`**Backend:** Django | **Database:** MySQL` is two lines in one."""
    parts = [part.strip() for part in line.text.split(" | ")]
    lines = [Line(line.number, part, "", part) for part in parts if part]
    are_told = len(lines) > 1 and all((named := split_name(part)) and named[1] for part in lines)
    return lines if are_told else [line]


def _is_plain_concept(line: Line, topic: Topic) -> bool:
    """Whether a line is short and says nothing of itself: "Message queues"."""
    is_concept = topic is Topic.CONCEPTS and split_name(line) is None
    return is_concept and len(words(line.text)) <= _MAX_CONCEPT_WORDS and not line.text.endswith((".", "!", "?", ":"))


def _open_row(line: Line) -> list[str]:
    """The concepts in a row that is no sentence, the last two of which may be joined: "tables, queues & caching"."""
    *before, last = members_of(line.text) or [""]
    if line.text.endswith(".") or any(_LAST_TWO.search(member) for member in before):
        return []
    members = [*before, *_LAST_TWO.split(last)]
    return members if before and _is_bare_row(members, _MIN_OPEN_ROW) else []


def _enumerates(members: Sequence[str], topic: Topic) -> bool:
    """Whether a line's parts are names; of two technologies it takes capitals to tell, of concepts one capital each."""
    if topic is Topic.CONCEPTS and len(members) > 1:
        are_names = all(member[0].isupper() and len(words(member)) <= _MAX_CONCEPT_WORDS for member in members)
        return are_names or _is_bare_row(members)
    is_name = looks_like_name if len(members) >= _MIN_ENUMERATION else is_capitalised
    return len(members) > 1 and all(is_name(member) for member in members)


def _is_bare_row(members: Sequence[str], least: int = _MIN_BARE_ROW) -> bool:
    """Whether so many short parts stand in a row that they are no sentence: "Routing, data fetching, testing, auth"."""
    said = [words(member) for member in members]
    is_row = len(said) >= least and all(0 < len(member) <= _MAX_BARE_WORDS for member in said)
    return is_row and all(_TELLING.isdisjoint(member) for member in said)


def _from_pictures(blocks: Sequence[Block], topic: Topic) -> list[Named]:
    """`![Python](badge.svg) ![Django](badge.svg)`, where a section says nothing else."""
    pictures = [line for block in blocks if block.kind is Kind.PICTURES for line in block.lines]
    are_names = len(pictures) > 1 and all(looks_like_name(line.text) for line in pictures)
    return [Named(phrase(line.text), "", line.number) for line in pictures if are_names and topic is not Topic.CONCEPTS]


def _named(line: Line) -> tuple[str, str] | None:
    """Name and description: "**Caching**, to save work"; of "**Python & Django** for APIs" the name alone."""
    if line.lead and _PURPOSE.match(line.rest):
        return phrase(line.lead), line.rest[1:].strip() if line.rest.startswith(",") else ""
    return split_name(line)


def _from_sentences(blocks: Sequence[Block], topic: Topic) -> list[Named]:
    """The names that a paragraph tells of, where a section says nothing else: three at least, with capitals."""
    if topic is Topic.CONCEPTS:
        return []
    lines = [joined(block.lines) for block in blocks if block.kind is Kind.TEXT]
    rows = [(line.number, _OPENING.sub("", row)) for line in lines for row in _NAMES_TOLD.findall(line.text)]
    names = [(number, name) for number, row in rows for name in _NAMES_BETWEEN.split(row)]
    return [Named(phrase(name), "", number) for number, name in names if phrase(name)]


def _from_table(table: Block) -> Iterator[Named]:
    """The column of names: `| Area | Technologies |`, `| Technology | Purpose |`."""
    header, *rows = without_numbering(table.rows)
    column = name_column(header)
    if column is None:
        return
    enumerates = category_column(header) is not None
    for row in rows:
        text = row[column].text if column < len(row) else ""
        rest = " ".join(cell.text for n, cell in enumerate(row) if n > column and cell.text)
        for name in members_of(text) if enumerates else [name_of(Line(row[0].number, text, "", text))]:
            if name:
                yield Named(name, rest, row[0].number)


def _said(blocks: Sequence[Block]) -> Iterator[str]:
    """What blocks say, a line each, items as Markdown's."""
    for block in blocks:
        text = joined(block.lines).text
        if block.kind in (Kind.ITEM, Kind.TEXT) and text:
            yield f"- {text}" if block.kind is Kind.ITEM else text
        yield from (f"  {line}" for line in _said(block.children))
