"""Asking for digests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphene

from knowledge import policy
from knowledge.digests import request_digest
from schema.context import RequestContext
from schema.mutations.base import Mutation, given_only, subject
from schema.mutations.entries import KEY
from schema.types.digests import Digest
from schema.types.scalars import DateTime


class DigestRequest(Mutation):
    """Asks for a digest. Answers at once with a QUEUED one; a worker makes it."""

    class Input:
        """What the digest is to tell of: windowStart <= t < windowEnd, at most 366 days."""

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
