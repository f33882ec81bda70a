"""Who may know what happened."""

from django.db.models import Exists, Model, OuterRef, Q

from knowledge.events import EventType
from knowledge.models import Challenge, Entry, Solution
from knowledge.policy.entries import visible_entries
from knowledge.policy.scopes import Scope, either, everything
from knowledge.policy.viewer import Viewer


def visible_changes(viewer: Viewer) -> Q:
    """Those whose subject is visible; and that an entry was archived, which takes it out of view."""
    subjects: tuple[tuple[type[Model], Scope, str], ...] = (
        (Entry, visible_entries, "entry_key"),
        (Challenge, everything, "challenge_key"),
        (Solution, everything, "solution_key"),
    )
    visible = (
        Q(Exists(model._default_manager.filter(scope(viewer), pk=OuterRef(key)))) for model, scope, key in subjects
    )
    return either(*visible, Q(type=EventType.ENTRY_ARCHIVED))
