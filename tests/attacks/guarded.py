"""A server that runs trusted documents alone, and has pages' tokens in cookies: other sites, and other documents."""

import json
from collections.abc import Iterable
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from tests.attacks.attack import Attack
from tests.attacks.hashes import hashed
from tests.attacks.stage import PROBE, PROBED, Stage
from tests.cast import PASSWORD
from tests.http.server import Reply, asked, posted

CSRF = "OWASP CSRF"
TRUST = "OWASP GraphQL: allow list"
OURS = "https://nexus.example"
WHO = "{ viewer { user { username } } }"
NEW_TAG = 'mutation { tagCreate(input: {name: "Forged"}) { tag { id } errors { code } } }'
SIGN_IN = "mutation($n: String!, $p: String!) { tokenAuth(username: $n, password: $p) { token refreshToken } }"
RENEW = "mutation { refreshToken { token refreshToken } }"
OTHER = "{ tags(first: 1) { totalCount } }"
MANIFEST = {"probe": PROBE, "who": WHO, hashed(NEW_TAG): NEW_TAG}
FAILURES = ("knowledge_auditevent",)


def settings(folder: Path) -> dict[str, str]:
    """Those of such a server; its manifest is in the folder."""
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(MANIFEST))
    return {
        "TRUSTED_DOCUMENTS": str(manifest),
        "TRUSTED_DOCUMENTS_ONLY": "true",
        "TOKEN_COOKIES": "true",
        "PUBLIC_URL": OURS,
    }


def sent(stage: Stage, query: str, *lines: str, variables: Any = None) -> Reply:
    """What is answered to a document, with these header lines."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    return stage.exchange(posted(body, "Accept: application/graphql-response+json", *lines))


def signed_in(stage: Stage) -> str:
    """The Cookie header of a browser in which the author signed in; what it was given must be guarded."""
    reply = sent(stage, SIGN_IN, f"Origin: {OURS}", variables={"n": "author", "p": PASSWORD})
    assert reply.json["data"]["tokenAuth"] == {"token": None, "refreshToken": None}
    kept = {name: morsel for line in reply.cookies for name, morsel in SimpleCookie(line).items()}
    assert set(kept) == {"__Host-JWT", "__Secure-JWT-refresh-token"}
    for morsel in kept.values():
        assert (morsel["httponly"], morsel["secure"], morsel["samesite"]) == (True, True, "Strict")
        assert morsel["domain"] == ""
    return "Cookie: " + "; ".join(f"{name}={morsel.value}" for name, morsel in kept.items())


def riding(name: str, *lines: str, query: str = NEW_TAG) -> Attack:
    """A request of another site that a browser has sent with our cookies: it is refused, and changes nothing."""

    def send(stage: Stage) -> Reply:
        return sent(stage, query, signed_in(stage), *lines)

    return Attack(name, CSRF, send, 403, "BAD_REQUEST", writes=SESSIONS)


# Signing in opens a session, of which the trail tells.
SESSIONS = ("knowledge_session", "knowledge_refreshtoken", *FAILURES)


def _by_address(stage: Stage) -> Reply:
    """A page of another site that loads one of ours: no cookie counts on a GET."""
    return stage.exchange(
        asked(f"/graphql?query={WHO.replace(' ', '%20')}", signed_in(stage), "Origin: https://evil.example")
    )


def _of_our_own(stage: Stage) -> Iterable[Reply]:
    """What all of these stand against: a page of ours is let in."""
    reply = sent(stage, WHO, signed_in(stage), f"Origin: {OURS}")
    assert reply.json["data"] == {"viewer": {"user": {"username": "author"}}}
    return [reply]


def _planted(stage: Stage) -> Reply:
    """A browser that is signed in as somebody else by another site: it keeps no cookie of that."""
    reply = sent(stage, SIGN_IN, "Origin: https://evil.example", variables={"n": "mallory", "p": PASSWORD})
    assert reply.cookies == []
    return sent(stage, WHO, "Origin: https://evil.example", "Cookie: __Host-JWT=a.b.c")


def untrusted(
    name: str, query: str, *, as_: str | None = "mallory", status: int = 400, code: str = "FORBIDDEN"
) -> Attack:
    """A document that is not in the manifest."""
    return Attack(name, TRUST, lambda stage: stage.ask(query, as_=as_), status, code, as_=as_)


def _by_hash(stage: Stage) -> Iterable[Reply]:
    """A document that is registered, and then asked for by its hash: registering makes nothing trusted."""
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hashed(OTHER)}}
    text = json.dumps({"query": OTHER, "extensions": extensions}).encode()
    return [stage.exchange(posted(text, "Accept: application/graphql-response+json")) for _ in range(2)]


COOKIES = [
    Attack("a page of our own", CSRF, _of_our_own, as_="author", writes=SESSIONS),
    riding("a page of another site", "Origin: https://evil.example"),
    riding("a page of no site", "Origin: null"),
    riding("a request without an origin"),
    riding("a page of a name that begins like ours", "Origin: https://nexus.example.evil.example"),
    riding("a page of ours over plain HTTP", "Origin: http://nexus.example"),
    riding("a page of ours at another port", "Origin: https://nexus.example:8443"),
    riding("a page that says where it comes from in another way", "Referer: https://nexus.example/", "X-Forwarded-Host: nexus.example"),
    riding("new tokens for another site", "Origin: https://evil.example", query=RENEW),
    Attack("cookies on a GET", CSRF, _by_address, data={"viewer": None}, writes=SESSIONS),
    Attack("another's account planted in a browser", "CWE-352: login CSRF", _planted, 403, "BAD_REQUEST", writes=SESSIONS),
]  # fmt: skip
DOCUMENTS = [
    untrusted("a document that nobody trusts", OTHER),
    untrusted("a document that nobody trusts, as nobody", OTHER, as_=None),
    untrusted("a document that nobody trusts, as a reviewer", OTHER, as_="reviewer"),
    untrusted("a trusted one with a space more", PROBE + " "),
    untrusted("a trusted one with another behind it", "query A " + PROBE + " query B { users { totalCount } }"),
    untrusted("the schema", "{ __schema { types { name } } }"),
    untrusted("signing in with a question beside it", 'mutation { tokenAuth(username: "a", password: "b") { token } tagCreate(input: {name: "A"}) { tag { id } } }'),
    untrusted("signing in with a fragment beside it", 'mutation { ...F } fragment F on Mutation { tagCreate(input: {name: "A"}) { tag { id } } }'),
    Attack("a document made trusted by its hash", TRUST, _by_hash, 400, "FORBIDDEN"),
    Attack("what is trusted", TRUST, lambda stage: stage.ask(PROBE), data=PROBED),
    Attack("what staff ask", TRUST, lambda stage: stage.ask(OTHER, as_="staff"), data={"tags": {"totalCount": 2}}, as_="staff"),
    Attack("GraphiQL", TRUST, lambda stage: stage.exchange(asked("/graphql", "Accept: text/html")), 200, None),
]  # fmt: skip
ATTACKS = [*COOKIES, *DOCUMENTS]
