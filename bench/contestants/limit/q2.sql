SELECT json_build_object('entries', (SELECT json_build_object('nodes', coalesce(json_agg(node), '[]')) FROM (
    SELECT json_build_object(
               'title', e.title,
               'author', (SELECT json_build_object('username', username, 'displayName', display_name)
                            FROM knowledge_user WHERE id = e.author_id),
               'tags', (SELECT coalesce(json_agg(json_build_object('name', t.name, 'slug', t.slug) ORDER BY t.slug), '[]')
                          FROM knowledge_entrytag et JOIN knowledge_tag t ON t.id = et.tag_id WHERE et.entry_id = e.id),
               'challenges', (SELECT json_build_object('nodes', coalesce(json_agg(node), '[]')) FROM (
                   SELECT json_build_object(
                              'title', c.title, 'status', c.status,
                              'solutions', (SELECT json_build_object('nodes', coalesce(json_agg(node), '[]')) FROM (
                                  SELECT json_build_object(
                                             'body', s.body, 'score', s.score,
                                             'author', (SELECT json_build_object('username', username)
                                                          FROM knowledge_user WHERE id = s.author_id)
                                         ) AS node
                                    FROM knowledge_solution s WHERE challenge_id = c.id
                                   ORDER BY is_accepted DESC, score DESC, id DESC LIMIT 2) solutions)
                          ) AS node
                     FROM knowledge_entrychallenge ec JOIN knowledge_challenge c ON c.id = ec.challenge_id
                    WHERE ec.entry_id = e.id
                    ORDER BY ec.challenge_created_at DESC, ec.challenge_id DESC LIMIT 3) challenges)
           ) AS node
      FROM knowledge_entry e WHERE status = 'PUBLISHED'
     ORDER BY coalesce(published_at, '-infinity'::timestamptz) DESC, id DESC LIMIT 20) entries))::text
