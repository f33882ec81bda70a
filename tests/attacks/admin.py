"""The pages: the admin's sign-in, its cookies and forms, and the way out of mails."""

import re
from collections.abc import Callable, Iterable
from urllib.parse import quote, urlencode

from tests.attacks.attack import Attack, named, raw
from tests.attacks.stage import Stage
from tests.cast import PASSWORD
from tests.http.server import Reply, asked

LOGIN = "/admin/login/"
SESSIONS = "ASVS 5.0 V7"
CSRF = "OWASP CSRF"
FAILURES = ("knowledge_auditevent",)
FORM = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
KEPT = re.compile(r"(nexus-admin[\w-]*)=([^;]*)")


def formed(target: str, fields: dict[str, str], *lines: str) -> bytes:
    """A form that is sent."""
    text = urlencode(fields).encode()
    head = asked(
        target, "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(text)}", *lines, method="POST"
    )
    return head + text


def fetched(stage: Stage, target: str = LOGIN) -> tuple[str, str]:
    """The token of the form at the address, and the cookie that belongs to it."""
    reply = stage.exchange(asked(target))
    return FORM.findall(reply.body.decode())[0], "; ".join(
        "=".join(found) for found in KEPT.findall(reply.headers["set-cookie"])
    )


def signing(stage: Stage, username: str, password: str, *lines: str, target: str = LOGIN, **more: str) -> Reply:
    """What is answered to the form of the sign-in."""
    token, cookie = fetched(stage)
    fields = {"csrfmiddlewaretoken": token, "username": username, "password": password, **more}
    return stage.exchange(formed(target, fields, f"Cookie: {cookie}", *lines))


def form(name: str, source: str, send: Callable[[Stage], Reply], status: int, **more: object) -> Attack:
    """A form that gets nobody in."""

    def sent(stage: Stage) -> Reply:
        reply = send(stage)
        assert "nexus-admin=" not in reply.headers.get("set-cookie", "").replace('nexus-admin=""', ""), reply.headers
        return reply

    return Attack(name, source, sent, status, writes=FAILURES)


def _led(next_: str) -> Attack:
    """A sign-in that would lead on to another site: it leads into the admin, whatever was asked."""

    def send(stage: Stage) -> Reply:
        reply = signing(stage, "staff", PASSWORD, target=f"{LOGIN}?next={quote(next_)}", next=next_)
        assert reply.headers["location"] == "/admin/"
        assert "x" not in reply.headers
        return reply

    return Attack(f"a way on to {next_!r}", "CWE-601", send, 302, writes=("*",))


def _fixed(stage: Stage) -> Iterable[Reply]:
    """A session that somebody was handed before they signed in: it is not the one that they have afterwards."""
    token, cookie = fetched(stage)
    planted = "nexus-admin=planted-by-mallory"
    fields = {"csrfmiddlewaretoken": token, "username": "staff", "password": PASSWORD}
    reply = stage.exchange(formed(LOGIN, fields, f"Cookie: {cookie}; {planted}"))
    assert reply.status == 302
    assert "planted" not in reply.headers["set-cookie"]
    yield stage.exchange(asked("/admin/", f"Cookie: {planted}"))


def leaving(name: str, make: Callable[[str], str], code: str | None = None) -> Attack:
    """The way out of mails by a link that is none."""

    def send(stage: Stage) -> Reply:
        target = make(named(stage, "@unsubscribe"))
        return stage.exchange(formed(target, {"List-Unsubscribe": "One-Click"}))

    return Attack(name, "RFC 8058 §7", send, 404, code)


ADMIN = [
    *(
        raw(f"{target} without signing in", SESSIONS, asked(target), status=302, code=None)
        for target in ("/admin/", "/admin/knowledge/user/", "/admin/knowledge/auditevent/", "/admin/knowledge/user/1/change/", "/admin/nothing/")
    ),
    raw("a page of the admin by a token of the API", SESSIONS, asked("/admin/", "Authorization: JWT a.b.c", "X-Forwarded-User: staff",
        "Remote-User: staff"), status=302, code=None),
    raw("a cookie that was made up", SESSIONS, asked("/admin/", "Cookie: nexus-admin=eyJzZXNzaW9uIjoxfQ:1a:b"), status=302, code=None),
    raw("a cookie that is a pickle", "CWE-502", asked("/admin/", "Cookie: nexus-admin=gASVCgAAAAAAAAB9lC4:1a:b"), status=302, code=None),
    raw("a cookie of 30 kB", "CWE-400", asked("/admin/", "Cookie: nexus-admin=" + "a" * 30_000), status=302, code=None),
    raw("a form without its token", CSRF, formed(LOGIN, {"username": "staff", "password": PASSWORD}), status=403, code=None),
    form("a form of another site", CSRF, lambda stage: signing(stage, "staff", PASSWORD, "Origin: https://evil.example"), 403),
    form("a form of no site", CSRF, lambda stage: signing(stage, "staff", PASSWORD, "Origin: null"), 403),
    form("a form with another's token", CSRF, lambda stage: signing(stage, "staff", PASSWORD, csrfmiddlewaretoken="a" * 64), 403),
    form("a wrong password at the admin", "ASVS 5.0 V6.3.1", lambda stage: signing(stage, "staff", "wrong horse"), 200),
    form("a contributor at the admin", "ASVS 5.0 V8.2.1", lambda stage: signing(stage, "mallory", PASSWORD), 200),
    form("a reviewer at the admin", "ASVS 5.0 V8.2.1", lambda stage: signing(stage, "reviewer", PASSWORD), 200),
    form("a name that is SQL at the admin", "ASVS 5.0 V1.2.4", lambda stage: signing(stage, "' OR 1=1 --", "a"), 200),
    form("a name with a null at the admin", "ASVS 5.0 V1.2.4", lambda stage: signing(stage, "staff\0", PASSWORD), 200),
    *(_led(place) for place in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/admin/../graphql",
                                "/admin/%2e%2E/graphql", "/admin/x/../../graphql?a=b",
                                "/admin//evil.example\r\nX: y", "/admin/logout/")),
    Attack("a session that was planted", "CWE-384", _fixed, 302, writes=("*",)),
    raw("a script in the address of GraphiQL", "CWE-79", asked("/graphql?a=%3Cscript%3Ealert(1)%3C/script%3E", "Accept: text/html"), status=200, code=None),
]  # fmt: skip
MAILS = [
    leaving("another's way out, by its number", lambda path: path.replace("/1.", "/2.")),
    leaving("a way out without its signature", lambda path: path.partition(".")[0]),
    leaving("a way out with another signature", lambda path: path.partition(".")[0] + "." + "a" * 43),
    leaving("a way out that is SQL", lambda path: "/digests/unsubscribe/" + quote("' OR 1=1 --.a")),
    leaving("a way out that is a path", lambda path: "/digests/unsubscribe/..%2f..%2fadmin", "NOT_FOUND"),
    Attack("a way out that a scanner follows", "RFC 8058 §3.1", lambda stage: stage.exchange(asked(named(stage, "@unsubscribe"))), 200, as_="author"),
    Attack("a way out without what mail clients send", "RFC 8058 §3.1", lambda stage: stage.exchange(formed(named(stage, "@unsubscribe"), {"a": "b"})), 400),
]  # fmt: skip
ATTACKS = [*ADMIN, *MAILS]
