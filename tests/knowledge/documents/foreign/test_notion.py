"""A Notion export: which pages it has, and what the parser reads in them."""

import io
import zipfile
from typing import Any

import pytest

from knowledge.documents import parse_document
from knowledge.documents.errors import DocumentError
from knowledge.documents.foreign.archive import opened
from knowledge.documents.foreign.notion import Page, pages_of

IDS = [f"{number:032x}" for number in range(0xABC0, 0xABC9)]
DATABASE = 'Name,Status,Solution\nSlow | page,Done,"Added an\nindex"\nTests fail,Open,\n'
ROW = "# Slow page\n\nStatus: Done\nSolution: Added an index\nCreated: May 1, 2026 10:00 AM\n\nNote: more is here.\n"


def exported(members: dict[str, str | bytes]) -> list[Any]:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, data in members.items():
            made.writestr(name, data)
    with opened(file.getvalue()) as archive:
        return list(pages_of(archive))


def test_a_page_is_known_by_its_id() -> None:
    text = "# My year\n\nStatus: this is no property\n\n## Tools\n- Git\n"
    pages = exported({f"My year {IDS[0]}.md": text, f"My year {IDS[0]}/Deep {IDS[1]}.md": "# Deep\n"})
    assert pages == [
        Page(f"My year {IDS[0]}.md", f"https://www.notion.so/{IDS[0]}", text.encode()),
        Page(f"My year {IDS[0]}/Deep {IDS[1]}.md", f"https://www.notion.so/{IDS[1]}", b"# Deep\n"),
    ]
    document = parse_document(pages[0].markdown)
    assert (document.title, [tool.name for tool in document.tools]) == ("My year", ["Git"])


def test_a_page_without_an_id_has_no_address() -> None:
    assert [page.url for page in exported({"Mine.md": "# Mine", "Not hex 12.md": "# Mine"})] == [None, None]


@pytest.mark.parametrize("folder", [f"Challenges {IDS[0]}", "Challenges"])
def test_a_database_comes_with_its_rows(folder: str) -> None:
    pages = exported(
        {
            f"Challenges {IDS[0]}.csv": "Name\nonly the view\n",
            f"Challenges {IDS[0]}_all.csv": "\ufeff" + DATABASE,
            f"{folder}/Slow page {IDS[1]}.md": ROW,
            f"{folder}/Tests fail {IDS[2]}.md": "# Tests fail\n\nStatus: Open\n",
        }
    )
    table = next(page for page in pages if page.name.endswith(".csv"))
    row = next(page for page in pages if page.name.endswith(".md"))
    assert len(pages) == 2
    assert (table.name, table.url) == (f"Challenges {IDS[0]}_all.csv", f"https://www.notion.so/{IDS[0]}")
    assert table.markdown == (
        "# Challenges\n\n| Name | Status | Solution |\n| --- | --- | --- |\n"
        "| Slow \\| page | Done | Added an index |\n| Tests fail | Open |  |\n"
    )
    assert (row.url, row.markdown) == (
        f"https://www.notion.so/{IDS[1]}",
        "# Slow page\n\n\n\n\n\nNote: more is here.\n",
    )


def test_a_database_of_challenges_is_read_by_the_parser() -> None:
    table = "Challenge,Details,Solution\nSlow page,No index,Added it\nTests fail,Nobody knows,Seed them\n"
    (page,) = exported({f"Challenges {IDS[0]}.csv": table})
    assert [(each.title, each.body, each.solution, each.line) for each in parse_document(page.markdown).challenges] == [
        ("Slow page", "No index", "Added it", 5),
        ("Tests fail", "Nobody knows", "Seed them", 6),
    ]


def test_what_is_not_text_is_left_alone() -> None:
    assert exported({"a.png": b"\x89PNG", "__MACOSX/._a.md": b"\0", ".DS_Store": b"\0", "b/.hidden.md": "# x"}) == []


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.csv", b"\x81\x8d\xff\xfe\x00"), ("a.csv", b'a,b\n"x'), ("a.csv", b'"' + b"x" * 200_000 + b'"\n')],
)
def test_a_table_that_cannot_be_read_is_told_and_the_rest_goes_on(name: str, data: bytes) -> None:
    (refused, error), page = exported({name: data, "b.md": "# B"})
    assert (refused, page.name) == (name, "b.md")
    assert isinstance(error, DocumentError)
    assert error.code == "INVALID"


def test_a_page_that_is_too_long_is_left_to_the_import() -> None:
    (page,) = exported({"a.md": b"ab" * 600_000})
    with pytest.raises(DocumentError, match="more than 1,000,000 bytes"):
        parse_document(page.markdown)
