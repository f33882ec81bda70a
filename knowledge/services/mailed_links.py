"""Links by mail: asked for in a request, sent by a worker, good once.

Asking writes a row and an event, the same whether or not anybody has the address; so neither answer nor time tells. The
secret is made by who sends it: 256 random bits, of which the database holds the SHA-256. A link is claimed before it is
sent, and released where sending failed; so it may get lost with its worker, and is never sent twice.
"""

import hashlib
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Lower

from knowledge import outbox
from knowledge.errors import MistakeCode, Rejected
from knowledge.events import EventType
from knowledge.models import LinkPurpose, MailedLink, User
from knowledge.networks import network
from knowledge.text import whose_mailbox
from knowledge.throttle import Limit, allowed, in_one_case, key_of

logger = logging.getLogger(__name__)

LIFETIMES: Final[Mapping[LinkPurpose, timedelta]] = MappingProxyType(
    {LinkPurpose.CONFIRM_EMAIL: timedelta(days=3), LinkPurpose.RESET_PASSWORD: timedelta(hours=1)}
)
# To one address in an hour; what is more is dropped in silence, or strangers could have somebody's mailbox filled.
MOST_IN_AN_HOUR: Final = 3
# The window in which is counted how often links are asked for.
ASKED_IN: Final = timedelta(hours=1)
# How long a link waits before it is taken for lost by its task.
PATIENCE: Final = timedelta(seconds=30)

_SECRET_BYTES: Final = 32
_SPENT: Final = "This link was used before, is too old, or is none of ours."
_WORDS: Final[Mapping[LinkPurpose, tuple[str, str, str]]] = MappingProxyType(
    {
        LinkPurpose.CONFIRM_EMAIL: (
            "Confirm your e-mail address",
            "{name} gave this address at {place}. If that was you, confirm it within three days:",
            "emailConfirm",
        ),
        LinkPurpose.RESET_PASSWORD: (
            "Set a new password",
            "Somebody asked for a new password for {name} at {place}. If that was you, set it within an hour:",
            "passwordReset",
        ),
    }
)


def require_patience(email: str, address: str, *, now: datetime) -> None:
    """Raises TooManyAttempts where too many links were asked for from there, or for this mailbox, known or not.

    Before the transaction that asks. Not counted where RATE_LIMIT is off.
    """
    if not settings.RATE_LIMIT:
        return
    if address:
        allowed(Limit(f"mail:from:{network(address)}", settings.MAIL_LIMIT_ADDRESS, ASKED_IN), now=now)
    allowed(
        Limit(f"mail:to:{key_of(in_one_case(whose_mailbox(email)))}", settings.MAIL_LIMIT_RECIPIENT, ASKED_IN), now=now
    )


def ask_to_confirm(user: User, *, now: datetime) -> None:
    """Has a link sent that confirms the user's address; earlier ones are void. Inside a transaction."""
    void(user, LinkPurpose.CONFIRM_EMAIL, now=now)
    _ask(LinkPurpose.CONFIRM_EMAIL, user.email, user, now)


@transaction.atomic
def ask_to_reset(email: str, *, now: datetime) -> None:
    """Has a link sent that sets a new password, if an active user has confirmed this address."""
    _ask(LinkPurpose.RESET_PASSWORD, email, None, now)


def void(user: User, purpose: LinkPurpose, *, now: datetime) -> None:
    """Makes the user's links for it good for nothing."""
    MailedLink.objects.filter(user=user, purpose=purpose, used_at=None).update(used_at=now)


