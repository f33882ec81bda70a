"""Importing documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphene

from knowledge import policy
from knowledge.documents.importing import import_document
from schema.context import RequestContext
from schema.mutations.base import Mutation, given_only, subject, value
from schema.types.imports import ImportReport
from schema.types.sources import Source


class DocumentImport(Mutation):
    """A learner's document becomes entries, tags and challenge/solution pairs. dryRun shows them, changes nothing."""

    class Input:
        """The document. What a contributor imports is IN_REVIEW; what reviewers and staff import is PUBLISHED."""

        markdown = graphene.String(required=True, description="The document in Markdown: at most 1 MB.")
        title = graphene.String(description="Its title; its first heading when left out.")
        url = graphene.String(
            description="Where it lives. Importing the same url again updates, never doubles, and is for who imported "
            "it first and for staff."
        )
        dry_run = graphene.Boolean(description="Show what would come in, and change nothing.")

    may = policy.require_signed_in
    source = subject(Source, "The document; null after a dry run.")
    report = value(ImportReport, "What was found, and what came of it.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Imports it."""
        source, report = import_document(context.viewer, now=context.now, **given_only(given))
        return {"source": source, "report": report}
