"""What streams are fed by: PostgreSQL says when a digest gets on, and when an event was recorded."""

from django.db import migrations

DIGESTS = """
CREATE FUNCTION nexus_notify_digest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('nexus_digest', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER nexus_notify AFTER UPDATE OF status, progress ON knowledge_digest
    FOR EACH ROW WHEN (OLD.status <> NEW.status OR OLD.progress <> NEW.progress)
    EXECUTE FUNCTION nexus_notify_digest();
"""

# An edit that readers don't see is told to nobody.
EVENTS = """
CREATE FUNCTION nexus_notify_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('nexus_event', NEW.id || ' ' || NEW.type);
    RETURN NULL;
END $$;
CREATE TRIGGER nexus_notify_each AFTER INSERT ON knowledge_outboxevent
    FOR EACH ROW WHEN (NEW.payload -> 'shown' IS DISTINCT FROM 'false'::jsonb)
    EXECUTE FUNCTION nexus_notify_event();
"""

DROP = "DROP FUNCTION nexus_notify_digest, nexus_notify_event CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0007_order_of_publication")]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("knowledge.outboxevent",),
        ),
        migrations.RunSQL([DIGESTS, EVENTS], [DROP]),
    ]
