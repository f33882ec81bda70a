SELECT json_build_object('entry', (SELECT json_build_object(
           'title', e.title, 'summary', e.summary, 'body', e.body,
           'author', (SELECT json_build_object('username', username, 'displayName', display_name)
                        FROM knowledge_user WHERE id = e.author_id),
           'tags', (SELECT coalesce(json_agg(json_build_object(
                               'name', t.name, 'slug', t.slug, 'entryCount', t.entry_count) ORDER BY t.slug), '[]')
                      FROM knowledge_entrytag et JOIN knowledge_tag t ON t.id = et.tag_id WHERE et.entry_id = e.id),
           'challenges', (SELECT json_build_object('nodes', coalesce(json_agg(node), '[]')) FROM (
               SELECT json_build_object(
                          'title', c.title, 'body', c.body, 'status', c.status,
                          'author', (SELECT json_build_object('username', username)
                                       FROM knowledge_user WHERE id = c.author_id),
                          'tags', (SELECT coalesce(json_agg(json_build_object('name', t.name) ORDER BY t.slug), '[]')
                                     FROM knowledge_challengetag ct JOIN knowledge_tag t ON t.id = ct.tag_id
                                    WHERE ct.challenge_id = c.id),
                          'solutions', (SELECT json_build_object('nodes', coalesce(json_agg(node), '[]')) FROM (
                              SELECT json_build_object(
                                         'body', s.body, 'score', s.score, 'isAccepted', s.is_accepted,
                                         'author', (SELECT json_build_object('username', username)
                                                      FROM knowledge_user WHERE id = s.author_id)
                                     ) AS node
                                FROM knowledge_solution s WHERE challenge_id = c.id
                               ORDER BY is_accepted DESC, score DESC, id DESC LIMIT 10) solutions)
                      ) AS node
                 FROM knowledge_entrychallenge ec JOIN knowledge_challenge c ON c.id = ec.challenge_id
                WHERE ec.entry_id = e.id
                ORDER BY ec.challenge_created_at DESC, ec.challenge_id DESC LIMIT 10) challenges)
       ) FROM knowledge_entry e
        WHERE e.status = 'PUBLISHED'
          AND e.id = coalesce((SELECT id FROM knowledge_entry WHERE slug = $1),
                              (SELECT entry_id FROM knowledge_entryslug WHERE slug = $1))))::text
