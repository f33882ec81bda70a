"""A client of the API: posts to the real view, signed in by a real session."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import orjson
from django.db import connection
from django.test import Client as HttpClient
from django.test.utils import CaptureQueriesContext

from knowledge.models import Role, Session, User
from knowledge.policy import ANONYMOUS, Viewer
from knowledge.services import sessions
from schema.identity import tokens
from tests import contract
from tests.reference.watching import watch

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Result:
    """An answer: its status, its body, and the SQL that it took."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    sql: tuple[str, ...]

    @property
    def text(self) -> str:
        """The body as it came."""
        return self.content.decode()

    @property
    def body(self) -> dict[str, Any]:
        """The body, read as JSON."""
        body: dict[str, Any] = orjson.loads(self.content)
        return body

    @property
    def data(self) -> Any:
        """The data; the answer must be without errors."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The top-level errors."""
        errors: list[dict[str, Any]] = self.body.get("errors", [])
        return errors

    @property
    def codes(self) -> list[str]:
        """The codes of the top-level errors."""
        return [error["extensions"]["code"] for error in self.errors]

    @property
    def statements(self) -> int:
        """How many SQL statements it took, the caller's identification included."""
        return len(self.sql)


@dataclass(frozen=True)
class Moment:
    """A request's time, as a token's issuer asks for it."""

    now: datetime


@dataclass
class Client:
    """Sends operations; `as_` is who asks, nobody when left out."""

    http: HttpClient = field(default_factory=HttpClient)
    headers: dict[int, str] = field(default_factory=dict)
    sessions: dict[int, int] = field(default_factory=dict)

    def run(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        as_: User | None = None,
        name: str | None = None,
        accept: str = GRAPHQL,
    ) -> Result:
        """Posts an operation; what it reads is compared with the reference (tests.reference.watching)."""
        request = {"query": query, "variables": variables, "operationName": name}
        result = self.post(orjson.dumps(request), as_=as_, accept=accept)
        watch(query, name, variables, self.viewer(as_), result.content)
        return result

    def viewer(self, user: User | None) -> Viewer:
        """Who asks, when the user's session does."""
        if user is None:
            return ANONYMOUS
        role = User.objects.values_list("role", flat=True).get(pk=user.pk)
        return Viewer(id=user.pk, role=Role(role), session_id=self.sessions.get(user.pk))

    def post(
        self, body: bytes, *, as_: User | None = None, accept: str = GRAPHQL, headers: Mapping[str, str] = NOTHING
    ) -> Result:
        """Posts a body as it is."""
        signed = {} if as_ is None else {"authorization": self.authorization(as_)}
        with CaptureQueriesContext(connection) as captured:
            answer = self.http.post("/graphql", body, JSON, headers={"accept": accept, **signed, **headers})
        contract.note(body, answer.content)
        return result_of(answer, tuple(query["sql"] for query in captured.captured_queries))

    def get(self, *, accept: str = GRAPHQL, **parameters: str) -> Result:
        """Asks by address."""
        with CaptureQueriesContext(connection) as captured:
            answer = self.http.get("/graphql", parameters, headers={"accept": accept})
        return result_of(answer, tuple(query["sql"] for query in captured.captured_queries))

    def authorization(self, user: User) -> str:
        """The header of the user's session, which is opened when it is needed first."""
        if user.pk not in self.headers:
            session, _ = sessions.open_session(user, user_agent="tests", address=None, now=datetime.now(UTC))
            self.resume(session)
        return self.headers[user.pk]

    def resume(self, session: Session) -> None:
        """From now on the session's user is signed in by it."""
        self.sessions[session.user_id] = session.pk
        self.headers[session.user_id] = f"JWT {tokens.issue(session, Moment(datetime.now(UTC))).text}"


def result_of(answer: Any, sql: tuple[str, ...] = ()) -> Result:
    """What the view answered; the test client adds to its responses, so they are of a type of their own."""
    return Result(answer.status_code, dict(answer.headers), answer.content, sql)
