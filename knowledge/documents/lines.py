"""One line of a document: its text without markup, and the emphasised words that it opens with."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from markdown_it.token import Token

from knowledge.documents.tidy import mark_of, plain

__all__ = ["Line", "LineBuilder", "joined", "lines_of", "pictures_of", "plain_lines"]

_OPENING = {"strong_open": True, "em_open": True, "link_open": False, "s_open": False}
_CLOSING = {"strong_close", "em_close", "s_close", "link_close"}
_BREAKS = {"softbreak", "hardbreak"}
_SILENT = {"image", "html_inline"}
# Fewer code spans than this in a row are a command and its argument.
_MIN_SPANS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a block. Of "**Docker** – containers", the lead is "Docker" and the rest "– containers".

    `mark` is the emoji that it opens with, which is not in the text.
    """

    number: int
    text: str
    lead: str = ""
    rest: str = ""
    mark: str = ""

    @property
    def is_all_lead(self) -> bool:
        """Whether the whole line is emphasised, but for a colon: how many write a title."""
        return bool(self.lead) and not self.rest.strip(" :")


class LineBuilder:
    """Puts one line together; its lead is what the first emphasis holds, if nothing but decoration precedes it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._parts: list[str] = []
        self._lead: list[str] = []
        self._depth = 0
        self._has_text = False
        self._lead_is_open = False

    def say(self, text: str) -> None:
        """Adds text."""
        self._parts.append(text)
        if self._lead_is_open:
            self._lead.append(text)
        self._has_text = self._has_text or bool(plain(text))

    def open(self, *, emphasis: bool) -> None:
        """Begins a span of inline markup."""
        if emphasis and not self._has_text and not self._lead_is_open:
            self._lead_is_open, self._depth = True, 0
        self._depth += 1

    def close(self) -> None:
        """Ends it."""
        self._depth -= 1
        self._lead_is_open = self._lead_is_open and self._depth > 0

    def line(self) -> Line:
        """What was put together."""
        written = "".join(self._parts)
        text, lead, mark = plain(written), plain("".join(self._lead)), mark_of(written)
        if not lead or not text.startswith(lead):
            return Line(self.number, text, "", text, mark)
        return Line(self.number, text, lead, text[len(lead) :].strip(), mark)


def lines_of(tokens: Iterable[Token], number: int) -> tuple[Line, ...]:
    """The lines of an inline token's children, the first of which stands on line `number`; empty ones are left out."""
    return tuple(line for line in _lines(tokens, number) if line.text)


def plain_lines(text: str, number: int) -> tuple[Line, ...]:
    """The lines of a text without any inline markup."""
    texts = ((line, plain(written), mark_of(written)) for line, written in enumerate(text.split("\n"), number))
    return tuple(Line(line, said, "", said, mark) for line, said, mark in texts if said)


def pictures_of(tokens: Iterable[Token], number: int) -> tuple[Line, ...]:
    """A line for each picture among an inline token's children, of the words that stand in its place."""
    pictures: list[Line] = []
    for token in tokens:
        number += _line_breaks(token)
        if token.type == "image" and (said := plain(token.content)):
            pictures.append(Line(number, said, "", said))
    return tuple(pictures)


def _lines(tokens: Iterable[Token], number: int) -> Iterator[Line]:
    builder = LineBuilder(number)
    for token in _divided(list(tokens)):
        number += _line_breaks(token)
        if token.type in _BREAKS or _is_html_break(token):
            yield builder.line()
            builder = LineBuilder(number)
        else:
            _tell(builder, token)
    yield builder.line()


def _divided(tokens: list[Token]) -> list[Token]:
    """The tokens; of nothing but code spans, these are divided: "`Python` `Django` `Redis`" are names in a row.

    So are they in keys: `<kbd>Python</kbd> <kbd>Django</kbd>`.
    """
    if tokens and tokens[0].content == "<kbd>" and (keys := _keys(tokens)):
        return keys
    spans = [token for token in tokens if token.type == "code_inline"]
    others = [token for token in tokens if token.type not in ("code_inline", *_BREAKS)]
    if len(spans) < _MIN_SPANS or any(token.type != "text" or token.content.strip() for token in others):
        return tokens
    return [replace(token, content=" · ") if token.content == " " else token for token in tokens]


def _keys(tokens: list[Token]) -> list[Token]:
    """The tokens, divided between one key and the next; nothing where something else stands among the keys."""
    inside, divided, count = False, list(tokens), 0
    for position, token in enumerate(tokens):
        if token.type == "html_inline" and token.content in ("<kbd>", "</kbd>"):
            inside = token.content == "<kbd>"
            count += inside
        elif token.content == " " and not inside:
            divided[position] = replace(token, content=" · ")
        elif not inside and token.type not in _BREAKS:
            return []
    return divided if count >= _MIN_SPANS else []


def _line_breaks(token: Token) -> int:
    return 1 if token.type in _BREAKS else token.content.count("\n") if token.type == "html_inline" else 0


def _is_html_break(token: Token) -> bool:
    return token.type == "html_inline" and token.content.lower().startswith("<br")


def _tell(builder: LineBuilder, token: Token) -> None:
    if token.type in _OPENING:
        builder.open(emphasis=_OPENING[token.type])
    elif token.type in _CLOSING:
        builder.close()
    elif token.type == "code_inline":
        builder.open(emphasis=True)
        builder.say(token.content)
        builder.close()
    elif token.type not in _SILENT:
        builder.say(token.content)


def joined(lines: Sequence[Line], number: int | None = None) -> Line:
    """Several lines as one, on the first one's line or on `number`."""
    first = lines[0] if lines else Line(0, "")
    text = " ".join(line.text for line in lines)
    return Line(
        first.number if number is None else number, text, first.lead, text[len(first.lead) :].strip(), first.mark
    )
