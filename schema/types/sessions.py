"""How people and their scripts are signed in."""

import graphene
from django.db.models import Q

from knowledge import models
from schema.planner.declare import Planned
from schema.planner.needs import Key, Value
from schema.types import enums
from schema.types.base import PlannedType
from schema.types.expressions import holds
from schema.types.scalars import DateTime


class Session(PlannedType):
    """One sign-in on one device, and the tokens that came from it."""

    class Meta:
        model = models.Session

    id = Planned(graphene.ID, Key("Session"), "Opaque; for `sessionRevoke`.")
    created_at = Planned(DateTime, Value("created_at"), "When they signed in.")
    last_used_at = Planned(DateTime, Value("last_used_at"), "When its tokens were refreshed last.")
    user_agent = Planned(graphene.String, Value("user_agent"), "What the device called itself; may be empty.")
    is_current = Planned(
        graphene.Boolean,
        Value(lambda reading: holds(Q(pk=reading.session_id))),
        "Whether this request came with it.",
    )


class PersonalAccessToken(PlannedType):
    """For scripts. Sent like an access token; shown whole once, when it is made."""

    class Meta:
        model = models.PersonalAccessToken

    id = Planned(graphene.ID, Key("PersonalAccessToken"), "Opaque; for `personalAccessTokenRevoke`.")
    name = Planned(graphene.String, Value("name"), "What it is for, in its owner's words.")
    # `scope` is, on every planned type, who may see its rows.
    good_for = Planned(enums.TokenScope, Value("scope"), "What it is good for.", name="scope")
    hint = Planned(graphene.String, Value("hint"), "The last four characters.")
    created_at = Planned(DateTime, Value("created_at"), "When it was made.")
    expires_at = Planned(DateTime, Value("expires_at"), "When it ends; null for never.", required=False)
    last_used_at = Planned(
        DateTime, Value("last_used_at"), "When it was used last, to the minute; null for never.", required=False
    )
