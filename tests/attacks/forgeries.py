"""Access tokens, refresh tokens and scripts' tokens: forged, changed, mistaken for each other, sent in odd ways."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from schema.identity import tokens
from tests.attacks.attack import Attack, Send, asking, named
from tests.attacks.stage import Stage
from tests.http.server import Reply, asked

WHO = "{ viewer { id user { username } } }"
NOW = int(datetime.now(UTC).timestamp())
REFRESH = "mutation($it: String!) { refreshToken(refreshToken: $it) { token refreshToken } }"
PKCS = "RFC 8725 §3.1"


def encoded(value: Any) -> str:
    """A part of a token."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def claims(stage: Stage, person: str) -> dict[str, Any]:
    """What somebody's token says."""
    part = stage.person(person)["token"].split(".")[1]
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return said


def signed(payload: Any, *, key: str | None = None, digest: str = "sha256", **changes: Any) -> str:
    """A token with this payload and these changes of its header, signed with the key, which is ours if none is given."""
    header = {"typ": "JWT", "alg": "HS256", "kid": tokens.key_id(settings.SECRET_KEY), **changes}
    said = f"{encoded(header)}.{encoded(payload)}"
    secret = settings.SECRET_KEY if key is None else key
    return f"{said}.{encoded(hmac.new(secret.encode(), said.encode(), digest).digest())}"


def with_token(name: str, source: str, make: Callable[[Stage], str], code: str = "TOKEN_INVALID") -> Attack:
    """Asking who one is with a token that is none."""

    def send(stage: Stage) -> Reply:
        return stage.ask(WHO, {}, f"Authorization: JWT {make(stage)}")

    return Attack(name, source, send, 401, code)


def header(name: str, source: str, *, key: str | None = None, digest: str = "sha256", **changes: Any) -> Attack:
    """A token of staff, with these changes of its header."""
    return with_token(name, source, lambda stage: signed(claims(stage, "staff"), key=key, digest=digest, **changes))


def unsigned(algorithm: str) -> Attack:
    """A token of staff that says that it needs no signature, and has none."""

    def make(stage: Stage) -> str:
        return signed(claims(stage, "staff"), alg=algorithm).rpartition(".")[0] + "."

    return with_token(f"the algorithm {algorithm!r} without a signature", PKCS, make)


def claim(name: str, source: str, change: dict[str, Any], code: str = "TOKEN_INVALID") -> Attack:
    """A token of staff that says something else under a good signature: as though our own key had been misused."""

    def make(stage: Stage) -> str:
        said = {**claims(stage, "staff"), **named(stage, change)}
        return signed({key: value for key, value in said.items() if value is not ...})

    return with_token(name, source, make, code)


def parts(name: str, source: str, make: Callable[[Stage, list[str]], str]) -> Attack:
    """A token that is put together of the parts of a good one."""
    return with_token(name, source, lambda stage: make(stage, stage.person("staff")["token"].split(".")))


def line(name: str, source: str, make: Callable[[Stage], list[str]], status: int = 401) -> Attack:
    """Asking who one is with these header lines."""
    code = "TOKEN_INVALID" if status == 401 else "BAD_REQUEST" if status == 400 else None
    return Attack(name, source, lambda stage: stage.ask(WHO, {}, *make(stage)), status, code)


def refreshing(name: str, source: str, make: Callable[[Stage], str]) -> Attack:
    """Asking for new tokens by something that is no refresh token."""

    def send(stage: Stage) -> Reply:
        return stage.ask(REFRESH, {"it": make(stage)})

    return Attack(name, source, send, 200, "TOKEN_INVALID")


def _anonymous(make: Callable[[Stage], bytes]) -> Send:
    return lambda stage: stage.exchange(make(stage))


