"""Sending what is due, and what the mail server's answers mean."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from time import monotonic
from typing import Final

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from knowledge.deliveries.ledger import Claim, claim_next, put_off, settle_refused, settle_sent, settle_skipped
from knowledge.deliveries.letter import letter
from knowledge.deliveries.selection import select
from knowledge.models import DigestAudience, DigestDelivery, Role
from knowledge.policy import Viewer

logger = logging.getLogger(__name__)

# A task ends before its time limit; what is left is due at the next turn.
PATIENCE: Final = timedelta(seconds=25)
REASON_LENGTH: Final = 300
# What SMTP says: from 500 on it is for good; 421 closes the connection.
FOR_GOOD: Final = 500
CLOSING: Final = 421

NO_SUBSCRIPTION: Final = "The subscription has ended."
NO_ACCOUNT: Final = "The account is closed."
NO_ADDRESS: Final = "The e-mail address is not confirmed."
NOT_FOR_THEM: Final = "This digest is for reviewers."
NOTHING_NEW: Final = "There was nothing that you were not told before."
NOTHING_ON_TAGS: Final = "There was nothing new on your tags."


class ServerAway(Exception):
    """The mail server cannot be reached, or has had enough of us: nothing more is tried at this turn."""


class Refused(Exception):
    """The mail server refuses this mail, and would again."""


class Delayed(Exception):
    """The mail server refuses this mail for now."""


def send_due(now: datetime) -> int:
    """Sends the mails whose time has come, one after the other over one connection; answers how many were settled.

    Any number of processes may do so at once. A mail that the server refuses for now is tried again later, and one that
    it refuses for good is FAILED; a server that is away ends the turn.
    """
    begun = monotonic()
    settled = 0
    connection = get_connection()
    try:
        while (moment := _later(now, begun)) < now + PATIENCE and (claimed := claim_next(moment)):
            claim, delivery = claimed
            try:
                settled += _settle(claim, delivery, connection, moment)
            except Refused as refused:
                settled += settle_refused(claim, str(refused)[:REASON_LENGTH], now=_later(now, begun))
            except Delayed as delayed:
                put_off(claim, str(delayed)[:REASON_LENGTH], now=_later(now, begun))
            except ServerAway as away:
                put_off(claim, str(away)[:REASON_LENGTH], now=_later(now, begun))
                logger.warning("the mail server is away: %s", away)
                break
            except Exception:
                put_off(claim, "The mail could not be made.", now=_later(now, begun))
                logger.exception("delivery %s could not be made", delivery.pk)
    finally:
        with suppress(OSError, SMTPException):
            connection.close()
    return settled


def _settle(claim: Claim, delivery: DigestDelivery, connection: BaseEmailBackend, now: datetime) -> bool:
    """Sends the mail, or skips it where there is nothing to send or nobody to send it to; whether the claim held."""
    subscription = delivery.subscription
    if subscription is None or not subscription.active:
        return settle_skipped(claim, NO_SUBSCRIPTION, now=now)
    if reason := _unreachable(delivery):
        return settle_skipped(claim, reason, now=now)
    tags = dict(subscription.tags.order_by("slug").values_list("pk", "name"))
    selection = select(delivery, tags.keys())
    if not selection.sections:
        return settle_skipped(claim, NOTHING_ON_TAGS if tags else NOTHING_NEW, now=now)
    _send(connection, letter(delivery, subscription, selection, list(tags.values())))
    return settle_sent(claim, item_ids=selection.item_ids, now=now)


def _unreachable(delivery: DigestDelivery) -> str:
    """Why the recipient is sent nothing; empty where there is no reason."""
    recipient = delivery.recipient
    if not recipient.is_active:
        return NO_ACCOUNT
    if recipient.email_confirmed_at is None or not recipient.email:
        return NO_ADDRESS
    eyes = Viewer(id=recipient.pk, role=Role(recipient.role))
    return NOT_FOR_THEM if delivery.digest.audience == DigestAudience.REVIEWERS and not eyes.reviews else ""


def _send(connection: BaseEmailBackend, mail: EmailMultiAlternatives) -> None:
    """Raises Refused, Delayed or ServerAway where the server did not take it."""
    try:
        connection.open()
        connection.send_messages([mail])
    except SMTPRecipientsRefused as error:
        raise _refusal(*next(iter(error.recipients.values()))) from error
    except SMTPDataError as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except OSError as error:  # SMTPException is one: what else a server says is about us, not about this mail
        raise ServerAway(str(error) or type(error).__name__) from error


def _refusal(code: int, text: bytes | str) -> Exception:
    said = f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    if code == CLOSING:
        return ServerAway(said)
    return Refused(said) if code >= FOR_GOOD else Delayed(said)


def _later(now: datetime, begun: float) -> datetime:
    """What `now` has become since `begun`, a reading of the monotonic clock."""
    return now + timedelta(seconds=monotonic() - begun)
