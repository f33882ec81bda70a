"""Digests."""

import graphene

from knowledge import models, policy
from knowledge.digests.subjects import MOST_TAGS
from schema.planner.declare import Node, Planned, PlannedUnion, connection, connection_type, identity
from schema.planner.needs import Connection, Many, One, OneOf, Value
from schema.types import enums, listings
from schema.types.base import PlannedType
from schema.types.challenges import Challenge
from schema.types.entries import Entry, Tags
from schema.types.expressions import unless_empty
from schema.types.lazy import later
from schema.types.scalars import DateTime
from schema.types.tags import Tag


class DigestSubject(PlannedUnion):
    """What an item of a digest is about."""

    class Meta:
        types = (Entry, Challenge, Tag)


class DigestItem(PlannedType):
    """A line of a digest."""

    class Meta:
        model = models.DigestItem

    headline = Planned(graphene.String, Value("headline"), "What it is about.")
    excerpt = Planned(graphene.String, Value("excerpt"), "What it says in a sentence; may be empty.")
    reason = Planned(graphene.String, Value("reason"), "Why it is in: 'new', 'solved after 12 days'.")
    subject = Planned(
        DigestSubject,
        OneOf({"Entry": "entry_id", "Challenge": "challenge_id", "Tag": "tag_id"}),
        "Null once the subject was deleted or is not visible to the viewer; the text above stays.",
        required=False,
    )


class DigestSection(PlannedType):
    """A part of a digest."""

    class Meta:
        model = models.DigestSection

    kind = Planned(enums.DigestSectionKind, Value("kind"), "What it lists.")
    title = Planned(graphene.String, Value("title"), "Its heading.")
    items = Planned(
        graphene.List(graphene.NonNull(DigestItem)),
        Many("DigestItem", {"section_id": "pk"}, order=("position",), at_most=20),
        "Its lines, the weightiest first.",
    )


class Digest(PlannedType):
    """What happened in a window of time."""

    class Meta:
        model = models.Digest
        interfaces = (Node,)

    id = identity("Digest")
    title = Planned(graphene.String, Value("title"), "Its title.")
    status = Planned(enums.DigestStatus, Value("status"), "Where its making stands.")
    cadence = Planned(enums.DigestCadence, Value("cadence"), "How often such a digest comes.")
    audience = Planned(enums.DigestAudience, Value("audience"), "With whose eyes it is composed.")
    window_start = Planned(DateTime, Value("window_start"), "The first moment of the window.")
    window_end = Planned(DateTime, Value("window_end"), "The first moment after the window.")
    tags = Planned(
        Tags, Many("Tag", {"digests": "pk"}, order=("slug",), at_most=MOST_TAGS), "On these tags; empty for all."
    )
    requested_by = Planned(
        later("people", "User"), One("User", {"pk": "requested_by_id"}), "Who asked for it.", required=False
    )
    progress = Planned(graphene.Int, Value("progress"), "How much of it is made: 0 to 100.")
    body = Planned(graphene.String, Value("body"), "The text in Markdown; null until READY.", required=False)
    body_html = Planned(graphene.String, Value("body_html"), "The text in HTML; null until READY.", required=False)
    body_text = Planned(graphene.String, Value("body_text"), "The plain text; null until READY.", required=False)
    sections = Planned(
        graphene.List(graphene.NonNull(DigestSection)),
        Many("DigestSection", {"digest_id": "pk"}, order=("position",), at_most=5),
        "Its parts; empty until READY.",
    )
    item_count = Planned(graphene.Int, Value("item_count"), "How many lines it has.")
    failure = Planned(
        graphene.String,
        unless_empty("failure"),
        "Why it failed, in words for the person who asked; null unless FAILED.",
        required=False,
    )
    created_at = Planned(DateTime, Value("created_at"), "When it was asked for.")
    started_at = Planned(DateTime, Value("started_at"), "When a worker began.", required=False)
    finished_at = Planned(DateTime, Value("finished_at"), "When it was READY or FAILED.", required=False)
    deliveries = connection(
        later("digests", "DigestDeliveryConnection"),
        Connection("DigestDelivery", listings.DELIVERIES, {"digest_id": "pk"}, only_for=policy.sees_all_deliveries),
        "To whom it was sent, the latest first. For STAFF; null for others: viewer.deliveries has one's own.",
        required=False,
    )


DigestConnection = connection_type("Digest", lambda: Digest, "digests")


class DigestSubscription(PlannedType):
    """A person wants digests of a cadence by mail. For that person alone."""

    class Meta:
        model = models.DigestSubscription
        interfaces = (Node,)

    id = identity("DigestSubscription")
    cadence = Planned(enums.DigestCadence, Value("cadence"), "How often: DAILY, WEEKLY or MONTHLY.")
    tags = Planned(
        Tags,
        Many("Tag", {"digest_subscriptions": "pk"}, order=("slug",), at_most=MOST_TAGS),
        "On these tags; empty for all.",
    )
    active = Planned(graphene.Boolean, Value("active"), "Whether digests are sent for it.")
    paused_reason = Planned(
        graphene.String,
        unless_empty("paused_reason"),
        "Why it was paused, after repeated failures; null where it was not.",
        required=False,
    )
    last_sent_at = Planned(DateTime, Value("last_sent_at"), "When a digest was last sent for it.", required=False)


class DigestDelivery(PlannedType):
    """A mail with a digest: who gets it, and what became of it. For the recipient and staff."""

    class Meta:
        model = models.DigestDelivery
        interfaces = (Node,)

    id = identity("DigestDelivery")
    digest = Planned(Digest, One("Digest", {"pk": "digest_id"}), "What is sent.")
    recipient = Planned(later("people", "User"), One("User", {"pk": "recipient_id"}), "To whom.")
    status = Planned(enums.DeliveryStatus, Value("status"), "What became of it.")
    attempts = Planned(graphene.Int, Value("attempts"), "How often it was tried.")
    reason = Planned(graphene.String, Value("reason"), "Why it was skipped or failed; empty otherwise.")
    sent_at = Planned(DateTime, Value("sent_at"), "When it was SENT.", required=False)


DigestDeliveryConnection = connection_type("DigestDelivery", lambda: DigestDelivery, "deliveries")
