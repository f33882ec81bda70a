"""The SQL that makes the rows of a benchmark database: deterministic, and set by set.

Each statement may name the numbers of SIZES, and the range of rows %(first)s to %(last)s where it is filled in parts.
What chance decides is a hash of the row's number, so a row is the same in every run and in databases of every size.
"""

from typing import Final

# Helpers of a schema that is dropped in the end. `zipf` draws 1 with a frequency of 1/1, 2 with 1/2, and so on.
SCHEMA: Final = """
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
CREATE FUNCTION bench.chance(n bigint, seed bigint) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT abs(hashint8extended(n, seed) % 1000003) / 1000003.0::double precision $$;
CREATE FUNCTION bench.zipf(n bigint, seed bigint, many int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT least(many, floor(exp(bench.chance(n, seed) * ln(many + 1)))::int) $$;
CREATE FUNCTION bench.three_tags(n bigint, many int) RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN c IN (a, b) THEN ARRAY[a, b, (SELECT min(d) FROM generate_series(1, 3) d WHERE d NOT IN (a, b))]
                ELSE ARRAY[a, b, c] END::bigint[]
      FROM (SELECT a, CASE b WHEN a THEN a % many + 1 ELSE b END AS b, c
              FROM (SELECT bench.zipf(n, 1, many) AS a, bench.zipf(n, 2, many) AS b, bench.zipf(n, 3, many) AS c) d) e
$$;
CREATE FUNCTION bench.moment(place double precision) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT timestamptz '2023-01-01 00:00:00+00' + interval '1095 days' * place $$;
CREATE TABLE bench.phrase (id int PRIMARY KEY, text text);
CREATE TABLE bench.sentence (id int PRIMARY KEY, text text);
CREATE TABLE bench.word (id int PRIMARY KEY, text text);
"""

USERS: Final = """
INSERT INTO knowledge_user (id, password, username, display_name, bio, email, time_zone, role, is_active, token_version,
                            joined_at)
SELECT n, '!', 'person' || n, 'Person ' || n, '', '', 'UTC',
       CASE n WHEN 1 THEN 'STAFF' WHEN 2 THEN 'REVIEWER' ELSE 'CONTRIBUTOR' END, true, 1, bench.moment(0)
  FROM generate_series(1, %(users)s) n
"""

# Its trigger makes each tag's canonical alias.
TAGS: Final = """
INSERT INTO knowledge_tag (id, name, slug, description, category, revision, entry_count, challenge_count, created_at,
                           updated_at)
SELECT n, initcap(w.text), w.text, '', (ARRAY['TECHNOLOGY', 'CONCEPT', 'PRACTICE', 'TOOL', 'OTHER'])[n %% 5 + 1],
       1, 0, 0, bench.moment(0), bench.moment(0)
  FROM generate_series(1, %(tags)s) n JOIN bench.word w ON w.id = n + 40
"""

CHALLENGES: Final = """
INSERT INTO knowledge_challenge (id, slug, title, title_key, body, body_html, difficulty, status, author_id, score,
                                 revision, close_reason, created_at, updated_at, solved_at, tag_ids)
SELECT n, 'challenge-' || n, title, 'challenge-' || n, s.text, '<p>' || s.text || '</p>',
       (ARRAY['BEGINNER', 'INTERMEDIATE', 'ADVANCED'])[n %% 3 + 1], status, 1 + n * 7 %% %(users)s, 0, 1, '', at, at,
       CASE status WHEN 'SOLVED' THEN at + interval '1 day' END, (bench.three_tags(n + 5000000, %(tags)s))[:2]
  FROM (SELECT n::bigint, bench.moment(n::double precision / %(challenges)s) AS at,
               initcap(p.text) || ' ' || q.text AS title,
               CASE WHEN n %% 2 = 0 THEN 'SOLVED' WHEN n %% 20 = 1 THEN 'CLOSED' ELSE 'OPEN' END AS status
          FROM generate_series(%(first)s, %(last)s) n
          JOIN bench.phrase p ON p.id = 1 + n * 3 %% %(phrases)s
          JOIN bench.phrase q ON q.id = 1 + (n * 11 + 5) %% %(phrases)s) made
  JOIN bench.sentence s ON s.id = 1 + n * 13 %% %(sentences)s
 ORDER BY n
"""

SOLUTIONS: Final = """
INSERT INTO knowledge_solution (id, challenge_id, body, body_html, author_id, is_accepted, score, revision, created_at,
                                updated_at)
SELECT n, challenge, body, '<p>' || body || '</p>', 1 + n * 11 %% %(users)s, n <= %(challenges)s AND n %% 2 = 0, 0, 1,
       at, at
  FROM (SELECT n::bigint, (n - 1) %% %(challenges)s + 1 AS challenge, s.text || ' ' || t.text AS body,
               bench.moment(n::double precision / %(solutions)s) AS at
          FROM generate_series(%(first)s, %(last)s) n
          JOIN bench.sentence s ON s.id = 1 + n * 17 %% %(sentences)s
          JOIN bench.sentence t ON t.id = 1 + (n * 29 + 3) %% %(sentences)s) made
 ORDER BY n
"""

