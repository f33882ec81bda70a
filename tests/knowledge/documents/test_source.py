import codecs

import pytest

from knowledge.documents import (
    DocumentError,
    DocumentHasNul,
    DocumentTooLong,
    DocumentTooRich,
    ParseWarning,
    UndecodableDocument,
    parse_document,
)
from knowledge.documents.errors import ArchiveRefused, MalformedBoard, MalformedExport, UnreadableTable
from knowledge.documents.source import MAX_BYTES, MAX_LINES, SourceText, text_of


def test_text_has_one_line_ending_and_no_byte_order_mark() -> None:
    assert text_of("\ufeffa\r\nb\rc\n".encode()).text == "a\nb\nc\n"
    assert text_of("\ufeffa\r\nb").text == "a\nb"
    assert text_of("\ufeff\ufeffa".encode()) == text_of("\ufeff\ufeffa") == text_of("a")


def test_lone_surrogates_are_replaced() -> None:
    assert text_of("a\ud800b").text == "a?b"


@pytest.mark.parametrize(
    "data",
    [
        b"caf\xe9\x00",
        b"caf\xe9\x81",
        b"caf\xe9\x1b[0m",
        "Привет".encode("cp1251"),
        "日本語の文章".encode("shift-jis"),
        codecs.BOM_UTF16_LE + b"a",
        codecs.BOM_UTF16_LE + b"a\x00\x00\xd8",
        codecs.BOM_UTF8 + b"caf\xe9",
        b"\x7fELF\x02\x01\x01\xff",
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    with pytest.raises(UndecodableDocument, match=r"^The document is neither UTF-8 text nor") as caught:
        parse_document(data)
    assert caught.value.code == "INVALID"


@pytest.mark.parametrize(
    "data",
    [
        "## Tools\n- Café".encode(),
        codecs.BOM_UTF8 + "## Tools\n- Café".encode(),
        "## Tools\r\n- Café".encode("utf-16"),
        "## Tools\n- Café".encode("utf-32"),
        codecs.BOM_UTF16_BE + "## Tools\n- Café".encode("utf-16-be"),
    ],
)
def test_unicode_in_every_form_is_read(data: bytes) -> None:
    assert text_of(data) == SourceText("## Tools\n- Café")


@pytest.mark.parametrize(
    ("encoding", "warning"),
    [
        ("utf-16-le", ParseWarning(1, "This is not UTF-8; it was read as UTF-16.")),
        ("utf-16-be", ParseWarning(1, "This is not UTF-8; it was read as UTF-16.")),
        ("cp1252", ParseWarning(2, "This is not UTF-8; it was read as Windows-1252.")),
    ],
)
def test_what_windows_writes_is_read_with_a_warning(encoding: str, warning: ParseWarning) -> None:
    text = "## Tools\n- Café – milk’s"
    assert text_of(text.encode(encoding)) == SourceText(text, (warning,))
    document = parse_document(text.encode(encoding))
    assert ([tool.name for tool in document.tools], document.warnings) == (["Café"], (warning,))


@pytest.mark.parametrize("data", ["a\nb\0", b"a\nb\0"])
def test_nul_is_refused(data: str | bytes) -> None:
    with pytest.raises(DocumentHasNul) as caught:
        parse_document(data)
    assert (caught.value.code, caught.value.line) == ("INVALID", 2)


@pytest.mark.parametrize("data", ["é" * (MAX_BYTES // 2) + "a", b"a" * (MAX_BYTES + 1), "a" * (MAX_BYTES + 1)])
def test_too_many_bytes_are_refused(data: str | bytes) -> None:
    with pytest.raises(DocumentTooLong) as caught:
        text_of(data)
    assert (caught.value.code, str(caught.value)) == ("TOO_LONG", "The document has more than 1,000,000 bytes.")


def test_as_many_bytes_as_allowed_are_read() -> None:
    assert len(text_of(b"a" * MAX_BYTES).text) == MAX_BYTES


def test_too_many_lines_are_refused() -> None:
    assert text_of("\n" * (MAX_LINES - 1)).text.count("\n") == MAX_LINES - 1
    with pytest.raises(DocumentTooLong, match=r"20,000 lines"):
        text_of("\n" * MAX_LINES)


def test_refusals_are_value_errors() -> None:
    assert issubclass(DocumentError, ValueError)
    assert set(DocumentError.__subclasses__()) == {
        UndecodableDocument,
        DocumentHasNul,
        DocumentTooLong,
        DocumentTooRich,
        MalformedBoard,
        MalformedExport,
        ArchiveRefused,
        UnreadableTable,
    }
