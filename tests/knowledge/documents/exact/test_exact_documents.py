"""An export's documents: a value, written and read, is the same value; what no export writes is refused."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents import parse_document
from knowledge.documents.errors import DocumentError
from knowledge.documents.exact.front import FRONT_MOST, NODES_MOST
from knowledge.documents.exact.reading import exact_text, read_exact
from knowledge.documents.exact.values import (
    Exact,
    ExactAbout,
    ExactChallenge,
    ExactEntry,
    ExactResource,
    ExactSolution,
    ExactSource,
    ExactTag,
    Told,
)
from knowledge.documents.exact.writing import write_exact
from knowledge.errors import MistakeCode

AT = datetime(2026, 11, 23, 12, 30, 0, 120, tzinfo=UTC)
HASH = "0123456789abcdef" * 4

# What a row can hold: no control characters but tab and newline, no halves of pairs, no carriage return.
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\x85").map(str) | st.sampled_from("\n\t -#:`|>"),
    max_size=80,
)
LINES = TEXTS.map(lambda text: text.replace("\n", " "))
NAMES = LINES.filter(bool)
FRAGMENTS = st.sampled_from(
    ["---", "---\nnexus: '1'", "<!-- solution -->", "\n\n<!-- solution 2 -->\n\n", "```", "# a", "", "\n", "  x  "]
)
BODIES = st.lists(TEXTS | FRAGMENTS, max_size=5).map("".join)
SLUGS = st.from_regex(r"[-a-z0-9_]{1,30}", fullmatch=True)
# From year 1 on, whose four digits not every platform writes.
TIMES = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy's way
HASHES = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
SLUG_LISTS = st.lists(SLUGS, max_size=4).map(tuple)

TAGS = st.builds(ExactTag, SLUGS, NAMES, NAMES, BODIES, st.lists(LINES, max_size=4).map(tuple))
ENTRIES = st.builds(
    ExactEntry,
    slug=SLUGS,
    kind=NAMES,
    title=NAMES,
    summary=LINES,
    body=BODIES,
    tags=SLUG_LISTS,
    resources=st.lists(st.builds(ExactResource, NAMES, NAMES), max_size=3).map(tuple),
    created=TIMES,
    updated=TIMES,
    published=TIMES,
)
SOLUTIONS = st.builds(ExactSolution, BODIES, st.booleans(), st.integers(1, 999), TIMES, TIMES)
CHALLENGES = st.builds(
    ExactChallenge,
    slug=SLUGS,
    title=NAMES,
    body=BODIES,
    difficulty=NAMES,
    status=NAMES,
    close_reason=LINES,
    tags=SLUG_LISTS,
    entries=SLUG_LISTS,
    solutions=st.lists(SOLUTIONS, max_size=4).map(tuple),
    created=TIMES,
    updated=TIMES,
    solved=st.none() | TIMES,
)
TOLD = st.builds(
    Told,
    st.integers(0, 999_999_999),
    st.from_regex("[A-Z_]{1,16}", fullmatch=True),
    SLUGS,
    HASHES,
    st.just("") | HASHES,
)
SOURCES = st.builds(
    ExactSource,
    title=NAMES,
    url=st.none() | NAMES,
    text_hash=HASHES,
    copy=st.integers(1, 9),
    imported=TIMES,
    updated=TIMES,
    told=st.lists(TOLD, max_size=4).map(tuple),
)

CHALLENGE = ExactChallenge(
    slug="slow-page",
    title="Slow: 'page'",
    body="Ten seconds.\n\n<!-- solution -->\n\n---\nnexus: '1'",
    difficulty="ADVANCED",
    status="SOLVED",
    close_reason="",
    tags=("django", "no"),
    entries=("indexes",),
    solutions=(
        ExactSolution("# An index\n\n```sql\nCREATE INDEX …\n```", accepted=True, copy=1, created=AT, updated=AT),
        ExactSolution("Me too", accepted=False, copy=2, created=AT, updated=AT),
    ),
    created=AT,
    updated=AT,
    solved=AT,
)
WRITTEN = """---
nexus: '1'
document: challenge
slug: slow-page
title: 'Slow: ''page'''
difficulty: ADVANCED
status: SOLVED
tags:
- django
- 'no'
entries:
- indexes
created: '2026-11-23T12:30:00.000120Z'
updated: '2026-11-23T12:30:00.000120Z'
solved: '2026-11-23T12:30:00.000120Z'
boundary: <!-- solution 2 -->
solutions:
- accepted: 'yes'
  created: '2026-11-23T12:30:00.000120Z'
  updated: '2026-11-23T12:30:00.000120Z'
