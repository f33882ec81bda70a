"""What waits to be done: how much of it, and for how long."""

from typing import Final

from django.db import connection

# One statement, over partial indexes and the few rows that are not done yet.
_QUEUES: Final = """
    SELECT queue, count(*), coalesce(extract(epoch FROM greatest(now() - min(since), interval '0')), 0)::float
      FROM (SELECT 'outbox' AS queue, created_at AS since FROM knowledge_outboxevent WHERE published_at IS NULL
            UNION ALL
            SELECT 'digests', queued_at FROM knowledge_digest WHERE status IN ('QUEUED', 'RUNNING')
            UNION ALL
            SELECT 'deliveries', created_at FROM knowledge_digestdelivery WHERE status = 'PENDING'
            UNION ALL
            SELECT 'links', created_at FROM knowledge_mailedlink
             WHERE settled_at IS NULL AND used_at IS NULL AND expires_at > now()) AS waiting
     GROUP BY queue
"""
QUEUES: Final = ("outbox", "digests", "deliveries", "links")


def queues() -> list[tuple[str, int, float]]:
    """Each queue of QUEUES with how many wait in it, and how many seconds the oldest has."""
    with connection.cursor() as cursor:
        cursor.execute(_QUEUES)
        found = {queue: (number, seconds) for queue, number, seconds in cursor.fetchall()}
    return [(queue, *found.get(queue, (0, 0.0))) for queue in QUEUES]
