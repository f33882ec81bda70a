"""From a password to a signed cookie, and from the cookie to a viewer.

The cookie names a row of `Session` and proves that it was made for it: it is signed, and bound to the password by a
hash. Whether the session still stands, and its owner is staff, is asked of the database at each request.
"""

from typing import Final, cast

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from knowledge.models import Role, User
from knowledge.policy import ANONYMOUS, Viewer
from knowledge.services.credentials import PASSWORD_MOST
from knowledge.services.staff_sessions import sign_in_staff, sign_out_staff, staff_in_session

_SESSION: Final = "session"
_PROOF: Final = "proof"


class StaffRequest(HttpRequest):
    """A request to the admin."""

    viewer: Viewer


class SignInForm(forms.Form):
    """A name and a password."""

    username = forms.CharField(max_length=150, widget=forms.TextInput(attrs={"autofocus": True}))
    # A byte more than any password has, so that a longer one is refused as a wrong one is.
    password = forms.CharField(max_length=8 * PASSWORD_MOST, strip=False, widget=forms.PasswordInput)
    username.widget.attrs["autocomplete"] = "username"
    password.widget.attrs["autocomplete"] = "current-password"


def sign_in(request: HttpRequest, *, username: str, password: str) -> None:
    """Opens a session and has the response set its cookie. Raises as `sign_in_staff`.

    Nothing that the browser came with is kept, so nobody can have prepared it; a session that it had ends.
    """
    now = timezone.now()
    session = sign_in_staff(
        username=username,
        password=password,
        user_agent=request.headers.get("User-Agent", ""),
        address=request.META["REMOTE_ADDR"],
        now=now,
    )
    if viewer_of(request).signed_in:
        sign_out_staff(viewer_of(request), now=now)
    request.session.flush()
    request.session[_SESSION] = session.pk
    request.session[_PROOF] = session.user.get_session_auth_hash()
    rotate_token(request)


def sign_out(request: HttpRequest) -> None:
    """Ends the session and has the response take the cookie back."""
    sign_out_staff(viewer_of(request), now=timezone.now())
    request.session.flush()


def identify(request: HttpRequest) -> None:
    """Sets the request's viewer and its user, which Django's admin asks for. A cookie without a session is dropped."""
    user = _who(request)
    if user is None and _SESSION in request.session:
        request.session.flush()
    # Django types a request's user by its own model; the admin asks no more of it than ours offers.
    request.user = user or AnonymousUser()
    cast("StaffRequest", request).viewer = ANONYMOUS if user is None else _viewer(user, request)


def viewer_of(request: HttpRequest) -> Viewer:
    """Who sent the request."""
    return cast("StaffRequest", request).viewer


def _who(request: HttpRequest) -> User | None:
    session_id, proof = request.session.get(_SESSION), request.session.get(_PROOF)
    if not isinstance(session_id, int) or not isinstance(proof, str):
        return None
    user = staff_in_session(session_id, now=timezone.now())
    if user is None:
        return None
    # The others hold while a former SECRET_KEY does.
    proofs = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return user if any(constant_time_compare(proof, known) for known in proofs) else None


def _viewer(user: User, request: HttpRequest) -> Viewer:
    return Viewer(
        id=user.pk,
        role=Role(user.role),
        session_id=request.session[_SESSION],
        address=request.META["REMOTE_ADDR"],
    )
