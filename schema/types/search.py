"""Search over entries, challenges and solutions."""

from __future__ import annotations

import graphene
from django.db.models import F
from django.db.models.functions import Lower

from knowledge import search
from knowledge.errors import Mistakes
from schema.errors import bad_input
from schema.planner.declare import Planned, PlannedUnion, connection_type, page_arguments
from schema.planner.needs import Engine, Search, Searched
from schema.types import enums, listings
from schema.types.challenges import Challenge, Solution
from schema.types.entries import Entry
from schema.types.inputs import SearchWhere


def clean(raw: str) -> str:
    """What to search for; raises BAD_USER_INPUT where that is nothing, too long, or no text."""
    mistakes = Mistakes()
    words = search.clean_words(raw, mistakes, "query")
    for mistake in mistakes.found:
        raise bad_input(mistake.message)
    return words


ENGINE = Engine(
    clean=clean,
    typed=search.typed,
    spellings=search.spellings,
    function="nexus_search_query",
    is_common="nexus_is_common",
    found=search.found,
    matches=search.matches,
    rank=search.rank,
    highlights=search.highlights,
    similar_to=search.similar_to,
    word_query=search.WORD_QUERY,
    most_names=search.MOST_NAMES,
    respelt=search.Respelt,
)
SEARCH = Search(
    searched=(
        Searched("Entry", "ENTRY", listings.SEARCHED_ENTRIES, ("title", "summary"), "body_html", "search_head"),
        Searched("Challenge", "CHALLENGE", listings.SEARCHED_CHALLENGES, ("title",), "body_html", "search_head"),
        Searched("Solution", "SOLUTION", listings.SEARCHED_SOLUTIONS, (), "body_html"),
    ),
    engine=ENGINE,
    # As the indexes of trigrams have them.
    named={"Entry": Lower("title"), "Challenge": Lower("title"), "Tag": F("names__name")},
)


class SearchHit(PlannedUnion):
    """What a search finds."""

    class Meta:
        types = (Entry, Challenge, Solution)


SearchConnection = connection_type(
    "Search",
    lambda: SearchHit,
    "hits",
    of_edge={
        "rank": graphene.Field(
            graphene.Float,
            required=True,
            description="How well it matches, rounded to six digits; only good for comparing hits of one search.",
        ),
        "highlights": graphene.Field(
            graphene.List(graphene.NonNull(graphene.String)),
            required=True,
            description="Plain-text fragments in which matched words stand between ⟦ and ⟧; "
            "none where only a tag matched.",
        ),
    },
    total_count="How many hits there are on all pages: at most 1,000.",
    suggestion=graphene.String(
        description="Another spelling that finds something, when this one finds nothing: the hits are then its.",
    ),
)


def search_field(description: str) -> Planned:
    """The root field `search`."""
    return Planned(
        SearchConnection,
        SEARCH,
        description,
        args={
            "query": graphene.String(
                required=True,
                description="Words as one writes them for a web search, at most 200 characters: all of them (the "
                'first 32); "a phrase"; one or another; -without. Of the last word the beginning is enough.',
            ),
            **page_arguments(),
            "types": graphene.Argument(
                graphene.List(graphene.NonNull(enums.SearchType)),
                description="What to search: everything when left out; an empty list matches nothing.",
            ),
            "where": graphene.Argument(SearchWhere, description="Which rows."),
        },
    )
