"""Tags' names: found by their start whatever the accents; former slugs may be listed among the aliases."""

import django.contrib.postgres.indexes
from django.db import migrations, models

import knowledge.models.search

# PostgreSQL takes unaccent for a function of its dictionary's file, and so refuses to index it; the dictionary is named
# here, and its file does not change. Schemas are named because a restore runs without a search path.
FOLDED = """
CREATE FUNCTION nexus_folded(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    AS $$ SELECT pg_catalog.lower(public.unaccent('public.unaccent'::pg_catalog.regdictionary, $1)) $$;
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0009_revisions_shown_in_a_window")]

    operations = [
        migrations.RunSQL([FOLDED], ["DROP FUNCTION nexus_folded"]),
        migrations.RemoveIndex(model_name="tagalias", name="tag_alias_prefix"),
        migrations.AddIndex(
            model_name="tagalias",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    knowledge.models.search.Folded("name"), name="text_pattern_ops"
                ),
                name="tag_alias_prefix",
            ),
        ),
        migrations.RemoveConstraint(model_name="tagalias", name="tag_alias_kind_known"),
        migrations.AlterField(
            model_name="tagalias",
            name="kind",
            field=models.CharField(
                choices=[
                    ("CANONICAL", "Canonical"),
                    ("ALIAS", "Alias"),
                    ("FORMER", "Former"),
                    ("FORMER_ALIAS", "Former Alias"),
                ],
                default="ALIAS",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="tagalias",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["CANONICAL", "ALIAS", "FORMER", "FORMER_ALIAS"])),
                name="tag_alias_kind_known",
            ),
        ),
    ]