HEADERS = [
    *(unsigned(algorithm) for algorithm in ("none", "None", "nOnE", "")),
    header("no algorithm under a good signature", PKCS, alg="none"),
    header("another algorithm of the same key", PKCS, alg="HS512", digest="sha512"),
    header("an algorithm that the signature is not of", "RFC 8725 §2.1", alg="RS256"),
    header("an algorithm that is a list", PKCS, alg=["HS256"]),
    header("a signature by a common word", "RFC 8725 §3.5", key="secret"),
    header("a signature by an empty key", "RFC 8725 §3.5", key=""),
    header("a key id that is a path", "RFC 8725 §3.10", kid="../../../../dev/null", key=""),
    header("a key id that is SQL", "RFC 8725 §3.10", kid="' UNION SELECT 'a' --", key="a"),
    header("a key id that is null", "RFC 8725 §3.10", kid=None),
    header("a key id that is a list", "RFC 8725 §3.10", kid=["a"]),
    header("a key id that is a number", "RFC 8725 §3.10", kid=0),
    header("a key that the token brings along", "RFC 8725 §3.10", jwk={"kty": "oct", "k": encoded(b"a")}, key="a"),
    header("a key that lies elsewhere", "RFC 8725 §3.10", jku="http://127.0.0.1:1/keys.json", key="a"),
    header("a certificate that lies elsewhere", "RFC 8725 §3.10", x5u="http://127.0.0.1:1/cert.pem", key="a"),
    header("an extension that is critical", "RFC 7515 §4.1.11", crit=["exp"], exp=NOW),
    header("a payload that is not encoded", "RFC 7797", b64=False, crit=["b64"]),
]
CLAIMS = [
    claim("a token of another audience", "RFC 8725 §3.9", {"aud": "another"}),
    claim("a token of several audiences", "RFC 8725 §3.9", {"aud": ["nexus/graphql", "another"]}),
    claim("a token of another issuer", "RFC 8725 §3.8", {"iss": "another"}),
    claim("a token for another use", "RFC 8725 §3.11", {"typ": "refresh"}),
    *(
        claim(f"a token without {name}", "RFC 8725 §3.8", {name: ...})
        for name in ("exp", "aud", "iss", "sub", "sid", "jti", "tv", "typ")
    ),
    claim("a token of yesterday", "ASVS 5.0 V9.2.1", {"exp": NOW - 86_400}, "TOKEN_EXPIRED"),
    claim("a token that ended before time began", "ASVS 5.0 V9.2.1", {"exp": -1}, "TOKEN_EXPIRED"),
    claim("a token that is not good yet", "ASVS 5.0 V9.2.1", {"nbf": NOW + 86_400}),
    claim("a time that is a text", "ASVS 5.0 V9.2.1", {"exp": "never"}),
    claim("a time that is a list", "ASVS 5.0 V9.2.1", {"exp": [NOW + 60]}),
    claim("a time without end", "ASVS 5.0 V9.2.1", {"exp": float("inf")}),
    claim("a time that is no number", "ASVS 5.0 V9.2.1", {"exp": float("nan")}),
    claim("a session of another person", "RFC 8725 §3.8", {"sid": "1"}),
    claim("a person who is SQL", "RFC 8725 §3.10", {"sub": "1 OR 1=1"}),
    claim("a person who is a number", "RFC 8725 §3.8", {"sub": 1}),
    claim("a person beyond all numbers", "RFC 8725 §3.8", {"sub": "9" * 19}),
    claim("a version that is true", "RFC 8725 §3.8", {"tv": True}),
    claim("a version of the future", "RFC 8725 §3.8", {"tv": 2}),
    claim("a version beyond all numbers", "RFC 8725 §3.8", {"tv": 10**30}),
]
FORMS = [
    parts("a token whose signature is cut off", PKCS, lambda stage, given: f"{given[0]}.{given[1]}."),
    parts("a token of two parts", "RFC 7519 §7.2", lambda stage, given: ".".join(given[:2])),
    parts("a token of five parts", "RFC 8725 §2.4", lambda stage, given: ".".join([*given, "a", "b"])),
    parts(
        "a payload exchanged under its signature",
        PKCS,
        lambda stage, given: f"{given[0]}.{encoded({**claims(stage, 'mallory'), 'sub': '1'})}.{given[2]}",
    ),
    parts("a token with padding", "RFC 7515 §2", lambda stage, given: ".".join([*given[:2], given[2] + "="])),
    parts("a token with a null at its end", "RFC 7515 §2", lambda stage, given: ".".join(given) + "%00"),
    parts("a payload that is a list", "RFC 7519 §7.2", lambda stage, given: f"{given[0]}.{encoded([])}.{given[2]}"),
    with_token("a payload that nests", "RFC 8725 §3.6", lambda stage: signed(b"[" * 1_000)),
    with_token("a token of 30 kB", "OWASP GraphQL: DoS", lambda stage: "a" * 10_000 + "." + "b" * 10_000 + ".cc"),
    with_token("a refresh token as an access token", "RFC 9700 §4.14", lambda stage: stage.person("staff")["refresh"]),
    with_token("a script's token that nobody made", "ASVS 5.0 V7.2.3", lambda stage: "nxp_" + "A" * 43),
    with_token("a script's token that is only begun", "ASVS 5.0 V7.2.3", lambda stage: "nxp_"),
    with_token("half of a script's token", "ASVS 5.0 V7.2.3", lambda stage: stage.person("staff")["script"][:24]),
    refreshing("an access token as a refresh token", "RFC 9700 §4.14", lambda stage: stage.person("staff")["token"]),
    refreshing("a script's token as a refresh token", "RFC 9700 §4.14", lambda stage: stage.person("staff")["script"]),
    refreshing("an empty refresh token", "RFC 9700 §4.14", lambda stage: ""),
    refreshing("a refresh token that is SQL", "RFC 9700 §4.14", lambda stage: "' OR ''='"),
    refreshing("a refresh token with a null", "RFC 9700 §4.14", lambda stage: "\0" * 43),
]
LINES = [
    line("a password in the header", "RFC 9700 §2", lambda stage: ["Authorization: Basic c3RhZmY6c3RhZmY="]),
    line("a scheme without a token", "RFC 6750 §3.1", lambda stage: ["Authorization: Bearer"]),
    line("an empty header", "RFC 6750 §3.1", lambda stage: ["Authorization:"]),
    line(
        "two tokens in a header",
        "RFC 6750 §2",
        lambda stage: [f"Authorization: JWT {stage.person('mallory')['token']}, JWT {stage.person('staff')['token']}"],
    ),
    line("two headers", "RFC 6750 §2", lambda stage: [*stage.bearer("mallory"), *stage.bearer("staff")]),
    line("letters of no alphabet", "RFC 6750 §2.1", lambda stage: ["Authorization: JWT é\xff\xa0ß"]),
    line(
        "another header that WSGI takes for the same",
        "CWE-444",
        lambda stage: [*stage.bearer("mallory"), f"X_Authorization: {stage.bearer('staff')[0]}"],
        200,
    ),
    Attack(
        "a token in the address",
        "RFC 9700 §4.3.2",
        _anonymous(
            lambda stage: asked(
                f"/graphql?query={{viewer{{id}}}}&access_token={stage.person('staff')['token']}"
                f"&authorization=JWT%20{stage.person('staff')['token']}"
            )
        ),
        data={"viewer": None},
    ),
    Attack(
        "a token in a cookie",
        "OWASP CSRF",
        _anonymous(
            lambda stage: asked(
                "/graphql?query={viewer{id}}",
                f"Cookie: JWT={stage.person('staff')['token']}; JWT-refresh-token={stage.person('staff')['refresh']}",
            )
        ),
        data={"viewer": None},
    ),
]


