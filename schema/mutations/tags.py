"""Caring for the vocabulary: tags that are made, renamed, merged and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphene

from knowledge import policy
from knowledge.services import merging, vocabulary
from schema.context import RequestContext
from schema.mutations.base import IdOf, Mutation, changes_only, deleted_id, given_only, subject, value
from schema.types import enums
from schema.types.tags import Tag

NAME = "As people write it: at most 60 characters, one line. The slug is made of it."
DESCRIPTION = "What it is about: at most 1,000 characters."
CATEGORY = "What sort of thing it names."


def _aliases(description: str) -> graphene.InputField:
    return graphene.InputField(graphene.List(graphene.NonNull(graphene.String)), description=description)


class TagCreate(Mutation):
    """Makes a tag. A name that leads to a tag already is DUPLICATE."""

    class Input:
        """What the tag is called and about."""

        name = graphene.String(required=True, description=NAME)
        description = graphene.String(description=DESCRIPTION)
        category = graphene.InputField(enums.TagCategory, description=f"{CATEGORY} OTHER when left out.")
        aliases = _aliases("Other names that lead to it: at most 20.")

    may = policy.require_signed_in
    tag = subject(Tag, "The new tag.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Makes it."""
        return {"tag": vocabulary.create_tag(context.viewer, now=context.now, **given_only(given))}


# What cannot be emptied; of the rest, null is the empty value.
_NEEDED = ("name", "category")
_EMPTY: Mapping[str, Any] = {"description": "", "aliases": ()}


class TagUpdate(Mutation):
    """Changes a tag: for reviewers. Its slug follows its name; the one that it had goes on leading to it."""

    class Input:
        """What to change; a field left out stays as it is."""

        id = IdOf("Tag", description="The tag.")
        expected_revision = graphene.Int(description="The tag's revision when you read it; stale is CONFLICT.")
        name = graphene.String(description=NAME)
        description = graphene.String(description=DESCRIPTION)
        category = graphene.InputField(enums.TagCategory, description=CATEGORY)
        aliases = _aliases("Other names that lead to it, at most 20: they replace those that it has.")

    may = policy.require_signed_in
    tag = subject(Tag, "The tag as it is now.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Changes it."""
        changes = changes_only(given, needed=_NEEDED, empty=_EMPTY)
        return {"tag": vocabulary.update_tag(context.viewer, tag_id=changes.pop("id"), now=context.now, **changes)}


class TagMerge(Mutation):
    """Merges tags into one: for reviewers. What carries a source carries the target; the sources' names lead to it."""

    class Input:
        """Which tags become which."""

        source_ids = IdOf("Tag", many=True, description="The tags that go: at most 20.")
        target_id = IdOf("Tag", description="The tag that stays.")
        dry_run = graphene.Boolean(description="Only tell what would be moved; nothing is changed.")

    may = policy.require_signed_in
    tag = subject(Tag, "The tag that stays; with dryRun as it was.")
    moved_entries = value(graphene.Int, "How many entries that you may see carried a source; each counts once.")
    moved_challenges = value(graphene.Int, "How many challenges carried a source; each counts once.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Merges them."""
        merger = merging.merge_tags(context.viewer, now=context.now, **given_only(given))
        return {
            "tag": merger.tag,
            "moved_entries": merger.moved_entries,
            "moved_challenges": merger.moved_challenges,
        }


class TagDelete(Mutation):
    """Deletes a tag that nothing carries: for reviewers. One that something carries is INVALID_STATE."""

    class Input:
        """Which tag."""

        id = IdOf("Tag", description="The tag.")

    may = policy.require_signed_in
    deleted_id = deleted_id("Tag", "The id that the tag had.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Deletes it."""
        return {"deleted_id": vocabulary.delete_tag(context.viewer, tag_id=given["id"], now=context.now)}
