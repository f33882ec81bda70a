"""How text is indexed for search."""

from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

# A text search configuration that folds accents and stems English; a migration makes it.
CONFIG = "nexus"


def search_column(**weights: str) -> models.GeneratedField:
    """A stored tsvector over the named text columns, each with its weight from A (most) to D."""
    first, *rest = (SearchVector(field, weight=weight, config=CONFIG) for field, weight in weights.items())
    vector = first
    for part in rest:
        vector = vector + part
    return models.GeneratedField(expression=vector, output_field=SearchVectorField(), db_persist=True)
