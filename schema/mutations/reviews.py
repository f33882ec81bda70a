"""Reviewing what was handed in."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import graphene

from knowledge import policy
from knowledge.services import reviews
from schema.context import RequestContext
from schema.mutations.base import IdOf, Mutation, subject, value
from schema.types.entries import Entry, EntryRevision
from schema.types.enums import described
from schema.types.sources import Source


class Verdict(StrEnum):
    """What a reviewer says."""

    APPROVE = "APPROVE"
    REQUEST_CHANGES = "REQUEST_CHANGES"


ReviewVerdict = described(
    Verdict,
    "What a reviewer says.",
    name="ReviewVerdict",
    APPROVE="It is good: show it.",
    REQUEST_CHANGES="It goes back to its author; needs a comment.",
)


class EntryReview(Mutation):
    """Approves a revision or sends it back. For reviewers, never on their own; staff may.

    A new entry that is sent back is its author's alone again: the payload's objects are null for the reviewer then.
    """

    class Input:
        """Which revision, and what to say of it."""

        id = IdOf("Entry", description="The entry.")
        revision = graphene.Int(description="The number of the revision; needed when several wait.")
        verdict = graphene.InputField(ReviewVerdict, required=True, description="Whether it is good.")
        comment = graphene.String(description="What the author should know; REQUEST_CHANGES needs it.")

    may = policy.require_signed_in
    entry = subject(Entry, "The entry.")
    revision = subject(EntryRevision, "The revision with the verdict.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Decides."""
        entry, revision = reviews.review_entry(
            context.viewer,
            entry_id=given["id"],
            revision=given.get("revision"),
            verdict=given["verdict"].value,
            comment=given.get("comment") or "",
            now=context.now,
        )
        return {"entry": entry, "revision": revision}


class SourceReview(Mutation):
    """Approves or sends back, in one go, all entries that a document brought in and that wait. All of them or none."""

    class Input:
        """Which document, and what to say of its entries."""

        id = IdOf("Source", description="The document.")
        verdict = graphene.InputField(ReviewVerdict, required=True, description="Whether they are good.")
        comment = graphene.String(description="What their author should know; REQUEST_CHANGES needs it.")

    may = policy.require_signed_in
    source = subject(Source, "The document.")
    reviewed = value(graphene.Int, "How many entries got the verdict.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Decides."""
        source, reviewed = reviews.review_source(
            context.viewer,
            source_id=given["id"],
            verdict=given["verdict"].value,
            comment=given.get("comment") or "",
            now=context.now,
        )
        return {"source": source, "reviewed": reviewed}
