"""An export's documents, brought back as they are: what stands in them, under the addresses that it had.

What is there already is left as it is; the report says where it says something else. Who may publish publishes, as with
every import; addresses, times and sources come back for staff alone, since a document does not prove them.

checks.py       what is fit to be stored
bringing.py     what the parts share
tags.py, entries.py, challenges.py, sources.py   one each
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from knowledge import outbox
from knowledge.documents.exact.values import Exact, ExactAbout, ExactChallenge, ExactEntry, ExactSource, ExactTag
from knowledge.documents.importing.exact.bringing import Bringing
from knowledge.documents.importing.exact.challenges import bring_challenge
from knowledge.documents.importing.exact.checks import checked
from knowledge.documents.importing.exact.entries import bring_entry
from knowledge.documents.importing.exact.sources import bring_source
from knowledge.documents.importing.exact.tags import bring_tag
from knowledge.documents.importing.report import Report
from knowledge.documents.importing.sources import wait_for_turn
from knowledge.models import Source
from knowledge.policy import Viewer


def _nothing(bringing: Bringing, about: ExactAbout) -> None:
    """What an export tells of itself brings nothing in."""


_BRING: Final[Mapping[type[Exact], Callable[[Bringing, Any], None]]] = {
    ExactTag: bring_tag,
    ExactEntry: bring_entry,
    ExactChallenge: bring_challenge,
    ExactSource: bring_source,
    ExactAbout: _nothing,
}


def bring_back(viewer: Viewer, author_id: int | None, value: Exact, *, now: datetime) -> tuple[Source | None, Report]:
    """The source, where the document tells of one, and what came of it. Must be called inside a transaction.

    Raises Rejected with every mistake at ("markdown",), and Forbidden for a source that the viewer may not bring back.
    """
    clean = checked(value, viewer)
    wait_for_turn()
    bringing = Bringing(viewer, author_id, now)
    _BRING[type(clean)](bringing, clean)
    outbox.record_all(bringing.events)
    return bringing.source, bringing.report()


__all__ = ["bring_back"]
