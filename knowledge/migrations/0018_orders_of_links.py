"""The times by which lists are ordered stand in the rows that link, too: so an index serves relation and order in one.

And no index holds null: what has no time is as old as can be, so that rows compare with a cursor by the index alone.
"""

import django.db.models.deletion
from django.db import migrations, models

import knowledge.models.ordering

# Whoever links waits for whoever changes the time, and then copies what it is now. Of the triggers of one event this one
# comes late by its name: rows are locked, and tags counted, in the order that those before it have.
COPIED_TIMES = """
CREATE FUNCTION nexus_copy_time_to_links() RETURNS trigger LANGUAGE plpgsql AS $$
-- TG_ARGV: the links, their column for the time, their column for the row, the table of the rows, its column.
BEGIN
    EXECUTE format('SELECT 1 FROM %4$I WHERE id IN (SELECT %3$I FROM changed) ORDER BY id FOR SHARE', VARIADIC TG_ARGV);
    EXECUTE format('UPDATE %1$I l SET %2$I = r.%5$I FROM changed c JOIN %4$I r ON r.id = c.%3$I'
        ' WHERE l.id = c.id AND l.%2$I IS DISTINCT FROM r.%5$I', VARIADIC TG_ARGV);
    RETURN NULL;
END $$;
CREATE FUNCTION nexus_copy_changed_time() RETURNS trigger LANGUAGE plpgsql AS $$
-- TG_ARGV: the same.
BEGIN
    EXECUTE format('UPDATE %1$I SET %2$I = ($1).%5$I WHERE %3$I = ($1).id AND %2$I IS DISTINCT FROM ($1).%5$I',
        VARIADIC TG_ARGV) USING NEW;
    RETURN NULL;
END $$;
"""
DROP_COPIED_TIMES = "DROP FUNCTION nexus_copy_time_to_links, nexus_copy_changed_time CASCADE"

# A link leads where it leads for good, but the time may change.
REFUSED_UPDATES = """
DROP TRIGGER nexus_no_update ON knowledge_entrytag;
DROP TRIGGER nexus_no_update ON knowledge_challengetag;
CREATE TRIGGER nexus_no_update BEFORE UPDATE OF entry_id, tag_id ON knowledge_entrytag
    FOR EACH ROW EXECUTE FUNCTION nexus_refuse_update();
CREATE TRIGGER nexus_no_update BEFORE UPDATE OF challenge_id, tag_id ON knowledge_challengetag
    FOR EACH ROW EXECUTE FUNCTION nexus_refuse_update();
"""
REFUSED_ALL_UPDATES = """
DROP TRIGGER nexus_no_update ON knowledge_entrytag;
DROP TRIGGER nexus_no_update ON knowledge_challengetag;
CREATE TRIGGER nexus_no_update BEFORE UPDATE ON knowledge_entrytag
    FOR EACH ROW EXECUTE FUNCTION nexus_refuse_update();
CREATE TRIGGER nexus_no_update BEFORE UPDATE ON knowledge_challengetag
    FOR EACH ROW EXECUTE FUNCTION nexus_refuse_update();
"""


def copied(links: str, rows: str, time: str) -> str:
    """The triggers that keep the links' copy of the rows' time."""
    copy, key = f"{rows}_{time}", f"{rows}_id"
    arguments = f"'knowledge_{links}', '{copy}', '{key}', 'knowledge_{rows}', '{time}'"
    return f"""
CREATE TRIGGER nexus_time_of_{rows} AFTER INSERT ON knowledge_{links}
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION nexus_copy_time_to_links({arguments});
CREATE TRIGGER nexus_time_for_{links} AFTER UPDATE OF {time} ON knowledge_{rows}
    FOR EACH ROW WHEN (OLD.{time} IS DISTINCT FROM NEW.{time})
    EXECUTE FUNCTION nexus_copy_changed_time({arguments});
"""


