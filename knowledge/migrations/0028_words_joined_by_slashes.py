"""Words that a slash joins are found by each of them: PostgreSQL takes "client/server" for the path of a file."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import migrations, models

from knowledge.models.search import CONFIGS, Apart

# A sign stays beside the slash, by which highlights can put the text together again. It is not in what people write:
# nexus_plain_text takes it out.
FUNCTIONS = r"""
CREATE OR REPLACE FUNCTION nexus_apart(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(words, '([[:alpha:]])/(?=[[:alpha:]])', '\1␟/␟', 'g')
$$;

CREATE OR REPLACE FUNCTION nexus_plain_text(html text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(translate(regexp_replace(regexp_replace(
        replace(replace(replace(replace(replace(replace(
            regexp_replace(regexp_replace(html,
                '</?(?:a|code|del|em|s|strong)(?:\s[^>]*)?>', '', 'g'), '<[^>]*>', ' ', 'g'),
        '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&#39;', ''''), '&nbsp;', ' '), '&amp;', '&'),
        '<[/!?]*([a-zA-Z][^<>]*)>', ' \1 ', 'g'), '<(?=[a-zA-Z/!?])', ' ', 'g'), '⟦⟧␞␟', ''), '\s+', ' ', 'g'))
$$;

CREATE OR REPLACE FUNCTION nexus_marked(config regconfig, sought tsquery, lines text[], html text) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT array_agg(btrim(replace(part, '␟', '')) ORDER BY number) FROM (
        SELECT place, ts_headline(config, nexus_apart(line), sought, 'StartSel=⟦, StopSel=⟧, HighlightAll=true')
          FROM unnest(lines) WITH ORDINALITY AS given (line, place)
        UNION ALL
        SELECT cardinality(lines) + place, fragment
          FROM unnest(string_to_array(ts_headline(config, nexus_apart(html), sought,
                    'StartSel=⟦, StopSel=⟧, MaxFragments=3, MaxWords=24, MinWords=8, ShortWord=0, FragmentDelimiter=␞'), '␞'))
               WITH ORDINALITY AS found (fragment, place)
    ) AS parts (number, part)
     WHERE part LIKE '%⟦%'
$$;
"""


def stored(*vectors: Any) -> models.GeneratedField:
    """Tsvectors, joined in a stored column."""
    joined = models.Func(*vectors, template="(%(expressions)s)", arg_joiner=" || ", output_field=SearchVectorField())
    return models.GeneratedField(expression=joined, output_field=SearchVectorField(), db_persist=True)


def vectors(**weights: str) -> list[Any]:
    """The tsvectors of columns, of each its stems, then its whole words."""
    return [
        SearchVector(
            Apart(models.Func(name, function="nexus_parsable") if name == "body" else name),
            config=config,
            weight=weight,
        )
        for name, weight in weights.items()
        for config in CONFIGS
    ]


def anew(model: str, column: str, *parts: Any, index: str | None = None) -> list[Any]:
    """Makes the column anew, with its index: PostgreSQL changes no expression of a generated column."""
    without = [migrations.RemoveField(model, column), migrations.AddField(model, column, stored(*parts))]
    if index is None:
        return without
    return [
        migrations.RemoveIndex(model, index),
        *without,
        migrations.AddIndex(model, GinIndex(fields=[column], name=index)),
    ]


MARKS = models.Func("tag_ids", function="nexus_tag_marks")


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0027_lines_in_searches")]

    operations = [
        # They do no harm where nothing is taken apart.
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        *anew("challenge", "search", *vectors(title="A", body="C"), MARKS, index="challenge_search"),
        *anew("challenge", "search_head", *vectors(title="A"), MARKS),
        *anew("entry", "search", *vectors(title="A", summary="B", body="C"), MARKS, index="entry_search"),
        *anew("entry", "search_head", *vectors(title="A", summary="B"), MARKS),
        *anew("solution", "search", *vectors(body="C"), index="solution_search"),
        *anew(
            "tagalias",
            "words",
            *(SearchVector(Apart("name"), config=config) for config in CONFIGS),
            index="tag_alias_words",
        ),
    ]
