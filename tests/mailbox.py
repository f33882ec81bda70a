"""What was mailed: what the mails in Django's outbox say to give, after the links that wait were sent."""

import re
from datetime import UTC, datetime

from django.core import mail

from knowledge.models import MailedLink
from knowledge.services import mailed_links

_GIVEN = re.compile(r"^(uid|token): (\S+)$", re.MULTILINE)


def post(now: datetime | None = None) -> list[dict[str, str]]:
    """Sends each link that waits, as the worker does after its event; answers what each mail says to give."""
    before = len(mail.outbox)
    for link in MailedLink.objects.filter(settled_at=None).order_by("pk"):
        mailed_links.send_link(link.pk, now=now or datetime.now(UTC))
    return [said_in(message) for message in mail.outbox[before:]]


def mailed(now: datetime | None = None) -> dict[str, str]:
    """What the one mail that is sent now says to give: `token`, and `uid` for a new password."""
    (given,) = post(now)
    return given


def said_in(message: mail.EmailMessage) -> dict[str, str]:
    """What a mail says to give."""
    return dict(_GIVEN.findall(str(message.body)))
