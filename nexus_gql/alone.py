"""Without a shared cache each web process would count budgets and failed sign-ins for itself, so there is only one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from time import monotonic, sleep
from typing import Any, Final

import psycopg2
from django.core.exceptions import ImproperlyConfigured

from knowledge.channels import listening

logger = logging.getLogger("nexus.requests")

# The number of the advisory lock that the one web process holds: "nexus" in a telephone's digits.
LOCK: Final = 63987
# A process that this one takes the place of may take so long to end.
PATIENCE_SECONDS: Final = 5.0
PAUSE_SECONDS: Final = 0.2


def hold_only_place(database: Mapping[str, Any]) -> Any:
    """Makes this the one web process on the database, for as long as what is returned is kept.

    `database` is an entry of Django's DATABASES that no transaction pooler stands before. Raises ImproperlyConfigured
    where another one is there. Where the database is away nobody can tell, and None is returned.
    """
    try:
        connection = listening(database)
    except psycopg2.OperationalError as error:
        logger.warning("the database is away: nobody knows whether this is the only web process (%s)", error)
        return None
    deadline = monotonic() + PATIENCE_SECONDS
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if cursor.fetchone() == (True,):
                return connection
            if monotonic() > deadline:
                connection.close()
                raise ImproperlyConfigured(
                    "CACHE_URL is not set, and another web process runs on this database. Each would count budgets and "
                    "failed sign-ins for itself: set CACHE_URL, or stop the other one."
                )
            sleep(PAUSE_SECONDS)
