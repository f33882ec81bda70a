"""From what was handed in to text."""

from dataclasses import dataclass

from knowledge.documents.document import ParseWarning
from knowledge.documents.encodings import decoded
from knowledge.documents.errors import DocumentHasNul, DocumentTooLong

__all__ = ["MAX_BYTES", "MAX_LINES", "SourceText", "text_of"]

MAX_BYTES = 1_000_000
# What reading costs grows with the lines above all; the longest documents that people write have a thousand or two.
MAX_LINES = 20_000


@dataclass(frozen=True, slots=True)
class SourceText:
    r"""A document's text, with `\n` as its only line ending, and what is to be said of how it was come by."""

    text: str
    warnings: tuple[ParseWarning, ...] = ()


def text_of(data: str | bytes) -> SourceText:
    """The document's text, without a byte order mark, or several.

    Raises DocumentTooLong, DocumentHasNul or UndecodableDocument.
    """
    warnings: tuple[ParseWarning, ...] = ()
    if isinstance(data, bytes):
        if len(data) > MAX_BYTES:
            raise DocumentTooLong(MAX_BYTES, "bytes")
        text, warnings = decoded(data)
    else:
        # Lone surrogates are characters in Python, but no text: nothing can encode or store them.
        text = data.encode("utf-8", "replace").decode("utf-8")
        if len(data) > MAX_BYTES or len(text.encode("utf-8")) > MAX_BYTES:
            raise DocumentTooLong(MAX_BYTES, "bytes")
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") >= MAX_LINES:
        raise DocumentTooLong(MAX_LINES, "lines")
    nul = text.find("\0")
    if nul >= 0:
        raise DocumentHasNul(text.count("\n", 0, nul) + 1)
    return SourceText(text, warnings)
