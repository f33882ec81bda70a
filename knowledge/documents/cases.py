"""A challenges section, cut into cases: all that is said about one challenge, in order.

A case opens with a heading, an item, a labelled line or a line that is a pair by itself; what is nested in it, or
follows it under a label ("Solution:"), is part of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, takewhile, zip_longest

from knowledge.documents.block import Block, Kind
from knowledge.documents.labels import Label, Role, heading_label, label_of, marked_solution, parts_of
from knowledge.documents.lines import Line
from knowledge.documents.naming import ARROW, split_name
from knowledge.documents.outline import Section
from knowledge.documents.topics import Topic, is_generic, topic_of

__all__ = ["Case", "Entry", "case_of", "cases_of", "place"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line within a case: how deep it is nested, in what it was written, and the label that it opens with."""

    depth: int
    kind: Kind
    line: Line
    label: Label | None
    opens_block: bool = True

    def is_labelled(self, *roles: Role) -> bool:
        """Whether the line opens with a label of one of the roles."""
        return self.label is not None and self.label.role in roles


class Case:
    """A challenge as it was written down. The first entry opened it."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries: list[Entry] = []
        self._roles: set[Role] = set()
        self._last: Entry | None = None
        self.extend(entries)

    def extend(self, entries: Iterable[Entry]) -> None:
        """Adds entries at the end."""
        for entry in entries:
            self.entries.append(entry)
            if entry.label:
                self._roles.add(entry.label.role)
                self._last = entry

    @property
    def head(self) -> Entry:
        """The entry that opened the case."""
        return self.entries[0]

    def has(self, *roles: Role) -> bool:
        """Whether a label of one of the roles stands in the case."""
        return not self._roles.isdisjoint(roles)

    @property
    def awaits_solution(self) -> bool:
        """Whether labels told a problem and none a solution yet."""
        return bool(self._roles) and Role.SOLUTION not in self._roles

    def awaits_text(self, entry: Entry) -> bool:
        """Whether the last label stands alone on its line, so that what follows is its text.

        That ends with what it was nested in.
        """
        last = self._last
        if last is None or last.label is None or last.label.text or last.kind is Kind.ITEM:
            return False
        return not last.depth > self.head.depth >= entry.depth


def cases_of(section: Section) -> list[Case]:
    """The cases of a challenges section and of the sections beneath it, in document order."""
    cases: list[Case] = []
    if section.head and _names_a_case(section.head):
        return list(_told_apart(Case(_section_entries(section, 0))))
    place(section.blocks, cases)
    if not cases and section.sections and _is_solution(section.sections[0]):
        cases.extend(_unnamed(section))
    for child in section.sections:
        if child.topic is not Topic.CHALLENGES or child.head is None:
            continue
        if cases and _is_part(child.head) and not _opens_anew(child.head, cases[-1]):
            cases[-1].extend(_section_entries(child, 1))
        elif _holds_cases(child):
            cases.extend(cases_of(child))
        else:
            cases.extend(_told_apart(Case(_section_entries(child, 0))))
    return _matched(cases)


def _unnamed(section: Section) -> Iterator[Case]:
    """A challenge told right under a heading that says no more than "Challenge", before its solution's heading."""
    entries = list(_entries(section.blocks, 1))
    if entries and section.head and heading_label(section.head):
        yield Case(entries)


def _told_apart(case: Case) -> Iterator[Case]:
    """The case, cut where its solution was told and another challenge is announced."""
    part = Case([])
    for entry in case.entries:
        if part.has(Role.SOLUTION) and entry.is_labelled(Role.CHALLENGE) and entry.label and entry.label.text:
            yield part
            part = Case([])
        part.extend([entry])
    yield part


def case_of(section: Section, *, is_about_challenges: bool) -> Case | None:
    """A section as one case: "Challenge: Slow pages", or any where the document is on challenges, with its parts.

    Or any that tells what its author did: "What I changed: ...", unless a challenge in it says itself where it begins.
    """
    if section.head is None:
        return None
    parts = (child for child in section.sections if child.head and _is_part(child.head))
    case = Case(_section_entries(replace(section, sections=list(parts)), 0))
    told = any(entry.is_labelled(Role.SOLUTION) and entry.label and entry.label.is_personal for entry in case.entries)
    begins = any(
        entry.is_labelled(Role.CHALLENGE) and entry.label and not entry.label.is_a_manuals for entry in case.entries
    )
    if not ((told and not begins) or is_about_challenges or _names_a_case(section.head)):
        return None
    return case if case.has(Role.SOLUTION) and case.has(Role.CHALLENGE, Role.PROBLEM) else None


