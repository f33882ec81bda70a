SELECT json_build_object('entries', json_build_object('nodes', coalesce(json_agg(json_build_object(
           'id', encode(convert_to('Entry:' || id, 'UTF8'), 'base64'),
           'slug', slug, 'kind', kind, 'title', title, 'summary', summary, 'score', score,
           'createdAt', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           'publishedAt', to_char(published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
       )), '[]')))::text
  FROM (SELECT * FROM knowledge_entry WHERE status = 'PUBLISHED'
         ORDER BY coalesce(published_at, '-infinity'::timestamptz) DESC, id DESC LIMIT 20) e
