"""Invariants and counts that hold whoever writes: kept by the database itself.

- a tag's own slug stands in the table of all slugs that lead to tags; the one it had before goes on leading to it
- former slugs of entries and challenges
- counts of entries and challenges a tag, of sources an entry; scores
- a challenge is SOLVED exactly when one of its solutions is accepted, unless it is CLOSED
- an entry shows a revision that exists
- audit events are append-only
- an outbox event wakes the relay
"""

from django.db import migrations

TAG_SLUGS = """
CREATE FUNCTION nexus_tag_canonical_alias() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        UPDATE knowledge_tagalias SET kind = 'FORMER' WHERE tag_id = NEW.id AND kind = 'CANONICAL' AND slug <> NEW.slug;
    END IF;
    -- A slug that leads to another tag is not taken over: the unique index refuses it.
    UPDATE knowledge_tagalias SET kind = 'CANONICAL', name = NEW.name WHERE tag_id = NEW.id AND slug = NEW.slug;
    IF NOT FOUND THEN
        INSERT INTO knowledge_tagalias (tag_id, slug, name, kind) VALUES (NEW.id, NEW.slug, NEW.name, 'CANONICAL');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER nexus_canonical_alias AFTER INSERT OR UPDATE OF slug, name ON knowledge_tag
    FOR EACH ROW EXECUTE FUNCTION nexus_tag_canonical_alias();
"""

FORMER_SLUGS = """
CREATE FUNCTION nexus_keep_former_slug() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- TG_ARGV: the table of former slugs, its column for the row that had them.
    EXECUTE format('DELETE FROM %I WHERE slug = $1', TG_ARGV[0]) USING NEW.slug;
    EXECUTE format(
        'INSERT INTO %I (%I, slug) VALUES ($1, $2) ON CONFLICT (slug) DO UPDATE SET %2$I = excluded.%2$I',
        TG_ARGV[0], TG_ARGV[1]
    ) USING OLD.id, OLD.slug;
    RETURN NULL;
END $$;
CREATE TRIGGER nexus_former_slug AFTER UPDATE OF slug ON knowledge_entry
    FOR EACH ROW WHEN (OLD.slug <> NEW.slug)
    EXECUTE FUNCTION nexus_keep_former_slug('knowledge_entryslug', 'entry_id');
CREATE TRIGGER nexus_former_slug AFTER UPDATE OF slug ON knowledge_challenge
    FOR EACH ROW WHEN (OLD.slug <> NEW.slug)
    EXECUTE FUNCTION nexus_keep_former_slug('knowledge_challengeslug', 'challenge_id');
"""

# Tags are locked in the order of their ids before they are counted up or down, so that writers wait and never deadlock.
TAG_COUNTS = """
CREATE FUNCTION nexus_add_to_tag_counts(tag_ids bigint[], entry_deltas int[], challenge_deltas int[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM knowledge_tag WHERE id = ANY (tag_ids) ORDER BY id FOR NO KEY UPDATE;
    UPDATE knowledge_tag t
       SET entry_count = t.entry_count + d.entries, challenge_count = t.challenge_count + d.challenges
      FROM (SELECT id, sum(e)::int AS entries, sum(c)::int AS challenges
              FROM unnest(tag_ids, entry_deltas, challenge_deltas) AS u (id, e, c) GROUP BY id) d
     WHERE t.id = d.id AND (d.entries <> 0 OR d.challenges <> 0);
END $$;

CREATE FUNCTION nexus_count_entry_tags() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE sign int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    PERFORM nexus_add_to_tag_counts(array_agg(c.tag_id), array_agg(sign), array_agg(0))
       FROM changed c JOIN knowledge_entry e ON e.id = c.entry_id WHERE e.status = 'PUBLISHED'
     HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER nexus_count_inserted AFTER INSERT ON knowledge_entrytag
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION nexus_count_entry_tags();
CREATE TRIGGER nexus_count_deleted AFTER DELETE ON knowledge_entrytag
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION nexus_count_entry_tags();

CREATE FUNCTION nexus_count_entry_status() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE sign int := CASE NEW.status WHEN 'PUBLISHED' THEN 1 ELSE -1 END;
BEGIN
    PERFORM nexus_add_to_tag_counts(array_agg(tag_id), array_agg(sign), array_agg(0))
       FROM knowledge_entrytag WHERE entry_id = NEW.id
     HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER nexus_count_status AFTER UPDATE OF status ON knowledge_entry
    FOR EACH ROW WHEN ((OLD.status = 'PUBLISHED') <> (NEW.status = 'PUBLISHED'))
    EXECUTE FUNCTION nexus_count_entry_status();

CREATE FUNCTION nexus_count_challenge_tags() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE sign int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    PERFORM nexus_add_to_tag_counts(array_agg(tag_id), array_agg(0), array_agg(sign)) FROM changed
     HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER nexus_count_inserted AFTER INSERT ON knowledge_challengetag
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION nexus_count_challenge_tags();
CREATE TRIGGER nexus_count_deleted AFTER DELETE ON knowledge_challengetag
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION nexus_count_challenge_tags();

CREATE FUNCTION nexus_refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are added and deleted, never changed', TG_TABLE_NAME;
END $$;
CREATE TRIGGER nexus_no_update BEFORE UPDATE ON knowledge_entrytag
    FOR EACH ROW EXECUTE FUNCTION nexus_refuse_update();
CREATE TRIGGER nexus_no_update BEFORE UPDATE ON knowledge_challengetag
    FOR EACH ROW EXECUTE FUNCTION nexus_refuse_update();
"""

