"""Markdown as plain text whose lines may be a list's items: what a document's values hold."""

from functools import cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

_BLOCKS: Final = frozenset({"inline", "fence", "code_block"})


def plain_text(markdown: str) -> str:
    """The text without markup, a line for each paragraph and list item, code as it stands."""
    lines: list[str] = []
    depth, opened = 0, False
    for token in _reader().parse(markdown):
        if token.type == "list_item_open":
            opened = True
        depth += token.nesting if token.type.endswith("_list_open") or token.type.endswith("_list_close") else 0
        if token.type in _BLOCKS:
            mark = f"{'  ' * (depth - 1)}- " if opened else ""
            lines.append(mark + _said(token))
            opened = False
    return "\n".join(lines)


def _said(token: Token) -> str:
    if token.children is None:
        return token.content.rstrip("\n")
    parts = ("\n" if child.type in {"softbreak", "hardbreak"} else child.content for child in token.children)
    return "".join(parts)


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
