"""django-graphql-jwt as it comes: stock settings, stock models, its own mutations and middleware, on SQLite in memory.

Run as a program: its settings freeze when they are imported, so it needs a process of its own. Tries each attack that
test_stock_holes.py tries on us, and prints as JSON what came of it: {"expired_token": {...}, ...}.
"""

# ruff: noqa: E402 - what is imported below needs the settings above it

import json
import sys
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="a key for the stock library, which protects nobody",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "graphql_jwt.refresh_token"],
    AUTHENTICATION_BACKENDS=["graphql_jwt.backends.JSONWebTokenBackend", "django.contrib.auth.backends.ModelBackend"],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    # As its documentation has it for refresh tokens; all else is as it comes.
    GRAPHQL_JWT={"JWT_LONG_RUNNING_REFRESH_TOKEN": True},
)
django.setup()

import graphene
import graphql_jwt
import jwt
from django.contrib.auth.models import AnonymousUser, User
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from graphql_jwt.middleware import JSONWebTokenMiddleware
from graphql_jwt.refresh_token.models import RefreshToken

PASSWORD = "correct horse battery staple"
ASK = "{ name }"
SIGN_IN = """mutation($name: String!, $password: String!) {
  tokenAuth(username: $name, password: $password) { token refreshToken } }"""
REFRESH = "mutation($it: String!) { refreshToken(refreshToken: $it) { token refreshToken } }"


class Row(graphene.ObjectType):  # type: ignore[misc]  # graphene publishes no types
    name = graphene.String(resolver=lambda root, info: "a row")


class Query(graphene.ObjectType):  # type: ignore[misc]  # graphene publishes no types
    name = graphene.String(resolver=lambda root, info: info.context.user.get_username())
    rows = graphene.List(Row, resolver=lambda root, info: [Row() for _ in range(20)])


class Mutation(graphene.ObjectType):  # type: ignore[misc]  # graphene publishes no types
    token_auth = graphql_jwt.ObtainJSONWebToken.Field()
    refresh_token = graphql_jwt.Refresh.Field()


SCHEMA = graphene.Schema(query=Query, mutation=Mutation)


def run(text: str, *, token: str | None = None, cookie: str | None = None, **variables: Any) -> dict[str, Any]:
    """The answer to a document, as graphene-django's view would give it."""
    request = RequestFactory().post("/graphql", headers={"authorization": f"JWT {token}"} if token else None)
    request.user = AnonymousUser()
    if cookie:
        request.COOKIES["JWT"] = cookie
    result = SCHEMA.execute(text, context_value=request, variables=variables, middleware=[JSONWebTokenMiddleware()])
    return dict(result.formatted)


def signed_in() -> dict[str, str]:
    given: dict[str, str] = run(SIGN_IN, name="ada", password=PASSWORD)["data"]["tokenAuth"]
    return given


def forged(**claims: Any) -> str:
    """A token with a right signature."""
    return jwt.encode({"username": "ada", **claims}, settings.SECRET_KEY, "HS256")


def ada() -> User:
    return User.objects.get(username="ada")


def who(**sent: str) -> str:
    """Whom an answer takes the caller for; empty for nobody."""
    return str(run(ASK, **sent)["data"]["name"])


# ── the attacks ─────────────────────────────────────────────────────────────────────────────────────────────────────


def expired_token() -> Any:
    return who(token=forged(exp=1, origIat=1))


def token_without_expiry() -> Any:
    return who(token=forged())


def foreign_audience() -> Any:
    return who(token=forged(exp=9_999_999_999, aud="another service"))


def taken_over_name() -> Any:
    token = signed_in()["token"]
    User.objects.filter(username="ada").update(username="lovelace")
    newcomer = User.objects.create_user("ada", password="another")
    return run(ASK, token=token)["data"]["name"] == newcomer.username


def changed_password() -> Any:
    given = signed_in()
    user = ada()
    user.set_password("another horse")
    user.save()
    return [who(token=given["token"]), bool(run(REFRESH, it=given["refreshToken"])["data"]["refreshToken"])]


def deactivated_user_refreshes() -> Any:
    given = signed_in()
    User.objects.update(is_active=False)
    return bool(run(REFRESH, it=given["refreshToken"])["data"]["refreshToken"]["token"])


def readable_refresh_token() -> Any:
    return RefreshToken.objects.get(token=signed_in()["refreshToken"]).user.username


def refresh_token_used_twice() -> Any:
    first = signed_in()["refreshToken"]
    second, third = (run(REFRESH, it=first)["data"]["refreshToken"] for _ in range(2))
    return [bool(second["token"]), bool(third["token"]), who(token=second["token"])]


def aliases_mint_tokens() -> Any:
    given = run(
        """mutation($name: String!, $password: String!) {
          tokenAuth(username: $name, password: $password) { a: refreshToken b: refreshToken c: refreshToken } }""",
        name="ada",
        password=PASSWORD,
    )["data"]["tokenAuth"]
    return len(set(given.values()))


def statement_per_field() -> Any:
    token = forged(exp=9_999_999_999)
    User.objects.all().delete()
    with CaptureQueriesContext(connection) as captured:
        run("{ rows { name } }", token=token)
    return len(captured)


def bad_token_has_no_code() -> Any:
    return [error.get("extensions", {}).get("code") for error in run("{ rows { name } }", token="x.y.z")["errors"]]


def guesses_in_one_document() -> Any:
    guesses = " ".join(f'g{n}: tokenAuth(username: "ada", password: "guess {n}") {{ token }}' for n in range(19))
    answer = run(f'mutation {{ {guesses} right: tokenAuth(username: "ada", password: "{PASSWORD}") {{ token }} }}')
    return bool(answer["data"]["right"]["token"])


def cookie_without_cookie_mode() -> Any:
    return who(cookie=signed_in()["token"])


def settings_freeze() -> Any:
    before = signed_in()["token"]
    settings.SECRET_KEY = "another key, because the first one was stolen"
    return who(token=before)


ATTACKS: tuple[Callable[[], Any], ...] = (
    expired_token,
    token_without_expiry,
    foreign_audience,
    taken_over_name,
    changed_password,
    deactivated_user_refreshes,
    readable_refresh_token,
    refresh_token_used_twice,
    aliases_mint_tokens,
    statement_per_field,
    bad_token_has_no_code,
    guesses_in_one_document,
    cookie_without_cookie_mode,
    # The last one, because it changes the key.
    settings_freeze,
)


def main() -> None:
    call_command("migrate", verbosity=0)
    outcomes = {}
    for attack in ATTACKS:
        User.objects.all().delete()
        User.objects.create_user("ada", password=PASSWORD)
        outcomes[attack.__name__] = attack()
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main()
