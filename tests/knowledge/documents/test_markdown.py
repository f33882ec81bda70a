from collections.abc import Sequence
from typing import Any

from knowledge.documents.block import Block, Kind
from knowledge.documents.markdown import MarkdownReader


def outline(blocks: Sequence[Block]) -> list[Any]:
    """Kind, text of the lines, and children of each block."""
    return [
        (block.kind.value, [(line.number, line.text) for line in block.lines], outline(block.children))
        for block in blocks
    ]


def read(text: str) -> tuple[Block, ...]:
    return MarkdownReader().read(text)


def test_lists_keep_their_lines_and_nesting() -> None:
    assert outline(read("- **A**\n  more\n\n  - b\n- c\n")) == [
        ("item", [(1, "A"), (2, "more")], [("item", [(4, "b")], [])]),
        ("item", [(5, "c")], []),
    ]


def test_quotes_are_transparent() -> None:
    assert outline(read("> # A\n> b\n")) == [("heading", [(1, "A")], []), ("text", [(2, "b")], [])]


def test_tables_have_rows() -> None:
    (table,) = read("x\n\n| A | B |\n|---|---|\n| `c` | **d** e |\n")[1:]
    assert [[(cell.number, cell.text) for cell in row] for row in table.rows] == [
        [(3, "A"), (3, "B")],
        [(5, "c"), (5, "d e")],
    ]


def test_a_lead_is_what_a_line_emphasises_first() -> None:
    lines = [block.head for block in read("🐳 **Docker** – c\n\n**A *b* c**: d\n\na **b**\n\n`x` y\n\n*a* **b**\n")]
    assert [(line.lead, line.rest) for line in lines] == [
        ("Docker", "– c"),
        ("A b c", ": d"),
        ("", "a b"),
        ("x", "y"),
        ("a", "b"),
    ]


def test_markup_is_no_text() -> None:
    (block,) = read("a ![alt](b.png) [link](u) <b>c</b> &amp; \\* d<br>e\nf")
    assert [(line.number, line.text) for line in block.lines] == [(1, "a link c & * d"), (1, "e"), (2, "f")]


def test_an_indented_list_is_a_list_and_not_code() -> None:
    assert outline(read("Goals\n\n    - a\n      - b\n    - c\n\ntext\n\n    code\n")) == [
        ("text", [(1, "Goals")], []),
        ("item", [(3, "a")], [("item", [(4, "b")], [])]),
        ("item", [(5, "c")], []),
        ("text", [(7, "text")], []),
        ("code", [(9, "code")], []),
    ]


def test_bullets_after_a_numbered_item_are_its_own() -> None:
    assert outline(read("1) A\n- b\n- c\n2) D\n")) == [
        ("item", [(1, "A")], [("item", [(2, "b")], []), ("item", [(3, "c")], [])]),
        ("item", [(4, "D")], []),
    ]


def test_html_becomes_blocks() -> None:
    blocks = read(
        '<h2 align="center">Tools</h2>\n<ul>\n<li><b>Git</b> - versions</li>\n</ul>\n<script>x</script>\n'
        "<table><tr><th>A</th></tr>\n<tr><td>b</td></tr></table>\n"
    )
    assert outline(blocks)[:2] == [("heading", [(1, "Tools")], []), ("item", [(3, "Git - versions")], [])]
    assert (blocks[0].level, blocks[1].head.lead) == (2, "Git")
    assert [[(cell.number, cell.text) for cell in row] for row in blocks[2].rows] == [[(6, "A")], [(7, "b")]]


def test_a_summary_is_a_heading_over_what_is_folded() -> None:
    blocks = read("<details>\n<summary>Tips</summary>\n\n- a\n\n</details>")
    assert outline(blocks) == [("heading", [(2, "Tips")], []), ("item", [(4, "a")], [])]


def test_html_that_the_parser_refuses_ends_there() -> None:
    assert outline(read("<p>a</p><![x>b")) == [("text", [(1, "a")], [])]


def test_a_paragraph_that_is_data_is_not_read() -> None:
    reader = MarkdownReader()
    assert outline(reader.read("a\n\n" + "[" * 20_001)) == [("text", [(1, "a")], [])]
    assert [(w.line, w.message) for w in reader.warnings] == [(3, "A paragraph of 20,001 characters was not read.")]


def test_a_fence_is_code() -> None:
    (block,) = read("```sh\nls\n```")
    assert (block.kind, block.head.text) == (Kind.CODE, "ls")
