"""A subject's events are numbered in the order in which their transactions commit."""

from django.db import migrations, models

# An id is taken when a row is inserted, which says nothing of when it is committed. Whoever holds the subject first, and
# lets go of it by committing, is followed by higher ids only. Services hold it already; this asks no more of the rest.
ORDER = """
CREATE FUNCTION nexus_order_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT FROM %I WHERE id = $1 FOR NO KEY UPDATE', 'knowledge_' || lower(NEW.subject_type))
        USING NEW.subject_id;
    NEW.id := nextval('knowledge_outboxevent_id_seq');
    RETURN NEW;
END $$;
CREATE TRIGGER nexus_order BEFORE INSERT ON knowledge_outboxevent
    FOR EACH ROW EXECUTE FUNCTION nexus_order_outbox();
"""

DROP = "DROP FUNCTION nexus_order_outbox CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0015_audit_retention")]

    operations = [
        migrations.RunSQL([ORDER], [DROP]),
        migrations.RemoveIndex(model_name="outboxevent", name="outbox_event_subject"),
        migrations.AddIndex(
            model_name="outboxevent",
            index=models.Index(
                condition=models.Q(("published_at", None)),
                fields=["subject_type", "subject_id", "id"],
                name="outbox_event_next",
            ),
        ),
    ]
