"""What may be an address, and what may be a password."""

import unicodedata
from typing import Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from knowledge.errors import MistakeCode, Mistakes
from knowledge.models import User
from knowledge.text import MAILBOX_MOST

USERNAME_MOST: Final = 30
DISPLAY_NAME_MOST: Final = 100
PASSWORD_MOST: Final = 128

# Without localhost, which is the mail server itself.
_VALIDATE_EMAIL: Final = EmailValidator(allowlist=[])
_NO_TEXT: Final = frozenset({"Cc", "Cs"})  # control characters, and halves of surrogate pairs


def check_email(email: str, mistakes: Mistakes) -> None:
    """Notes at ("email",) what keeps it from being an address."""
    if not email:
        mistakes.add(MistakeCode.REQUIRED, "An e-mail address is needed.", "email")
    elif len(email) > MAILBOX_MOST:
        mistakes.add(MistakeCode.TOO_LONG, f"An e-mail address has at most {MAILBOX_MOST} characters.", "email")
    elif not _is_email(email):
        mistakes.add(MistakeCode.INVALID, "This is not an e-mail address.", "email")


def check_password(password: str, user: User, mistakes: Mistakes, field: str = "password") -> None:
    """Notes at `field` what keeps it from being this user's password."""
    if not password:
        mistakes.add(MistakeCode.REQUIRED, "A password is needed.", field)
    elif len(password) > PASSWORD_MOST:
        # Not shown to the validators: comparing it with the user's names takes time by its length.
        mistakes.add(MistakeCode.TOO_LONG, f"A password has at most {PASSWORD_MOST} characters.", field)
    elif not is_text(password):
        mistakes.add(MistakeCode.INVALID, "A password has no control characters.", field)
    else:
        for weakness in _weaknesses(password, user):
            mistakes.add(MistakeCode.WEAK_PASSWORD, weakness, field)


def _weaknesses(password: str, user: User) -> list[str]:
    # Cut to what can be stored: the password is compared with each word of them.
    known = User(
        username=user.username[:USERNAME_MOST],
        email=user.email[:MAILBOX_MOST],
        display_name=user.display_name[:DISPLAY_NAME_MOST],
    )
    try:
        validate_password(password, known)
    except ValidationError as error:
        return error.messages
    return []


def _is_email(text: str) -> bool:
    try:
        _VALIDATE_EMAIL(text)
    except ValidationError:
        return False
    # The validator takes marks that change how the rest is shown for letters; and a number in brackets for a domain,
    # by which strangers would choose the machine that our mail server connects to.
    return text.isprintable() and not text.endswith("]")


def is_text(text: str) -> bool:
    """Whether PostgreSQL can hold it, and it is of one line."""
    return not any(unicodedata.category(character) in _NO_TEXT for character in text)
