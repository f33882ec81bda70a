"""Challenges and their solutions."""

from __future__ import annotations

from typing import Any

import graphene
from django.db.models import QuerySet

from knowledge import models, policy
from knowledge.services.content import TAGS_MOST
from schema.planner.declare import Node, Planned, connection, connection_type, identity
from schema.planner.needs import Connection, Given, Many, One, Reading, Value
from schema.types import enums, listings
from schema.types.base import PlannedType
from schema.types.entries import Tags
from schema.types.expressions import bookmarked, unless_empty, viewer_may, viewer_vote
from schema.types.inputs import SolutionOrder
from schema.types.lazy import later
from schema.types.scalars import DateTime


def _accepted(rows: QuerySet[Any], _given: Given, _reading: Reading[Any]) -> QuerySet[Any]:
    return rows.filter(is_accepted=True)


class Challenge(PlannedType):
    """A difficulty that somebody met, with the ways out that were found."""

    class Meta:
        model = models.Challenge
        interfaces = (Node,)

    id = identity("Challenge")
    slug = Planned(graphene.String, Value("slug"), "Its name in addresses; unique. Old ones go on leading here.")
    title = Planned(graphene.String, Value("title"), "The difficulty in a line.")
    body = Planned(graphene.String, Value("body"), "The text in Markdown; may be empty.")
    body_html = Planned(graphene.String, Value("body_html"), "`body` rendered and sanitised, safe to insert in a page.")
    difficulty = Planned(enums.Difficulty, Value("difficulty"), "How much it asks for.")
    status = Planned(enums.ChallengeStatus, Value("status"), "Where it stands.")
    author = Planned(
        later("people", "User"), One("User", {"pk": "author_id"}), "Who asked; null when unknown.", required=False
    )
    tags = Planned(
        Tags,
        Many("Tag", {"challengetag__challenge_id": "pk"}, order=("slug",), at_most=TAGS_MOST),
        "Its tags, by name.",
    )
    entries = connection(
        later("entries", "EntryConnection"),
        Connection(
            "Entry",
            listings.ENTRIES,
            {"entrychallenge__challenge_id": "pk"},
            copies={"published_at": "entrychallenge__entry_published_at", "pk": "entrychallenge__entry_id"},
        ),
        "Entries about what it belongs to.",
    )
    solutions = connection(
        later("challenges", "SolutionConnection"),
        Connection("Solution", listings.SOLUTIONS, {"challenge_id": "pk"}),
        "The solutions that were given; the accepted one first.",
        order_by=SolutionOrder,
    )
    accepted_solution = Planned(
        lambda: Solution,
        One("Solution", {"challenge_id": "pk"}, _accepted),
        "The solution that was accepted, if one was.",
        required=False,
    )
    sources = connection(
        later("sources", "SourceConnection"),
        Connection("Source", listings.SOURCES, {"challengesource__challenge_id": "pk"}),
        "Documents that tell of it.",
    )
    score = Planned(graphene.Int, Value("score"), "Votes up less votes down.")
    revision = Planned(graphene.Int, Value("revision"), "Grows with every edit; send it back as expectedRevision.")
    created_at = Planned(DateTime, Value("created_at"), "When it was asked.")
    updated_at = Planned(DateTime, Value("updated_at"), "When it changed last.")
    solved_at = Planned(DateTime, Value("solved_at"), "When a solution was accepted.", required=False)
    close_reason = Planned(graphene.String, unless_empty("close_reason"), "Why it was closed.", required=False)
    viewer_can_update = Planned(
        graphene.Boolean, viewer_may(policy.editable_challenges), "Whether the viewer may edit it."
    )
    viewer_can_accept = Planned(
        graphene.Boolean,
        viewer_may(policy.decidable_challenges),
        "Whether the viewer may accept one of its solutions, or take that back.",
    )
    viewer_vote = Planned(enums.Vote, viewer_vote("challenge"), "The viewer's vote.", required=False)
    viewer_has_bookmarked = Planned(graphene.Boolean, bookmarked("challenge"), "Whether the viewer keeps it.")


ChallengeConnection = connection_type("Challenge", lambda: Challenge, "challenges")


class Solution(PlannedType):
    """An answer to a challenge."""

    class Meta:
        model = models.Solution
        interfaces = (Node,)

    id = identity("Solution")
    challenge = Planned(Challenge, One("Challenge", {"pk": "challenge_id"}), "What it answers.")
    body = Planned(graphene.String, Value("body"), "The text in Markdown.")
    body_html = Planned(graphene.String, Value("body_html"), "`body` rendered and sanitised, safe to insert in a page.")
    author = Planned(
        later("people", "User"), One("User", {"pk": "author_id"}), "Who answered; null when unknown.", required=False
    )
    is_accepted = Planned(graphene.Boolean, Value("is_accepted"), "Whether it was accepted; at most one is.")
    score = Planned(graphene.Int, Value("score"), "Votes up less votes down.")
    revision = Planned(graphene.Int, Value("revision"), "Grows with every edit; send it back as expectedRevision.")
    created_at = Planned(DateTime, Value("created_at"), "When it was written.")
    updated_at = Planned(DateTime, Value("updated_at"), "When it changed last.")
    viewer_can_update = Planned(
        graphene.Boolean, viewer_may(policy.editable_solutions), "Whether the viewer may edit it."
    )
    viewer_vote = Planned(enums.Vote, viewer_vote("solution"), "The viewer's vote.", required=False)


SolutionConnection = connection_type("Solution", lambda: Solution, "solutions")
