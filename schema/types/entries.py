"""Entries and their revisions."""

from __future__ import annotations

from typing import Any

import graphene
from django.db.models import Expression, IntegerField, QuerySet

from knowledge import models, policy
from knowledge.models import OPEN_STATES
from knowledge.policy import Viewer
from knowledge.related import related_entries
from knowledge.services.content import RESOURCES_MOST, TAGS_MOST
from schema.errors import bad_input
from schema.planner.declare import Node, Planned, connection, connection_type, identity
from schema.planner.needs import Connection, Embedded, Given, Many, One, Ranked, Reading, Value
from schema.types import enums, listings
from schema.types.base import PlannedType
from schema.types.expressions import bookmarked, text_for, unless_empty, viewer_actions, viewer_may, viewer_vote
from schema.types.inputs import ChallengeOrder, ChallengeWhere
from schema.types.lazy import later
from schema.types.scalars import DateTime

RELATED = 5
MOST_RELATED = 20

Tags = graphene.List(graphene.NonNull(later("tags", "Tag")))


class Resource(graphene.ObjectType):
    """Something worth reading elsewhere."""

    title = graphene.String(required=True, description="What it is called.")
    url = graphene.String(required=True, description="Where it is: http or https.")


Resources = graphene.List(graphene.NonNull(Resource))


def _own_open(rows: QuerySet[Any], _given: Given, reading: Reading[Viewer]) -> QuerySet[Any]:
    """The viewer's revision that is not shown yet. An entry has one a person at most."""
    if not reading.viewer.signed_in:
        return rows.filter(policy.NO_ROW)
    return rows.filter(author_id=reading.viewer.id, state__in=OPEN_STATES)


def _related(given: Given) -> Expression:
    wanted = given.bound("first", output=IntegerField(), convert=_few) if given.has("first") else RELATED
    return related_entries(wanted)


def _few(first: int) -> int:
    if not 1 <= first <= MOST_RELATED:
        raise bad_input(f"first is between 1 and {MOST_RELATED}.")
    return first


class EntryRevision(PlannedType):
    """A version of an entry's content: proposed, shown, or shown once."""

    class Meta:
        model = models.EntryRevision
        interfaces = (Node,)

    id = identity("EntryRevision")
    entry = Planned(lambda: Entry, One("Entry", {"pk": "entry_id"}), "What it is a version of.")
    number = Planned(graphene.Int, Value("number"), "Counts an entry's revisions from 1.")
    version = Planned(
        graphene.Int,
        Value("version"),
        "Grows with every save while the revision is a draft; send it back as expectedVersion.",
    )
    based_on = Planned(
        graphene.Int, Value("based_on"), "Number of the revision that it was written on.", required=False
    )
    state = Planned(enums.RevisionState, Value("state"), "Where it stands.")
    kind = Planned(enums.EntryKind, Value("kind"), "What sort of knowledge it holds.")
    title = Planned(graphene.String, Value("title"), "Its title.")
    summary = Planned(graphene.String, Value("summary"), "What it says in a sentence; may be empty.")
    body = Planned(graphene.String, Value("body"), "The text in Markdown.")
    body_html = Planned(graphene.String, Value("body_html"), "`body` rendered and sanitised, safe to insert in a page.")
    tags = Planned(
        Tags, Many("Tag", {"revisiontag__revision_id": "pk"}, order=("slug",), at_most=TAGS_MOST), "Its tags, by name."
    )
    resources = Planned(Resources, Embedded("resources", "Resource", at_most=RESOURCES_MOST), "What to read elsewhere.")
    author = Planned(
        later("people", "User"), One("User", {"pk": "author_id"}), "Who wrote it; null when unknown.", required=False
    )
    note = Planned(graphene.String, Value("note"), "What the author says about it; may be empty.")
    reviewer = Planned(later("people", "User"), One("User", {"pk": "reviewer_id"}), "Who reviewed it.", required=False)
    review_comment = Planned(graphene.String, Value("review_comment"), "What the reviewer said; may be empty.")
    diff = Planned(
        graphene.String,
        text_for(policy.comparable_revisions, "diff"),
        "Unified diff against the revision it was based on: a line for each of kind, title, summary, tags, resources "
        "and challenges, then the body. Empty for an entry's first, and for who is not signed in.",
    )
    conflict = Planned(
        lambda: MergeConflict,
        One("MergeConflict", {"revision_id": "pk"}),
        "What stands in the way when the shown revision moved on since; null when nothing does.",
        required=False,
    )
    created_at = Planned(DateTime, Value("created_at"), "When it was begun.")
    reviewed_at = Planned(DateTime, Value("reviewed_at"), "When it was reviewed.", required=False)


