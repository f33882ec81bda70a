"""How many published entries and challenges there are: kept, since to count a million rows takes a tenth of a second."""

from django.db import migrations, models

TALLIES = """
CREATE FUNCTION nexus_tally_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO knowledge_tally ("of", number)
    SELECT 'ENTRIES', CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END
      FROM changed WHERE status = 'PUBLISHED' HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER nexus_tally_inserted AFTER INSERT ON knowledge_entry
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION nexus_tally_entries();
CREATE TRIGGER nexus_tally_deleted AFTER DELETE ON knowledge_entry
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION nexus_tally_entries();

CREATE FUNCTION nexus_tally_entry_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO knowledge_tally ("of", number) VALUES ('ENTRIES', CASE NEW.status WHEN 'PUBLISHED' THEN 1 ELSE -1 END);
    RETURN NULL;
END $$;
CREATE TRIGGER nexus_tally_status AFTER UPDATE OF status ON knowledge_entry
    FOR EACH ROW WHEN ((OLD.status = 'PUBLISHED') <> (NEW.status = 'PUBLISHED'))
    EXECUTE FUNCTION nexus_tally_entry_status();

CREATE FUNCTION nexus_tally_challenges() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO knowledge_tally ("of", number)
    SELECT 'CHALLENGES', CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END FROM changed HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER nexus_tally_inserted AFTER INSERT ON knowledge_challenge
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION nexus_tally_challenges();
CREATE TRIGGER nexus_tally_deleted AFTER DELETE ON knowledge_challenge
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION nexus_tally_challenges();

-- The triggers' making keeps writers out until this is committed, so that nothing is counted twice.
INSERT INTO knowledge_tally ("of", number)
SELECT 'ENTRIES', count(*) FROM knowledge_entry WHERE status = 'PUBLISHED' HAVING count(*) > 0;
INSERT INTO knowledge_tally ("of", number) SELECT 'CHALLENGES', count(*) FROM knowledge_challenge HAVING count(*) > 0;
"""

NO_TALLIES = """
DROP FUNCTION nexus_tally_entries, nexus_tally_entry_status, nexus_tally_challenges CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0021_documents_of_each")]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "of",
                    models.CharField(choices=[("ENTRIES", "Entries"), ("CHALLENGES", "Challenges")], max_length=16),
                ),
                ("number", models.BigIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["of"], include=["number"], name="tally_of")]},
        ),
        migrations.RunSQL(TALLIES, NO_TALLIES),
    ]
