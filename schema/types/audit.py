"""The audit trail."""

import graphene

from knowledge import models
from schema.planner.declare import Node, Planned, connection_type, identity
from schema.planner.needs import One, Value
from schema.planner.sql import NamedId
from schema.types.base import PlannedType
from schema.types.people import User
from schema.types.scalars import JSON, DateTime


class AuditEvent(PlannedType):
    """Who did what, when, from where. Nobody can change it afterwards."""

    class Meta:
        model = models.AuditEvent
        interfaces = (Node,)

    id = identity("AuditEvent")
    at = Planned(DateTime, Value("at"), "When it was done.")
    action = Planned(graphene.String, Value("action"), "What was done, as `user.role_set`.")
    actor = Planned(User, One("User", {"pk": "actor_id"}), "Who did it; null for the command line.", required=False)
    subject_id = Planned(
        graphene.ID,
        Value(lambda _reading: NamedId("subject_type", "subject_id")),
        "The id of what it was done to; it leads nowhere once that is gone.",
        required=False,
    )
    address = Planned(graphene.String, Value("address"), "The network address that it came from; empty when unknown.")
    detail = Planned(JSON, Value("detail"), "What else is known, by name.")


AuditEventConnection = connection_type("AuditEvent", lambda: AuditEvent, "audit events")
