"""Profiles: what people say of themselves, and where mail reaches them."""

from datetime import datetime
from functools import cache
from typing import TypedDict, Unpack
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction

from knowledge import audit, outbox
from knowledge.errors import MistakeCode, Mistakes, Rejected
from knowledge.events import AuditAction, EventType
from knowledge.models import LinkPurpose, User
from knowledge.models.people import BIO_LENGTH
from knowledge.policy import ANONYMOUS, Viewer, require_session, require_signed_in
from knowledge.services import mailed_links
from knowledge.services.credentials import DISPLAY_NAME_MOST, check_email
from knowledge.services.signing_in import require_own_password
from knowledge.text import clean_line, clean_text, mailbox


class ProfileChanges(TypedDict, total=False):
    """What of a profile changes; what is left out stays as it is."""

    display_name: str
    bio: str
    time_zone: str
    email: str


def update_account(
    viewer: Viewer, *, current_password: str | None = None, now: datetime, **changes: Unpack[ProfileChanges]
) -> User:
    """The viewer's user, changed.

    Another address needs `current_password`, and counts only once it is confirmed: a link is mailed there. The address
    that is there already, and not confirmed, is mailed a new link.

    Raises Unauthenticated, Forbidden (for a script that would change the address), InvalidCredentials for a wrong
    password, TooManyAttempts, and Rejected with every mistake at once.
    """
    user = User.objects.get(pk=require_signed_in(viewer))
    mistakes = Mistakes()
    cleaned = _cleaned(changes, mistakes)
    email = cleaned.pop("email", user.email)
    moved = email != user.email
    if moved:
        require_session(viewer)
    if moved and not current_password:
        mistakes.add(MistakeCode.REQUIRED, "Another address needs your password.", "current_password")
    mistakes.settle()
    if moved:
        require_own_password(viewer, user, current_password or "", now=now)
    asks = "email" in changes and (moved or user.email_confirmed_at is None)
    if asks:
        mailed_links.require_patience(email, viewer.address, now=now)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(**cleaned)
        outbox.record(EventType.USER_UPDATED, user, at=now)
        if asks:
            _move(user, email, now)
        if moved:
            # Without the addresses: staff need to know that it changed, and nobody could take them out again.
            audit.record(AuditAction.EMAIL_CHANGED, viewer=viewer, subject=user, at=now)
    user.refresh_from_db()
    return user


def confirm_email(*, token: str, now: datetime, address: str = "") -> User:
    """The user whose address the link confirms.

    Raises Rejected at ("token",): INVALID for a link that was used, is too old or is none, DUPLICATE when somebody else
    has confirmed this address: only who reads its mail comes to know.
    """
    link, user = mailed_links.find(LinkPurpose.CONFIRM_EMAIL, token, now=now)
    try:
        with transaction.atomic():
            mailed_links.spend(link, now=now)
            User.objects.filter(pk=user.pk, email=link.email).update(email_confirmed_at=now)
            audit.record(AuditAction.EMAIL_CONFIRMED, viewer=ANONYMOUS, subject=user, at=now, address=address)
            outbox.record(EventType.USER_UPDATED, user, at=now)
    except IntegrityError as error:
        if "user_confirmed_email_unique" not in str(error):
            raise
        raise Rejected.because(MistakeCode.DUPLICATE, "Another account has this address.", "token") from None
    user.refresh_from_db()
    return user


def _cleaned(changes: ProfileChanges, mistakes: Mistakes) -> dict[str, str]:
    cleaned: dict[str, str] = {}
    if "display_name" in changes:
        name = changes["display_name"]
        cleaned["display_name"] = clean_line(name, mistakes, "display_name", most=DISPLAY_NAME_MOST, required=False)
    if "bio" in changes:
        cleaned["bio"] = clean_text(changes["bio"], mistakes, "bio", most=BIO_LENGTH, required=False)
    if "time_zone" in changes:
        cleaned["time_zone"] = changes["time_zone"]
        if changes["time_zone"] not in _time_zones():
            mistakes.add(
                MistakeCode.INVALID, "There is no such time zone; say Africa/Nairobi, for example.", "time_zone"
            )
    if "email" in changes:
        cleaned["email"] = mailbox(changes["email"])
        check_email(cleaned["email"], mistakes)
    return cleaned


def _move(user: User, email: str, now: datetime) -> None:
    """Takes the address, to be confirmed; links that went to the one before are void."""
    user.email = email
    User.objects.filter(pk=user.pk).update(email=email, email_confirmed_at=None)
    mailed_links.void(user, LinkPurpose.RESET_PASSWORD, now=now)
    mailed_links.ask_to_confirm(user, now=now)


@cache
def _time_zones() -> frozenset[str]:
    # Read from the files of the system once: it takes ten milliseconds.
    return frozenset(available_timezones())
