"""The roots of reading."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphene
from django.db.models import Expression, QuerySet, Subquery, TextField
from django.db.models.functions import Coalesce

from knowledge import policy, reads
from knowledge.models import TallyOf, number_of
from knowledge.text import slug_for
from schema.errors import bad_input
from schema.planner.declare import Node, Planned, connection
from schema.planner.ids import key_of
from schema.planner.needs import ByIds, Connection, Counted, Given, One, Reading
from schema.types import listings
from schema.types.audit import AuditEventConnection
from schema.types.challenges import Challenge, ChallengeConnection
from schema.types.digests import Digest, DigestConnection
from schema.types.entries import Entry, EntryConnection
from schema.types.inputs import (
    AuditWhere,
    ChallengeOrder,
    ChallengeWhere,
    DigestWhere,
    EntryOrder,
    EntryWhere,
    TagOrder,
    TagWhere,
    UserWhere,
)
from schema.types.limits import ERROR_CODES, RATE_LIMIT
from schema.types.people import User, UserConnection, Viewer
from schema.types.search import search_field
from schema.types.sources import Source, SourceConnection
from schema.types.tags import Tag, TagConnection

ID = graphene.ID(description="Its id.")
SLUG = graphene.String(description="Its slug, or one that it had before.")


def by_id(type_name: str) -> Any:
    """Picks the row of the type whose id is the argument `id`."""

    def pick(rows: QuerySet[Any], given: Given, _reading: Reading[Any]) -> QuerySet[Any]:
        return rows.filter(pk=_key(given, type_name))

    return pick


def _key(given: Given, type_name: str) -> Expression:
    return given.bound("id", convert=lambda text: key_of(text, type_name))


def _by_id_or_slug(type_name: str, *slugs: str, read: Callable[[str], str] | None = None) -> Any:
    """By id, or by slug: the columns named lead to it, an earlier one first. Each is looked up by its index alone.

    `read` makes the slug of what was given, where names lead to it as well.
    """

    def pick(rows: QuerySet[Any], given: Given, _reading: Reading[Any]) -> QuerySet[Any]:
        if given.has("id") == given.has("slug"):
            raise bad_input("Give exactly one of id and slug.")
        if given.has("id"):
            return rows.filter(pk=_key(given, type_name))
        slug = given.bound("slug", output=TextField(), convert=read)
        found = [Subquery(rows.filter(**{column: slug}).values("pk")[:1]) for column in slugs]
        return rows.filter(pk=Coalesce(*found) if len(found) > 1 else found[0])

    return pick


def _by_username(rows: QuerySet[Any], given: Given, _reading: Reading[Any]) -> QuerySet[Any]:
    return rows.filter(reads.has_username(given.bound("username", output=TextField())))


class Query(graphene.ObjectType):
    """Everything that can be read. Nothing here changes anything."""

    viewer = Planned(Viewer, One("Viewer"), "Who is asking; null when anonymous.", required=False)
    node = Planned(
        Node,
        ByIds("id", many=False),
        "Any object by its id; null when it is not there or not visible.",
        required=False,
        id=graphene.ID(required=True, description="The object's id."),
    )
    nodes = Planned(
        graphene.List(Node),
        ByIds("ids", many=True),
        "Objects in the order asked, null for what is not there or not visible. At most 100.",
        ids=graphene.List(graphene.NonNull(graphene.ID), required=True, description="The objects' ids."),
    )
    entry = Planned(
        Entry,
        One("Entry", pick=_by_id_or_slug("Entry", "slug", "former_slugs__slug")),
        "An entry by exactly one of id and slug; null when it is not there or not visible.",
        required=False,
        id=ID,
        slug=SLUG,
    )
    entries = connection(
        EntryConnection,
        Connection("Entry", listings.ENTRIES, counted=Counted(number_of(TallyOf.ENTRIES), policy.visible_unpublished)),
        "Entries, the latest published first.",
        where=EntryWhere,
        order_by=EntryOrder,
    )
    challenge = Planned(
        Challenge,
        One("Challenge", pick=_by_id_or_slug("Challenge", "slug", "former_slugs__slug")),
        "A challenge by exactly one of id and slug; null when it is not there.",
        required=False,
        id=ID,
        slug=SLUG,
    )
    challenges = connection(
        ChallengeConnection,
        Connection("Challenge", listings.CHALLENGES, counted=Counted(number_of(TallyOf.CHALLENGES))),
        "Challenges, the newest first.",
        where=ChallengeWhere,
        order_by=ChallengeOrder,
    )
    tag = Planned(
        Tag,
        One("Tag", pick=_by_id_or_slug("Tag", "names__slug", read=slug_for)),
        "A tag by exactly one of id and slug. Its name, its aliases, and slugs that it or a tag merged into it had, "
        "lead to it.",
        required=False,
        id=ID,
        slug=graphene.String(description="Its slug, its name, an alias, or a slug that it had before."),
    )
    tags = connection(
        TagConnection, Connection("Tag", listings.TAGS), "Tags, by name.", where=TagWhere, order_by=TagOrder
    )
    user = Planned(
        User,
        One("User", pick=_by_username),
        "A person by their username, in whatever case.",
        required=False,
        username=graphene.String(required=True, description="Their username."),
    )
    users = connection(
        UserConnection,
        Connection("User", listings.USERS),
        "People, who came last first. For staff.",
        where=UserWhere,
        may=policy.require_staff,
    )
    search = search_field(
        "Full-text search over entries, challenges and solutions, the best first, with highlights; survives typos. "
        "The best 1,000 at most."
    )
    source = Planned(
        Source,
        One("Source", pick=by_id("Source")),
        "A document of which something is visible.",
        required=False,
        id=graphene.ID(required=True, description="Its id."),
    )
    sources = connection(
        SourceConnection, Connection("Source", listings.SOURCES), "Imported documents, the newest first."
    )
    digest = Planned(
        Digest,
        One("Digest", pick=by_id("Digest")),
        "A digest that the viewer may see.",
        required=False,
        id=graphene.ID(required=True, description="Its id."),
    )
    digests = connection(
        DigestConnection,
        Connection("Digest", listings.DIGESTS),
        "Digests that the viewer may see, the newest first.",
        where=DigestWhere,
    )
    rate_limit = RATE_LIMIT
    error_codes = ERROR_CODES
    audit_events = connection(
        AuditEventConnection,
        Connection("AuditEvent", listings.AUDIT_EVENTS),
        "Who did what, the latest first. For staff.",
        where=AuditWhere,
        may=policy.require_staff,
    )
