import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate
from graphql.execution.values import get_variable_values

from schema.graphiql.examples import Example, examples

NOW = datetime(2026, 11, 23, 1, 30, 15, 999_999, tzinfo=timezone(timedelta(hours=3)))
EXAMPLES = examples(now=NOW)
FOLDER = Path(__file__).parents[3] / "schema" / "graphiql" / "examples"
SDL = FOLDER.parents[1] / "schema.graphql"


def operation(example: Example) -> OperationDefinitionNode:
    (definition,) = parse(example.query).definitions
    assert isinstance(definition, OperationDefinitionNode)
    return definition


def name(example: Example) -> str:
    node = operation(example).name
    assert node is not None
    return node.value


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(SDL.read_text(encoding="utf-8"))


def test_the_tabs_in_their_order() -> None:
    assert [name(example) for example in EXAMPLES] == [
        "BusiestTags",
        "SearchEntries",
        "SignIn",
        "CreateEntry",
        "RequestDigest",
        "LatestDigest",
    ]


def test_every_file_is_an_example() -> None:
    assert len(list(FOLDER.glob("*.graphql"))) == len(EXAMPLES)
    assert len(list(FOLDER.glob("*.json"))) == len([example for example in EXAMPLES if example.variables])


@pytest.mark.parametrize("example", EXAMPLES, ids=name)
def test_fits_the_schema_with_its_variables(example: Example, schema: GraphQLSchema) -> None:
    assert validate(schema, parse(example.query)) == []
    definitions = operation(example).variable_definitions
    values = json.loads(example.variables or "{}")
    assert get_variable_values(schema, definitions, values) == values
    assert {definition.variable.name.value for definition in definitions} == values.keys()


def test_times_count_from_now_in_utc() -> None:
    variables = json.loads(EXAMPLES[4].variables)
    assert variables["input"]["windowStart"] == "2026-11-15T22:30:15.000000Z"
    assert variables["input"]["windowEnd"] == "2026-11-22T22:30:15.000000Z"
    assert json.loads(examples(now=datetime(2027, 1, 1, tzinfo=UTC))[4].variables)["input"]["windowEnd"] == (
        "2027-01-01T00:00:00.000000Z"
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=name)
def test_lines_fit_the_editor(example: Example) -> None:
    assert max(len(line) for line in example.query.splitlines()) <= 60
