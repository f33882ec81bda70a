"""The audit trail: who did what, when, from where."""

from django.contrib import admin

from knowledge.events import AuditAction
from knowledge.models import AuditEvent
from staff.filters import choice
from staff.pages import Page


class Audit(Page):
    """What was done, newest first. Nobody can change it."""

    title = "Audit trail"
    related = ("actor",)
    list_display = ("at", "action", "actor", "subject", "address")
    list_filter = (choice("action", [(action.value, action.value) for action in AuditAction]),)
    search_fields = ("=actor__username",)
    search_help_text = "The username of who did it."
    ordering = ("-at", "-pk")
    fields = ("at", "action", "actor", "subject", "address", "detail")

    def named(self, row: AuditEvent) -> str:
        """What was done."""
        return row.action

    @admin.display(description="done to")
    def subject(self, event: AuditEvent) -> str:
        """What it was done to."""
        return f"{event.subject_type} {event.subject_id}" if event.subject_type else "–"


PAGE = (AuditEvent, Audit)