def place(blocks: Iterable[Block], cases: list[Case]) -> None:
    """Cuts blocks into cases and adds them; what no case can own (an introduction) is left out."""
    entries = _labelled_by_marks(_entries(blocks, 1))
    for entry, following in zip_longest(entries, entries[1:]):
        case = cases[-1] if cases else None
        if _opens_case(entry, case) or _is_title_of(following, entry, case):
            cases.append(Case([entry]))
        elif case and _belongs(entry, case):
            case.extend([entry])


def _entries(blocks: Iterable[Block], depth: int) -> Iterator[Entry]:
    for block in blocks:
        if block.kind is Kind.CODE:
            yield Entry(depth, Kind.CODE, block.head, None)
        for position, whole in enumerate(block.lines if block.kind in (Kind.ITEM, Kind.TEXT) else ()):
            for part, line in enumerate(parts_of(whole)):
                continues = bool(position or part)
                nested = continues and block.kind is Kind.ITEM
                kind = Kind.TEXT if continues else block.kind
                yield Entry(depth + nested, kind, line, label_of(line), opens_block=not continues)
        yield from _entries(block.children, depth + 1)


def _labelled_by_marks(found: Iterable[Entry]) -> list[Entry]:
    entries = list(found)
    around = zip([None, *entries], entries, [*entries[1:], None], strict=False)
    return [_labelled_by_mark(*three) for three in around]


def _labelled_by_mark(before: Entry | None, entry: Entry, following: Entry | None) -> Entry:
    if before is None or entry.label:
        return entry
    goes_on = following is not None and following.kind is Kind.TEXT and bool(following.line.mark)
    stands_alone = not goes_on and (not entry.opens_block or entry.kind is before.kind is Kind.TEXT)
    return replace(entry, label=marked_solution(entry.line, before.line, stands_alone=stands_alone))


def _section_entries(section: Section, depth: int) -> Iterator[Entry]:
    if section.head:
        yield Entry(depth, Kind.HEADING, section.head, heading_label(section.head))
    yield from _labelled_by_marks(_entries(section.blocks, depth + 1))
    for child in section.sections:
        yield from _section_entries(child, depth + 1)


def _opens_case(entry: Entry, case: Case | None) -> bool:
    if entry.is_labelled(Role.SOLUTION, Role.ASIDE) or entry.kind is Kind.CODE or not entry.line.text:
        return False
    if entry.label:
        return case is None or not _wants(case, entry)
    if "\t" in entry.line.text:
        return True
    if case and (entry.depth > case.head.depth or case.awaits_text(entry)):
        return False
    return entry.kind is Kind.ITEM or _is_pair(entry)


def _is_pair(entry: Entry) -> bool:
    """Whether a line is a pair by itself: `Slow pages: added an index`, or anything that points at something else."""
    sides = ARROW.split(entry.line.text, maxsplit=1)
    if entry.opens_block and len(sides) > 1 and all(sides):
        return True
    named = split_name(entry.line)
    return named is not None and bool(named[1]) and (bool(entry.line.lead) or "," not in named[0])


def _is_title_of(following: Entry | None, entry: Entry, case: Case | None) -> bool:
    """Whether a line without a label is a challenge that its solution follows, or the title of its problem."""
    if following is None or entry.kind is not Kind.TEXT or entry.label:
        return False
    if not entry.opens_block and not (case and case.has(Role.SOLUTION) and _goes_on_as_titles(entry, following)):
        return False
    if case and (entry.depth > case.head.depth or case.awaits_text(entry)):
        return False
    if following.is_labelled(Role.SOLUTION):
        return not entry.line.text.endswith(":")
    return following.is_labelled(Role.PROBLEM) and not entry.line.text.endswith((":", ".", "!", ","))


def _goes_on_as_titles(entry: Entry, following: Entry) -> bool:
    """Whether a line within a paragraph opens the next case of it, as the first line did."""
    return following.is_labelled(Role.SOLUTION) and entry.line.text[0].isupper()


