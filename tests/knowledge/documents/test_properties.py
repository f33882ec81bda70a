"""Whatever is handed in: a document or a coded refusal, the same one each time, with lines that exist."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents import parse_document
from knowledge.documents.tidy import phrase, plain
from tests.knowledge.documents.promises import PIECES, keeps_its_promises
from tests.knowledge.documents.test_written import WRITTEN

DOCUMENTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=60).map("".join)

WRITTEN_NAMES = st.lists(
    st.sampled_from(
        ["1. ", "2.3 ", "a) ", "#4 ", "[x] ", "🐳", "1️⃣", "➜ ", "Docker", "C", ".", ":", " – ", '"', "\t", "("]
    ),
    max_size=8,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS)
def test_markdown(text: str) -> None:
    keeps_its_promises(text)


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text(text: str) -> None:
    keeps_its_promises(text)


@settings(max_examples=200, deadline=None)
@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    keeps_its_promises(data)


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS, st.sampled_from(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]))
def test_any_encoding(text: str, encoding: str) -> None:
    keeps_its_promises(text.encode(encoding, "replace"))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(WRITTEN.glob("*.md"))), st.data())
def test_documents_that_were_cut_and_patched(file: Path, data: st.DataObject) -> None:
    lines = file.read_text("utf-8").split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        lines[place : place + data.draw(st.integers(0, 3))] = data.draw(st.lists(DOCUMENTS, max_size=2))
        lines = lines or [""]
    keeps_its_promises("\n".join(lines))


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS.filter(lambda text: "\0" not in text))
def test_bytes_and_text_are_one_document(text: str) -> None:
    assert parse_document(text) == parse_document(text.encode("utf-8", "replace"))


@settings(max_examples=300, deadline=None)
@given(st.one_of(WRITTEN_NAMES, st.text()))
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert phrase(phrase(text)) == phrase(text)