class MergeConflict(PlannedType):
    """A three-way merge of base, what is shown now, and this revision.

    To go on: entryUpdate with expectedRevision = shown's number.
    """

    class Meta:
        model = models.MergeConflict

    base = Planned(graphene.Int, Value("base"), "Number of the revision that it was written on.")
    shown = Planned(graphene.Int, Value("shown"), "Number of the revision that is shown now.")
    merged = Planned(
        graphene.String,
        Value("merged"),
        "The merged body; where both changed the same lines, both stand between conflict markers.",
    )
    clean = Planned(graphene.Boolean, Value("is_clean"), "True when no line was changed by both.")


EntryRevisionConnection = connection_type("EntryRevision", lambda: EntryRevision, "revisions")


class Entry(PlannedType):
    """A piece of knowledge: a technology, a concept, a practice, something learned, a tool, a guide."""

    class Meta:
        model = models.Entry
        interfaces = (Node,)

    id = identity("Entry")
    slug = Planned(graphene.String, Value("slug"), "Its name in addresses; unique. Old ones go on leading here.")
    kind = Planned(enums.EntryKind, Value("kind"), "What sort of knowledge it holds.")
    status = Planned(enums.EntryStatus, Value("status"), "Where it stands.")
    title = Planned(graphene.String, Value("title"), "Its title.")
    summary = Planned(graphene.String, Value("summary"), "What it says in a sentence; may be empty.")
    body = Planned(graphene.String, Value("body"), "The text in Markdown.")
    body_html = Planned(graphene.String, Value("body_html"), "`body` rendered and sanitised, safe to insert in a page.")
    reading_minutes = Planned(graphene.Int, Value("reading_minutes"), "How long it takes to read; at least 1.")
    resources = Planned(Resources, Embedded("resources", "Resource", at_most=RESOURCES_MOST), "What to read elsewhere.")
    author = Planned(
        later("people", "User"),
        One("User", {"pk": "author_id"}),
        "Who wrote it first; null when unknown.",
        required=False,
    )
    tags = Planned(
        Tags, Many("Tag", {"entrytag__entry_id": "pk"}, order=("slug",), at_most=TAGS_MOST), "Its tags, by name."
    )
    challenges = connection(
        later("challenges", "ChallengeConnection"),
        Connection(
            "Challenge",
            listings.CHALLENGES,
            {"entrychallenge__entry_id": "pk"},
            copies={"created_at": "entrychallenge__challenge_created_at", "pk": "entrychallenge__challenge_id"},
        ),
        "Challenges that belong to what it is about.",
        where=ChallengeWhere,
        order_by=ChallengeOrder,
    )
    sources = connection(
        later("sources", "SourceConnection"),
        Connection("Source", listings.SOURCES, {"entrysource__entry_id": "pk"}),
        "Documents that name it. One that names it again is one more source, not one more entry.",
    )
    source_count = Planned(graphene.Int, Value("source_count"), "How many documents name it.")
    related = Planned(
        graphene.List(graphene.NonNull(lambda: Entry)),
        Ranked("Entry", _related),
        "Published entries that have most in common with it, by tags and text, the closest first.",
        first=graphene.Int(default_value=RELATED, description=f"How many at most: 1 to {MOST_RELATED}."),
    )
    revision = Planned(
        graphene.Int,
        Value("revision"),
        "Number of the revision that is shown; send it back as expectedRevision when editing.",
    )
    viewer_draft = Planned(
        EntryRevision,
        One("EntryRevision", {"entry_id": "pk"}, _own_open),
        "The viewer's own revision that is not shown yet, if there is one.",
        required=False,
    )
    archive_reason = Planned(
        graphene.String, unless_empty("archive_reason"), "Why it was taken out of view.", required=False
    )
    revisions = connection(
        EntryRevisionConnection,
        Connection("EntryRevision", listings.REVISIONS, {"entry_id": "pk"}),
        "Its revisions, newest first: the approved one for everyone; one's own; those shown before for who is signed "
        "in; for reviewers what was handed in.",
    )
    score = Planned(graphene.Int, Value("score"), "Votes up less votes down.")
    created_at = Planned(DateTime, Value("created_at"), "When it was begun.")
    updated_at = Planned(DateTime, Value("updated_at"), "When what is shown changed last.")
    published_at = Planned(DateTime, Value("published_at"), "When it was first published.", required=False)
    viewer_can_update = Planned(
        graphene.Boolean,
        viewer_may(policy.editable_entries),
        "Whether the viewer may edit it, or propose a revision of it.",
    )
    viewer_actions = Planned(
        graphene.List(graphene.NonNull(enums.EntryAction)), viewer_actions(), "What the viewer may do next."
    )
    viewer_vote = Planned(enums.Vote, viewer_vote("entry"), "The viewer's vote.", required=False)
    viewer_has_bookmarked = Planned(graphene.Boolean, bookmarked("entry"), "Whether the viewer keeps it.")


EntryConnection = connection_type("Entry", lambda: Entry, "entries")
