"""Digests: how far each is, asking for one, and again for one that failed."""

import secrets
from typing import Any

from django import forms

from knowledge.digests import request_digest, retry_digest
from knowledge.digests.requests import TITLE_LENGTH
from knowledge.models import Digest, DigestCadence, DigestStatus
from knowledge.policy import retryable_digests
from staff.filters import choice
from staff.pages import Page
from staff.verbs import Deed, Done, Lines, Verb


class Moment(forms.DateTimeField):
    """A moment in UTC."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class RequestForm(forms.Form):
    """A window, and what it is about; the key lets a form that is sent twice ask once."""

    window_start = Moment(label="From", help_text="UTC.")
    window_end = Moment(label="Up to", help_text="UTC; not included. At most 366 days later.")
    tags = Lines(required=False, help_text="Names, slugs or aliases, one a line; all when empty.")
    title = forms.CharField(required=False, max_length=TITLE_LENGTH, help_text="Made from the window when empty.")
    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)


def _request(deed: Deed) -> Done:
    given = {**deed.given, "title": deed.given["title"] or None}
    digest = request_digest(deed.viewer, now=deed.now, **given)
    return Done(f"“{digest.title}” is {digest.status}; a worker makes it.", digest.pk)


def _retry(deed: Deed) -> Done:
    digest = retry_digest(deed.viewer, digest_id=deed.row.pk, now=deed.now)
    return Done(f"“{digest.title}” is {digest.status} again.", digest.pk)


def _fresh_key(row: Any) -> dict[str, Any]:
    return {"idempotency_key": secrets.token_urlsafe(24)}


class Digests(Page):
    """Every digest, whoever asked for it."""

    title = "Digests"
    related = ("requested_by",)
    list_display = ("title", "status", "progress", "cadence", "audience", "window_start", "window_end", "requested_by")
    list_filter = (choice("status", DigestStatus.choices), choice("cadence", DigestCadence.choices))
    search_fields = ("title", "=requested_by__username")
    search_help_text = "A part of the title, or the username of who asked for it."
    ordering = ("-created_at", "-pk")
    fields = (
        "title",
        "status",
        "progress",
        "failure",
        "cadence",
        "audience",
        "window_start",
        "window_end",
        "requested_by",
        "attempts",
        "created_at",
        "queued_at",
        "started_at",
        "finished_at",
        "item_count",
        "body_text",
    )
    verbs = (
        Verb(
            "retry",
            "Retry",
            "It is queued again as if it had never been tried.",
            _retry,
            may=retryable_digests,
            when=lambda digest: digest.status == DigestStatus.FAILED,
        ),
    )
    list_verbs = (
        Verb(
            "request",
            "Request a digest",
            "A worker makes it in the background; you and other staff see it.",
            _request,
            form=RequestForm,
            initial=_fresh_key,
        ),
    )


PAGE = (Digest, Digests)
