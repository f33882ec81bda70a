"""From what was handed in to text."""

import codecs

from knowledge.documents.errors import DocumentHasNul, DocumentTooLong, UndecodableDocument

__all__ = ["MAX_BYTES", "MAX_LINES", "text_of"]

MAX_BYTES = 1_000_000
# What reading costs grows with the lines above all; people write a tenth of this in a megabyte.
MAX_LINES = 60_000


def text_of(data: str | bytes) -> str:
    r"""The document's text with `\n` as its only line ending and without a byte order mark.

    Raises DocumentTooLong, DocumentHasNul or UndecodableDocument.
    """
    if isinstance(data, bytes):
        if len(data) > MAX_BYTES:
            raise DocumentTooLong(MAX_BYTES, "bytes")
        text = _decoded(data)
    else:
        # Lone surrogates are characters in Python, but no text: nothing can encode or store them.
        text = data.encode("utf-8", "replace").decode("utf-8")
        if len(data) > MAX_BYTES or len(text.encode("utf-8")) > MAX_BYTES:
            raise DocumentTooLong(MAX_BYTES, "bytes")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") >= MAX_LINES:
        raise DocumentTooLong(MAX_LINES, "lines")
    nul = text.find("\0")
    if nul >= 0:
        raise DocumentHasNul(text.count("\n", 0, nul) + 1)
    return text


def _decoded(data: bytes) -> str:
    """The one place that knows encodings."""
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UndecodableDocument(error.start) from error
