"""Tags."""

from typing import Any

import graphene

from knowledge import models, policy, reads
from schema.planner.declare import Node, Planned, connection, connection_type, identity
from schema.planner.needs import Connection, Counted, Reading, Value
from schema.planner.sql import Names
from schema.types import enums, listings
from schema.types.base import PlannedType
from schema.types.expressions import viewer_may
from schema.types.inputs import ChallengeOrder, ChallengeWhere, EntryOrder, EntryWhere
from schema.types.lazy import later


def _aliases(_reading: Reading[Any]) -> Names:
    return Names(reads.aliases())


class Tag(PlannedType):
    """A subject that entries and challenges carry."""

    class Meta:
        model = models.Tag
        interfaces = (Node,)

    id = identity("Tag")
    name = Planned(graphene.String, Value("name"), "As people write it.")
    slug = Planned(graphene.String, Value("slug"), "Its name in addresses; unique. Old ones go on leading here.")
    description = Planned(graphene.String, Value("description"), "What it is about; may be empty.")
    category = Planned(enums.TagCategory, Value("category"), "What sort of thing it names.")
    aliases = Planned(graphene.List(graphene.NonNull(graphene.String)), Value(_aliases), "Other names that lead to it.")
    entry_count = Planned(graphene.Int, Value("entry_count"), "How many published entries carry it.")
    challenge_count = Planned(graphene.Int, Value("challenge_count"), "How many challenges carry it.")
    revision = Planned(graphene.Int, Value("revision"), "Grows with every edit; send it back as expectedRevision.")
    viewer_can_update = Planned(
        graphene.Boolean,
        viewer_may(policy.editable_tags),
        "Whether the viewer may rename it, merge it into another, or delete it when nothing carries it.",
    )
    entries = connection(
        later("entries", "EntryConnection"),
        Connection(
            "Entry",
            listings.ENTRIES,
            {"entrytag__tag_id": "pk"},
            copies={"published_at": "entrytag__entry_published_at", "pk": "entrytag__entry_id"},
            counted=Counted("entry_count", policy.visible_unpublished),
        ),
        "Entries that carry it.",
        where=EntryWhere,
        order_by=EntryOrder,
    )
    challenges = connection(
        later("challenges", "ChallengeConnection"),
        Connection(
            "Challenge",
            listings.CHALLENGES,
            {"challengetag__tag_id": "pk"},
            copies={"created_at": "challengetag__challenge_created_at", "pk": "challengetag__challenge_id"},
            counted=Counted("challenge_count"),
        ),
        "Challenges that carry it.",
        where=ChallengeWhere,
        order_by=ChallengeOrder,
    )


TagConnection = connection_type("Tag", lambda: Tag, "tags")
