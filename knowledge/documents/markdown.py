"""Markdown to blocks: headings, items, texts, tables and code, each with its lines and what is nested in it.

Block quotes are transparent: what is quoted counts as written where the quote stands.
"""

import re
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import replace
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.deflist import deflist_plugin

from knowledge.documents.block import Block, Kind
from knowledge.documents.document import ParseWarning
from knowledge.documents.html import html_blocks
from knowledge.documents.lines import Line, joined, lines_of, pictures_of, plain_lines
from knowledge.documents.tidy import vocabulary, words
from knowledge.documents.topics import Topic, is_generic, says_nothing_else, topic_of

__all__ = ["MarkdownReader"]

# Deeper than anyone writes, and what bounds the recursion below.
_MAX_NESTING = 40
# A row of more cells is data, not writing; each row of a table is read as wide as its head.
_MAX_CELLS = 60
# A paragraph longer than this is data, not writing; reading its inline markup could take long.
_MAX_INLINE = 20_000

# What the head over columns says that lost their borders and are apart by tabs.
_HEADS = vocabulary(
    "challenge challenges problem problems issue issues solution solutions fix technology technologies tool tools"
    " category concept concepts practice practices"
)
_MAX_HEAD_WORDS = 4
# A head and a row.
_MIN_ROWS = 2
_ROW = re.compile(r"^\|.+\|.+\|$")
_RULE = re.compile(r"^\|[|:\-\s]+\|$")
_CELL_END = re.compile(r"(?<!\\)\|")
_MARKUP = re.compile(r"[*_`\[\]<>&\\!~]")
# Inline markup is read below, block by block, where its length is known.
_MARKDOWN = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).use(deflist_plugin).enable("table").disable("inline")


class MarkdownReader:
    """Reads one text. `warnings` are what could not be read, `rules` the lines of its thematic breaks."""

    def __init__(self) -> None:
        self.warnings: list[ParseWarning] = []
        self.rules: list[int] = []
        self._references: MutableMapping[str, Any] = {}
        self._offset = 1
        self._within_code = False

    def read(self, text: str) -> tuple[Block, ...]:
        """The blocks of `text`."""
        blocks = self._children(SyntaxTreeNode(_MARKDOWN.parse(self._without_wide_rows(text), self._references)))
        return tuple(_without_titles_in_items(blocks, text.split("\n"), self._offset))

    def _without_wide_rows(self, text: str) -> str:
        lines = text.split("\n")
        wide = [number for number, line in enumerate(lines) if line.count("|") > _MAX_CELLS]
        if not wide:
            return text
        self.warnings.append(
            ParseWarning(self._offset + wide[0], f"A table of more than {_MAX_CELLS} columns was not read.")
        )
        for number in wide:
            lines[number] = ""
        return "\n".join(lines)

    def _children(self, node: SyntaxTreeNode) -> tuple[Block, ...]:
        return _with_points_under_their_number(block for child in node.children for block in self._block(child))

    def _block(self, node: SyntaxTreeNode) -> Iterator[Block]:
        number = self._number(node)
        match node.type:
            case "bullet_list" | "ordered_list":
                yield from (self._item(item, ordered=node.type == "ordered_list") for item in node.children)
            case "dl":
                yield from self._terms(node)
            case "blockquote":
                yield from self._children(node)
            case "code_block":
                yield from self._indented(node)
            case "hr":
                self.rules.append(number)
            case "html_block" if not self._is_too_long(node.content, number):
                yield from html_blocks(node.content, number)
            case _:
                if block := self._leaf(node, number):
                    yield block

    def _leaf(self, node: SyntaxTreeNode, number: int) -> Block | None:
        match node.type:
            case "heading":
                lines = self._inline(node, number)
                return Block(Kind.HEADING, (joined(lines),), level=int(node.tag[1:])) if lines else None
            case "paragraph":
                return self._paragraph(node, number)
            case "table":
                return Block(Kind.TABLE, (Line(number, ""),), rows=tuple(self._rows(node)))
            case "fence":
                return Block(Kind.CODE, (Line(number, node.content.strip()),))
            case _:
                return None

    def _paragraph(self, node: SyntaxTreeNode, number: int) -> Block | None:
        if rows := self._rows_without_rule(_content(node), number):
            return Block(Kind.TABLE, (Line(number, ""),), rows=rows)
        if lines := self._inline(node, number):
            return Block(Kind.TEXT, lines)
        pictures = self._pictures(node, number)
        return Block(Kind.PICTURES, pictures) if pictures else None

    def _rows_without_rule(self, content: str, number: int) -> tuple[tuple[Line, ...], ...]:
        """The rows of a table whose line under the head is missing, or has other columns than the head."""
        written = [line.strip() for line in content.split("\n")]
        for border in ("\t", " | ") if len(written) >= _MIN_ROWS else ():
            if _heads_columns(written[0].split(border)) and all(border in row for row in written):
                written = [f"|{row.replace(border, '|')}|" for row in written]
        if len(written) < _MIN_ROWS or not all(_ROW.match(line) or _RULE.match(line) for line in written):
            return ()
        cells = [(line, _CELL_END.split(row[1:-1])) for line, row in enumerate(written, number) if not _RULE.match(row)]
        if len({len(row) for _, row in cells}) != 1 or len(cells) < _MIN_ROWS:
            return ()
        return tuple(tuple(self._cell(text.strip(), line) for text in row) for line, row in cells)

    def _cell(self, text: str, number: int) -> Line:
        return joined(self._inline_text(text, number), number)

    def _pictures(self, node: SyntaxTreeNode, number: int) -> tuple[Line, ...]:
        """The words that stand in the place of a paragraph's pictures, where it holds nothing else."""
        content = _content(node)
        if len(content) > _MAX_INLINE or "![" not in content:
            return ()
        tokens: list[Token] = []
        _MARKDOWN.inline.parse(content, _MARKDOWN, self._references, tokens)
        return pictures_of(tokens, number)

    def _terms(self, node: SyntaxTreeNode) -> Iterator[Block]:
        """A list of definitions: each term is an item, with what defines it nested in it."""
        term: Block | None = None
        for child in node.children:
            if child.type == "dt":
                if term:
                    yield term
                number = self._number(child)
                term = Block(Kind.ITEM, self._inline(child, number) or (Line(number, ""),))
            elif term:
                term = replace(term, children=(*term.children, *self._children(child)))
        if term:
            yield term

    def _item(self, node: SyntaxTreeNode, *, ordered: bool) -> Block:
        children = self._children(node)
        if children and children[0].kind in (Kind.TEXT, Kind.HEADING):
            return Block(Kind.ITEM, children[0].lines, children[1:], ordered=ordered)
        return Block(Kind.ITEM, (Line(self._number(node), ""),), children, ordered=ordered)

    def _rows(self, table: SyntaxTreeNode) -> Iterator[tuple[Line, ...]]:
        for part in table.children:
            for row in part.children:
                number = self._number(row)
                yield tuple(joined(self._inline(cell, number), number) for cell in row.children)

    def _indented(self, node: SyntaxTreeNode) -> Iterator[Block]:
        """Indentation makes code of a text; where all of it is list items, a list was meant."""
        number = self._number(node)
        filled = [line for line in node.content.split("\n") if line.strip()]
        if self._within_code or not all(line.lstrip().startswith(("- ", "* ", "+ ")) for line in filled):
            yield Block(Kind.CODE, (Line(number, node.content.strip()),))
            return
        indent = min(len(line) - len(line.lstrip()) for line in filled)
        outer, self._offset, self._within_code = self._offset, number, True
        blocks = self.read("\n".join(line[indent:] for line in node.content.split("\n")))
        self._offset, self._within_code = outer, False
        yield from blocks

    def _inline(self, node: SyntaxTreeNode, number: int) -> tuple[Line, ...]:
        return self._inline_text(_content(node), number)

    def _inline_text(self, content: str, number: int) -> tuple[Line, ...]:
        if self._is_too_long(content, number):
            return ()
        if not _MARKUP.search(content):
            return plain_lines(content, number)
        tokens: list[Token] = []
        _MARKDOWN.inline.parse(content, _MARKDOWN, self._references, tokens)
        return lines_of(tokens, number)

    def _is_too_long(self, content: str, number: int) -> bool:
        if len(content) <= _MAX_INLINE:
            return False
        self.warnings.append(ParseWarning(number, f"A paragraph of {len(content):,} characters was not read."))
        return True

    def _number(self, node: SyntaxTreeNode) -> int:
        return self._offset + (node.map[0] if node.map else 0)


