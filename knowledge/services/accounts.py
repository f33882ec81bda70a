"""Accounts: registering one, and telling whether somebody is who they say."""

import re
from datetime import datetime
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from knowledge import outbox
from knowledge.errors import InvalidCredentials, MistakeCode, Mistakes, Rejected
from knowledge.events import EventType
from knowledge.models import User
from knowledge.services import mailed_links
from knowledge.services.credentials import DISPLAY_NAME_MOST, USERNAME_MOST, check_email, check_password, is_text
from knowledge.text.cleaning import clean_line

USERNAME_LEAST: Final = 3

_USERNAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_TAKEN: Final = (MistakeCode.DUPLICATE, "This username is taken.", "username")


def register(*, username: str, email: str, password: str, display_name: str = "", now: datetime) -> User:
    """Saves a new contributor, records USER_REGISTERED and asks for a mail that confirms the address.

    The address is neither confirmed nor compared with others', so the answer tells nothing of who is registered.
    Raises Rejected with every mistake at once, at ("username",), ("email",), ("password",), ("display_name",).
    """
    mistakes = Mistakes()
    user = User(
        username=username.strip(),
        email=User.objects.normalize_email(email.strip()),
        display_name=clean_line(display_name, mistakes, "display_name", most=DISPLAY_NAME_MOST, required=False),
        joined_at=now,
    )
    _check_username(user.username, mistakes)
    check_email(user.email, mistakes)
    check_password(password, user, mistakes)
    mistakes.settle()
    # Hashed before the transaction begins: it takes longer than everything else together.
    user.set_password(password)
    return _saved(user, now)


def authenticate(*, username: str, password: str) -> User:
    """The active user of that name and password.

    Raises InvalidCredentials, without telling an unknown name from a wrong password or a deactivated account; each
    costs one password check.
    """
    readable = password.encode(errors="replace").decode()
    user = _user_named(username)
    matches = (user or User(password=make_password(None))).check_password(readable) and readable == password
    if user is None or not matches or not user.is_active:
        raise InvalidCredentials
    return user


def require_password(user: User, password: str) -> None:
    """Raises InvalidCredentials when it is not the user's password."""
    readable = password.encode(errors="replace").decode()
    if not user.check_password(readable) or readable != password:
        raise InvalidCredentials("This is not your password.")


def _saved(user: User, now: datetime) -> User:
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            outbox.record(EventType.USER_REGISTERED, user, at=now)
            mailed_links.ask_to_confirm(user, now=now)
    except IntegrityError as error:
        if "user_username_unique" not in str(error):
            raise
        raise Rejected.because(*_TAKEN) from None
    return user


def _user_named(username: str) -> User | None:
    if not is_text(username):
        return None
    try:
        return User.objects.get_by_natural_key(username)
    except User.DoesNotExist:
        return None


def _check_username(username: str, mistakes: Mistakes) -> None:
    if not username:
        mistakes.add(MistakeCode.REQUIRED, "A username is needed.", "username")
        return
    if len(username) < USERNAME_LEAST:
        mistakes.add(MistakeCode.TOO_SHORT, f"A username has at least {USERNAME_LEAST} characters.", "username")
    if len(username) > USERNAME_MOST:
        mistakes.add(MistakeCode.TOO_LONG, f"A username has at most {USERNAME_MOST} characters.", "username")
    if not _USERNAME.fullmatch(username):
        form = "A username begins with a letter; letters, digits, “_”, “.” and “-” may follow."
        mistakes.add(MistakeCode.INVALID, form, "username")
    elif len(username) <= USERNAME_MOST and _user_named(username) is not None:
        mistakes.add(*_TAKEN)
