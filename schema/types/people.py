"""People, as everyone sees them and as they see themselves."""

import graphene
from django.db.models import Q
from django.db.models.functions import Now

from knowledge import models, policy, reads
from knowledge.policy import Viewer as DomainViewer
from schema.planner.declare import Node, Planned, connection, connection_type, identity
from schema.planner.needs import Connection, Key, Links, Many, One, OneOf, Value
from schema.types import enums, listings
from schema.types.base import PlannedType
from schema.types.expressions import for_self_and_staff, holds
from schema.types.inputs import ChallengeOrder, ChallengeWhere, EntryOrder, EntryWhere, SolutionOrder
from schema.types.lazy import later
from schema.types.scalars import DateTime
from schema.types.sessions import PersonalAccessToken, Session


class User(PlannedType):
    """What everyone may know of a person. Nothing here tells an e-mail address."""

    class Meta:
        model = models.User
        interfaces = (Node,)

    id = identity("User")
    username = Planned(graphene.String, Value("username"), "The name to sign in with; unique in whatever case.")
    display_name = Planned(graphene.String, Value("display_name"), "The name to show; may be empty.")
    bio = Planned(graphene.String, Value("bio"), "What they say of themselves; plain text.")
    joined_at = Planned(DateTime, Value("joined_at"), "When they registered.")
    role = Planned(enums.Role, for_self_and_staff("role"), "For the person and staff; null for others.", required=False)
    is_active = Planned(
        graphene.Boolean,
        for_self_and_staff("is_active"),
        "Whether they may sign in. For the person and staff; null for others.",
        required=False,
    )
    entries = connection(
        later("entries", "EntryConnection"),
        Connection("Entry", listings.ENTRIES, {"author_id": "pk"}),
        "Their entries, as far as the viewer may see them.",
        where=EntryWhere,
        order_by=EntryOrder,
    )
    challenges = connection(
        later("challenges", "ChallengeConnection"),
        Connection("Challenge", listings.CHALLENGES, {"author_id": "pk"}),
        "The challenges they asked.",
        where=ChallengeWhere,
        order_by=ChallengeOrder,
    )
    solutions = connection(
        later("challenges", "SolutionConnection"),
        Connection("Solution", listings.SOLUTIONS, {"author_id": "pk"}, default=(("CREATED_AT", "DESC"),)),
        "The solutions they gave.",
        order_by=SolutionOrder,
    )


UserConnection = connection_type("User", lambda: User, "users")


def _themselves(viewer: DomainViewer) -> Q:
    return Q(pk=viewer.id) if viewer.signed_in else policy.NO_ROW


BOOKMARKED = Links(models.Bookmark, OneOf({"Entry": "entry_id", "Challenge": "challenge_id"}))


class Viewer(PlannedType):
    """What only the person who asks may know of themselves."""

    class Meta:
        model = models.User
        scope = _themselves

    id = Planned(graphene.ID, Key("User"), "The id of the user.")
    user = Planned(User, One("User", {"pk": "pk"}), "The viewer as others see them.")
    email = Planned(graphene.String, Value("email"), "The address that mail goes to once it is confirmed.")
    email_verified = Planned(
        graphene.Boolean,
        Value(lambda _reading: holds(Q(email_confirmed_at__isnull=False))),
        "Whether the address is confirmed.",
    )
    time_zone = Planned(graphene.String, Value("time_zone"), "The IANA name of their time zone, as Africa/Nairobi.")
    role = Planned(enums.Role, Value("role"), "What they may do.")
    entries = connection(
        later("entries", "EntryConnection"),
        Connection("Entry", listings.ENTRIES, {"author_id": "pk"}, default=(("UPDATED_AT", "DESC"),)),
        "The viewer's own entries in every status.",
        where=EntryWhere,
        order_by=EntryOrder,
    )
    bookmarks = connection(
        later("reactions", "BookmarkConnection"),
        Connection(BOOKMARKED, listings.BOOKMARKS, {"user_id": "pk"}),
        "What the viewer keeps, the latest first, as far as it is visible.",
    )
    review_queue = connection(
        later("entries", "EntryRevisionConnection"),
        Connection(
            "EntryRevision", listings.REVISIONS, default=(("SUBMITTED_AT", "ASC"),), only=policy.waiting_revisions
        ),
        "Revisions that wait for a review by the viewer, oldest first; empty for who may not review.",
    )
    digest_subscriptions = Planned(
        graphene.List(graphene.NonNull(later("digests", "DigestSubscription"))),
        Many("DigestSubscription", {"user_id": "pk"}, at_most=20),
        "The digests that the viewer gets by mail, and those that they no longer do; the oldest first.",
    )
    deliveries = connection(
        later("digests", "DigestDeliveryConnection"),
        Connection("DigestDelivery", listings.DELIVERIES, {"recipient_id": "pk"}),
        "What was sent to the viewer, the latest first, of digests that they may see still.",
    )
    sessions = Planned(
        graphene.List(graphene.NonNull(Session)),
        Many("Session", {"user_id": "pk"}, reads.session_is_open(Now()), order=("-last_used_at", "-pk"), at_most=50),
        "Where they are signed in, the latest used first.",
    )
    personal_access_tokens = Planned(
        graphene.List(graphene.NonNull(PersonalAccessToken)),
        Many("PersonalAccessToken", {"user_id": "pk"}, Q(revoked_at=None), order=("-created_at", "-pk"), at_most=50),
        "The tokens of their scripts, the newest first.",
    )
