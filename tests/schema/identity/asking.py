"""How the tests sign in and out: by the execution of a document, with the header and the time that they like."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson

from schema.documents import read_document
from schema.execution import Caller, run
from schema.identity.authentication import authenticate_request
from tests.cast import PASSWORD
from tests.contract import record

SIGN_IN = """mutation($username: String! = "author", $password: String!) {
  tokenAuth(username: $username, password: $password) {
    token payload refreshToken refreshExpiresIn user { id username role isActive }
  }
}"""
VERIFY = "mutation($token: String) { verifyToken(token: $token) { payload } }"
REFRESH = "mutation($it: String) { refreshToken(refreshToken: $it) { token payload refreshToken refreshExpiresIn } }"
REVOKE = "mutation($it: String) { revokeToken(refreshToken: $it) { revoked } }"
REGISTER = """mutation($input: AccountRegisterInput!) {
  accountRegister(input: $input) {
    user { username displayName role } errors { path code message } clientMutationId
  }
}"""
NEWCOMER = {"username": "newcomer", "email": "new@example.org", "password": "a wonderful winter day"}


def answer(
    text: str, *, header: str | None = None, now: datetime | None = None, address: str = "192.0.2.1", **variables: Any
) -> dict[str, Any]:
    """What the document answers with."""
    caller = Caller(
        identify=partial(authenticate_request, header),
        now=now or datetime.now(UTC),
        user_agent="Firefox",
        address=address,
    )
    body: dict[str, Any] = orjson.loads(run(read_document(text), None, variables, caller).text())
    record.note(text, variables, body)
    return body


def refusal(body: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The data, and the codes of the errors."""
    return body["data"], [error["extensions"]["code"] for error in body["errors"]]


def signed_in(name: str = "author") -> dict[str, Any]:
    given: dict[str, Any] = answer(SIGN_IN, username=name, password=PASSWORD)["data"]["tokenAuth"]
    return given