SOURCE_COUNTS = """
CREATE FUNCTION nexus_count_entry_sources() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE knowledge_entry SET source_count = source_count + 1 WHERE id = NEW.entry_id;
    ELSE
        UPDATE knowledge_entry SET source_count = source_count - 1 WHERE id = OLD.entry_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER nexus_count_sources AFTER INSERT OR DELETE ON knowledge_entrysource
    FOR EACH ROW EXECUTE FUNCTION nexus_count_entry_sources();
"""

SCORES = """
CREATE FUNCTION nexus_score_vote() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    subject record;
    delta int := 0;
BEGIN
    subject := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    IF TG_OP <> 'DELETE' THEN delta := delta + NEW.value; END IF;
    IF TG_OP <> 'INSERT' THEN delta := delta - OLD.value; END IF;
    UPDATE knowledge_entry SET score = score + delta WHERE id = subject.entry_id;
    UPDATE knowledge_challenge SET score = score + delta WHERE id = subject.challenge_id;
    UPDATE knowledge_solution SET score = score + delta WHERE id = subject.solution_id;
    RETURN NULL;
END $$;
CREATE TRIGGER nexus_score AFTER INSERT OR DELETE OR UPDATE OF value ON knowledge_vote
    FOR EACH ROW EXECUTE FUNCTION nexus_score_vote();
"""

# Deferred: a service changes the challenge and its solutions one after the other; at commit they must agree.
SOLVED = """
CREATE FUNCTION nexus_check_solved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint;
    state text;
    accepted boolean;
BEGIN
    IF TG_TABLE_NAME = 'knowledge_challenge' THEN
        checked := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        checked := OLD.challenge_id;
    ELSE
        checked := NEW.challenge_id;
    END IF;
    SELECT status INTO state FROM knowledge_challenge WHERE id = checked;
    SELECT EXISTS (SELECT FROM knowledge_solution WHERE challenge_id = checked AND is_accepted) INTO accepted;
    IF (state = 'SOLVED' AND NOT accepted) OR (state = 'OPEN' AND accepted) THEN
        RAISE EXCEPTION 'challenge % is % but has % accepted solution', checked, state,
            CASE WHEN accepted THEN 'an' ELSE 'no' END
            USING ERRCODE = 'check_violation', CONSTRAINT = 'challenge_solved_by_accepted_solution';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER nexus_solved AFTER INSERT OR UPDATE OF status ON knowledge_challenge
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nexus_check_solved();
CREATE CONSTRAINT TRIGGER nexus_solved AFTER INSERT OR DELETE OR UPDATE OF is_accepted, challenge_id
    ON knowledge_solution DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nexus_check_solved();
"""

SHOWN_REVISION = """
ALTER TABLE knowledge_entry ADD CONSTRAINT entry_shows_its_revision
    FOREIGN KEY (id, revision) REFERENCES knowledge_entryrevision (entry_id, number) DEFERRABLE INITIALLY DEFERRED;
"""

AUDIT = """
CREATE FUNCTION nexus_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER nexus_append_only BEFORE UPDATE OR DELETE ON knowledge_auditevent
    FOR EACH ROW EXECUTE FUNCTION nexus_refuse_change();
"""

OUTBOX = """
CREATE FUNCTION nexus_notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('nexus_outbox', '');
    RETURN NULL;
END $$;
CREATE TRIGGER nexus_notify AFTER INSERT ON knowledge_outboxevent
    FOR EACH STATEMENT EXECUTE FUNCTION nexus_notify_outbox();
"""

DROP = """
DROP FUNCTION nexus_tag_canonical_alias, nexus_keep_former_slug, nexus_add_to_tag_counts, nexus_count_entry_tags,
    nexus_count_entry_status, nexus_count_challenge_tags, nexus_refuse_update, nexus_count_entry_sources,
    nexus_score_vote, nexus_check_solved, nexus_refuse_change, nexus_notify_outbox CASCADE;
ALTER TABLE knowledge_entry DROP CONSTRAINT entry_shows_its_revision;
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0002_models")]

    operations = [
        migrations.RunSQL(
            [TAG_SLUGS, FORMER_SLUGS, TAG_COUNTS, SOURCE_COUNTS, SCORES, SOLVED, SHOWN_REVISION, AUDIT, OUTBOX], [DROP]
        )
    ]
