"""Taking entries out of view, bringing back what was, and deleting what nobody saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphene

from knowledge import policy
from knowledge.services import archive
from schema.context import RequestContext
from schema.mutations.base import IdOf, Mutation, deleted_id, subject
from schema.types.entries import Entry, EntryRevision


class EntryArchive(Mutation):
    """Takes a published entry out of view; its author, reviewers and staff still see it. For reviewers and staff."""

    class Input:
        """Which entry, and why."""

        id = IdOf("Entry", description="The entry.")
        reason = graphene.String(description="Why, for those who still see it: at most 500 characters, one line.")

    may = policy.require_signed_in
    entry = subject(Entry, "The entry.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Archives it."""
        reason = given.get("reason") or ""
        return {"entry": archive.archive_entry(context.viewer, entry_id=given["id"], reason=reason, now=context.now)}


class EntryRestore(Mutation):
    """Makes an earlier revision's content a new revision (PENDING unless by STAFF, who publish it at once).

    Without revision: brings an archived entry back, as it was; for reviewers and staff.
    """

    class Input:
        """Which entry, and which of its texts."""

        id = IdOf("Entry", description="The entry.")
        revision = graphene.Int(description="The number of a revision that was shown before.")

    may = policy.require_signed_in
    entry = subject(Entry, "The entry.")
    revision = subject(EntryRevision, "The new revision; null where an archived entry was brought back.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Restores it."""
        entry, revision = archive.restore_entry(
            context.viewer, entry_id=given["id"], revision=given.get("revision"), now=context.now
        )
        return {"entry": entry, "revision": revision}


class EntryDelete(Mutation):
    """Deletes the viewer's own draft of an entry that was never published."""

    class Input:
        """Which entry."""

        id = IdOf("Entry", description="The entry.")

    may = policy.require_signed_in
    deleted_id = deleted_id("Entry", "The id that the entry had.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Deletes it."""
        return {"deleted_id": archive.delete_entry(context.viewer, entry_id=given["id"], now=context.now)}
