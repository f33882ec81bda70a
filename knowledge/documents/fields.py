"""Labels that nobody foresaw, told by their repetition: cases beside each other that have the same fields.

### Slow pages                      ### Lost jobs                      ### Slow pages
- Observed: 4 s a page              - Observed: jobs vanished    =>    - Problem: 4 s a page
- Background: no index              - Background: early ack            - Cause: no index
- Adopted: an index                 - Adopted: a late ack              - Solution: an index

The first field tells the problem, the last the solution. That is said of cases that stand apart from each other, each
with every field once; of one list in which labels take turns it is only said where one of them is known.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.documents.block import Block, Kind
from knowledge.documents.labels import Role, heading_label, label_of
from knowledge.documents.lines import Line
from knowledge.documents.naming import looks_like_name, split_name
from knowledge.documents.outline import Section
from knowledge.documents.tidy import phrase, words
from knowledge.documents.topics import is_generic

__all__ = ["Fields", "fields_of"]

_MAX_LABEL_WORDS = 6
_MAX_FIELDS = 4
# So many cases alike are cases, whatever they are called.
_SURELY = 3
_TELLING = (Role.CHALLENGE, Role.PROBLEM, Role.SOLUTION)


@dataclass(frozen=True, slots=True)
class Fields:
    """A challenges section under labels that are known, and the lines under labels of which none may be guessed."""

    section: Section
    unclear: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class _Field:
    """A line with its label in small letters, and the label's role where it is known."""

    line: Line
    name: str
    role: Role | None
    text: str


@dataclass(frozen=True, slots=True)
class _Group:
    """The fields that stand together, and the heading or item that they stand under."""

    head: Line | None
    fields: tuple[_Field, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)


def fields_of(section: Section) -> Fields:
    """The section with each unforeseen label replaced by the known one whose place it takes."""
    candidates = [field for part in section.walk() for field in _fields(_lines(part, is_root=part is section))]
    counted = Counter(field.name for field in candidates)
    unforeseen = {field.name for field in candidates if field.role is None and counted[field.name] > 1}
    if not unforeseen:
        return Fields(section)
    telling = unforeseen | {field.name for field in candidates if field.role}
    groups = [group for group in _groups(section, telling, is_root=True) if not unforeseen.isdisjoint(group.names)]
    if _are_alike(groups):
        if len(groups) < _SURELY and any(_may_be_an_area(group) for group in groups):
            heads = (group.head for group in groups if group.head)
            return Fields(section, (*heads, *(field.line for group in groups for field in group.fields)))
        return Fields(_renamed(section, _known(groups)))
    turns = [turn for group in groups for turn in _turns(group)]
    if len(groups) == 1 and turns:
        if any(field.role in _TELLING for field in turns[0].fields):
            return Fields(_renamed(section, _known(turns)))
        return Fields(section, tuple(field.line for turn in turns for field in turn.fields))
    return Fields(section)


def _are_alike(groups: Sequence[_Group]) -> bool:
    """Whether groups are cases: several, each with its fields once, the same first and last, and the most alike.

    "Backend" and "Frontend", with a list on "Testing" and "Deployment" under each, hold cases and are none; nor are
    "Week 1" and "Week 2".
    """
    titles = [group.head.text for group in groups if group.head]
    numbered = len(titles) > 1 and len({tuple(filter(str.isalpha, words(title))) for title in titles}) == 1
    if len(groups) < 2 or numbered or any(map(is_generic, titles)):  # noqa: PLR2004 - several
        return False
    ends = {(group.names[0], group.names[-1]) for group in groups}
    return len(ends) == 1 and all(
        1 < len(group.names) <= _MAX_FIELDS and len(set(group.names)) == len(group.names) for group in groups
    )


def _may_be_an_area(group: _Group) -> bool:
    """Whether nothing but its place says that a group is a case: "Payments" with "Docker: ..." and "Git: ..."."""
    is_known = any(field.role in _TELLING for field in group.fields)
    return group.head is not None and not is_known and looks_like_name(phrase(group.head.text))