def _wants(case: Case, entry: Entry) -> bool:
    """Whether a challenge's or problem's label goes on with a case: one that has none of its own yet."""
    if entry.is_labelled(Role.CHALLENGE):
        return not case.has(Role.CHALLENGE, Role.PROBLEM, Role.SOLUTION) and (
            entry.depth > case.head.depth or case.head.line.is_all_lead
        )
    return not case.has(Role.PROBLEM, Role.SOLUTION)


def _belongs(entry: Entry, case: Case) -> bool:
    if entry.label or entry.depth > case.head.depth or case.awaits_text(entry):
        return True
    goes_on = not entry.opens_block or case.awaits_solution
    return entry.kind is Kind.TEXT and case.head.kind is Kind.TEXT and goes_on


def _names_a_case(head: Line) -> bool:
    """Whether a heading is one like "Challenge 2: Slow queries"."""
    label = label_of(head)
    return label is not None and label.role is Role.CHALLENGE and bool(label.text) and not label.is_plural


def _is_part(head: Line) -> bool:
    """Whether a heading is a part's: "Solution"."""
    label = heading_label(head)
    return label is not None and label.role is not Role.CHALLENGE


def _opens_anew(head: Line, case: Case) -> bool:
    """Whether a heading like "Problem 2: Lost jobs" comes after a case that has its solution."""
    label = heading_label(head)
    return label is not None and label.role is Role.PROBLEM and case.has(Role.SOLUTION)


def _is_solution(section: Section) -> bool:
    label = heading_label(section.head) if section.head else None
    return label is not None and label.role is Role.SOLUTION


def _holds_cases(section: Section) -> bool:
    """Whether a section beneath the challenges holds several cases ("Backend") and is not one ("Slow queries")."""
    if section.head is None or _names_a_case(section.head):
        return False
    within = any(child.head and not _is_part(child.head) for child in section.sections)
    has_table = any(block.kind is Kind.TABLE for block in section.blocks)
    return within or has_table or is_generic(section.title) or _lists_cases(section)


def _lists_cases(section: Section) -> bool:
    """Whether a section's items, or its labelled lines, are several cases."""
    entries = list(_entries(section.blocks, 1))
    announced = [entry for entry in entries if entry.is_labelled(Role.CHALLENGE)]
    if len(announced) > 1 or any(entry.kind is Kind.ITEM for entry in announced):
        return True
    items = [block for block in section.blocks if block.kind is Kind.ITEM]
    if any(_is_titled_case(item) for item in items):
        return True
    if not items or any(entry.label for entry in entries):
        return False
    named = [split_name(item.head) for item in items]
    return all(name and name[1] for name in named) or topic_of(section.title) is Topic.CHALLENGES


def _is_titled_case(item: Block) -> bool:
    """Whether an item is a title with a labelled solution nested in it."""
    return label_of(item.head) is None and any(entry.is_labelled(Role.SOLUTION) for entry in _entries((item,), 0))


def _matched(cases: list[Case]) -> list[Case]:
    """The cases, where two lists are one of challenges and one of as many solutions matched by their order.

    **Challenges:**
    - Slow queries
    - Lost jobs
    **Solutions:**
    - Added indexes
    - Acknowledged late

    Where they are not as many nobody knows what solved what: the solutions are a case of their own, of no challenge.
    """
    matched: list[Case] = []
    for case in cases:
        head, *rest = case.entries
        matched.append(case)
        if not rest or not _are_solutions(rest[0], head):
            continue
        items = [entry for entry in rest[1:] if entry.kind is Kind.ITEM]
        # One challenge more than there are solutions is enough to know that they do not match.
        bare = takewhile(_is_bare, islice(reversed(matched), 1, max(len(items), 1) + 1))
        told = [*reversed([other.head for other in bare]), head]
        if len(told) > 1 and len(told) == len(items):
            matched[-len(told) :] = [Case([told[n], rest[0], item]) for n, item in enumerate(items)]
        elif len(told) > 1:
            matched[-1:] = [Case([head]), Case(rest)]
    return matched


def _is_bare(case: Case) -> bool:
    return len(case.entries) == 1 and not case.head.is_labelled(Role.SOLUTION)


def _are_solutions(entry: Entry, head: Entry) -> bool:
    """Whether an entry announces the solutions of several challenges: "Solutions:", "How I solved them"."""
    label = entry.label
    return label is not None and label.role is Role.SOLUTION and label.is_plural and entry.depth <= head.depth
