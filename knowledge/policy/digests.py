"""Who may see digests, and what was sent of them."""

from django.db.models import Exists, OuterRef, Q

from knowledge.models import Digest, DigestAudience, DigestCadence, DigestSection, DigestStatus
from knowledge.policy.scopes import EVERY_ROW, among, either, own
from knowledge.policy.viewer import Viewer


def visible_digests(viewer: Viewer) -> Q:
    """Ready periodic ones for everyone or for reviewers, those on demand for who asked, all for staff."""
    if viewer.staff:
        return EVERY_ROW
    audiences = {DigestAudience.EVERYONE} | ({DigestAudience.REVIEWERS} if viewer.reviews else set())
    periodic = Q(status=DigestStatus.READY) & among("audience", audiences) & ~Q(cadence=DigestCadence.ON_DEMAND)
    return either(periodic, own(viewer, "requested_by_id"))


def visible_digest_sections(viewer: Viewer) -> Q:
    """Those of visible digests."""
    return Q(Exists(Digest.objects.filter(visible_digests(viewer), pk=OuterRef("digest_id"))))


def visible_digest_items(viewer: Viewer) -> Q:
    """Those that visible digests list; what they keep beside for single mails is nobody's to read."""
    sections = DigestSection.objects.filter(visible_digest_sections(viewer), pk=OuterRef("section_id"))
    return Q(Exists(sections), listed=True)


def sees_all_deliveries(viewer: Viewer) -> bool:
    """Whether the viewer may know what was sent to others."""
    return viewer.staff


def visible_deliveries(viewer: Viewer) -> Q:
    """One's own of digests that one may see still; for staff all."""
    if sees_all_deliveries(viewer):
        return EVERY_ROW
    digest = Exists(Digest.objects.filter(visible_digests(viewer), pk=OuterRef("digest_id")))
    return own(viewer, "recipient_id") & Q(digest)


def retryable_digests(viewer: Viewer) -> Q:
    """Those that one asked for; for staff all. They must have failed."""
    return EVERY_ROW if viewer.staff else own(viewer, "requested_by_id")
