"""The one place that knows encodings: UTF-8, and what editors on Windows write instead."""

import codecs
import re

from knowledge.documents.document import ParseWarning
from knowledge.documents.errors import UndecodableDocument

__all__ = ["decoded"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16's, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Every other byte of mostly Latin text in UTF-16 is zero; of other data hardly any are just there.
_MOSTLY = 0.7
# Bytes that are no characters of Windows-1252, and control characters that no editor writes.
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]")
# With more than this beyond ASCII it is another alphabet's encoding, and its letters would be guessed.
_ACCENTS = 0.15


def decoded(data: bytes) -> tuple[str, tuple[ParseWarning, ...]]:
    """The text of the bytes, and a warning where the encoding was neither UTF-8 nor named by a byte order mark.

    Raises UndecodableDocument.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data.removeprefix(mark), encoding), ()
    if order := _utf16_without_mark(data):
        return _strictly(data, order), (ParseWarning(1, "This is not UTF-8; it was read as UTF-16."),)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        if _NO_TEXT.search(data) or sum(byte > 127 for byte in data) > _ACCENTS * len(data):  # noqa: PLR2004 - ASCII
            raise UndecodableDocument(error.start) from error
        line = data.count(b"\n", 0, error.start) + 1
        return data.decode("cp1252"), (ParseWarning(line, "This is not UTF-8; it was read as Windows-1252."),)


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UndecodableDocument(error.start) from error


def _utf16_without_mark(data: bytes) -> str | None:
    """The byte order, told by where the zeros stand; None where they don't tell."""
    if len(data) % 2 or b"\0" not in data:
        return None
    half = len(data) // 2
    even, odd = data[::2].count(0), data[1::2].count(0)
    if odd >= _MOSTLY * half and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even >= _MOSTLY * half and odd == 0 else None
