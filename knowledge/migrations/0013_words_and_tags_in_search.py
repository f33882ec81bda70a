"""What makes a search find: words as they are written beside their stems, and the tags that a row carries.

- `nexus_plain` keeps words whole, so that the beginning of a word finds it ("cachin" is no beginning of the stem "cach")
- the ids of a row's tags stand beside its words, kept by triggers; a search is widened by the tags that its words name
- `nexus_search_query` makes a query of what a person typed; `nexus_highlights` shows where it matched
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import migrations, models

CONFIGURATION = """
CREATE TEXT SEARCH DICTIONARY nexus_word (TEMPLATE = simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION nexus_plain (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION nexus_plain ALTER MAPPING FOR asciiword, asciihword, hword_asciipart WITH nexus_word;
ALTER TEXT SEARCH CONFIGURATION nexus_plain ALTER MAPPING FOR word, hword, hword_part WITH unaccent, nexus_word;
"""

# No word of a text begins with #. At the last position there is, a mark never stands beside a word in a phrase.
TAG_MARKS = """
CREATE FUNCTION nexus_tag_marks(tag_ids bigint[]) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_agg(format('''#%s'':16383', id), ' '), '')::tsvector FROM unnest(tag_ids) AS id
$$;
"""

DROP_CONFIGURATION = """
DROP TEXT SEARCH CONFIGURATION nexus_plain;
DROP TEXT SEARCH DICTIONARY nexus_word;
"""

# Rows are locked by id before tags are counted (the triggers of one event fire by name, and this one comes first):
# the order that the services have. The other triggers put right what a writer sets by hand, or saves as it was read before.
CARRIED_TAGS = """
CREATE FUNCTION nexus_carry_tags() RETURNS trigger LANGUAGE plpgsql AS $$
-- TG_ARGV: the table of rows, the table of what they carry, and its column for the row.
BEGIN
    EXECUTE format('SELECT 1 FROM %I WHERE id IN (SELECT %I FROM changed) ORDER BY id FOR NO KEY UPDATE',
        TG_ARGV[0], TG_ARGV[2]);
    EXECUTE format('UPDATE %1$I r SET tag_ids = ARRAY(SELECT tag_id FROM %2$I WHERE %3$I = r.id ORDER BY tag_id)'
        ' WHERE id IN (SELECT %3$I FROM changed)', VARIADIC TG_ARGV);
    RETURN NULL;
END $$;
CREATE FUNCTION nexus_keep_tag_ids() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE carried bigint[];
BEGIN
    EXECUTE format('SELECT ARRAY(SELECT tag_id FROM %I WHERE %I = $1 ORDER BY tag_id)', TG_ARGV[1], TG_ARGV[2])
       INTO carried USING NEW.id;
    IF NEW.tag_ids <> carried THEN
        EXECUTE format('UPDATE %I SET tag_ids = $1 WHERE id = $2', TG_ARGV[0]) USING carried, NEW.id;
    END IF;
    RETURN NULL;
END $$;
"""


DROP_CARRIED_TAGS = "DROP FUNCTION nexus_carry_tags, nexus_keep_tag_ids CASCADE"


def carried(rows: str, through: str, column: str) -> str:
    """The triggers that keep `rows.tag_ids`, after filling it."""
    arguments = f"'{rows}', '{through}', '{column}'"
    return f"""
UPDATE {rows} r SET tag_ids = ARRAY(SELECT tag_id FROM {through} WHERE {column} = r.id ORDER BY tag_id)
 WHERE EXISTS (SELECT FROM {through} WHERE {column} = r.id);
CREATE TRIGGER nexus_carry_inserted AFTER INSERT ON {through}
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION nexus_carry_tags({arguments});
CREATE TRIGGER nexus_carry_deleted AFTER DELETE ON {through}
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION nexus_carry_tags({arguments});
CREATE TRIGGER nexus_keep_tag_ids_inserted AFTER INSERT ON {rows}
    FOR EACH ROW WHEN (NEW.tag_ids <> '{{}}') EXECUTE FUNCTION nexus_keep_tag_ids({arguments});
CREATE TRIGGER nexus_keep_tag_ids_updated AFTER UPDATE OF tag_ids ON {rows}
    FOR EACH ROW WHEN (OLD.tag_ids <> NEW.tag_ids) EXECUTE FUNCTION nexus_keep_tag_ids({arguments});
"""  # noqa: S608 - names of this file


# asked: the words as typed, and the last of them where it may go on ('' where not).
#
# A word of the query becomes: the word, or the mark of a tag of which a name or an alias has the word; a phrase
# likewise. Of the last word the beginning is enough, in texts and in names. ts_rewrite does not tell a word from a
# beginning, so the last word is rewritten once, and before the others.
QUERY = r"""
CREATE FUNCTION nexus_named_tags(words tsquery) RETURNS tsquery LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT string_agg(format('''#%s''', tag_id), '|')::tsquery
      FROM (SELECT DISTINCT tag_id FROM knowledge_tagalias a
             WHERE a.words @@ $1 AND kind <> 'FORMER' ORDER BY tag_id LIMIT 100) named
$$;

CREATE FUNCTION nexus_or_tags(query tsquery, words tsquery, meant tsquery) RETURNS tsquery
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT ts_rewrite(query, words, coalesce(meant || nexus_named_tags(meant), meant))
$$;

CREATE FUNCTION nexus_search_query(asked text[]) RETURNS tsquery LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    sought tsquery := websearch_to_tsquery('nexus', asked[1]);
    lexemes text[] := ARRAY(SELECT DISTINCT lexeme[1]
        FROM regexp_matches(sought::text, '(''(?:[^'']|'''')*'')', 'g') AS lexeme);
    typed tsquery;
    beginning text;
    phrase tsquery;
    word text;
BEGIN
    IF sought::text LIKE '%<%' THEN
        FOR phrase IN
            SELECT DISTINCT phraseto_tsquery('nexus', name) FROM knowledge_tagalias a
             WHERE a.words @@ array_to_string(lexemes, '|')::tsquery
        LOOP
            IF numnode(phrase) > 1 AND sought @> phrase THEN
                sought := nexus_or_tags(sought, phrase, phrase);
            END IF;
        END LOOP;
    END IF;
    IF asked[2] <> '' THEN
        typed := phraseto_tsquery('nexus', asked[2]);
        beginning := '''' || replace(replace(lower(unaccent(asked[2])), '\', '\\'), '''', '''''') || '''';
        IF numnode(typed) > 0 THEN
            sought := nexus_or_tags(sought, typed, CASE typed::text
                WHEN beginning THEN (beginning || ':*')::tsquery
                ELSE typed || (beginning || ':*')::tsquery END);
            lexemes := array_remove(array_remove(lexemes, beginning), typed::text);
        END IF;
    END IF;
    FOREACH word IN ARRAY lexemes LOOP
        sought := nexus_or_tags(sought, word::tsquery, word::tsquery);
    END LOOP;
    RETURN sought;
END $$;
"""

# Rendered Markdown as plain text on one line, in which nothing is left that a browser could take for a tag, nor one of
# the signs that show matches.
HIGHLIGHTS = r"""
CREATE FUNCTION nexus_plain_text(html text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(translate(regexp_replace(regexp_replace(
        replace(replace(replace(replace(replace(replace(
            regexp_replace(regexp_replace(html,
                '</?(?:a|code|del|em|s|strong)(?:\s[^>]*)?>', '', 'g'), '<[^>]*>', ' ', 'g'),
        '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&#39;', ''''), '&nbsp;', ' '), '&amp;', '&'),
        '<[/!?]*([a-zA-Z][^<>]*)>', ' \1 ', 'g'), '<(?=[a-zA-Z/!?])', ' ', 'g'), '⟦⟧␞', ''), '\s+', ' ', 'g'))
$$;

CREATE FUNCTION nexus_marked(config regconfig, sought tsquery, lines text[], html text) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT array_agg(btrim(part) ORDER BY number) FROM (
        SELECT place, ts_headline(config, line, sought, 'StartSel=⟦, StopSel=⟧, HighlightAll=true')
          FROM unnest(lines) WITH ORDINALITY AS given (line, place)
        UNION ALL
        SELECT cardinality(lines) + place, fragment
          FROM unnest(string_to_array(ts_headline(config, html, sought,
                    'StartSel=⟦, StopSel=⟧, MaxFragments=3, MaxWords=24, MinWords=8, ShortWord=0, FragmentDelimiter=␞'), '␞'))
               WITH ORDINALITY AS found (fragment, place)
    ) AS parts (number, part)
     WHERE part LIKE '%⟦%'
$$;

-- The stems first: whole words are looked at where only the beginning of one was asked for. A body is looked through
-- as far as its first 50,000 signs.
CREATE FUNCTION nexus_highlights(sought tsquery, lines text[], html text) RETURNS json
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    plain text := nexus_plain_text(left(html, 50000));
    plain_lines text[] := ARRAY(SELECT nexus_plain_text(replace(line, '<', '&lt;'))
        FROM unnest(lines) WITH ORDINALITY AS given (line, place) ORDER BY place);
BEGIN
    RETURN to_json(coalesce(
        nexus_marked('nexus', sought, plain_lines, plain),
        nexus_marked('nexus_plain', sought, plain_lines, plain),
        '{}'));
END $$;
"""

DROP_FUNCTIONS = """
DROP FUNCTION nexus_highlights, nexus_marked, nexus_plain_text, nexus_search_query, nexus_or_tags, nexus_named_tags;
"""


def stored(*vectors: Any) -> models.GeneratedField:
    """Tsvectors, joined in a stored column."""
    joined = models.Func(*vectors, template="(%(expressions)s)", arg_joiner=" || ", output_field=SearchVectorField())
    return models.GeneratedField(expression=joined, output_field=SearchVectorField(), db_persist=True)


def vectors(**weights: str) -> list[Any]:
    """The tsvectors of columns, of each its stems, then its whole words."""
    return [
        SearchVector(name, config=config, weight=weight)
        for name, weight in weights.items()
        for config in ("nexus", "nexus_plain")
    ]


def searchable(model: str, *more: Any, **weights: str) -> list[Any]:
    """Makes the column `search` anew: PostgreSQL changes no expression of a generated column."""
    return [
        migrations.RemoveIndex(model, f"{model}_search"),
        migrations.RemoveField(model, "search"),
        migrations.AddField(model, "search", stored(*vectors(**weights), *more)),
        migrations.AddIndex(model, GinIndex(fields=["search"], name=f"{model}_search")),
    ]


def tagged(model: str) -> Any:
    """Adds the column `tag_ids`."""
    ids = ArrayField(models.BigIntegerField(), db_default=models.Value([]), default=list, editable=False)
    return migrations.AddField(model, "tag_ids", ids)


MARKS = models.Func("tag_ids", function="nexus_tag_marks")


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0012_subscriptions_by_tag")]

    operations = [
        migrations.RunSQL([CONFIGURATION, TAG_MARKS], ["DROP FUNCTION nexus_tag_marks", DROP_CONFIGURATION]),
        tagged("challenge"),
        tagged("entry"),
        *searchable("challenge", MARKS, title="A", body="C"),
        *searchable("entry", MARKS, title="A", summary="B", body="C"),
        *searchable("solution", body="C"),
        migrations.AddField("challenge", "search_head", stored(*vectors(title="A"), MARKS)),
        migrations.AddField("entry", "search_head", stored(*vectors(title="A", summary="B"), MARKS)),
        migrations.AddField(
            "tagalias",
            "words",
            stored(SearchVector("name", config="nexus"), SearchVector("name", config="nexus_plain")),
        ),
        migrations.AddIndex("tagalias", GinIndex(fields=["words"], name="tag_alias_words")),
        migrations.RunSQL(
            [
                CARRIED_TAGS,
                carried("knowledge_entry", "knowledge_entrytag", "entry_id"),
                carried("knowledge_challenge", "knowledge_challengetag", "challenge_id"),
            ],
            [DROP_CARRIED_TAGS],
        ),
        migrations.RunSQL([QUERY, HIGHLIGHTS], [DROP_FUNCTIONS]),
    ]
