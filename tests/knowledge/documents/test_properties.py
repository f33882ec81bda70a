"""Whatever is handed in: a document or a coded refusal, the same one each time, with lines that exist."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents import Document, DocumentError, parse_document

PIECES = [
    *("# ", "## ", "### ", "#### ", "- ", "* ", "1. ", "2) ", "> ", "  ", "    ", "\t", "\n", "\n\n", "|", "|--|--|\n"),
    *(
        "**",
        "*",
        "_",
        "`",
        "```\n",
        "~~~",
        "[",
        "](",
        ")",
        "<b>",
        "</b>",
        "<li>",
        "<table><tr><td>",
        "</td></tr></table>",
    ),
    *(
        "<!--",
        "<![",
        "&amp;",
        "\\",
        ": ",
        " – ",
        " → ",
        ", ",
        ".",
        "---\n",
        "===\n",
        "<<<<<<< HEAD\n",
        "\ufeff",
        "\r",
        "\u2028",
    ),
    *("Technologies", "Tools", "Concepts", "Best Practices", "What I Learned", "Challenges", "Solutions", "Overview"),
    *(
        "**Challenge:** ",
        "**Problem:** ",
        "Solution: ",
        "**Solution:**\n",
        "Result: ",
        "Docker",
        "Django, Redis",
        "🐳",
        "1️⃣",
    ),
]
DOCUMENTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=60).map("".join)


def lines_of(document: Document) -> Iterator[int]:
    for kind in (document.technologies, document.tools, document.concepts, document.best_practices, document.learnings):
        assert all(named.name.strip() for named in kind)
        yield from (named.line for named in kind)
    assert all(challenge.title.strip() for challenge in document.challenges)
    assert all(challenge.solution != "" for challenge in document.challenges)
    yield from (challenge.line for challenge in document.challenges)
    yield from (warning.line for warning in document.warnings)


def check(data: str | bytes) -> None:
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    last = text.count("\n") + text.count("\r") + 1
    try:
        document = parse_document(data)
    except DocumentError as error:
        assert error.code in ("INVALID", "TOO_LONG")  # noqa: PT017 - either way is right
        return
    assert parse_document(data) == document
    assert all(1 <= line <= last for line in lines_of(document))


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS)
def test_markdown(text: str) -> None:
    check(text)


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text(text: str) -> None:
    check(text)


@settings(max_examples=200, deadline=None)
@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    check(data)


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS.filter(lambda text: "\0" not in text))
def test_bytes_and_text_are_one_document(text: str) -> None:
    assert parse_document(text) == parse_document(text.encode("utf-8", "replace"))
