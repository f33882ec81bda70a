"""Why a document could not be read at all.

DocumentError (ValueError)
├── UndecodableDocument   bytes that are no text in an encoding that is understood
├── DocumentHasNul        a NUL character, which no text holds and PostgreSQL cannot store
├── DocumentTooLong       more bytes or lines than are read
├── DocumentTooRich       more things in it than one document brings in
├── MalformedExport       it says that an export wrote it, and is not as exports are written
├── MalformedBoard        JSON that is no Trello board
├── UnreadableTable       a database of a Notion export that is no CSV
└── ArchiveRefused        a zip archive that is none, or made to do harm
    └── ArchiveTooLarge   or that holds more than is unpacked
"""

from typing import ClassVar

from knowledge.errors import MistakeCode

__all__ = [
    "ArchiveRefused",
    "ArchiveTooLarge",
    "DocumentError",
    "DocumentHasNul",
    "DocumentTooLong",
    "DocumentTooRich",
    "MalformedBoard",
    "MalformedExport",
    "UndecodableDocument",
    "UnreadableTable",
]


class DocumentError(ValueError):
    """A document that was refused. `code` is one of the API's catalogue; the message is for people."""

    code: ClassVar[MistakeCode] = MistakeCode.INVALID


class UndecodableDocument(DocumentError):
    """The bytes are text in none of the encodings that are understood; `offset` is where they are no UTF-8."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(f"The document is neither UTF-8 text nor UTF-16 or Windows-1252 (byte {offset}).")


class DocumentHasNul(DocumentError):
    """The text holds a NUL character."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(f"The document holds a NUL character (line {line}).")


class DocumentTooLong(DocumentError):
    """The document has more bytes or lines than are read."""

    code = MistakeCode.TOO_LONG

    def __init__(self, limit: int, unit: str) -> None:
        self.limit = limit
        super().__init__(f"The document has more than {limit:,} {unit}.")


class DocumentTooRich(DocumentError):
    """The document holds more things than one brings in: it is data, or made to be dear."""

    code = MistakeCode.TOO_MANY

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"The document holds more than {limit:,} things.")


class MalformedExport(DocumentError):
    """The document says that it comes from an export, and cannot be read as one; `line` is where."""

    def __init__(self, why: str, line: int) -> None:
        self.line = line
        super().__init__(f"The document says that an export wrote it, but {why} (line {line}).")


class MalformedBoard(DocumentError):
    """JSON that is none, or no export of a Trello board; `place` is where in it."""

    def __init__(self, why: str, place: str = "") -> None:
        self.place = place
        super().__init__(f"This is no export of a Trello board: {f'{place} ' if place else ''}{why}.")


class UnreadableTable(DocumentError):
    """A database's file that is no CSV."""

    def __init__(self) -> None:
        super().__init__("The database's file is no CSV.")


class ArchiveRefused(DocumentError):
    """A zip archive that cannot be read, or has what no export has: nothing of it is imported."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The archive was refused: {why}.")


class ArchiveTooLarge(ArchiveRefused):
    """An archive with more in it than is unpacked."""

    code = MistakeCode.TOO_LONG
