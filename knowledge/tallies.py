"""Keeps tallies short: see knowledge.models.Tally."""

from typing import Final

from django.db import connection

# So many parts are summed up in no time.
ENOUGH: Final = 50
# One statement, so that everybody sees the parts or their sum; what another one folds meanwhile is left to it.
FOLD: Final = """
WITH parts AS (
    DELETE FROM knowledge_tally WHERE id IN (SELECT id FROM knowledge_tally FOR UPDATE SKIP LOCKED)
    RETURNING "of", number
)
INSERT INTO knowledge_tally ("of", number) SELECT "of", sum(number) FROM parts GROUP BY "of"
"""


def fold() -> None:
    """Makes one part of each tally's many, where there are more than ENOUGH in all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) > %s FROM knowledge_tally", [ENOUGH])
        (many,) = cursor.fetchone()
        if many:
            cursor.execute(FOLD)
