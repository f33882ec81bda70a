import pytest

from knowledge.documents import DocumentError, DocumentHasNul, DocumentTooLong, UndecodableDocument, parse_document
from knowledge.documents.source import MAX_BYTES, MAX_LINES, text_of


def test_text_has_one_line_ending_and_no_byte_order_mark() -> None:
    assert text_of("\ufeffa\r\nb\rc\n".encode()) == "a\nb\nc\n"
    assert text_of("\ufeffa\r\nb") == "a\nb"


def test_lone_surrogates_are_replaced() -> None:
    assert text_of("a\ud800b") == "a?b"


def test_bytes_that_are_no_utf8_are_refused() -> None:
    with pytest.raises(UndecodableDocument) as caught:
        parse_document(b"caf\xe9")
    assert (caught.value.code, caught.value.offset, str(caught.value)) == (
        "INVALID",
        3,
        "The document is not UTF-8 text (byte 3).",
    )


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
    assert len(text_of(b"a" * MAX_BYTES)) == MAX_BYTES


def test_too_many_lines_are_refused() -> None:
    assert text_of("\n" * (MAX_LINES - 1)).count("\n") == MAX_LINES - 1
    with pytest.raises(DocumentTooLong, match=r"60,000 lines"):
        text_of("\n" * MAX_LINES)


def test_refusals_are_value_errors() -> None:
    assert issubclass(DocumentError, ValueError)
    assert {UndecodableDocument, DocumentHasNul, DocumentTooLong} == set(DocumentError.__subclasses__())