def _turns(group: _Group) -> list[_Group]:
    """A group cut where its first label comes again, if its labels take turns: a, b, a, b."""
    names = group.names
    length = names.index(names[0], 1) if names[0] in names[1:] else 0
    if not 1 < length <= _MAX_FIELDS or len(names) % length or names != names[:length] * (len(names) // length):
        return []
    return [_Group(None, group.fields[start : start + length]) for start in range(0, len(names), length)]


def _known(groups: Iterable[_Group]) -> dict[Line, Line]:
    """What each line is to be replaced by."""
    return {
        field.line: _said_as(word, field)
        for group in groups
        for field, word in zip(group.fields, _words_for(group), strict=True)
        if word
    }


def _words_for(group: _Group) -> list[str]:
    """The known label for each field; nothing where it stays as it is."""
    roles = [field.role for field in group.fields]
    found = [""] * len(roles)
    if not {Role.CHALLENGE, Role.PROBLEM} & set(roles) and roles[0] is None:
        found[0] = "Problem" if group.head else "Challenge"
    if Role.SOLUTION in roles:
        return found
    last = max((n for n, role in enumerate(roles) if n and role is None), default=0)
    if last:
        found[last] = "Solution"
        found[1:last] = ["" if role else "Cause" for role in roles[1:last]]
    return found


def _said_as(word: str, field: _Field) -> Line:
    lead = f"{word}:"
    return Line(field.line.number, f"{lead} {field.text}".strip(), lead, field.text)


def _groups(section: Section, telling: set[str], *, is_root: bool) -> Iterator[_Group]:
    above = None if is_root else section.head
    own: list[_Field] = []
    for block in section.blocks:
        fields = tuple(field for field in _fields(_block_lines(block)) if field.name in telling)
        if len(fields) > 1:
            is_titled = block.kind is Kind.ITEM and fields[0].line is not block.head
            yield _Group(block.head if is_titled else above, fields)
        else:
            own += fields
    for child in section.sections:
        head = _field(child.head, is_heading=True) if child.head else None
        if head and head.name in telling and not child.sections:
            own.append(head)
        else:
            yield from _groups(child, telling, is_root=False)
    if own:
        yield _Group(above, tuple(own))


def _lines(section: Section, *, is_root: bool) -> Iterator[tuple[Line, bool]]:
    if section.head and not is_root and not section.sections:
        yield section.head, True
    for block in section.blocks:
        yield from _block_lines(block)


def _block_lines(block: Block) -> Iterator[tuple[Line, bool]]:
    """The lines of a text; of an item those of the items nested in it as well. None is a heading."""
    if block.kind in (Kind.ITEM, Kind.TEXT):
        yield from ((line, False) for line in block.lines)
        yield from ((line, False) for child in block.children for line in child.lines[:1])


def _fields(lines: Iterable[tuple[Line, bool]]) -> list[_Field]:
    return [field for line, is_heading in lines if (field := _field(line, is_heading=is_heading))]


def _field(line: Line, *, is_heading: bool) -> _Field | None:
    label = heading_label(line) if is_heading else label_of(line)
    named = split_name(line, _MAX_LABEL_WORDS) or ((line.text, "") if is_heading else None)
    said = words(named[0]) if named else []
    if named is None or not 0 < len(said) <= _MAX_LABEL_WORDS:
        return None
    return _Field(line, " ".join(said), label.role if label else None, named[1])


def _renamed(section: Section, known: dict[Line, Line]) -> Section:
    return replace(
        section,
        head=known.get(section.head, section.head) if section.head else None,
        blocks=[_renamed_block(block, known) for block in section.blocks],
        sections=[_renamed(child, known) for child in section.sections],
    )


def _renamed_block(block: Block, known: dict[Line, Line]) -> Block:
    lines = tuple(known.get(line, line) for line in block.lines)
    return replace(block, lines=lines, children=tuple(_renamed_block(child, known) for child in block.children))