def _without_titles_in_items(blocks: Iterable[Block], written: list[str], offset: int) -> Iterator[Block]:
    """The blocks, with a title that stands right under a list's last line after the list.

    - Docker
    Key concepts:

    Markdown takes such a line for the item's second one, for not all who go on with an item indent. Likewise the text
    right under a title that is numbered ("4. Challenges").
    """
    for block in blocks:
        if block.ordered and _is_heading(block, written, offset):
            yield from (Block(Kind.TEXT, block.lines[:1]), Block(Kind.TEXT, block.lines[1:]), *block.children)
            continue
        rest, titled = _cut_at_title(block, written, offset) if block.kind is Kind.ITEM else (block, ())
        yield rest
        if titled:
            yield Block(Kind.TEXT, titled)


def _is_heading(item: Block, written: list[str], offset: int) -> bool:
    below = item.lines[1:2]
    return bool(below) and not written[below[0].number - offset][:1].isspace() and _is_topic(item.head.text)


def _cut_at_title(item: Block, written: list[str], offset: int) -> tuple[Block, tuple[Line, ...]]:
    """What is left of an item, and its last lines from a title on that is not indented."""
    if item.children:
        last, titled = _cut_at_title(item.children[-1], written, offset)
        return (replace(item, children=(*item.children[:-1], last)), titled) if titled else (item, ())
    for position, line in enumerate(item.lines):
        if position and not written[line.number - offset][:1].isspace() and _is_topic(line.text):
            return replace(item, lines=item.lines[:position]), item.lines[position:]
    return item, ()


def _is_topic(text: str) -> bool:
    """Whether a line is a title that says nothing but a topic: "Key concepts:", "Conclusion"."""
    topic = topic_of(text)
    return topic is not None and (says_nothing_else(text) if topic is Topic.OTHER else is_generic(text))


def _heads_columns(cells: list[str]) -> bool:
    are_short = all(len(words(cell)) <= _MAX_HEAD_WORDS for cell in cells)
    return are_short and any(not _HEADS.isdisjoint(words(cell)) for cell in cells) and not cells[0].startswith("|")


def _content(node: SyntaxTreeNode) -> str:
    return next((child.content for child in node.children if child.type == "inline"), "")


def _with_points_under_their_number(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The bullets right after a numbered item belong to it, though they are not indented.

    1) **Slow queries**
    - What I saw: ...
    - What I did: ...
    """
    nested: list[Block] = []
    for block in blocks:
        last = nested[-1] if nested else None
        if last and block.kind is Kind.ITEM and not block.ordered and last.kind is Kind.ITEM and last.ordered:
            nested[-1] = replace(last, children=(*last.children, block))
        else:
            nested.append(block)
    return tuple(nested)
