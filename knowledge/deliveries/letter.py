"""A digest as a mail to one person: subject, text and HTML, and its headers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine

from knowledge.deliveries.leaving import address_to_leave
from knowledge.deliveries.selection import Selection
from knowledge.digests.calendar import NAMES
from knowledge.digests.compose import compose, headline, numbers
from knowledge.digests.gather import Item
from knowledge.digests.phrases import listed, window_in_words
from knowledge.digests.reading import address_of, is_public
from knowledge.models import DigestCadence, DigestDelivery, DigestSubscription

# What the subject says: more would be cut off in most lists of mails.
COUNTS_IN_SUBJECT: Final = 2

# An engine of its own: a mail needs neither the project's template settings nor its context processors.
_TEMPLATES: Final = Engine(dirs=[str(Path(__file__).parent / "templates")])


def letter(
    delivery: DigestDelivery, subscription: DigestSubscription, selection: Selection, tags: Sequence[str]
) -> EmailMultiAlternatives:
    """The mail, ready to be sent. `tags` are the names of the subscription's.

    The same each time but for its date: the Message-ID is the delivery's. It carries what RFC 8058 asks for, so that
    mail clients can offer to unsubscribe by one click.
    """
    digest = delivery.digest
    window = window_in_words(digest.window_start, digest.window_end)
    name = NAMES[DigestCadence(digest.cadence)]
    counts = listed(numbers(selection.sections)[:COUNTS_IN_SUBJECT]) or "trending tags"
    leave = address_to_leave(subscription)
    page = address_of(digest) if is_public(digest) else None
    why = f"You asked for a {name.lower()}{f' on {listed(list(tags))}' if tags else ''} at {settings.PUBLIC_URL}."
    told = {
        "name": name,
        "window": window,
        "headline": headline(selection.sections, window=window, tags=tags),
        "sections": [
            (section, [(item, _link(page, item)) for item in section.listed]) for section in selection.sections
        ],
        "page": page,
        "why": why,
        "leave": leave,
    }
    text = compose(selection.sections, window=window, tags=tags).text
    mail = EmailMultiAlternatives(
        subject=f"{name}: {counts}",
        body="\n".join([text, "-- ", *([f"On the web: {page}"] if page else []), why, f"Unsubscribe: {leave}", ""]),
        to=[delivery.recipient.email],
        headers={
            "Message-ID": delivery.message_id,
            "List-ID": f"{name} <{digest.cadence.lower()}.digests.{urlsplit(str(settings.PUBLIC_URL)).hostname}>",
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(_html(told), "text/html")
    return mail


def _html(told: dict[str, Any]) -> str:
    html: str = _TEMPLATES.get_template("digest.html").render(Context(told))
    return html


def _link(page: str | None, item: Item) -> str | None:
    """Where the page tells of the item."""
    return f"{page}#{item.anchor}" if page and item.anchor else None
