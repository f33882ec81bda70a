"""Documents made to be dear: read with work that grows with their size, or refused."""

from contextlib import suppress
from time import thread_time

import pytest

from knowledge.documents import DocumentTooLong, DocumentTooRich, parse_document
from knowledge.documents.parser import MAX_THINGS
from tests.effort import effort

SIZE = 60_000
# For SIZE characters. The dearest, a table of 10,000 rows, makes 67 for each; what grows with the square, thousands.
MOST_CALLS = 100 * SIZE
# Processor seconds, beside calls because a pattern that goes back and forth is one call. All but two take a fiftieth.
NEVER_ENDS = 40.0

TABLE = "## Challenges\n|Challenge|Solution|\n|--|--|\n"
ROW = "|a|b|\n"
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
    "paragraphs": CHALLENGES + "a: b\n\n" * (SIZE // 7),
    "labels": CHALLENGES + "- a\n" + "  - Result: b\n" * (SIZE // 14) + "  - Problem: c\n" * 9,
    # A paragraph of more than 20,000 characters is not read, so these are four.
    "labels in lines": CHALLENGES + ("- " + "a (Fix: b) " * (SIZE // 44) + "\n") * 4,
    "solutions": "## Challenges\n" + "## Solution\n" * (SIZE // 12),
    "headings that go on": "## Technologies:\n" + "## Python:\n" * (SIZE // 11),
    "headings": "".join("#" * (n % 6 + 1) + " Challenges\n" for n in range(SIZE // 15)),
    "titles": "Some Title\n\n" * (SIZE // 12),
    "indentation": "\n".join(" " * (4 * (n % 20) + 4) + "a" for n in range(SIZE // 46)),
    "parentheses": TECHNOLOGIES + "- " + "(" * SIZE,
    "names in sentences": TECHNOLOGIES + "I like " + "A.A, B a " * (SIZE // 10),
    "underlines of tildes": "abcd\n~~~~\n" * (SIZE // 10),
    "enumeration": TECHNOLOGIES + "- " + "A, " * (SIZE // 3),
    "emoji": "😀" * SIZE,
    "bidirectional controls": "## Challenges\n- \u202ea\u202c: b\n" * (SIZE // 25),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_work_is_bounded(text: str) -> None:
    began = thread_time()
    with effort() as spent, suppress(DocumentTooRich):
        parse_document(text)
    assert spent.calls < MOST_CALLS
    assert thread_time() - began < NEVER_ENDS


def test_fifty_thousand_rows_are_refused() -> None:
    with pytest.raises(DocumentTooLong, match="more than 20,000 lines"):
        parse_document(f"{TABLE}{ROW * 50_000}")


def test_more_things_than_a_document_brings_in_are_refused() -> None:
    document = parse_document(f"{TABLE}{ROW * MAX_THINGS}")
    assert (len(document.challenges), document.challenges[-1].line) == (MAX_THINGS, MAX_THINGS + 3)
    with pytest.raises(DocumentTooRich) as caught:
        parse_document(f"{TABLE}{ROW * (MAX_THINGS + 1)}")
    assert (caught.value.code, str(caught.value)) == ("TOO_MANY", "The document holds more than 2,000 things.")


def test_a_table_too_wide_to_be_writing_is_told_and_left_out() -> None:
    wide = "|a" * 61 + "|\n" + "|-" * 61 + "|\n" + "|b" * 61 + "|\n"
    document = parse_document(f"{wide}\n{TABLE}{ROW}")
    assert [(warning.line, warning.message) for warning in document.warnings] == [
        (1, "A table of more than 60 columns was not read.")
    ]
    assert [challenge.line for challenge in document.challenges] == [8]