# Of a hundred entries, 97 are published, and one each is a draft, in review, archived.
ENTRIES: Final = """
INSERT INTO knowledge_entry (id, slug, kind, title, title_key, summary, body, body_html, resources, status,
                             reading_minutes, author_id, revision, score, source_count, archive_reason, created_at,
                             updated_at, published_at, tag_ids)
SELECT n, 'entry-' || n,
       (ARRAY['TECHNOLOGY', 'CONCEPT', 'BEST_PRACTICE', 'LEARNING', 'TOOL', 'GUIDE'])[
           1 + floor(bench.chance(n, 9) * 6)],
       initcap(p.text) || ' ' || q.text, 'entry-' || n, a.text, body, '<p>' || body || '</p>', '[]', status, 1,
       1 + floor(bench.chance(n, 10) * %(users)s), 1, 0, 0, '', at, at,
       CASE WHEN status IN ('PUBLISHED', 'ARCHIVED') THEN at END, bench.three_tags(n, %(tags)s)
  FROM (SELECT n::bigint, bench.moment(n::double precision / %(entries)s) AS at,
               CASE n %% 100 WHEN 31 THEN 'DRAFT' WHEN 53 THEN 'IN_REVIEW' WHEN 79 THEN 'ARCHIVED' ELSE 'PUBLISHED' END
                   AS status,
               n * 7919::bigint AS drawn
          FROM generate_series(%(first)s, %(last)s) n) made
  JOIN bench.phrase p ON p.id = 1 + drawn %% %(phrases)s
  JOIN bench.phrase q ON q.id = 1 + (drawn / %(phrases)s + n) %% %(phrases)s
  JOIN bench.sentence a ON a.id = 1 + drawn %% %(sentences)s
  JOIN bench.sentence b ON b.id = 1 + (drawn + n / 7) %% %(sentences)s
  JOIN bench.sentence c ON c.id = 1 + (drawn * 3 + n / 3) %% %(sentences)s
  JOIN bench.sentence d ON d.id = 1 + (drawn * 5 + 1) %% %(sentences)s
  CROSS JOIN LATERAL (SELECT concat_ws(' ', b.text, c.text, d.text, b.text, a.text, c.text) AS body) text
 ORDER BY n
"""

REVISIONS: Final = """
INSERT INTO knowledge_entryrevision (entry_id, number, version, based_on, state, kind, title, summary, body, body_html,
                                     resources, author_id, diff, note, reviewer_id, review_comment, created_at,
                                     submitted_at, reviewed_at)
SELECT id, 1, 1, NULL,
       CASE status WHEN 'DRAFT' THEN 'DRAFT' WHEN 'IN_REVIEW' THEN 'PENDING' ELSE 'APPROVED' END,
       kind, title, summary, body, body_html, resources, author_id, '', '', NULL, '', created_at,
       CASE status WHEN 'DRAFT' THEN NULL ELSE created_at END, published_at
  FROM knowledge_entry WHERE id BETWEEN %(first)s AND %(last)s ORDER BY id
"""

# Three rows an entry.
ENTRY_TAGS: Final = """
INSERT INTO knowledge_entrytag (entry_id, tag_id, entry_published_at)
SELECT e.id, t.id, e.published_at FROM knowledge_entry e, unnest(tag_ids) AS t (id)
 WHERE e.id BETWEEN %(first)s AND %(last)s ORDER BY e.id
"""
CHALLENGE_TAGS: Final = """
INSERT INTO knowledge_challengetag (challenge_id, tag_id, challenge_created_at)
SELECT c.id, t.id, c.created_at FROM knowledge_challenge c, unnest(tag_ids) AS t (id) ORDER BY c.id
"""
# Four rows an entry.
ENTRY_CHALLENGES: Final = """
INSERT INTO knowledge_entrychallenge (entry_id, challenge_id, entry_published_at, challenge_created_at)
SELECT e.id, c.id, e.published_at, c.created_at
  FROM (SELECT n, 1 + (floor(bench.chance(n, 20) * %(challenges)s)::int + k * (%(challenges)s / 5)) %% %(challenges)s
                       AS challenge
          FROM generate_series(%(first)s, %(last)s) n, generate_series(0, 3) k) linked
  JOIN knowledge_entry e ON e.id = n JOIN knowledge_challenge c ON c.id = challenge
"""

# Half a vote an entry and a solution.
VOTES: Final = """
INSERT INTO knowledge_vote (user_id, entry_id, value, cast_at)
SELECT 1 + (n + k * 17) %% %(users)s, n, CASE WHEN (n + k) %% 9 = 0 THEN -1 ELSE 1 END, bench.moment(1)
  FROM generate_series(4, %(entries)s, 4) n, generate_series(0, n / 4 %% 4) k WHERE k < %(users)s / 17;
INSERT INTO knowledge_vote (user_id, solution_id, value, cast_at)
SELECT 1 + (n + k * 17) %% %(users)s, n, CASE WHEN (n + k) %% 9 = 0 THEN -1 ELSE 1 END, bench.moment(1)
  FROM generate_series(4, %(solutions)s, 4) n, generate_series(0, n / 4 %% 4) k WHERE k < %(users)s / 17;
UPDATE knowledge_entry e SET score = v.sum
  FROM (SELECT entry_id, sum(value) FROM knowledge_vote GROUP BY 1) v WHERE e.id = v.entry_id;
UPDATE knowledge_solution s SET score = v.sum
  FROM (SELECT solution_id, sum(value) FROM knowledge_vote GROUP BY 1) v WHERE s.id = v.solution_id;
"""

COUNTS: Final = """
UPDATE knowledge_tag t SET entry_count = c.count
  FROM (SELECT tag_id, count(*) FROM knowledge_entrytag et JOIN knowledge_entry e ON e.id = et.entry_id
         WHERE e.status = 'PUBLISHED' GROUP BY 1) c
 WHERE c.tag_id = t.id;
INSERT INTO knowledge_tally ("of", number)
SELECT 'ENTRIES', count(*) FROM knowledge_entry WHERE status = 'PUBLISHED'
UNION ALL SELECT 'CHALLENGES', count(*) FROM knowledge_challenge;
UPDATE knowledge_tag t SET challenge_count = c.count
  FROM (SELECT tag_id, count(*) FROM knowledge_challengetag GROUP BY 1) c WHERE c.tag_id = t.id;
"""
