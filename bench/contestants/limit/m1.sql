WITH author AS (
    SELECT u.id FROM knowledge_session s JOIN knowledge_user u ON u.id = s.user_id
     WHERE s.id = $1 AND u.id = $2 AND s.ended_at IS NULL AND u.is_active AND s.token_version = u.token_version
       AND u.token_version = $3
), carried AS (
    SELECT t.id, t.name, t.slug FROM knowledge_tagalias a JOIN knowledge_tag t ON t.id = a.tag_id
     WHERE a.slug = ANY($8::text[])
), entry AS (
    INSERT INTO knowledge_entry (slug, kind, title, title_key, summary, body, body_html, resources, status,
                                 reading_minutes, author_id, revision, score, source_count, archive_reason, created_at,
                                 updated_at)
    SELECT $4, 'TOOL', $5, $4, 'Made to measure.', $6, $7, '[]', 'DRAFT', 1, id, 1, 0, 0, '', now(), now() FROM author
    RETURNING id, author_id, kind, title, summary, body, body_html, status
), revision AS (
    INSERT INTO knowledge_entryrevision (entry_id, number, version, state, kind, title, summary, body, body_html,
                                         resources, author_id, diff, note, review_comment, created_at)
    SELECT id, 1, 1, 'DRAFT', kind, title, summary, body, body_html, '[]', author_id, '', '', '', now() FROM entry
    RETURNING id
), entry_tags AS (
    INSERT INTO knowledge_entrytag (entry_id, tag_id) SELECT entry.id, carried.id FROM entry, carried
), revision_tags AS (
    INSERT INTO knowledge_revisiontag (revision_id, tag_id) SELECT revision.id, carried.id FROM revision, carried
), event AS (
    INSERT INTO knowledge_outboxevent (type, version, subject_type, subject_id, payload, created_at, attempts,
                                       next_attempt_at)
    SELECT 'entry.created', 1, 'Entry', id, json_build_object('revision', 1), now(), 0, now() FROM entry
)
SELECT json_build_object('entryCreate', json_build_object(
           'entry', json_build_object('title', title, 'status', status, 'tags', (
               SELECT json_agg(json_build_object('name', name) ORDER BY slug) FROM carried)),
           'errors', '[]'::json))::text
  FROM entry
