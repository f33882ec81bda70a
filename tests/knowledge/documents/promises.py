"""What the parser promises of whatever is handed in, for the tests that make documents and for the fuzzer."""

from collections.abc import Iterator

from knowledge.documents import Document, DocumentError, parse_document
from knowledge.documents.encodings import decoded
from knowledge.documents.errors import UndecodableDocument
from knowledge.documents.repair import repaired

PIECES = [
    *("# ", "## ", "### ", "#### ", "- ", "* ", "1. ", "2) ", "(a) ", "> ", "  ", "    ", "\t", "\n", "\n\n"),
    *("|", "|--|--|\n", "| Challenge | Solution |\n|--|--|\n", "== ", " ==\n", ": ", "\n: "),
    *("**", "*", "_", "`", "```\n", "~~~", "[", "](", "![", ")", "[a]: b\n", "<b>", "</b>", "<li>", "<dt>", "<dd>"),
    *("<table><tr><td>", "</td></tr></table>", "<details><summary>", "</summary>", "<!--", "<![", "&amp;", "&nbsp;"),
    *("\\", "\\# ", " – ", " → ", " ➜ ", ", ", "; ", " · ", ".", "---\n", "===\n", "<<<<<<< HEAD\n", "=======\n"),
    *("\ufeff", "\r", "\u2028", "\u202e", "â€™", "Ã©", "🐳", "1️⃣", "❌ ", "✅ "),
    *("Technologies", "Tools", "Concepts", "Best Practices", "What I Learned", "Challenges", "Solutions", "Overview"),
    *("**Challenge:** ", "**Problem:** ", "Solution: ", "**Solution:**\n", "Result: ", "Docker", "Django, Redis"),
]
# Beside what is said, lines of lists and fences: a few characters for each thing.
_MOST_ADDED = 64


def keeps_its_promises(data: str | bytes) -> None:
    """Raises AssertionError, or whatever the parser raises, where it does not keep one."""
    text = _text(data)
    last = text.count("\n") + text.count("\r") + 1
    try:
        document = parse_document(data)
    except DocumentError as error:
        assert error.code in ("INVALID", "TOO_LONG", "TOO_MANY")  # noqa: PT017 - either way is right
        return
    assert parse_document(data) == document
    assert all(1 <= line <= last for line in _lines(document))
    said = list(_texts(document))
    assert sum(map(len, said)) <= 4 * (len(text) + len(document.title)) + _MOST_ADDED * (len(said) + 1)
    mended = repaired(text.replace("\r\n", "\n").replace("\r", "\n"))
    assert mended.count("\n") == text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


def _text(data: str | bytes) -> str:
    if isinstance(data, str):
        return data
    try:
        return decoded(data)[0]
    except UndecodableDocument:
        return data.decode("utf-8", "replace")


def _lines(document: Document) -> Iterator[int]:
    for kind in (document.technologies, document.tools, document.concepts, document.best_practices, document.learnings):
        assert all(named.name.strip() for named in kind)
        yield from (named.line for named in kind)
    assert all(challenge.title.strip() for challenge in document.challenges)
    assert all(challenge.solution != "" for challenge in document.challenges)
    yield from (challenge.line for challenge in document.challenges)
    yield from (warning.line for warning in document.warnings)


def _texts(document: Document) -> Iterator[str]:
    for kind in (document.technologies, document.tools, document.concepts, document.best_practices, document.learnings):
        yield from (text for named in kind for text in (named.name, named.text))
    for challenge in document.challenges:
        yield from (challenge.title, challenge.body, challenge.solution or "")
    yield from (warning.message[:_MOST_ADDED] for warning in document.warnings)
