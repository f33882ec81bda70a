"""Entries have their kind among the words of their search column, so that one index finds words, tags and kind."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import migrations, models

from knowledge.models.search import CONFIGS, Apart


def vector(column: Any, weight: str) -> list[SearchVector]:
    """The tsvectors of a column: its stems, then its whole words."""
    return [SearchVector(Apart(column), config=config, weight=weight) for config in CONFIGS]


PARTS = (
    *vector("title", "A"),
    *vector("summary", "B"),
    *vector(models.Func("body", function="nexus_parsable"), "C"),
    models.Func("tag_ids", function="nexus_tag_marks"),
    models.Func("kind", template="array_to_tsvector(ARRAY['#' || %(expressions)s])"),
)
SEARCH = models.Func(*PARTS, template="(%(expressions)s)", arg_joiner=" || ", output_field=SearchVectorField())


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0029_tags_that_words_name")]

    operations = [
        # PostgreSQL changes no expression of a generated column, so it is made anew, with its index.
        migrations.RemoveIndex("entry", "entry_search"),
        migrations.RemoveField("entry", "search"),
        migrations.AddField(
            "entry",
            "search",
            models.GeneratedField(expression=SEARCH, output_field=SearchVectorField(), db_persist=True),
        ),
        migrations.AddIndex("entry", GinIndex(fields=["search"], name="entry_search")),
    ]
