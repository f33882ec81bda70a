"""Our lexer and source against graphql-core's own: the same tokens at the same places, the same errors."""

from typing import Any

import pytest
from graphql import GraphQLSyntaxError, Lexer, Source, TokenKind, get_introspection_query, parse, print_ast
from hypothesis import given
from hypothesis import strategies as st

from schema.lexing import RunLexer, RunSource, parsed
from tests.schema.hostile.documents import DOCUMENTS

# Each kind of token, each way in which one can be wrong, and what is read as one thing only together.
PIECES = [
    *("{", "}", "(", ")", "[", "]", "$", "@", "!", "|", "&", "=", ":", ".", "...", "-", "'"),
    *("a", "_b9", "Name", "0", "12", "1.5", "e", "E+"),
    *('"', '""', '"""', '\\"""', "\\", "\\n", "\\u0041", "\\u{1F600}", "\\ud83d\\ude00"),
    *("\n", "\r\n", "\r", " ", "\t", ",", "\ufeff", "#", "# c"),
    *("é", "😀", "§", "\x00", "\x07", "\ud800", "\udc00", "\ud83d\ude00"),
]
DOCUMENT = st.tuples(st.sampled_from(["", '"', '"""', "#", "{"]), st.lists(st.sampled_from(PIECES), max_size=25))


def tokens(lexer: Lexer) -> list[Any]:
    found: list[Any] = []
    try:
        while not found or found[-1][0] is not TokenKind.EOF:
            token = lexer.advance()
            before = token.prev
            assert before is not None
            found.append((token.kind, token.start, token.end, token.line, token.column, token.value, before.kind))
    except GraphQLSyntaxError as error:
        found.append((TokenKind.EOF, error.message, error.positions, error.locations))
    return found


@given(DOCUMENT)
def test_any_pieces_in_any_order(document: tuple[str, list[str]]) -> None:
    text = document[0] + "".join(document[1])
    assert tokens(RunLexer(RunSource(text))) == tokens(Lexer(Source(text)))


@pytest.mark.parametrize("text", [hostile.text for hostile in DOCUMENTS], ids=[hostile.name for hostile in DOCUMENTS])
def test_hostile_documents(text: str) -> None:
    assert tokens(RunLexer(RunSource(text))) == tokens(Lexer(Source(text)))


def test_every_place_of_a_text_has_its_line_and_column() -> None:
    text = "a\nb\r\nc\rd\n\n\re"
    # None stands between the two halves of a line break.
    places = [place for place in range(len(text)) if text[place - 1 : place + 1] != "\r\n"]
    assert [RunSource(text).get_location(place) for place in places] == [
        Source(text).get_location(place) for place in places
    ]


def test_a_document_is_parsed_as_graphql_core_does() -> None:
    text = get_introspection_query(specified_by_url=True, input_value_deprecation=True)
    assert parsed(text, 2_000) == parse(text)
    assert print_ast(parsed(text, 2_000)) == print_ast(parse(text))


def test_tokens_are_counted() -> None:
    assert parsed("{ a b }", 4) == parse("{ a b }")
    with pytest.raises(GraphQLSyntaxError, match="more than 3 tokens"):
        parsed("{ a b }", 3)
    with pytest.raises(GraphQLSyntaxError, match="more than 3 tokens"):
        parsed("#\n" * 10 + "{ a b }", 3)
