"""A script's token that reads changes nothing, whichever mutation it tries; and none guards the account."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from graphene.utils.str_converters import to_camel_case
from graphql import GraphQLEnumType, GraphQLInputObjectType, get_named_type, is_list_type, is_required_input_field

from knowledge.models import PersonalAccessToken, TokenScope
from knowledge.policy import Viewer
from knowledge.services import script_tokens, sessions
from schema.identity.roots import IDENTITY_ROOTS
from schema.mutations.base import IdOf
from schema.planner.ids import encode_id
from schema.schema import schema
from tests.cast import PASSWORD, Cast, make_cast, viewer_of
from tests.client import Client
from tests.snapshot import every_row

ROOTS = schema.graphql_schema.mutation_type.fields
GUARDING = {
    "sessionRevoke",
    "sessionRevokeAll",
    "personalAccessTokenCreate",
    "personalAccessTokenRevoke",
    "passwordChange",
}


def a_value(type_: Any) -> Any:
    """Something of an input type that is read without complaint."""
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        return {field: a_value(given.type) for field, given in named.fields.items() if is_required_input_field(given)}
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values))
    value = {"Int": 1, "Boolean": True, "DateTime": "2026-03-02T12:00:00Z"}.get(named.name, "text")
    return [value] if is_list_type(getattr(type_, "of_type", type_)) else value


def mutation(name: str) -> dict[str, Any]:
    """A document that calls it, with what it needs; the ids are of the right types, and of nothing."""
    given = ROOTS[name].args["input"].type
    values = a_value(given)
    for argument, declared in ROOTS[name].resolve.__self__.arguments.items():
        key = to_camel_case(argument)
        if isinstance(declared, IdOf) and key in values:
            the_id = encode_id(declared.type_names[0], 10**6)
            values[key] = [the_id] if isinstance(values[key], list) else the_id
    return {
        "query": f"mutation($input: {given}) {{ {name}(input: $input) {{ clientMutationId }} }}",
        "variables": {"input": values},
    }


def token_of(cast: Cast, scope: TokenScope) -> str:
    now = datetime.now(UTC)
    session, _ = sessions.open_session(cast.staff, user_agent="", address=None, now=now)
    viewer = Viewer(id=cast.staff.pk, role=viewer_of(cast.staff).role, session_id=session.pk)
    return script_tokens.create_token(viewer, name=scope, scope=scope, now=now)[1]


def codes(api: Client, token: str, document: dict[str, Any]) -> list[str]:
    return api.post(orjson.dumps(document), headers={"authorization": f"JWT {token}"}).codes


@pytest.mark.parametrize("name", sorted(set(ROOTS) - IDENTITY_ROOTS))
def test_one_that_reads_is_refused_by_every_mutation(cast: Cast, api: Client, name: str) -> None:
    token = token_of(cast, TokenScope.READ)
    before = every_row()
    assert codes(api, token, mutation(name)) == ["FORBIDDEN"]
    after = every_row()
    # That it was used is noted, and nothing else.
    assert {table for table in after if after[table] != before[table]} == {PersonalAccessToken._meta.db_table}


@pytest.mark.parametrize("name", sorted(GUARDING))
def test_one_that_writes_guards_no_account(cast: Cast, api: Client, name: str) -> None:
    assert codes(api, token_of(cast, TokenScope.WRITE), mutation(name)) == ["FORBIDDEN"]


def test_nor_does_it_change_the_address(api: Client, db: None) -> None:
    cast = make_cast(PASSWORD)
    document = {
        "query": "mutation($input: AccountUpdateInput!) { accountUpdate(input: $input) { errors { code } } }",
        "variables": {"input": {"email": "new@example.org", "currentPassword": PASSWORD}},
    }
    assert codes(api, token_of(cast, TokenScope.WRITE), document) == ["FORBIDDEN"]
    cast.staff.refresh_from_db()
    assert cast.staff.email == ""
