"""Documents made to be dear: read in time that grows with their size, or refused."""

import time

import pytest

from knowledge.documents import DocumentError, parse_document

SIZE = 60_000
# Processor seconds for SIZE characters. Most take a tenth of it; what grows with the square would take minutes.
LIMIT = 5.0

CHALLENGES = "## Challenges\n\n"
TECHNOLOGIES = "## Technologies\n\n"
HOSTILE = {
    "brackets": "[" * SIZE,
    "links": "[a](" * (SIZE // 4),
    "images": "![" * (SIZE // 2),
    "reference bomb": "[a]: b\n\n" + "[a]" * (SIZE // 3),
    "references": "".join(f"[a{n}]: b\n" for n in range(SIZE // 10)),
    "emphasis": "*a **b " * (SIZE // 7),
    "underscores": "a_" * (SIZE // 2),
    "backticks": " ".join("`" * n for n in range(int((2 * SIZE) ** 0.5))),
    "entities": "&" * SIZE,
    "tags": "<a " * (SIZE // 3),
    "comments": "<!--" * (SIZE // 4),
    "marked sections": "<![x" * (SIZE // 4),
    "open tables": "<table><tr><td>a" * (SIZE // 16),
    "quotes": ">" * SIZE,
    "nested lists": "- " * (SIZE // 2),
    "ever deeper items": "\n".join("  " * n + "- a" for n in range(int(SIZE**0.5))),
    "lists in code in lists": "-     " * (SIZE // 6) + "a",
    "table": CHALLENGES + "|Challenge|Solution|\n|--|--|\n" + "|a|b|\n" * (SIZE // 6),
    "wide table": "|" * (SIZE // 2) + "\n" + "|-" * (SIZE // 4),
    "fence": "```" + "a" * SIZE + "`",
    "fences": "```\n" * (SIZE // 4),
    "escapes": "\\# a\n" * (SIZE // 5),
    "tabs": CHALLENGES + "- a" + "\t" * SIZE,
    "bullets": CHALLENGES + "- a\n- b\n**Solutions:**\n" * (SIZE // 23),
    "paragraphs": CHALLENGES + "a: b\n\n" * (SIZE // 6),
    "labels": CHALLENGES + "- a\n" + "  - Result: b\n" * (SIZE // 14) + "  - Problem: c\n" * 9,
    "labels in a line": CHALLENGES + "- " + "a Solution: " * (SIZE // 12),
    "solutions": "## Challenges\n" + "## Solution\n" * (SIZE // 12),
    "headings that go on": "## Technologies:\n" + "## Python:\n" * (SIZE // 11),
    "headings": "".join("#" * (n % 6 + 1) + " Challenges\n" for n in range(SIZE // 15)),
    "titles": "Some Title\n\n" * (SIZE // 12),
    "indentation": "\n".join(" " * (4 * (n % 20) + 4) + "a" for n in range(SIZE // 46)),
    "parentheses": TECHNOLOGIES + "- " + "(" * SIZE,
    "enumeration": TECHNOLOGIES + "- " + "A, " * (SIZE // 3),
    "emoji": "😀" * SIZE,
    "bidirectional controls": "## Challenges\n- \u202ea\u202c: b\n" * (SIZE // 25),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_is_bounded(text: str) -> None:
    start = time.process_time()
    parse_document(text)
    assert time.process_time() - start < LIMIT


@pytest.mark.parametrize(
    "data", [b"\x7fELF\x02\x01\x01\x00", "Grüße".encode("utf-16"), "Grüße".encode("cp1252"), b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        parse_document(data)


@pytest.mark.slow
def test_fifty_thousand_rows() -> None:
    document = parse_document("## Challenges\n|Challenge|Solution|\n|--|--|\n" + "|a|b|\n" * 50_000)
    assert (len(document.challenges), document.challenges[-1].line) == (50_000, 50_003)