def by_script(name: str, query: str, **variables: Any) -> Attack:
    """What a script that may only read tries."""

    def send(stage: Stage) -> Reply:
        return stage.ask(query, named(stage, variables), f"Authorization: JWT {stage.person('author')['script']}")

    return Attack(name, "ASVS 5.0 V8.2.1", send, 200, "FORBIDDEN", as_="author")


SCRIPTS = [
    by_script(
        "writing with a token that reads",
        'mutation { tagCreate(input: {name: "By a script"}) { tag { id } errors { code path message } } }',
    ),
    by_script(
        "a script's token that makes another",
        'mutation { personalAccessTokenCreate(input: {name: "More", scope: WRITE}) { token errors { code path } } }',
    ),
    by_script(
        "a script that changes the password",
        """mutation { passwordChange(input: {oldPassword: "correct horse battery staple", newPassword: "another horse 1"})
        { token errors { code path } } }""",
    ),
    by_script(
        "a script that ends sessions", "mutation { sessionRevokeAll(input: {}) { revoked errors { code path } } }"
    ),
]
THEFT = [
    asking(
        "ending another's session",
        "ASVS 5.0 V7.4",
        "mutation($id: ID!) { sessionRevoke(input: {id: $id}) { revoked errors { code path message } } }",
        id="@session_author",
        code="NOT_FOUND",
    ),
    asking(
        "revoking another's script",
        "ASVS 5.0 V8.2.2",
        "mutation($id: ID!) { personalAccessTokenRevoke(input: {id: $id}) { revokedId errors { code path message } } }",
        id="@script_author",
        code="NOT_FOUND",
    ),
]
ATTACKS = [*HEADERS, *CLAIMS, *FORMS, *LINES, *SCRIPTS, *THEFT]
