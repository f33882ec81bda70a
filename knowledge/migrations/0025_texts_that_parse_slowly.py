"""Texts are cut up before PostgreSQL's parser reads them for the search, so that none can take it long.

Where the parser could be in an e-mail address, a host, a path or a comment, it reads ahead, and from each place anew: 10 kB
of `~/~/~/` take it seconds, and each highlight of such a text takes them again, whoever searches. Cut after a few such signs,
no run of them is long. What people write holds none: an address of a page is cut behind a dozen of them.
"""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import migrations, models

PARSABLE = r"""
CREATE FUNCTION nexus_parsable(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(regexp_replace(replace(given, '<!', '< !'),
        '@(?=[^\s@]*@)', '@ ', 'g'),
        '((?:[^\s_~/.@]*[_~/.@]){12})(?=\S)', '\1 ', 'g')
$$;
"""
DROP_PARSABLE = "DROP FUNCTION nexus_parsable;"

HIGHLIGHTS = """
-- The stems first: whole words are looked at where only the beginning of one was asked for. A body is looked through
-- as far as its first {signs:,} signs.
CREATE OR REPLACE FUNCTION nexus_highlights(sought tsquery, lines text[], html text) RETURNS json
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    plain text := {parsable}(nexus_plain_text(left(html, {signs})));
    plain_lines text[] := ARRAY(SELECT {parsable}(nexus_plain_text(replace(line, '<', '&lt;')))
        FROM unnest(lines) WITH ORDINALITY AS given (line, place) ORDER BY place);
BEGIN
    RETURN to_json(coalesce(
        nexus_marked('nexus', sought, plain_lines, plain),
        nexus_marked('nexus_plain', sought, plain_lines, plain),
        '{{}}'));
END $$;
"""
CUT = HIGHLIGHTS.format(parsable="nexus_parsable", signs=20_000)
WHOLE = HIGHLIGHTS.format(parsable="", signs=50_000)

MARKS = models.Func("tag_ids", function="nexus_tag_marks")


def column(*more: Any, **weights: str) -> models.GeneratedField:
    """The stored tsvector of the columns, the body cut up."""
    vectors = [
        SearchVector(
            models.Func(name, function="nexus_parsable") if name == "body" else name, config=config, weight=weight
        )
        for name, weight in weights.items()
        for config in ("nexus", "nexus_plain")
    ]
    joined = models.Func(
        *vectors, *more, template="(%(expressions)s)", arg_joiner=" || ", output_field=SearchVectorField()
    )
    return models.GeneratedField(expression=joined, output_field=SearchVectorField(), db_persist=True)


def searchable(model: str, *more: Any, **weights: str) -> list[Any]:
    """Makes the column `search` anew: PostgreSQL changes no expression of a generated column."""
    return [
        migrations.RemoveIndex(model, f"{model}_search"),
        migrations.RemoveField(model, "search"),
        migrations.AddField(model, "search", column(*more, **weights)),
        migrations.AddIndex(model, GinIndex(fields=["search"], name=f"{model}_search")),
    ]


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0024_spellings_of_tags")]

    operations = [
        migrations.RunSQL(PARSABLE, DROP_PARSABLE),
        *searchable("challenge", MARKS, title="A", body="C"),
        *searchable("entry", MARKS, title="A", summary="B", body="C"),
        *searchable("solution", body="C"),
        migrations.RunSQL(CUT, WHOLE),
    ]
