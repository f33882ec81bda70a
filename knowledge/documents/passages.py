"""The parts of a case: lines put together to Markdown, by the labels they stand under."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from knowledge.documents.block import Kind
from knowledge.documents.cases import Case, Entry
from knowledge.documents.labels import Label, Role
from knowledge.documents.naming import split_name

__all__ = ["Parts", "Passage", "passage_of"]


@dataclass(slots=True)
class Passage:
    """Text that grows line by line. Several items stay a list; code is only told where nothing else is said."""

    pieces: list[tuple[Kind, str]] = field(default_factory=list)

    def add(self, entry: Entry, text: str) -> None:
        """Adds what an entry says; a line within a block goes on with the line before it."""
        if text and self.pieces and not entry.opens_block:
            kind, before = self.pieces.pop()
            self.pieces.append((kind, f"{before} {text}"))
        elif text:
            self.pieces.append((entry.kind, text))

    @property
    def text(self) -> str:
        """The Markdown."""
        written = [piece for piece in self.pieces if piece[0] is not Kind.CODE]
        if not written:
            return "\n".join(f"```\n{text}\n```" for _, text in self.pieces)
        if sum(kind is Kind.ITEM for kind, _ in written) < 2:  # noqa: PLR2004 - one item is no list
            return " ".join(text for _, text in written)
        return "\n".join(f"- {text}" if kind is Kind.ITEM else text for kind, text in written)


def passage_of(entries: Iterable[Entry]) -> str:
    """What entries say, labels included."""
    passage = Passage()
    for entry in entries:
        passage.add(entry, entry.line.text)
    return passage.text


class Parts:
    """A labelled case's text by role. Lines without a label go on with the label before them."""

    def __init__(self, case: Case) -> None:
        self.title = ""
        self.body = Passage()
        self.solution = Passage()
        self._target: Passage | None = self.body
        self._label: Entry | None = None
        for entry in case.entries:
            if entry.label:
                self._open(entry, entry.label)
            elif entry is case.head:
                self._name(entry)
            elif self._is_foreign(entry):
                self._target = None
            elif self._ends_title(entry):
                self.title += f" {entry.line.text}"
            else:
                self._say(entry, entry.line.text)

    def _name(self, head: Entry) -> None:
        """`Slow pages: no index.` before a solution is title and body."""
        named = split_name(head.line) if head.kind is not Kind.HEADING else None
        self.title, text = named or (head.line.text, "")
        self._say(head, text)

    def _open(self, entry: Entry, label: Label) -> None:
        self._label = entry
        match label.role:
            case Role.SOLUTION:
                self._target = self.solution
            case Role.ASIDE:
                self._target = None
            case _:
                self._target = self.body
        is_title = label.role is Role.CHALLENGE or (label.role is Role.PROBLEM and entry.kind is Kind.HEADING)
        if is_title and not self.title and not self.body.pieces:
            self.title = label.text
        else:
            self._say(entry, label.text)

    def _ends_title(self, entry: Entry) -> bool:
        """Whether a line goes on with the sentence that the challenge's label opened, as where lines are wrapped."""
        is_titles = self._label is not None and self._label.is_labelled(Role.CHALLENGE) and not self.body.pieces
        return is_titles and bool(self.title) and not entry.opens_block and entry.line.text[:1].islower()

    def _is_foreign(self, entry: Entry) -> bool:
        """Whether a line has a label of its own, as deep as the last one, that is none of ours: "Architecture: ..."."""
        if self._label is None or self._label.kind is not Kind.ITEM:
            return False
        if entry.kind is not Kind.ITEM or entry.depth > self._label.depth:
            return False
        named = split_name(entry.line, limit=3)
        return named is not None and bool(named[1])

    def _say(self, entry: Entry, text: str) -> None:
        if self._target is not None:
            self._target.add(entry, text)
