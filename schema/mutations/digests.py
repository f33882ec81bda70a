"""Asking for digests, once or by mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphene

from knowledge import models, policy
from knowledge.digests import request_digest, retry_digest, subscribe, unsubscribe
from schema.context import RequestContext
from schema.mutations.base import IdOf, Mutation, given_only, subject
from schema.mutations.entries import KEY
from schema.types import enums
from schema.types.digests import Digest, DigestSubscription
from schema.types.scalars import DateTime


class DigestRequest(Mutation):
    """Asks for a digest. Answers at once with a QUEUED one; a worker makes it."""

    class Input:
        """What the digest is to tell of: windowStart <= t < windowEnd, at most 366 days, and over."""

        window_start = DateTime(required=True, description="The first moment of the window.")
        window_end = DateTime(required=True, description="The first moment after the window.")
        tags = graphene.InputField(
            graphene.List(graphene.NonNull(graphene.String)),
            description="Slugs, names or aliases of tags; all when left out.",
        )
        title = graphene.String(description="Its title; made from the window when left out.")
        idempotency_key = graphene.String(description=KEY)

    may = policy.require_signed_in
    digest = subject(Digest, "The digest, QUEUED.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Puts it in the queue."""
        return {"digest": request_digest(context.viewer, now=context.now, **given_only(given))}


class DigestRetry(Mutation):
    """Puts a digest that FAILED into the queue again. For who asked for it, and for staff."""

    class Input:
        """Which."""

        id = IdOf("Digest", description="A digest that FAILED.")

    may = policy.require_signed_in
    digest = subject(Digest, "The digest, QUEUED.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Queues it."""
        return {"digest": retry_digest(context.viewer, digest_id=given["id"], now=context.now)}


class DigestSubscribe(Mutation):
    """Has periodic digests sent to the viewer. Once a cadence: again changes the tags, and ends a pause."""

    class Input:
        """How often, and on what."""

        cadence = graphene.InputField(
            enums.DigestCadence, required=True, description="DAILY, WEEKLY or MONTHLY. ON_DEMAND is INVALID."
        )
        tags = graphene.InputField(
            graphene.List(graphene.NonNull(graphene.String)),
            description="Slugs, names or aliases of tags; all when left out, also where there were some before.",
        )

    may = policy.require_signed_in
    subscription = subject(DigestSubscription, "The subscription, active.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Makes it, or changes the one that is there."""
        cadence = models.DigestCadence(given["cadence"].value)
        tags = given.get("tags") or ()
        return {"subscription": subscribe(context.viewer, cadence=cadence, tags=tags, now=context.now)}


class DigestUnsubscribe(Mutation):
    """Ends a subscription of the viewer's. Ending it twice is fine."""

    class Input:
        """Which."""

        id = IdOf("DigestSubscription", description="The subscription.")

    may = policy.require_signed_in
    subscription = subject(DigestSubscription, "The subscription, no longer active.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Ends it."""
        return {"subscription": unsubscribe(context.viewer, subscription_id=given["id"])}
