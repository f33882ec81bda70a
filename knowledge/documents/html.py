"""What people write in HTML within Markdown: headings, lists, tables and paragraphs become blocks as well."""

from dataclasses import replace
from html.parser import HTMLParser

from knowledge.documents.block import Block, Kind
from knowledge.documents.lines import Line, LineBuilder, joined

__all__ = ["html_blocks"]

_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "summary": 6}
_INLINE = {"a", "abbr", "code", "font", "kbd", "mark", "small", "span", "sub", "sup", "u"}
_EMPHASIS = {"b", "em", "i", "strong"}
_CELLS = {"td", "th"}
_OF_TABLES = {"table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption"}
_HIDDEN = {"script", "style"}


def html_blocks(text: str, number: int) -> tuple[Block, ...]:
    """The blocks of a piece of HTML that starts on line `number`; of broken HTML, what was readable before it broke."""
    reader = _Reader(number)
    try:
        reader.feed(text)
        reader.close()
    except AssertionError:
        # How html.parser reports a marked section that it does not know ("<![x").
        return tuple(reader.blocks)
    reader.flush()
    return tuple(reader.blocks)


class _Reader(HTMLParser):
    def __init__(self, number: int) -> None:
        super().__init__(convert_charrefs=True)
        self.first = number
        self.blocks: list[Block] = []
        self.rows: list[list[Line]] = []
        self.tag = ""
        self.hidden = 0
        self.lines: list[Line] = []
        self.builder = LineBuilder(number)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self.hidden += 1
        elif tag in _EMPHASIS or tag in _INLINE:
            self.builder.open(emphasis=tag in _EMPHASIS)
        elif tag == "br" or self._is_within_cell(tag):
            self.break_line()
        else:
            self.flush()
            self.tag = tag
            if tag == "tr":
                self.rows.append([])

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self.hidden = max(0, self.hidden - 1)
        elif tag in _EMPHASIS or tag in _INLINE:
            self.builder.close()
        elif tag == "br" or self._is_within_cell(tag):
            self.break_line()
        else:
            self.flush()
            self.tag = ""
            if tag == "table":
                self.end_table()

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.builder.say(data.replace("\n", " "))

    def flush(self) -> None:
        """Ends the block that is being read."""
        self.break_line()
        lines, self.lines = tuple(self.lines), []
        if self.tag in _CELLS and self.rows:
            self.rows[-1].append(joined(lines, lines[0].number if lines else self.builder.number))
        elif lines:
            level = _HEADINGS.get(self.tag, 0)
            kind = Kind.HEADING if level else Kind.ITEM if self.tag in ("li", "dt") else Kind.TEXT
            self.add(Block(kind, (joined(lines),) if level else lines, level=level))

    def break_line(self) -> None:
        """Ends the line that is being read, within its block."""
        line = self.builder.line()
        if line.text:
            self.lines.append(line)
        self.builder = LineBuilder(self.first + self.getpos()[0] - 1)

    def _is_within_cell(self, tag: str) -> bool:
        return self.tag in _CELLS and bool(self.rows) and tag not in _OF_TABLES

    def add(self, block: Block) -> None:
        """Adds a block; what defines a term is nested in it."""
        last = self.blocks[-1] if self.blocks else None
        if self.tag == "dd" and last and last.kind is Kind.ITEM:
            self.blocks[-1] = replace(last, children=(*last.children, block))
        else:
            self.blocks.append(block)

    def end_table(self) -> None:
        """Ends the table that is being read."""
        rows = tuple(tuple(row) for row in self.rows if row)
        if rows:
            self.blocks.append(Block(Kind.TABLE, (Line(rows[0][0].number, ""),), rows=rows))
        self.rows = []
