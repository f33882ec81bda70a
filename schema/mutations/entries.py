"""Writing entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphene

from knowledge import policy
from knowledge.services import entries
from schema.context import RequestContext
from schema.mutations.base import IdOf, Mutation, changes_only, given_only, subject, value
from schema.planner.ids import encode_id
from schema.types import enums
from schema.types.entries import Entry, EntryRevision
from schema.types.inputs import Input

TAGS = "Names, slugs or aliases of tags; unknown ones are created. At most 10."
RESOURCES = "What to read elsewhere: at most 20, http or https."
CHALLENGES = "Challenges that belong to what it is about."
KEY = "A key of yours: the same key with the same input gives the first answer again, for 24 hours."


class ResourceInput(Input):
    """Something worth reading elsewhere."""

    title = graphene.String(required=True, description="What it is called.")
    url = graphene.String(required=True, description="Where it is: http or https.")


def _list(of: Any, description: str) -> graphene.InputField:
    return graphene.InputField(graphene.List(graphene.NonNull(of)), description=description)


class EntryCreate(Mutation):
    """Begins an entry: a draft that its author alone sees, until it is handed in and approved."""

    class Input:
        """What the entry says. At most 10 tags and 20 resources."""

        kind = graphene.InputField(enums.EntryKind, required=True, description="What sort of knowledge it holds.")
        title = graphene.String(required=True, description="At most 200 characters, one line.")
        summary = graphene.String(description="What it says in a sentence: at most 500 characters.")
        body = graphene.String(required=True, description="The text in Markdown: at most 100,000 characters.")
        tags = _list(graphene.String, TAGS)
        resources = _list(ResourceInput, RESOURCES)
        challenge_ids = IdOf("Challenge", many=True, required=False, description=CHALLENGES)
        submit = graphene.Boolean(description="Hand it in for review at once.")
        idempotency_key = graphene.String(description=KEY)

    may = policy.require_signed_in
    entry = subject(Entry, "The new entry.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Creates it."""
        return {"entry": entries.create_entry(context.viewer, now=context.now, **given_only(given))}


# What cannot be emptied; of the rest, null is the empty value.
_NEEDED = ("kind", "title", "body")
_EMPTY: Mapping[str, Any] = {"summary": "", "tags": (), "resources": (), "challenge_ids": ()}


class EntryUpdate(Mutation):
    """Changes an entry. A published one by anyone but staff: the viewer's draft beside it; what is shown stays."""

    class Input:
        """What to change; a field left out stays as it is."""

        id = IdOf("Entry", description="The entry.")
        expected_revision = graphene.Int(description="The number that was shown when you read it; stale is CONFLICT.")
        expected_version = graphene.Int(description="The version of your draft when you read it; stale is CONFLICT.")
        kind = graphene.InputField(enums.EntryKind, description="What sort of knowledge it holds.")
        title = graphene.String(description="At most 200 characters, one line.")
        summary = graphene.String(description="What it says in a sentence: at most 500 characters.")
        body = graphene.String(description="The text in Markdown: at most 100,000 characters.")
        tags = _list(graphene.String, TAGS)
        resources = _list(ResourceInput, RESOURCES)
        challenge_ids = IdOf("Challenge", many=True, required=False, description=CHALLENGES)
        note = graphene.String(description="What a reviewer should know: at most 500 characters.")

    may = policy.require_signed_in
    entry = subject(Entry, "The entry as it is shown.")
    revision = subject(EntryRevision, "The revision that holds the change.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Saves it."""
        changes = changes_only(given, needed=_NEEDED, empty=_EMPTY)
        entry, revision = entries.update_entry(context.viewer, entry_id=changes.pop("id"), now=context.now, **changes)
        return {"entry": entry, "revision": revision}


class EntrySubmit(Mutation):
    """Hands the viewer's draft of an entry in for review."""

    class Input:
        """Which entry."""

        id = IdOf("Entry", description="The entry.")
        note = graphene.String(description="What a reviewer should know: at most 500 characters.")

    may = policy.require_signed_in
    entry = subject(Entry, "The entry.")
    revision = subject(EntryRevision, "The revision that waits for a review.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Hands it in."""
        entry, revision = entries.submit_entry(
            context.viewer, entry_id=given["id"], note=given.get("note"), now=context.now
        )
        return {"entry": entry, "revision": revision}


class EntryWithdraw(Mutation):
    """Takes back what the viewer handed in: it is a draft again, and so is an entry that was never published."""

    class Input:
        """Which entry."""

        id = IdOf("Entry", description="The entry.")

    may = policy.require_signed_in
    entry = subject(Entry, "The entry.")
    revision = subject(EntryRevision, "The revision, which is a draft again.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Takes it back."""
        entry, revision = entries.withdraw_entry(context.viewer, entry_id=given["id"], now=context.now)
        return {"entry": entry, "revision": revision}


class RevisionDiscard(Mutation):
    """Throws the viewer's own unpublished revision away. That of a new entry goes with the entry: see entryDelete."""

    class Input:
        """Which revision."""

        id = IdOf("EntryRevision", description="The revision: a draft, or one that was sent back.")

    may = policy.require_signed_in
    entry = subject(Entry, "The entry, which stays as it is shown.")
    discarded_id = value(graphene.ID, "The id of the revision.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Throws it away."""
        entry, revision = entries.discard_revision(context.viewer, revision_id=given["id"], now=context.now)
        return {"entry": entry, "discarded_id": encode_id("EntryRevision", revision.pk)}
