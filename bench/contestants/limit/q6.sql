SELECT json_build_object('tags', json_build_object('nodes', coalesce(json_agg(json_build_object(
           'name', name, 'slug', slug, 'entryCount', entry_count, 'challengeCount', challenge_count
       )), '[]')))::text
  FROM (SELECT * FROM knowledge_tag ORDER BY entry_count DESC, id DESC LIMIT 100) t
