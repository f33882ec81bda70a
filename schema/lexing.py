"""graphql-core's lexer and source, which tell the same but look at runs of characters at once.

graphql-core asks of each character what it is, and goes through the text once more for each error's line and column.
With a document that is as long as it may be, that takes longer than all else that is done until it is refused.
"""

from __future__ import annotations

import re
from typing import Final

from graphql import DocumentNode, GraphQLSyntaxError, Lexer, Source, SourceLocation, Token, TokenKind
from graphql.language.block_string import dedent_block_string_lines
from graphql.language.parser import Parser

# What may stand in texts and comments beside surrogates, of which graphql-core knows what to think.
SURROGATES: Final = r"\ud800-\udfff"
IGNORED: Final = re.compile("[ \t,\ufeff\r\n]*+")
NAME: Final = re.compile("[0-9A-Z_a-z]*+")
DIGITS: Final = re.compile("[0-9]*+")
COMMENT: Final = re.compile(f"[^\r\n{SURROGATES}]*+")
STRING: Final = re.compile(rf'[^"\\\r\n{SURROGATES}]*+')
BLOCK_END: Final = re.compile(r'(\\?)"""')
SURROGATE: Final = re.compile(f"[{SURROGATES}]")
LINE_BREAK: Final = re.compile("\r\n|\r|\n")


def parsed(text: str, most_tokens: int) -> DocumentNode:
    """The document in the text, as graphql-core's `parse` has it. Raises GraphQLSyntaxError."""
    source = RunSource(text)
    return Parser(source, max_tokens=most_tokens, lexer=RunLexer(source)).parse_document()


class RunSource(Source):
    """A document's text."""

    def get_location(self, position: int) -> SourceLocation:
        """The line and the column of a place, both from 1."""
        lines, begin = _lines(self.body, 0, position)
        return SourceLocation(1 + lines, 1 + position - begin)


class RunLexer(Lexer):
    """Tells a document's tokens; its methods are those of graphql-core's lexer, and raise what they raise."""

    def read_next_token(self, start: int) -> Token:
        """The token that begins at `start`, or after what is ignored there."""
        body = self.source.body
        position = _end(IGNORED, body, start)
        self._pass_lines(start, position)
        return super().read_next_token(position)

    def read_name(self, start: int) -> Token:
        """A name."""
        end = _end(NAME, self.source.body, start)
        return self.create_token(TokenKind.NAME, start, end, self.source.body[start:end])

    def read_digits(self, start: int, first_char: str) -> int:
        """Where a number's digits end, of which there must be one."""
        return (
            _end(DIGITS, self.source.body, start)
            if "0" <= first_char <= "9"
            else super().read_digits(start, first_char)
        )

    def read_comment(self, start: int) -> Token:
        """A comment, up to its line's end."""
        body = self.source.body
        end = _end(COMMENT, body, start)
        if self._max_comments is not None or body[end : end + 1] not in {"", "\r", "\n"}:
            return super().read_comment(start)
        return self.create_token(TokenKind.COMMENT, start, end, body[start + 1 : end])

    def read_string(self, start: int) -> Token:
        """A text in one line; one with escapes is read by graphql-core."""
        body = self.source.body
        end = _end(STRING, body, start + 1)
        stop = body[end : end + 1]
        if stop == '"':
            return self.create_token(TokenKind.STRING, start, end + 1, body[start + 1 : end])
        if stop in {"", "\r", "\n"}:
            raise GraphQLSyntaxError(self.source, end, "Unterminated string.")
        return super().read_string(start)

    def read_block_string(self, start: int) -> Token:
        """A text of several lines."""
        body = self.source.body
        begin = start + 3
        end = next((found.start() for found in BLOCK_END.finditer(body, begin) if not found[1]), len(body))
        if SURROGATE.search(body, begin, end):
            return super().read_block_string(start)
        if end == len(body):
            raise GraphQLSyntaxError(self.source, end, "Unterminated string.")
        lines = LINE_BREAK.split(body[begin:end].replace('\\"""', '"""'))
        text = "\n".join(dedent_block_string_lines(lines))
        token = self.create_token(TokenKind.BLOCK_STRING, start, end + 3, text)
        self._pass_lines(begin, end)
        return token

    def _pass_lines(self, start: int, end: int) -> None:
        """Counts the lines that begin between two places."""
        lines, begin = _lines(self.source.body, start, end)
        if lines:
            self.line += lines
            self.line_start = begin


def _end(run: re.Pattern[str], body: str, start: int) -> int:
    """Where a run ends that may be empty."""
    found = run.match(body, start)
    return found.end() if found else start


def _lines(body: str, start: int, end: int) -> tuple[int, int]:
    """How many lines begin between two places, and where the last of them does; `start` where none does."""
    breaks = body.count("\n", start, end) + body.count("\r", start, end) - body.count("\r\n", start, end)
    return breaks, max(body.rfind("\n", start, end), body.rfind("\r", start, end)) + 1 if breaks else start
