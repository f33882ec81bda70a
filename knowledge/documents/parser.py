"""From a document as it was handed in to what it holds."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from knowledge.documents.block import Block, Kind
from knowledge.documents.cases import Case, case_of, cases_of, place
from knowledge.documents.document import Challenge, Document, Named, ParseWarning
from knowledge.documents.errors import DocumentTooRich
from knowledge.documents.exact.reading import exact_text, read_exact
from knowledge.documents.fields import fields_of
from knowledge.documents.footer import without_footer
from knowledge.documents.labels import Role
from knowledge.documents.markdown import MarkdownReader
from knowledge.documents.names import read_names
from knowledge.documents.outline import Section, outline_of
from knowledge.documents.pairs import is_head_of_columns, labelled, read_case
from knowledge.documents.repair import repaired
from knowledge.documents.sayings import read_sayings
from knowledge.documents.source import SourceText, text_of
from knowledge.documents.tables import read_table
from knowledge.documents.tidy import words
from knowledge.documents.topics import Topic, topic_of

__all__ = ["parse_document"]

_READERS = {
    Topic.TECHNOLOGIES: read_names,
    Topic.TOOLS: read_names,
    Topic.CONCEPTS: read_names,
    Topic.PRACTICES: read_sayings,
    Topic.LEARNINGS: read_sayings,
}
_MAX_TITLE_WORDS = 20
# "A challenge has a title, a goal and an end": what a program calls challenges.
_DEFINITION = re.compile(r"(?:A|Each|Every) challenge (?:has|is|can|may|belongs|consists|contains)\b")
# Real documents hold a hundred things at most; each is looked for among all that is known.
MAX_THINGS = 2_000


def parse_document(data: str | bytes | SourceText, *, title: str | None = None) -> Document:
    """What a learner's document holds, or a document of an export.

    Its own title, or else its first heading, is `title` when none is given.

    Takes time and memory in proportion to the document's size, and does not change with what was parsed before.
    Raises DocumentTooLong, DocumentTooRich, DocumentHasNul, UndecodableDocument or MalformedExport, and nothing else.
    """
    if not isinstance(data, SourceText) and (text := exact_text(data)) is not None:
        return Document(title=title or "", exact=read_exact(text))
    source = data if isinstance(data, SourceText) else text_of(data)
    reader = MarkdownReader()
    blocks = without_footer(reader.read(repaired(source.text)), reader.rules)
    finds = _Finds([*source.warnings, *reader.warnings], topic_of(_title(blocks)))
    root = outline_of(blocks)
    finds.read(root, within=None)
    if finds.count() > MAX_THINGS:
        raise DocumentTooRich(MAX_THINGS)
    return finds.document(title or _title(blocks))


class _Finds:
    """What was found so far, each kind in document order."""

    def __init__(self, warnings: Iterable[ParseWarning], topic: Topic | None) -> None:
        self.named: dict[Topic, list[Named]] = {topic: [] for topic in _READERS}
        self.challenges: list[Challenge] = []
        self.warnings = list(warnings)
        self._is_about_challenges = topic is Topic.CHALLENGES

    def read(self, section: Section, within: Topic | None) -> None:
        """Reads a section and those beneath it. A section on the topic that it stands within was read with it."""
        if section.topic is not within:
            self._read_own(section)
        if section.topic not in (Topic.CHALLENGES, Topic.MANUAL):
            self._read_stray(section)
        for child in section.sections:
            self.read(child, section.topic)

    def _read_own(self, section: Section) -> None:
        warned = len(self.warnings)
        if section.topic is Topic.CHALLENGES and _is_on_a_products(section):
            return
        if section.topic is Topic.CHALLENGES:
            found = self._read_challenges(section)
        elif section.topic in _READERS:
            names = _READERS[section.topic](section)
            self.named[section.topic] += names
            found = bool(names)
        else:
            return
        is_filled = any(part.blocks for part in section.walk() if part.topic is section.topic)
        if is_filled and not found and len(self.warnings) == warned:
            self._warn(section.line, f"Nothing could be read under “{section.title}”.")

    def _read_challenges(self, section: Section) -> bool:
        before = len(self.challenges)
        for part in section.walk():
            if part.topic is Topic.CHALLENGES:
                self._read_tables(part)
        fields = fields_of(section)
        unclear = {line.number for line in fields.unclear}
        if unclear:
            self._warn(min(unclear), "Of these labels none is known as a challenge's or a solution's.")
        for case in cases_of(fields.section):
            if case.head.line.number not in unclear and not is_head_of_columns(case):
                self._read_case(case)
        return len(self.challenges) > before

    def _read_tables(self, section: Section) -> None:
        for table in _tables(section):
            pairs = read_table(table, is_challenges=True)
            if pairs is None:
                self._warn(table.head.number, "A table without a column of challenges and one of solutions.")
            self.challenges += pairs or ()

    def _read_case(self, case: Case) -> None:
        challenge = None if case.head.is_labelled(Role.SOLUTION) else read_case(case)
        if challenge:
            self.challenges.append(challenge)
        else:
            self._warn(case.head.line.number, "This was not understood as a challenge.")

    def _read_stray(self, section: Section) -> None:
        """Pairs that stand elsewhere: only those that say so themselves."""
        for table in _tables(section):
            self.challenges += read_table(table, is_challenges=False) or ()
        whole = case_of(section, is_about_challenges=self._is_about_challenges)
        cases: list[Case] = []
        place(section.blocks, cases)
        told = [case for case in cases if case.head.is_labelled(Role.CHALLENGE) and case.has(Role.SOLUTION)]
        for case in [whole] if whole else told:
            if case.head.label and case.head.label.is_a_manuals and not self._is_about_challenges:
                self._warn(case.head.line.number, "This may be a challenge; it stands in no section on challenges.")
            elif (challenge := labelled(case)) and challenge.solution:
                self.challenges.append(challenge)

    def _warn(self, line: int, message: str) -> None:
        self.warnings.append(ParseWarning(line, message))

    def count(self) -> int:
        """How many things were found."""
        return len(self.challenges) + sum(map(len, self.named.values()))

    def document(self, title: str) -> Document:
        return Document(
            title=title,
            technologies=_distinct(self.named[Topic.TECHNOLOGIES]),
            tools=_distinct(self.named[Topic.TOOLS]),
            concepts=_distinct(self.named[Topic.CONCEPTS]),
            best_practices=_distinct(_told_in_full(self.named[Topic.PRACTICES])),
            learnings=_distinct(_told_in_full(self.named[Topic.LEARNINGS])),
            challenges=tuple(sorted(self.challenges, key=lambda challenge: challenge.line)),
            warnings=tuple(sorted(self.warnings, key=lambda warning: warning.line)),
        )


def _is_on_a_products(section: Section) -> bool:
    return bool(section.blocks) and _DEFINITION.match(section.blocks[0].head.text) is not None


def _tables(section: Section) -> Iterator[Block]:
    return (block for block in section.blocks if block.kind is Kind.TABLE)


def _distinct(names: Iterable[Named]) -> tuple[Named, ...]:
    """Each name once, as it was first written, in document order."""
    first: dict[str, Named] = {}
    for named in sorted(names, key=lambda named: named.line):
        first.setdefault(named.name.casefold(), named)
    return tuple(first.values())


def _told_in_full(sayings: list[Named]) -> Iterator[Named]:
    """The sayings, where what several open with is no title: "Do: write tests", "Do: review"."""
    times = Counter(
        saying.name.casefold() for saying in {(named.name.casefold(), named.text): named for named in sayings}.values()
    )
    for saying in sayings:
        is_title = times[saying.name.casefold()] == 1
        yield saying if is_title else Named(saying.sentence, "", saying.line)


def _title(blocks: Iterable[Block]) -> str:
    for block in blocks:
        if block.kind is Kind.HEADING or (block.kind is Kind.TEXT and len(words(block.head.text)) <= _MAX_TITLE_WORDS):
            return block.head.text
    return ""
