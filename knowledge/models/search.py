"""How text is indexed for search."""

from functools import reduce
from operator import add
from typing import Any

from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

# A text search configuration that folds accents and stems English; a migration makes it.
CONFIG = "nexus"


def search_column(**weights: str) -> models.GeneratedField:
    """A stored tsvector over the named text columns, each with its weight from A (most) to D."""
    parts: list[Any] = [SearchVector(field, weight=weight, config=CONFIG) for field, weight in weights.items()]
    vector = reduce(add, parts)
    return models.GeneratedField(expression=vector, output_field=SearchVectorField(), db_persist=True)


class Folded(models.Func):
    """A text in lower case and without accents, as the database's own function has it, which can be indexed."""

    function = "nexus_folded"
    output_field = models.TextField()
