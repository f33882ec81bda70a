"""Why a document could not be read at all.

DocumentError (ValueError)
├── UndecodableDocument   bytes that are no text in an encoding that is understood
├── DocumentHasNul        a NUL character, which no text holds and PostgreSQL cannot store
├── DocumentTooLong       more bytes or lines than are read
├── DocumentTooRich       more things in it than one document brings in
└── MalformedExport       it says that an export wrote it, and is not as exports are written
"""

from typing import ClassVar

from knowledge.errors import MistakeCode

__all__ = [
    "DocumentError",
    "DocumentHasNul",
    "DocumentTooLong",
    "DocumentTooRich",
    "MalformedExport",
    "UndecodableDocument",
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
