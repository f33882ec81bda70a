"""The GraphQL that the pages show is valid."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate

from schema.schema import schema

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", "docs/api.md", "docs/planner.md"]
FENCED = re.compile(r"```graphql\n(.*?)```", re.DOTALL)
EXAMPLES = [(page, text) for page in PAGES for text in FENCED.findall((ROOT / page).read_text("utf-8"))]


def test_there_are_some() -> None:
    assert {page for page, _ in EXAMPLES} == set(PAGES)


@pytest.mark.parametrize(("page", "text"), EXAMPLES, ids=[f"{page}-{n}" for n, (page, _) in enumerate(EXAMPLES)])
def test_an_example_is_valid(page: str, text: str) -> None:
    # One fence may show several operations; unnamed, they are valid one by one.
    for operation in re.split(r"\n\n(?=mutation|query|\{)", text):
        assert validate(schema.graphql_schema, parse(operation)) == []