- copy: '2'
  created: '2026-11-23T12:30:00.000120Z'
  updated: '2026-11-23T12:30:00.000120Z'
---

Ten seconds.

<!-- solution -->

---
nexus: '1'

<!-- solution 2 -->

# An index

```sql
CREATE INDEX …
```

<!-- solution 2 -->

Me too
"""


def read(document: str | bytes) -> Exact:
    text = exact_text(document)
    assert text is not None
    return read_exact(text)


@settings(max_examples=150, deadline=None)
@given(TAGS | ENTRIES | CHALLENGES | SOURCES)
def test_what_was_written_reads_back_as_it_was(value: Exact) -> None:
    document = write_exact(value)
    assert read(document) == value
    assert write_exact(value) == document


def test_a_document_as_it_is_written() -> None:
    assert write_exact(CHALLENGE) == WRITTEN
    assert read(WRITTEN) == CHALLENGE


@pytest.mark.parametrize(
    "saved",
    [
        WRITTEN.encode(),
        b"\xef\xbb\xbf" + WRITTEN.encode(),
        WRITTEN.replace("\n", "\r\n"),
        WRITTEN.replace("\n", "\r").encode(),
        WRITTEN.removesuffix("\n"),
        WRITTEN.replace("'yes'", '"yes"').replace("- django\n- 'no'", "  [django, no]"),
    ],
)
def test_an_editor_that_saves_it_in_its_own_way_changes_nothing(saved: str | bytes) -> None:
    assert read(saved) == CHALLENGE


def test_the_lines_of_a_source_are_known() -> None:
    told = (Told(4, "TOOL", "git", HASH), Told(9, "CHALLENGE", "slow-page", HASH, HASH))
    document = write_exact(ExactSource("My year", None, HASH, 1, AT, AT, told))
    value = read(document)
    assert isinstance(value, ExactSource)
    assert [document.split("\n")[each.at - 1].split(" | ")[1] for each in value.told] == ["TOOL", "CHALLENGE"]


def test_what_an_export_tells_of_itself() -> None:
    about = ExactAbout(HASH, (("tags", 3), ("entries", 0)))
    assert read(write_exact(about)) == about


@pytest.mark.parametrize("document", ["# Mine\n", "---\ntitle: x\nnexus: 1\n---\n", "nexus: 1", "", "--- \nnexus: 1\n"])
def test_other_documents_are_none_of_an_export(document: str) -> None:
    assert exact_text(document) is None
    assert exact_text(document.encode()) is None
    assert parse_document(document).exact is None


def test_the_parser_is_the_one_door() -> None:
    assert parse_document(WRITTEN.encode()).exact == CHALLENGE


def test_a_body_may_have_more_lines_than_a_learners_document() -> None:
    entry = ExactEntry("a", "TOOL", "A", "", "x\n" * 50_000, (), (), AT, AT, AT)
    assert read(write_exact(entry)) == entry


def front(*lines: str, body: str = "") -> str:
    return "\n".join(["---", "nexus: 1", *lines, "---", "", body, ""])


TAG = ("document: tag", "slug: a", "name: A", "category: TOOL")
LAUGHS = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]


@pytest.mark.parametrize(
    ("document", "code", "why"),
    [
        (front(*TAG, *LAUGHS), "INVALID", "anchors or aliases (line 7)"),
        (front(*TAG, "aliases: *x"), "INVALID", "anchors or aliases (line 7)"),
        (front(*TAG, "aliases: !!python/object/apply:os.system [x]"), "INVALID", "names types (line 7)"),
        (front(*TAG, "description: !!binary aGk="), "INVALID", "names types (line 7)"),
        (front(*TAG, "aliases: " + "[" * 100_000), "INVALID", "nested too deeply (line 7)"),
        (front(*TAG, "aliases: " + "{a: " * 50_000), "INVALID", "nested too deeply (line 7)"),
        (front(*TAG, "aliases: " + "- " * 50_000), "INVALID", "is no YAML (line 7)"),
        (front(*TAG, "aliases:", *["- x"] * NODES_MOST), "INVALID", "more than 10,000 values"),
        (front(*TAG, "aliases: [" + "x, " * (FRONT_MOST // 3) + "]"), "TOO_LONG", "256,000 characters of front matter"),
        (front(*TAG, "name: B"), "INVALID", "names a field twice"),
        (front(*TAG, "[a]: b"), "INVALID", "by something else than text"),
        (front(*TAG, "votes: 3"), "INVALID", "“votes” is not known"),
        (front(*TAG, "aliases: x"), "INVALID", "“aliases” is no list of texts"),
        (front(*TAG, "aliases: [[x]]"), "INVALID", "“aliases” is no list of texts"),
        (front(*TAG[:3], "category: [x]"), "INVALID", "“category” is no text"),
        (front(*TAG[:3]), "INVALID", "“category” is missing"),
        (front("document: tag", "slug: ../../etc/passwd", "name: A", "category: TOOL"), "INVALID", "“slug”"),
        (front("document: party"), "INVALID", "no kind of document"),
        (front("- a"), "INVALID", "is no YAML"),
        ("---\nnexus: 2\ndocument: tag\n---\n", "INVALID", "another version"),
        ("---\nnexus: 1\ndocument: tag\n", "INVALID", "does not end"),
        ("---\nnexus: 1\n...\n---\nb: 1\n---\n", "INVALID", "“document” is missing"),
        ("---\nnexus: 1\n--- b\n---\n", "INVALID", "more than one document"),
        ("---\nnexus: '\n---\n", "INVALID", "is no YAML"),
        ("---\nnexus: \x01\n---\n", "INVALID", "is no YAML"),
        ("---\nnexus: 1\n\0---\n", "INVALID", "NUL"),
        (b"---\nnexus: \xff\n---\n", "INVALID", "neither UTF-8"),
        ("---\nnexus: \ud800\n---\n", "INVALID", "neither UTF-8"),
        ("---\nnexus: 1\n---\n" + "x" * 1_000_000, "TOO_LONG", "1,000,000 bytes"),
        (WRITTEN.replace("2026-11-23T12:30:00.000120Z", "yesterday"), "INVALID", "created” is no time"),
        (WRITTEN.replace("00.000120Z", "00"), "INVALID", "created” is missing, or has no time zone"),
        (WRITTEN.replace("'2026-11-23T12:30:00.000120Z'", "0001-01-01T00:00:00+14:00"), "INVALID", "is no time"),
        (WRITTEN.replace("Me too", "Me\n\n<!-- solution 2 -->\n\ntoo"), "INVALID", "as many solutions"),
        (WRITTEN.replace("\n\n<!-- solution 2 -->\n\nMe too", ""), "INVALID", "as many solutions"),
        (WRITTEN.replace("copy: '2'", "copy: many"), "INVALID", "“solutions 2: copy” is not as it must be"),
        (WRITTEN.replace("- copy: '2'", "- votes: 2"), "INVALID", "“solutions 2: votes” is not known"),
        (WRITTEN.replace("- accepted: 'yes'", "- accepted: 1"), "INVALID", "“solutions 1: accepted”"),
    ],
)
def test_what_no_export_writes_is_refused(document: Any, code: str, why: str) -> None:
    with pytest.raises(DocumentError) as error:
        parse_document(document)
    assert error.value.code == MistakeCode(code)
    assert why in str(error.value)


@pytest.mark.parametrize(
    "row",
    [
        "| 1 | TOOL | [git](x) | 12 |  |",
        f"| x | TOOL | [git](x) | {HASH} |  |",
        f"| 1 | TOOL | [../git](x) | {HASH} |  |",
        f"| 9999999999 | TOOL | [git](x) | {HASH} |  |",
        "and so on",
    ],
)
def test_a_row_that_no_export_writes_is_refused(row: str) -> None:
    source = ExactSource("My year", None, HASH, 1, AT, AT, (Told(4, "TOOL", "git", HASH),))
    with pytest.raises(DocumentError, match=r"a row of its table is not as it must be \(line 13\)"):
        read(write_exact(source) + row)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300) | st.binary(max_size=300), st.booleans())
def test_whatever_stands_there_is_read_or_refused(rest: str | bytes, ended: bool) -> None:
    head, end = "---\nnexus: '1'\ndocument: tag\n", "\n---\n" if ended else ""
    document = head.encode() + rest + end.encode() if isinstance(rest, bytes) else head + rest + end
    try:
        parse_document(document)
    except DocumentError as error:
        assert error.code in MistakeCode  # noqa: PT017 - one that is read is as good
