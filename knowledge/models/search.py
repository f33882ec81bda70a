"""How text is indexed for search."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

# Text search configurations that fold accents: the first stems English, the second keeps words whole, so that the
# beginning of a word finds it. Migrations make them.
STEMS = "nexus"
CONFIGS = (STEMS, "nexus_plain")


def search_column(*, tagged: bool = False, marked: str = "", **weights: str) -> models.GeneratedField:
    """A stored tsvector over the named text columns, each with its weight from A (most) to D.

    With `tagged`, the row's `tag_ids` are in it too: see `tag_ids_column`. So is the value of the column `marked`, for
    a filter beside words: as `#VALUE`, which is no word.
    """
    # Column by column, the weightiest first: PostgreSQL's rank gives most to a word's first places.
    parts: list[Any] = [
        SearchVector(Apart(_parsable(name)), config=config, weight=weight)
        for name, weight in weights.items()
        for config in CONFIGS
    ]
    if tagged:
        parts.append(models.Func("tag_ids", function="nexus_tag_marks"))
    if marked:
        parts.append(models.Func(marked, template="array_to_tsvector(ARRAY['#' || %(expressions)s])"))
    return _stored(*parts)


def _parsable(name: str) -> Any:
    """A column as PostgreSQL's parser can read it in no time; only a body is so long that this matters."""
    return models.Func(name, function="nexus_parsable") if name == "body" else name


def words_column(name: str) -> models.GeneratedField:
    """A stored tsvector over a column, without weights."""
    return _stored(*(SearchVector(Apart(name), config=config) for config in CONFIGS))


def tag_ids_column() -> Any:
    """The ids of the tags that a row carries, for its search column. Triggers keep it, whoever writes what."""
    return ArrayField(models.BigIntegerField(), default=list, db_default=models.Value([]), editable=False)


def _stored(*vectors: Any) -> models.GeneratedField:
    joined = models.Func(*vectors, template="(%(expressions)s)", arg_joiner=" || ", output_field=SearchVectorField())
    return models.GeneratedField(expression=joined, output_field=SearchVectorField(), db_persist=True)


class Apart(models.Func):
    """A text in which words that a slash joins stand apart; PostgreSQL would take client/server for a file's path."""

    function = "nexus_apart"
    output_field = models.TextField()


class Folded(models.Func):
    """A text in lower case and without accents, as the database's own function has it, which can be indexed."""

    function = "nexus_folded"
    output_field = models.TextField()
