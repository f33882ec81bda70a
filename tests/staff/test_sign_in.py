"""Signing in to the admin and out of it."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as configured
from django.contrib.auth.hashers import make_password
from django.test import Client
from pytest_django import Settings

from knowledge.models import AuditEvent, RefreshToken, Role, Session, User
from knowledge.services.sessions import open_session
from knowledge.services.staff_sessions import REFUSED
from tests.cast import PASSWORD, Cast
from tests.client import Client as Api
from tests.snapshot import every_row
from tests.staff.visitor import LOGIN, Visitor, forged, said


def test_staff_get_in_and_it_is_written_down(visitor: Visitor, cast: Cast) -> None:
    assert visitor.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
    assert visitor.sign_in("STAFF", PASSWORD).headers["Location"] == "/admin/"
    page = visitor.get("/admin/")
    assert page.status_code == 200
    assert "Welcome, staff" in said(page)
    session = Session.objects.get()
    assert (session.user, session.address, session.ended_at) == (cast.staff, "127.0.0.1", None)
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.subject_id, event.address) == (
        "user.signed_in",
        cast.staff,
        cast.staff.pk,
        "127.0.0.1",
    )


@pytest.mark.parametrize("username", ["author", "peer", "reviewer", "nobody", "\u0000", "", "retired"])
def test_nobody_else_gets_in_and_nothing_tells_why(visitor: Visitor, cast: Cast, username: str) -> None:
    User.objects.create(username="retired", role=Role.STAFF, is_active=False, password=make_password(PASSWORD))
    before = every_row()
    answer = visitor.sign_in(username, PASSWORD)
    assert answer.status_code == 200
    after = every_row()
    if username.isalpha():
        assert REFUSED in said(answer)
        assert AuditEvent.objects.get().action == "user.sign_in_failed"
        after.pop("knowledge_auditevent")
        before.pop("knowledge_auditevent")
    assert after == before
    assert visitor.get("/admin/").status_code == 302


def test_a_wrong_password_is_refused_in_the_same_words(visitor: Visitor, cast: Cast) -> None:
    assert REFUSED in said(visitor.sign_in("staff", "wrong"))
    assert REFUSED in said(visitor.sign_in("reviewer", "wrong"))
    assert Session.objects.count() == 0


@pytest.mark.parametrize("username", ["staff", "author", "nobody"])
def test_failures_count_together_with_those_of_the_api(
    visitor: Visitor, cast: Cast, api: Api, settings: Settings, username: str
) -> None:
    settings.SIGN_IN_LIMIT_ACCOUNT = 2
    sign_in = 'mutation($u: String!) { tokenAuth(username: $u, password: "wrong") { token } }'
    assert api.run(sign_in, {"u": username}).codes == ["INVALID_CREDENTIALS"]
    # A contributor's right password is a failure too: else the count would tell that it is right.
    right = "wrong" if username == "staff" else PASSWORD
    assert visitor.sign_in(username, right).status_code == 200
    refused = visitor.sign_in(username, PASSWORD)
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True)
    assert "Too many attempts." in said(refused)
    assert api.run(sign_in, {"u": username}).codes == ["RATE_LIMITED"]


def test_a_form_without_its_token_is_refused(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(LOGIN, {"username": "staff", "password": PASSWORD}).status_code == 403
    assert Session.objects.count() == 0


def test_what_was_in_the_browser_before_is_gone(visitor: Visitor, cast: Cast) -> None:
    token = visitor.get(LOGIN).context["csrf_token"]
    planted = forged(cast.author, open_session(cast.author, user_agent="", address=None, now=datetime.now(UTC))[0])
    assert planted.cookie is not None
    visitor.http.cookies["nexus-admin"] = planted.cookie
    visitor.signed_in("staff")
    assert visitor.cookie not in {None, planted.cookie}
    # A token that somebody read, or planted, before the sign-in is good for nothing after it.
    assert visitor.http.post("/admin/logout/", {"csrfmiddlewaretoken": str(token)}).status_code == 403


def test_signing_in_once_more_ends_the_session_before(staff: Visitor, second: User) -> None:
    answer = staff.http.post(
        LOGIN,
        {
            "username": "second",
            "password": PASSWORD,
            "csrfmiddlewaretoken": staff.get("/admin/").context["csrf_token"],
        },
    )
    assert answer.status_code == 302
    assert "Welcome, second" in said(staff.get("/admin/"))
    ended = Session.objects.exclude(ended_at=None).values_list("user__username", "end_reason")
    assert list(ended) == [("staff", "SIGNED_OUT")]


def test_who_is_signed_in_meets_no_form(staff: Visitor) -> None:
    assert staff.get(LOGIN).headers["Location"] == "/admin/"


def test_signing_out_is_posted_and_cannot_be_taken_back(staff: Visitor) -> None:
    stolen = staff.cookie
    assert staff.get("/admin/logout/").status_code == 405
    assert staff.http.post("/admin/logout/").status_code == 403
    token = staff.get("/admin/").context["csrf_token"]
    assert staff.http.post("/admin/logout/", {"csrfmiddlewaretoken": str(token)}).headers["Location"] == LOGIN
    assert not staff.cookie
    assert Session.objects.get().end_reason == "SIGNED_OUT"
    thief = Visitor()
    assert stolen is not None
    thief.http.cookies[configured.SESSION_COOKIE_NAME] = stolen
    assert thief.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/admin/knowledge/user/?role=STAFF", "/admin/knowledge/user/?role=STAFF"),
        ("", "/admin/"),
        ("https://evil.example/admin/", "/admin/"),
        ("//evil.example/admin/", "/admin/"),
        ("/\\evil.example", "/admin/"),
        ("///evil.example", "/admin/"),
        ("http:///evil.example", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
        ("/graphql", "/admin/"),
        ("/administration", "/admin/"),
        ("/admin/../graphql", "/admin/"),
        ("/admin/%2e%2E/graphql", "/admin/"),
        ("/admin/\r\nX: y", "/admin/"),
        ("/admin/logout/", "/admin/"),
    ],
)
def test_it_leads_on_within_the_admin_alone(visitor: Visitor, cast: Cast, wanted: str, led: str) -> None:
    answer = visitor.sign_in("staff", PASSWORD, next=wanted)
    assert (answer.status_code, answer.headers["Location"]) == (302, led)
    fresh = Visitor()
    assert fresh.http.get(LOGIN, {"next": wanted}).context["next"] == led


def test_a_session_is_over_after_its_hours(staff: Visitor, cast: Cast, settings: Settings) -> None:
    token = RefreshToken.objects.get()
    assert token.expires_at - token.created_at == timedelta(hours=8) == settings.ADMIN_SESSION_LIFETIME
    RefreshToken.objects.update(created_at=token.created_at - timedelta(hours=9), expires_at=token.created_at)
    assert staff.get("/admin/").status_code == 302


def test_the_cookie_is_kept_from_scripts_and_for_the_admin(visitor: Visitor, cast: Cast) -> None:
    answer = visitor.sign_in("staff", PASSWORD)
    kept = {
        name: [cookie[part] for part in ("path", "httponly", "samesite", "max-age", "domain")]
        for name, cookie in answer.cookies.items()
    }
    assert kept == {
        "nexus-admin": ["/admin/", True, "Lax", 8 * 3600, ""],
        "nexus-admin-forms": ["/admin/", True, "Lax", "", ""],
    }
    assert len(answer.cookies["nexus-admin"].value) < 500


def test_in_production_the_cookies_come_over_tls_from_this_host_alone() -> None:
    program = (
        "from django.conf import settings as s;"
        "print(*[(s.__getattr__(f'{kind}_COOKIE_{part}')) for kind in ('SESSION', 'CSRF')"
        " for part in ('NAME', 'SECURE', 'PATH', 'HTTPONLY', 'SAMESITE', 'DOMAIN')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "NEXUS_ENV": "production", "CACHE_URL": "redis://127.0.0.1:1/0"},
        capture_output=True,
        text=True,
        check=True,
    )
    # The prefix asks for the path: browsers refuse such a cookie for a part of the host.
    assert done.stdout.split() == [
        *("__Host-nexus-admin", "True", "/", "True", "Lax", "None"),
        *("__Host-nexus-admin-forms", "True", "/", "True", "Lax", "None"),
    ]
