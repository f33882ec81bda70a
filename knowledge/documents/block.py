"""The building stones of a document, whatever it was written in."""

from dataclasses import dataclass
from enum import Enum

from knowledge.documents.lines import Line

__all__ = ["Block", "Kind"]


class Kind(Enum):
    """What a block is."""

    HEADING = "heading"
    ITEM = "item"
    TEXT = "text"
    TABLE = "table"
    CODE = "code"
    # A paragraph of nothing but pictures: its lines are what stands in their place.
    PICTURES = "pictures"


@dataclass(frozen=True, slots=True)
class Block:
    """A block and what is nested in it. `rows` are a table's, the first is its header; `level` is a heading's.

    A heading has children only where it announces these and nothing that follows.
    """

    kind: Kind
    lines: tuple[Line, ...]
    children: tuple["Block", ...] = ()
    level: int = 0
    ordered: bool = False
    rows: tuple[tuple[Line, ...], ...] = ()

    @property
    def head(self) -> Line:
        """The first line."""
        return self.lines[0]
