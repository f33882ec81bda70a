"""Accounts: registering one, and telling whether somebody is who they say."""

import re
import unicodedata
from datetime import datetime
from typing import Final

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from knowledge import outbox
from knowledge.errors import InvalidCredentials, MistakeCode, Mistakes, Rejected
from knowledge.events import EventType
from knowledge.models import User
from knowledge.text.cleaning import clean_line

USERNAME_LEAST: Final = 3
USERNAME_MOST: Final = 30
EMAIL_MOST: Final = 254
DISPLAY_NAME_MOST: Final = 100
PASSWORD_MOST: Final = 128

_USERNAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_TAKEN: Final = (MistakeCode.DUPLICATE, "This username is taken.", "username")
_NO_TEXT: Final = frozenset({"Cc", "Cs"})  # control characters, and halves of surrogate pairs


def register(*, username: str, email: str, password: str, display_name: str = "", now: datetime) -> User:
    """Saves a new contributor and records USER_REGISTERED, in one transaction.

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
    _check_email(user.email, mistakes)
    _check_password(password, user, mistakes)
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


def _saved(user: User, now: datetime) -> User:
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            outbox.record(EventType.USER_REGISTERED, user, at=now)
    except IntegrityError as error:
        if "user_username_unique" not in str(error):
            raise
        raise Rejected.because(*_TAKEN) from None
    return user


def _user_named(username: str) -> User | None:
    if not _is_text(username):
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


def _check_email(email: str, mistakes: Mistakes) -> None:
    if not email:
        mistakes.add(MistakeCode.REQUIRED, "An e-mail address is needed.", "email")
    elif len(email) > EMAIL_MOST:
        mistakes.add(MistakeCode.TOO_LONG, f"An e-mail address has at most {EMAIL_MOST} characters.", "email")
    elif not _is_email(email):
        mistakes.add(MistakeCode.INVALID, "This is not an e-mail address.", "email")


def _check_password(password: str, user: User, mistakes: Mistakes) -> None:
    if not password:
        mistakes.add(MistakeCode.REQUIRED, "A password is needed.", "password")
    elif len(password) > PASSWORD_MOST:
        # Not shown to the validators: comparing it with the user's names takes time by its length.
        mistakes.add(MistakeCode.TOO_LONG, f"A password has at most {PASSWORD_MOST} characters.", "password")
    elif not _is_text(password):
        mistakes.add(MistakeCode.INVALID, "A password has no control characters.", "password")
    else:
        for weakness in _weaknesses(password, user):
            mistakes.add(MistakeCode.WEAK_PASSWORD, weakness, "password")


def _weaknesses(password: str, user: User) -> list[str]:
    # Cut to what can be stored: the password is compared with each word of them.
    known = User(
        username=user.username[:USERNAME_MOST],
        email=user.email[:EMAIL_MOST],
        display_name=user.display_name[:DISPLAY_NAME_MOST],
    )
    try:
        validate_password(password, known)
    except ValidationError as error:
        return error.messages
    return []


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return text.isprintable()  # the validator takes marks that change how the rest is shown for letters


def _is_text(text: str) -> bool:
    """Whether PostgreSQL can hold it, and it is of one line."""
    return not any(unicodedata.category(character) in _NO_TEXT for character in text)
