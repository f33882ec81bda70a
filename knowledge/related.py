"""Which entries are related to an entry: by the tags that both carry, by their titles, by what they speak of."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Expression, F, Func, Value

from knowledge.models import EntryStatus
from knowledge.models.search import STEMS

# So many are looked at for each tag, and for the text, the latest made first: so it takes no longer in a large base.
CONSIDERED: Final = 50
# Of a title that very many speak of, those that do are looked for among so many, the latest.
WINDOW: Final = 2_000

# %(expressions)s: the entry's primary key, its title, how many are wanted.
# A shared tag weighs more the fewer entries carry it; to speak of all that the title says weighs as much as a tag that
# five carry; titles weigh by the trigrams that they share. Rounded, so that the order of adding does not matter.
# Who speaks of the title is found by the index of words and put in order then: left to choose, PostgreSQL may walk all
# entries from the latest on until enough are found. It may not look into a subquery with an OFFSET. Only where it
# expects very many are they looked at in turn. Of the two ways one is taken, as the row decides.
_RANKED: Final = f"""(
SELECT array(
  SELECT found.id
    FROM (SELECT near.id, sum(near.weight) AS weight
            FROM (SELECT sharing.id, 1 / ln(2 + tag.entry_count) AS weight
                    FROM knowledge_entrytag own
                    JOIN knowledge_tag tag ON tag.id = own.tag_id
                   CROSS JOIN LATERAL (
                         SELECT other.id
                           FROM knowledge_entrytag carried
                           JOIN knowledge_entry other ON other.id = carried.entry_id
                          WHERE carried.tag_id = own.tag_id AND other.status = '{EntryStatus.PUBLISHED}'
                          ORDER BY carried.entry_id DESC
                          LIMIT {CONSIDERED}) sharing
                   WHERE own.entry_id = origin.id
                   UNION ALL
                  (SELECT speaking.id, 0.5
                     FROM (SELECT other.id
                             FROM knowledge_entry other
                            WHERE other.search @@ origin.sought AND other.status = '{EntryStatus.PUBLISHED}'
                           OFFSET 0) speaking
                    WHERE NOT origin.common
                    ORDER BY speaking.id DESC
                    LIMIT {CONSIDERED})
                   UNION ALL
                  (SELECT latest.id, 0.5
                     FROM (SELECT other.id, other.search
                             FROM knowledge_entry other
                            WHERE other.status = '{EntryStatus.PUBLISHED}'
                            ORDER BY other.id DESC
                            LIMIT {WINDOW}) latest
                    WHERE origin.common AND ts_match_vq(latest.search, origin.sought)
                    LIMIT {CONSIDERED})) near
           GROUP BY near.id) found
    JOIN knowledge_entry named ON named.id = found.id
   WHERE found.id <> origin.id
   ORDER BY round((found.weight + similarity(lower(named.title), lower(origin.title)))::numeric, 6) DESC, found.id DESC
   LIMIT origin.wanted)
  FROM (SELECT asked.*, nexus_is_common('knowledge_entry', asked.sought) AS common
          FROM (SELECT given.*, plainto_tsquery('{STEMS}', given.title) AS sought
                  FROM (SELECT %(expressions)s::bigint) given (id, title, wanted)
                OFFSET 0) asked
        OFFSET 0) origin)"""  # noqa: S608 - of our own constants


def related_entries(wanted: int | Expression) -> Func:
    """The primary keys of the published entries that are most related to the row, an entry, the closest first.

    `wanted` is how many at most, or an expression of it.
    """
    number = Value(wanted) if isinstance(wanted, int) else wanted
    return Func(F("pk"), F("title"), number, template=_RANKED, output_field=ArrayField(BigIntegerField()))
