"""What an import found, and what came of it."""

from __future__ import annotations

from typing import Any

import graphene
from graphql import GraphQLResolveInfo

from knowledge.documents.importing import ImportItem as Found
from knowledge.documents.importing import ItemKind, Outcome, Report
from schema.context import RequestContext
from schema.planner.answers import Fetched
from schema.planner.declare import PlannedUnion
from schema.types.challenges import Challenge
from schema.types.entries import Entry
from schema.types.enums import described

ImportItemKind = described(
    ItemKind,
    "What a document calls the thing that it tells of.",
    name="ImportItemKind",
    TECHNOLOGY="A technology.",
    CONCEPT="A concept.",
    BEST_PRACTICE="A best practice.",
    LEARNING="Something learned.",
    TOOL="A tool that people work together with.",
    CHALLENGE="A challenge, with its solution where it has one.",
)
ImportOutcome = described(
    Outcome,
    "What became of a thing that a document tells of.",
    name="ImportOutcome",
    CREATED="It is new.",
    MATCHED="It was there already, and gained a source.",
    UPDATED="This document brought it in before, and says more or other now.",
    UNCHANGED="It is as before.",
    KEPT="Edited by hand since, or named by another document as well, and left as it is.",
)


class ImportSubject(PlannedUnion):
    """What a thing that was found became."""

    class Meta:
        types = (Entry, Challenge)


class Misread(graphene.ObjectType):
    """Something that looked like knowledge but could not be read."""

    class Meta:
        name = "ImportWarning"

    line = graphene.Int(required=True, description="Its line in the document, from 1.")
    message = graphene.String(required=True, description="What was not understood.")


class ImportItem(graphene.ObjectType):
    """One thing that was found."""

    line = graphene.Int(required=True, description="Its line in the document, from 1.")
    kind = graphene.Field(ImportItemKind, required=True, description="What the document calls it.")
    outcome = graphene.Field(ImportOutcome, required=True, description="What became of it.")
    title = graphene.String(required=True, description="The name, or the challenge.")
    text = graphene.String(required=True, description="A challenge's solution, an entry's summary; may be empty.")
    tags = graphene.List(graphene.NonNull(graphene.String), required=True, description="The tags it carries.")
    subject = graphene.Field(ImportSubject, description="What it became; null after a dry run.")

    @staticmethod
    def resolve_subject(listed: Listed, info: GraphQLResolveInfo) -> Fetched | None:
        """Read for all items of the report at once."""
        return listed.subject(info)


class Items:
    """The items of a report. Their subjects are read together, once for each selection."""

    def __init__(self, found: tuple[Found, ...]) -> None:
        self.found = found
        self.read: dict[tuple[int, ...], dict[tuple[str, int], Fetched]] = {}

    def listed(self) -> list[Listed]:
        """Each item, knowing the others."""
        return [Listed(item, self) for item in self.found]

    def subject(self, item: Found, info: GraphQLResolveInfo) -> Fetched | None:
        """What the selection at `info` asks of the item's subject."""
        if item.subject is None:
            return None
        places = tuple(id(node) for node in info.field_nodes)
        if places not in self.read:
            self.read[places] = self._read(info)
        return self.read[places].get(_key(item.subject))

    def _read(self, info: GraphQLResolveInfo) -> dict[tuple[str, int], Fetched]:
        context: RequestContext = info.context
        rows = list({_key(item.subject): item.subject for item in self.found if item.subject}.values())
        fetched = context.read_rows(info, rows, context.viewer)
        return {_key(row): found for row, found in zip(rows, fetched, strict=True) if found is not None}


def _key(row: Any) -> tuple[str, int]:
    return type(row).__name__, row.pk


class Listed:
    """An item of a report, as graphql-core reads it."""

    def __init__(self, item: Found, items: Items) -> None:
        self.item = item
        self.items = items

    def __getattr__(self, name: str) -> Any:
        return getattr(self.item, name)

    def subject(self, info: GraphQLResolveInfo) -> Fetched | None:
        """What the item became."""
        return self.items.subject(self.item, info)


def _count(description: str) -> graphene.Int:
    return graphene.Int(required=True, description=description)


class ImportReport(graphene.ObjectType):
    """What was found in a document, and what came of it."""

    entries_created = _count("Entries that are new.")
    entries_matched = _count("Knowledge that was there already and gained a source.")
    entries_updated = _count("Entries that this document brought in before, and that got a new revision.")
    tags_created = _count("Tags that are new.")
    challenges_created = _count("Challenges that are new.")
    challenges_matched = _count("Challenges that were there already and gained a source.")
    challenges_updated = _count("Challenges that were written anew.")
    solutions_created = _count("Solutions that are new.")
    kept = _count("Edited by hand since the last import of this document, and left as they are.")
    items = graphene.List(
        graphene.NonNull(ImportItem),
        required=True,
        description="What was found, in document order; the same with dryRun.",
    )
    warnings = graphene.List(
        graphene.NonNull(Misread),
        required=True,
        description="What looked like knowledge but could not be read, with its line.",
    )

    @staticmethod
    def resolve_items(report: Report, _info: GraphQLResolveInfo) -> list[Listed]:
        """The items, whose subjects are read together."""
        return Items(report.items).listed()
