"""A client's own mark comes back from every mutation, unless it is too long to be one."""

from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputField, GraphQLInputObjectType, get_named_type, is_required_input_field

from schema.mutations.base import LONGEST_MARK, IdOf, Mutation
from schema.planner.ids import encode_id
from schema.schema import schema
from tests.cast import Cast
from tests.client import Client
from tests.tables import row_counts

MUTATION = schema.graphql_schema.mutation_type
assert MUTATION is not None
VERBS = {name: field for name, field in MUTATION.fields.items() if "input" in field.args}
NOWHERE = 9_999_999


def input_of(name: str) -> GraphQLInputObjectType:
    named = get_named_type(VERBS[name].args["input"].type)
    assert isinstance(named, GraphQLInputObjectType)
    return named


def given(name: str) -> dict[str, Any]:
    """An input that has what is required, of which nothing can come: ids lead nowhere, and texts are empty."""
    verb = VERBS[name].resolve.__self__
    assert issubclass(verb, Mutation)
    return {
        key: value_of(field, verb.arguments.get(field.out_name or key))
        for key, field in input_of(name).fields.items()
        if is_required_input_field(field)
    }


def value_of(field: GraphQLInputField, declared: Any) -> Any:
    named = get_named_type(field.type)
    if isinstance(declared, IdOf):
        id_ = encode_id(declared.type_names[0], NOWHERE)
        return [id_] if str(field.type).startswith("[") else id_
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values))
    return "2026-03-02T00:00:00Z" if named.name == "DateTime" else ""


def asked(name: str) -> str:
    return f"""mutation($input: {input_of(name).name}!) {{
      {name}(input: $input) {{ errors {{ path code }} clientMutationId }}
    }}"""


@pytest.mark.parametrize("name", VERBS)
def test_a_mark_comes_back(cast: Cast, api: Client, name: str) -> None:
    for mark in ("x" * LONGEST_MARK, "👩\u200d💻\u202e\n", ""):
        payload = api.run(asked(name), {"input": {**given(name), "clientMutationId": mark}}, as_=cast.staff).data[name]
        assert payload["clientMutationId"] == mark
    assert api.run(asked(name), {"input": given(name)}, as_=cast.staff).data[name]["clientMutationId"] is None


@pytest.mark.parametrize("name", VERBS)
def test_one_that_is_too_long_is_refused_before_anything_is_done(cast: Cast, api: Client, name: str) -> None:
    api.authorization(cast.staff)
    before = row_counts()
    mark = "x" * (LONGEST_MARK + 1)
    payload = api.run(asked(name), {"input": {**given(name), "clientMutationId": mark}}, as_=cast.staff).data[name]
    assert payload == {
        "errors": [{"path": ["input", "clientMutationId"], "code": "TOO_LONG"}],
        "clientMutationId": None,
    }
    assert row_counts() == before
