"""A search asks once for the tags that its words name, not once a word; and what leaves out its own word finds nothing.

Of "cache -cache" PostgreSQL expects as many rows as of "cache", so it was looked for as what very many rows match.
"""

from django.db import migrations

EACH = """    FOREACH word IN ARRAY lexemes LOOP
        sought := nexus_or_tags(sought, word::tsquery, word::tsquery);
    END LOOP;
"""
AT_ONCE = """    FOR word, phrase IN
        SELECT lexeme, (lexeme || '|' || string_agg(format('''#%s''', tag_id), '|'))::tsquery
          FROM unnest(lexemes) AS lexeme,
               LATERAL (SELECT DISTINCT tag_id FROM knowledge_tagalias a
                         WHERE a.words @@ lexeme::tsquery AND kind <> 'FORMER' ORDER BY tag_id LIMIT 100) named
         GROUP BY lexeme
    LOOP
        sought := ts_rewrite(sought, word::tsquery, phrase);
    END LOOP;
"""
# Where words stand beside each other alone, so that each part is a word or what is left out.
BEGIN = """BEGIN
    IF sought::text LIKE '%<%' THEN
"""
NOTHING_FIRST = """    parts text[] := string_to_array(sought::text, ' & ');
BEGIN
    IF sought::text !~ '[|<(]' AND EXISTS (SELECT FROM unnest(parts) AS part WHERE '!' || part = ANY(parts)) THEN
        RETURN '';
    END IF;
    IF sought::text LIKE '%<%' THEN
"""


def given(before: str, after: str) -> str:
    """The function as it is, but for some lines."""
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
    dependencies = [("knowledge", "0028_words_joined_by_slashes")]

    operations = [
        migrations.RunSQL(given(EACH, AT_ONCE), given(AT_ONCE, EACH)),
        migrations.RunSQL(given(BEGIN, NOTHING_FIRST), given(NOTHING_FIRST, BEGIN)),
    ]
