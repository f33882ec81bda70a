"""Arguments and variables that are worked out ahead are what graphql-core makes of them, wrong ones too."""

from collections.abc import Mapping
from typing import Any, cast

import pytest
from graphql import (
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    Undefined,
    build_schema,
    get_argument_values,
    get_variable_values,
    parse,
    parse_value,
    validate,
    value_from_ast,
)

from schema.errors import CodedError
from schema.planner.binding import binder
from schema.planner.values import reader
from schema.variables import Variables

SCHEMA = build_schema("""
    input Where { word: String, words: [String!], not: Where, kind: Kind = SMALL, or: [Where!], must: Int! = 1 }
    input One @oneOf { word: String, kind: Kind }
    input Strict { size: Int!, grid: [[Int]], inner: Strict, kind: Kind! = LARGE }
    enum Kind { SMALL LARGE }
    type Query {
      list(
        first: Int = 20, must: Int! = 5, after: ID, kinds: [Kind!], where: Where, only: Where = {word: "x"}, one: One
      ): Int
      item(id: ID!, ids: [ID!]!): Int
      strict(of: Strict!, any: [Strict!]): Int
    }
""")
# Names in Python, as graphene gives them.
cast("Any", SCHEMA.type_map["Strict"]).fields["size"].out_name = "size_"
cast("Any", SCHEMA.type_map["Where"]).fields["words"].out_name = "all_words"
DOCUMENTS = [
    "{ list }",
    "{ list(first: 3, kinds: LARGE, where: {word: null, not: {words: []}}) }",
    "query($n: Int) { list(first: $n) }",
    "query($n: Int = 7) { list(first: $n, must: $n) }",
    "query($n: Int!, $after: ID) { list(must: $n, after: $after) }",
    "query($w: Where) { list(where: $w, only: $w) }",
    "query($w: String, $k: Kind!) { list(where: {word: $w, not: {kind: $k}}, kinds: [$k]) }",
    "query($ws: [String!]) { list(where: {words: $ws}) }",
    'query($w: String!) { list(where: {words: [$w, "b"], or: {not: {word: $w}}}) }',
    'query($w: String = "c") { list(where: {word: $w, or: [{word: $w}, {not: {word: null, words: []}}]}) }',
    "query($n: Int) { list(where: {must: $n, not: {or: [{must: $n}]}}) }",
    "query($kind: Kind) { list(kinds: [SMALL], where: {kind: $kind, not: {kind: LARGE, not: {kind: $kind}}}) }",
    "query($w: Where!) { list(where: {or: [$w], not: $w}) }",
    "query($w: String!) { list(one: {word: $w}) }",
    "query($one: One) { list(one: $one) }",
    'query($w: String) { list(where: {must: 2, words: "a", word: $w}, only: {kind: null, word: $w}) }',
    "query($s: Strict!, $any: [Strict!]) { strict(of: $s, any: $any) }",
    "query($n: Int!, $k: Kind) { strict(of: {size: $n, grid: [[1], null, [$n]]}, any: {size: 1, kind: $k}) }",
    "query($n: Int, $s: Strict) { strict(of: {size: 2, inner: $s, grid: [[$n]]}, any: [{size: 3, inner: {size: 4}}]) }",
    "query($id: ID!) { item(id: $id, ids: [$id]) }",
    'query($ids: [ID!]!) { item(id: "1", ids: $ids) }',
]
GIVEN: list[Mapping[str, Any]] = [
    {},
    {"n": None, "w": None, "k": None, "ws": None, "id": None, "ids": None, "after": None},
    {"n": 3, "w": {"word": "a", "not": {"words": ["b"]}}, "k": "LARGE", "ws": ["a"], "id": "1", "ids": ["1", "2"]},
    {"n": "3", "w": "a", "k": "LARGE", "ws": "a", "id": 7, "ids": 7, "after": 9},
    {"w": {"or": {"must": 2, "words": "a"}, "kind": None, "not": {"or": []}}, "one": {"word": "a"}, "ids": []},
    {"s": {"size": 1, "grid": [[1, 2], None, 3], "inner": {"size": 2}}, "any": [{"size": 3}], "n": 4, "k": "SMALL"},
    {"s": {"grid": 1, "size": 1, "kind": "SMALL"}, "any": {"size": 3, "inner": None}, "n": 4, "k": None},
    {"s": {"grid": [[1]], "kind": None}, "any": [None], "n": 1},
    {"s": {"size": 1, "inner": {}}, "any": [{"size": 3, "more": 1}], "n": 1},
    {"s": {"size": 1}, "any": [[{"size": 3}]], "n": 1},
    {"w": {"must": None}, "one": {"word": "a", "kind": "SMALL"}, "ids": None, "ws": {}},
    {"w": [], "one": {}, "ids": {"0": "1"}, "ws": [["a"]], "k": ["SMALL"]},
    {"n": 2**40, "w": {"none": 1}, "k": "NONE", "ws": [None], "id": {}, "ids": [[]], "after": True},
]


@pytest.mark.parametrize("query", DOCUMENTS)
@pytest.mark.parametrize("given", GIVEN)
def test_the_same_as_graphql_core(query: str, given: Mapping[str, Any]) -> None:
    document = parse(query)
    assert validate(SCHEMA, document) == []
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    expected = get_variable_values(SCHEMA, operation.variable_definitions, dict(given))
    variables = Variables(SCHEMA, operation.variable_definitions)
    if isinstance(expected, list):
        with pytest.raises(CodedError) as refused:
            variables.coerced(given)
        assert refused.value.message == "; ".join(error.message for error in expected)
        return
    assert variables.coerced(given) == expected
    (node,) = operation.selection_set.selections
    assert isinstance(node, FieldNode)
    assert SCHEMA.query_type is not None
    definition = SCHEMA.query_type.fields[node.name.value]
    assert outcome(lambda: binder(definition, node)(expected)) == outcome(
        lambda: get_argument_values(definition, node, expected)
    )


@pytest.mark.parametrize("text", ["{must: null, word: $w}", "{kind: NONE, word: $w}", "{word: $w, or: [{must: {}}]}"])
def test_what_is_no_value_is_none(text: str) -> None:
    type_, value = SCHEMA.type_map["Where"], parse_value(text)
    assert reader(value, type_)({"w": "a"}) is Undefined
    assert value_from_ast(value, cast("Any", type_), {"w": "a"}) is Undefined


def outcome(make: Any) -> Any:
    """What it answers with, or what it refuses."""
    try:
        return make()
    except GraphQLError as error:
        return error.message


def test_values_nested_deep_are_refused_as_by_graphql_core() -> None:
    operation = parse("query($w: Where) { list(where: $w) }").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    deep: dict[str, Any] = {}
    for _ in range(1_000):
        deep = {"not": deep}
    with pytest.raises(CodedError, match="nested too deep"):
        Variables(SCHEMA, operation.variable_definitions).coerced({"w": deep})
