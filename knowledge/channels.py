"""What PostgreSQL says by NOTIFY once a transaction is committed, and a connection that hears it."""

from collections.abc import Mapping
from typing import Any, Final

import psycopg2
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class under a function's name

# The status or progress of a digest changed. Payload: its primary key.
DIGESTS: Final = "nexus_digest"
# An event was recorded that readers may see the effect of. Payload: its primary key and its type, `7 entry.published`.
EVENTS: Final = "nexus_event"

# A connection that only listens would not notice for hours that the other machine is gone.
KEEPALIVES: Final = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


def listening(database: Mapping[str, Any], *channels: str) -> Connection:
    """A new connection that listens to the channels; a transaction pooler must not stand before it.

    `database` is an entry of Django's DATABASES. Whoever asks closes it. Raises psycopg2.OperationalError where it
    cannot be had.
    """
    parameters = {**KEEPALIVES, **DatabaseWrapper(dict(database)).get_connection_params()}
    parameters.pop("cursor_factory", None)
    connection: Connection = psycopg2.connect(**parameters)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for channel in channels:
            cursor.execute(f"LISTEN {channel}")
    return connection
