WITH asked AS MATERIALIZED (
    SELECT nexus_search_query(ARRAY[$3::text, $4::text]) AS query, nexus_search_query(ARRAY[$3::text, '']) AS exact,
           (SELECT ('''#' || tag_id || ''' & ''#' || $2 || '''')::tsquery FROM knowledge_tagalias WHERE slug = $1) AS marks)
SELECT json_build_object('entries', json_build_object('nodes', coalesce(json_agg(json_build_object(
           'slug', slug, 'title', title, 'summary', summary)), '[]')))::text
  FROM (SELECT e.id, e.slug, e.title, e.summary, round((
                   ts_rank('{0.2, 0.02, 0.2, 1}', e.search, asked.query || '''#0'''::tsquery) / 10
                   + ts_rank('{0.2, 0.02, 0.2, 1}', e.search, asked.exact || '''#0'''::tsquery))::numeric, 6) AS rank
          FROM asked, knowledge_entry e
         WHERE e.status = 'PUBLISHED' AND e.search @@ (asked.query && asked.marks)
         ORDER BY rank DESC, e.id DESC LIMIT 20) found
