"""The roots of watching. Served at /graphql/stream (`schema.stream`); each is read like a query's root."""

from __future__ import annotations

from typing import Any

import graphene
from django.db.models import QuerySet

from knowledge import reads
from knowledge.policy import Viewer
from knowledge.text import slug_for
from schema.planner.declare import Planned
from schema.planner.needs import Given, One, Reading
from schema.query import by_id
from schema.types.changes import KnowledgeChange
from schema.types.digests import Digest
from schema.types.listings import WORDS


def _told(rows: QuerySet[Any], given: Given, reading: Reading[Viewer]) -> QuerySet[Any]:
    """The event that is told of, if it is about one of the tags."""
    event = rows.filter(pk=reading.event_id)
    if not given.has("tags_any"):
        return event
    slugs = given.bound("tags_any", output=WORDS, convert=lambda names: sorted({slug_for(name) for name in names}))
    return event.filter(reads.change_has_any_tag(slugs))


class Subscription(graphene.ObjectType):
    """What can be watched: one field an operation, sent to /graphql/stream, answered as server-sent events."""

    digest_progress = Planned(
        Digest,
        One("Digest", pick=by_id("Digest")),
        "The digest now, and each time its status or progress changes, until READY or FAILED. NOT_FOUND where it is "
        "not there or not visible.",
        id=graphene.ID(required=True, description="The digest's id."),
    )
    knowledge_changed = Planned(
        KnowledgeChange,
        One("KnowledgeChange", pick=_told),
        "What became visible to the viewer since they asked. Ends with UNAVAILABLE where something may have been "
        "missed: subscribe again, then read anew.",
        tags_any=graphene.List(
            graphene.NonNull(graphene.String),
            description="Only of what carries at least one of these tags, by slugs, names or aliases. A solution has "
            "its challenge's tags. An empty list matches nothing.",
        ),
    )
