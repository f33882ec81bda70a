"""Search: what a person typed, what it finds, how well, and what it might have meant.

words.py      what was typed, cleaned and taken apart
matching.py   conditions, ranks and highlights, over rows that somebody else scopes
spelling.py   another spelling, of words that stand in rows that somebody else scopes
misses.py     what was searched for in vain, counted beside the requests

The work is PostgreSQL's: `nexus_search_query` and `nexus_highlights` are functions that a migration makes.
"""

from knowledge.search.matching import (
    Matches,
    all_of,
    all_tags_query,
    any_of,
    any_tag_query,
    exact_query,
    found,
    highlights,
    is_common,
    kind_query,
    matches,
    rank,
    text_query,
)
from knowledge.search.spelling import MOST_NAMES, WORD_QUERY, Respelt, similar_to
from knowledge.search.words import MOST_WORDS, QUERY_LENGTH, clean_words, last_word, spellings, typed

__all__ = [
    "MOST_NAMES",
    "MOST_WORDS",
    "QUERY_LENGTH",
    "WORD_QUERY",
    "Matches",
    "Respelt",
    "all_of",
    "all_tags_query",
    "any_of",
    "any_tag_query",
    "clean_words",
    "exact_query",
    "found",
    "highlights",
    "is_common",
    "kind_query",
    "last_word",
    "matches",
    "rank",
    "similar_to",
    "spellings",
    "text_query",
    "typed",
]
