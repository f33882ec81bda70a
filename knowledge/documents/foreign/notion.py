"""A Notion export in "Markdown & CSV": pages, and databases with their rows, as Markdown documents for the parser.

A page is called "Title 0123…ef.md" after its id, which is also its address; so the next export of it is the same
source again. A database is a CSV file beside a folder with a page for each row; the head of such a page repeats the
row, line by line, and is left out. Of a database that was exported twice, as a view and whole, the whole one counts.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePosixPath
from typing import Final

from knowledge.documents.encodings import decoded
from knowledge.documents.errors import DocumentError, UnreadableTable
from knowledge.documents.foreign.archive import Archive
from knowledge.documents.source import MAX_BYTES

_NAME: Final = re.compile(r"(?P<title>.*?)(?:[ -]?(?P<id>[0-9a-f]{32}))?(?P<whole>_all)?")
_ADDRESS: Final = "https://www.notion.so/"
_PROPERTY: Final = re.compile(r"[^\s:#>|*`-][^:]{0,80}:(?: |$)")
_NOT_SHOWN: Final = ("__MACOSX", ".")


@dataclass(frozen=True, slots=True)
class Page:
    """A page or a database: its name in the archive, its address where its name tells it, and its Markdown."""

    name: str
    url: str | None
    markdown: str | bytes


def pages_of(archive: Archive) -> Iterator[Page | tuple[str, DocumentError]]:
    """What the export holds, in order of names; a member that cannot be read comes with the reason.

    Pages of rows that say nothing beyond their row are left out: the database tells of them.
    """
    names = [name for name in archive.names() if not name.startswith(_NOT_SHOWN) and "/." not in name]
    databases = _databases(names)
    tables = set(databases.values())
    for name in names:
        if name in tables or name.endswith(".md"):
            try:
                page = _page(name, archive.read(name, MAX_BYTES), is_row=_folder(name) in databases)
            except DocumentError as error:
                yield name, error
            else:
                if page is not None:
                    yield page


def _databases(names: list[str]) -> dict[str, str]:
    """The CSV file of each database, by the folder that has its rows' pages."""
    chosen: dict[str, str] = {}
    for name in names:
        if name.endswith(".csv"):
            match = _parsed(name)
            folder = str(PurePosixPath(name).with_name(match["title"]))
            if match["whole"] or folder not in chosen:
                chosen[folder] = name
    return chosen


def _folder(name: str) -> str:
    """The folder of a page, without the id that its name may end with."""
    parent = PurePosixPath(name).parent
    return str(parent.with_name(_matched(parent.name)["title"])) if parent.name else ""


def _parsed(name: str) -> re.Match[str]:
    return _matched(PurePosixPath(name).stem)


def _matched(stem: str) -> re.Match[str]:
    match = _NAME.fullmatch(stem)
    assert match is not None  # noqa: S101 - it matches whatever there is
    return match


def _page(name: str, data: bytes, *, is_row: bool) -> Page | None:
    match = _parsed(name)
    url = f"{_ADDRESS}{match['id']}" if match["id"] else None
    if len(data) > MAX_BYTES:
        return Page(name, url, data)  # the import refuses it, in its own words
    if name.endswith(".csv"):
        return Page(name, url, _table(match["title"], data))
    if not is_row:
        return Page(name, url, data)
    text = _without_properties(decoded(data)[0])
    has_more = any(line.strip() for line in text.split("\n")[1:])
    return Page(name, url, text) if has_more else None


def _without_properties(text: str) -> str:
    """The text of a row's page with empty lines for its properties, so that lines keep their numbers."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    start = next((at for at, line in enumerate(lines[1:], 1) if line.strip()), len(lines))
    count = len(list(takewhile(_PROPERTY.match, lines[start:])))
    return "\n".join([*lines[:start], *[""] * count, *lines[start + count :]])


def _table(title: str, data: bytes) -> str:
    """A database as a heading and a table, a row a line."""
    text = decoded(data)[0].removeprefix("\ufeff")
    try:
        rows = [row for row in csv.reader(text.splitlines(keepends=True), strict=True) if row]
    except csv.Error:
        raise UnreadableTable from None
    if not rows:
        return f"# {title}\n"
    width = len(rows[0])
    lines = [_row(row[:width] + [""] * (width - len(row))) for row in rows]
    return "\n".join([f"# {title}", "", lines[0], _row(["---"] * width), *lines[1:], ""])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"
