"""Documents that knowledge was imported from, and the review of all that one brought in."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from knowledge.models import EntryStatus, Source
from knowledge.models.entries import COMMENT_LENGTH
from knowledge.policy import visible_entries
from knowledge.reads import challenges_of_source, entries_of_source
from knowledge.services import reviews
from staff.pages import Page
from staff.sign_in import viewer_of
from staff.verbs import Deed, Done, Verb


class ReviewForm(forms.Form):
    """A verdict."""

    verdict = forms.ChoiceField(
        choices=((reviews.APPROVE, "Approve: show them"), (reviews.REQUEST_CHANGES, "Request changes: send them back"))
    )
    comment = forms.CharField(
        max_length=COMMENT_LENGTH,
        required=False,
        widget=forms.Textarea,
        help_text="What their author should know; sending back needs it.",
    )


def _review(deed: Deed) -> Done:
    source, reviewed = reviews.review_source(deed.viewer, source_id=deed.row.pk, now=deed.now, **deed.given)
    entries = "1 entry" if reviewed == 1 else f"{reviewed} entries"
    verdict = "approved" if deed.given["verdict"] == reviews.APPROVE else "sent back"
    return Done(f"{entries} of “{source.title}” {verdict}.", source.pk)


class Sources(Page):
    """Every document, with how much came of it."""

    title = "Sources"
    related = ("imported_by",)
    list_display = ("title", "imported_by", "imported_at", "entries_named", "entries_waiting", "challenges_told")
    search_fields = ("title", "url", "=imported_by__username")
    search_help_text = "A part of the title or the address, or the importer's username."
    ordering = ("-imported_at", "-pk")
    fields = (
        "title",
        "url",
        "imported_by",
        "imported_at",
        "updated_at",
        "entries_named",
        "entries_waiting",
        "challenges_told",
    )
    verbs = (
        Verb(
            "review",
            "Review",
            "All entries that this document alone brought in and that wait get the verdict: all of them or none.",
            _review,
            form=ReviewForm,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the numbers of what came of each."""
        seen = visible_entries(viewer_of(request))
        sources: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = sources.annotate(
            named=entries_of_source(seen),
            waiting=entries_of_source(seen & Q(status=EntryStatus.IN_REVIEW)),
            told=challenges_of_source(),
        )
        return counted

    @admin.display(description="entries")
    def entries_named(self, source: Any) -> int:
        """How many entries it names."""
        number: int = source.named
        return number

    @admin.display(description="in review")
    def entries_waiting(self, source: Any) -> int:
        """How many of them wait for their first review."""
        number: int = source.waiting
        return number

    @admin.display(description="challenges")
    def challenges_told(self, source: Any) -> int:
        """How many challenges it tells of."""
        number: int = source.told
        return number


PAGE = (Source, Sources)
