"""How far the making of a digest is, for whoever watches it."""

from dataclasses import dataclass

from knowledge.models import Digest, DigestStatus
from knowledge.policy import Viewer, visible_digests


@dataclass(frozen=True, slots=True)
class Stage:
    """Status, and progress in percent."""

    status: str
    progress: int

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return self.status in {DigestStatus.READY, DigestStatus.FAILED}


def stage_of(digest_id: int, viewer: Viewer) -> Stage | None:
    """Where the digest stands now; None where it is not there or not visible to the viewer."""
    found = Digest.objects.filter(visible_digests(viewer), pk=digest_id).values_list("status", "progress").first()
    return Stage(*found) if found else None
