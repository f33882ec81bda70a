"""Documents that knowledge was imported from."""

import graphene

from knowledge import models
from schema.planner.declare import Node, Planned, connection, connection_type, identity
from schema.planner.needs import Connection, One, Value
from schema.types import listings
from schema.types.base import PlannedType
from schema.types.lazy import later
from schema.types.scalars import DateTime


class Source(PlannedType):
    """A document that knowledge was imported from."""

    class Meta:
        model = models.Source
        interfaces = (Node,)

    id = identity("Source")
    title = Planned(graphene.String, Value("title"), "What the document calls itself.")
    url = Planned(graphene.String, Value("url"), "Where the document lives, when that was told.", required=False)
    imported_by = Planned(
        later("people", "User"), One("User", {"pk": "imported_by_id"}), "Who imported it first.", required=False
    )
    imported_at = Planned(DateTime, Value("imported_at"), "When it was imported first.")
    entries = connection(
        later("entries", "EntryConnection"),
        Connection("Entry", listings.ENTRIES, {"entrysource__source_id": "pk"}),
        "Entries that it names.",
    )
    challenges = connection(
        later("challenges", "ChallengeConnection"),
        Connection("Challenge", listings.CHALLENGES, {"challengesource__source_id": "pk"}),
        "Challenges that it tells of.",
    )


SourceConnection = connection_type("Source", lambda: Source, "sources")