def find(purpose: LinkPurpose, secret: str, *, now: datetime) -> tuple[MailedLink, User]:
    """The link and whose it is, while it is good. Raises Rejected with INVALID at ("token",)."""
    link = (
        MailedLink.objects.select_related("user")
        .filter(purpose=purpose, token_hash=_hash(secret), used_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if link is None or link.user is None:
        raise Rejected.because(MistakeCode.INVALID, _SPENT, "token")
    return link, link.user


def spend(link: MailedLink, *, now: datetime) -> None:
    """Uses the link; of several who do so at once, one succeeds. Raises Rejected with INVALID at ("token",)."""
    if not MailedLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now):
        raise Rejected.because(MistakeCode.INVALID, _SPENT, "token")


def send_link(link_id: int, *, now: datetime) -> None:
    """Sends the link, unless that was done, or it is for nobody. Raises what the mail server refused it with."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    claimed = _claimed(link_id, secret, now)
    if claimed is None:
        return
    link, user = claimed
    try:
        _message(LinkPurpose(link.purpose), user, secret).send()
    except OSError:
        MailedLink.objects.filter(pk=link_id).update(settled_at=None, token_hash=None)
        raise


def send_waiting(now: datetime) -> None:
    """Sends the links whose task was lost, or whose mail was refused."""
    waiting = MailedLink.objects.filter(settled_at=None, used_at=None, expires_at__gt=now)
    for link_id in waiting.filter(created_at__lt=now - PATIENCE).order_by("pk").values_list("pk", flat=True)[:100]:
        try:
            send_link(link_id, now=now)
        except OSError as error:
            # It waits for the next turn, and must not keep the others waiting.
            logger.warning("link %s could not be mailed: %s", link_id, error)


def prune(now: datetime) -> None:
    """Deletes links whose time is over."""
    MailedLink.objects.filter(expires_at__lt=now).delete()


def _ask(purpose: LinkPurpose, email: str, user: User | None, now: datetime) -> None:
    link = MailedLink.objects.create(
        purpose=purpose, email=email, user=user, created_at=now, expires_at=now + LIFETIMES[purpose]
    )
    outbox.record(EventType.LINK_ASKED, link, at=now)


@transaction.atomic
def _claimed(link_id: int, secret: str, now: datetime) -> tuple[MailedLink, User] | None:
    """The link with its secret and whose it is, for the one who sends it; None where there is nothing to send."""
    waiting = MailedLink.objects.select_for_update().filter(pk=link_id, settled_at=None, used_at=None)
    link = waiting.filter(expires_at__gt=now).first()
    if link is None:
        return None
    if link.purpose == LinkPurpose.RESET_PASSWORD:
        link.user = _confirmed_user(link.email)
    user = None if _had_enough(link.email, now) else link.user
    link.settled_at = now
    link.token_hash = _hash(secret) if user else None
    link.save()
    return (link, user) if user else None


def _confirmed_user(email: str) -> User | None:
    """Who has confirmed this address, and may sign in."""
    confirmed = Q(email_confirmed_at__isnull=False, is_active=True)
    return User.objects.alias(lowered=Lower("email")).filter(confirmed, lowered=Lower(Value(email))).first()


def _had_enough(email: str, now: datetime) -> bool:
    sent = MailedLink.objects.alias(lowered=Lower("email")).filter(
        lowered=Lower(Value(email)), token_hash__isnull=False, settled_at__gt=now - timedelta(hours=1)
    )
    return sent.count() >= MOST_IN_AN_HOUR


def _message(purpose: LinkPurpose, user: User, secret: str) -> EmailMessage:
    subject, opening, mutation = _WORDS[purpose]
    given = {"token": secret} if purpose == LinkPurpose.CONFIRM_EMAIL else {"uid": str(user.pk), "token": secret}
    # Behind a #, so that it stands in no server's log.
    address = f"{settings.ACCOUNT_URL}#{mutation}?" + "&".join(f"{name}={value}" for name, value in given.items())
    lines = [
        opening.format(name=user.username, place=settings.PUBLIC_URL),
        address,
        f"Programs give `{mutation}` these:\n" + "\n".join(f"{name}: {value}" for name, value in given.items()),
        "If it was not you, nothing needs to be done.",
    ]
    return EmailMessage(
        subject, "\n\n".join(lines) + "\n", to=[user.email], headers={"Auto-Submitted": "auto-generated"}
    )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()
