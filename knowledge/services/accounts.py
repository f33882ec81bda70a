"""Accounts: registering one, and telling whether a name and a password belong together."""

import re
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from knowledge import outbox
from knowledge.errors import MistakeCode, Mistakes, Rejected
from knowledge.events import EventType
from knowledge.models import User
from knowledge.networks import network
from knowledge.services import mailed_links
from knowledge.services.credentials import DISPLAY_NAME_MOST, USERNAME_MOST, check_email, check_password, is_text
from knowledge.text import clean_line, mailbox
from knowledge.throttle import Limit, allowed

USERNAME_LEAST: Final = 3
# The window in which registrations from one place are counted.
REGISTERED_IN: Final = timedelta(hours=1)

_USERNAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_TAKEN: Final = (MistakeCode.DUPLICATE, "This username is taken.", "username")


def register(
    *, username: str, email: str, password: str, display_name: str = "", address: str = "", now: datetime
) -> User:
    """Saves a new contributor, records USER_REGISTERED and asks for a mail that confirms the e-mail address.

    That is neither confirmed nor compared with others', so the answer tells nothing of who is registered.
    Raises Rejected with every mistake at once, at ("username",), ("email",), ("password",), ("display_name",), and
    TooManyAttempts where too many have registered from this network `address`, or with this e-mail address.
    """
    mistakes = Mistakes()
    user = User(
        username=username.strip(),
        email=mailbox(email),
        display_name=clean_line(display_name, mistakes, "display_name", most=DISPLAY_NAME_MOST, required=False),
        joined_at=now,
    )
    _check_username(user.username, mistakes)
    check_email(user.email, mistakes)
    check_password(password, user, mistakes)
    mistakes.settle()
    _require_patience(address, now)
    mailed_links.require_patience(user.email, address, now=now)
    # Hashed before the transaction begins: it takes longer than everything else together.
    user.set_password(password)
    return _saved(user, now)


def check_credentials(*, username: str, password: str) -> tuple[User | None, bool]:
    """Who has this name, if anybody, and whether they may sign in with this password.

    It costs one password check, whatever the outcome.
    """
    readable = password.encode(errors="replace").decode()
    user = _user_named(username)
    matches = (user or User(password=make_password(None))).check_password(readable) and readable == password
    return user, user is not None and matches and user.is_active


def is_password(user: User, password: str) -> bool:
    """Whether it is the user's password."""
    readable = password.encode(errors="replace").decode()
    return user.check_password(readable) and readable == password


def _require_patience(address: str, now: datetime) -> None:
    if settings.RATE_LIMIT and address:
        allowed(Limit(f"register:{network(address)}", settings.REGISTRATION_LIMIT, REGISTERED_IN), now=now)


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
