"""The audit trail may be pruned of what is old, by one function and by nothing else.

Whoever owns the function needs the right to delete; whoever calls it does not. So the role of the web and the workers can
do with INSERT and SELECT on the trail.
"""

from django.db import migrations

APPEND_ONLY = """
CREATE OR REPLACE FUNCTION nexus_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('nexus.prunes_audit', true) = 'on'
       AND OLD.at < now() - interval '30 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
"""

PRUNE = """
CREATE FUNCTION nexus_prune_audit(older_than timestamptz, only_actions text[], most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET nexus.prunes_audit = 'on' AS $$
DECLARE
    deleted integer;
BEGIN
    DELETE FROM knowledge_auditevent WHERE id IN (
        SELECT id FROM knowledge_auditevent
         WHERE at < least(older_than, now() - interval '30 days')
           AND (only_actions IS NULL OR action = ANY (only_actions))
         ORDER BY at, id LIMIT most
    );
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END $$;
"""

BEFORE = """
DROP FUNCTION nexus_prune_audit;
CREATE OR REPLACE FUNCTION nexus_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0014_mailed_links")]

    operations = [migrations.RunSQL([APPEND_ONLY, PRUNE], [BEFORE])]
