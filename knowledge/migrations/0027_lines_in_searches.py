"""A search may hold any number of minuses: one excludes a word that it stands at, and all others stand for nothing.

PostgreSQL takes each for one more negation, and fails at some thirty of them in a row: so did a search for a line of
Markdown (`-----`). `--help` is looked for as before, and `Redis - caching` is no search without caching any more.
"""

from django.db import migrations

WITHOUT_LINES = r"""
CREATE FUNCTION nexus_without_lines(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(words, '-(?![\w"])|(?<=-)-', ' ', 'g')
$$;
"""
PLAIN, CLEANED = "'nexus', asked[1])", "'nexus', nexus_without_lines(asked[1]))"


def given(before: str, after: str) -> str:
    """The function as it is, but for what it takes for the words."""
    return f"""
DO $do$
DECLARE
    made text := pg_get_functiondef('nexus_search_query(text[])'::regprocedure);
BEGIN
    ASSERT position($${before}$$ IN made) > 0;
    EXECUTE replace(made, $${before}$$, $${after}$$);
END $do$;
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0026_orders_of_pages")]

    operations = [
        migrations.RunSQL(WITHOUT_LINES, "DROP FUNCTION nexus_without_lines;"),
        migrations.RunSQL(given(PLAIN, CLEANED), given(CLEANED, PLAIN)),
    ]