# Each row is changed once: of one that was changed twice its foreign keys would wait to be checked, and so no index be made.
FILLED = [
    """
UPDATE knowledge_entrytag l SET entry_published_at = r.published_at FROM knowledge_entry r
 WHERE r.id = l.entry_id AND r.published_at IS NOT NULL
""",
    """
UPDATE knowledge_challengetag l SET challenge_created_at = r.created_at FROM knowledge_challenge r
 WHERE r.id = l.challenge_id
""",
    """
UPDATE knowledge_entrychallenge l SET entry_published_at = e.published_at, challenge_created_at = c.created_at
  FROM knowledge_entry e, knowledge_challenge c WHERE e.id = l.entry_id AND c.id = l.challenge_id
""",
]
COPIES = [
    copied("entrytag", "entry", "published_at"),
    copied("challengetag", "challenge", "created_at"),
    copied("entrychallenge", "entry", "published_at"),
    copied("entrychallenge", "challenge", "created_at"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0017_mails_of_digests"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="challengetag",
            name="challenge_tag_challenges",
        ),
        migrations.RemoveIndex(
            model_name="entry",
            name="entry_published_at",
        ),
        migrations.RemoveIndex(
            model_name="entry",
            name="entry_kind",
        ),
        migrations.RemoveIndex(
            model_name="entry",
            name="entry_status",
        ),
        migrations.RemoveIndex(
            model_name="entrychallenge",
            name="entry_challenge_entries",
        ),
        migrations.RemoveIndex(
            model_name="entrytag",
            name="entry_tag_entries",
        ),
        migrations.AddField(
            model_name="challengetag",
            name="challenge_created_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="entrychallenge",
            name="challenge_created_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="entrychallenge",
            name="entry_published_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="entrytag",
            name="entry_published_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="challengetag",
            name="challenge",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, to="knowledge.challenge"
            ),
        ),
        migrations.AlterField(
            model_name="challengetag",
            name="tag",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="knowledge.tag"),
        ),
        migrations.AlterField(
            model_name="entrychallenge",
            name="challenge",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, to="knowledge.challenge"
            ),
        ),
        migrations.AlterField(
            model_name="entrychallenge",
            name="entry",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="knowledge.entry"),
        ),
        migrations.AlterField(
            model_name="entrytag",
            name="entry",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="knowledge.entry"),
        ),
        migrations.AlterField(
            model_name="entrytag",
            name="tag",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="knowledge.tag"),
        ),
        # Before the indexes are made: a million rows are changed sooner without them.
        migrations.RunSQL([COPIED_TIMES, REFUSED_UPDATES, *FILLED, *COPIES], [REFUSED_ALL_UPDATES, DROP_COPIED_TIMES]),
        migrations.AddIndex(
            model_name="challengetag",
            index=models.Index(fields=["tag", "challenge_created_at", "challenge"], name="challenge_tag_newest"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                models.OrderBy(knowledge.models.ordering.Latest("published_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="entry_published_at",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                models.F("kind"),
                models.OrderBy(knowledge.models.ordering.Latest("published_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="entry_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                models.F("status"),
                models.OrderBy(knowledge.models.ordering.Latest("published_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="entry_status",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                models.F("author"),
                models.OrderBy(knowledge.models.ordering.Latest("published_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="entry_author_latest",
            ),
        ),
        migrations.AddIndex(
            model_name="entrychallenge",
            index=models.Index(fields=["entry", "challenge_created_at", "challenge"], name="entry_challenge_newest"),
        ),
        migrations.AddIndex(
            model_name="entrychallenge",
            index=models.Index(
                models.F("challenge"),
                models.OrderBy(knowledge.models.ordering.Latest("entry_published_at"), descending=True),
                models.OrderBy(models.F("entry"), descending=True),
                name="entry_challenge_latest",
            ),
        ),
        migrations.AddIndex(
            model_name="entrytag",
            index=models.Index(
                models.F("tag"),
                models.OrderBy(knowledge.models.ordering.Latest("entry_published_at"), descending=True),
                models.OrderBy(models.F("entry"), descending=True),
                name="entry_tag_latest",
            ),
        ),
    ]
