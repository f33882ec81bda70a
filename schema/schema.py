"""The schema, put together: its roots, and the planner that reads by it."""

from __future__ import annotations

import graphene
from django.db.models import Expression

from knowledge.policy import VISIBLE, Viewer
from schema.mutations.root import RootMutation
from schema.planner.planner import Planner
from schema.planner.viewers import Policy
from schema.query import Query
from schema.subscription import Subscription

schema = graphene.Schema(query=Query, mutation=RootMutation, subscription=Subscription)


def _stand_in(viewer: Viewer, viewer_id: Expression | None) -> Viewer:
    return Viewer(id=viewer_id, role=viewer.role)


planner = Planner.of(schema.graphql_schema, Policy(VISIBLE, _stand_in))
