"""The schema, put together: its roots, and the planner that reads by it."""

from __future__ import annotations

import graphene

from schema.mutations.root import RootMutation
from schema.planner.planner import Planner
from schema.query import Query
from schema.subscription import Subscription

schema = graphene.Schema(query=Query, mutation=RootMutation, subscription=Subscription)
planner = Planner.of(schema.graphql_schema)
