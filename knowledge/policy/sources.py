"""Who may see documents, and import them again."""

from django.db.models import Exists, OuterRef, Q

from knowledge.errors import Forbidden
from knowledge.models import ChallengeSource, Entry, EntrySource
from knowledge.policy.entries import visible_entries
from knowledge.policy.requirements import require_signed_in
from knowledge.policy.scopes import EVERY_ROW, either, one_of, own
from knowledge.policy.viewer import COMMAND_LINE, Viewer


def visible_sources(viewer: Viewer) -> Q:
    """Those of which something is visible, one's own, and for staff all."""
    if viewer.staff:
        return EVERY_ROW
    entries = EntrySource.objects.filter(
        Exists(Entry.objects.filter(visible_entries(viewer), pk=OuterRef("entry_id"))), source_id=OuterRef("pk")
    )
    challenges = ChallengeSource.objects.filter(source_id=OuterRef("pk"))
    return either(one_of(entries), one_of(challenges), own(viewer, "imported_by_id"))


def updatable_sources(viewer: Viewer) -> Q:
    """Those that one imported first; for staff all."""
    return EVERY_ROW if viewer.staff else own(viewer, "imported_by_id")


def publishes_imports(viewer: Viewer) -> bool:
    """Whether what this viewer imports shows at once, without a review."""
    return viewer.reviews


def restores_exports(viewer: Viewer) -> bool:
    """Whether an export that this viewer imports comes back as it was: its addresses, times and sources too."""
    return viewer.staff


def require_restorer(viewer: Viewer) -> None:
    """Raises Forbidden for who may not say where knowledge came from, in words that no document bears out."""
    if not restores_exports(viewer):
        raise Forbidden("Only staff may bring back the sources of an export.")


def require_importer(viewer: Viewer) -> int | None:
    """Whose the imported knowledge will be: the viewer's id, None on the command line; raises Unauthenticated."""
    return None if viewer == COMMAND_LINE else require_signed_in(viewer)
