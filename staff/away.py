"""The page in place of one that cannot be made just now: the database took too long, or it or the cache is away."""

import logging
from typing import Final

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from psycopg2.errors import QueryCanceled
from pymemcache.exceptions import MemcacheError
from redis import RedisError

logger = logging.getLogger("nexus.errors")

# Memcached's client lets the sockets' own errors through.
AWAY: Final = (OperationalError, InterfaceError, RedisError, MemcacheError, ConnectionError, TimeoutError)
TOO_SLOW: Final = "The database took too long over this. Ask for less, by a filter or a search, or try again."
GONE: Final = "A part of the service is away. Try again in a moment."
AGAIN_SECONDS: Final = 5


def page(error: Exception) -> HttpResponse:
    """503 with one sentence on what to do. What was to be changed is as it was: each verb is a transaction."""
    slow = isinstance(error.__cause__, QueryCanceled)
    logger.warning("the admin: %s", error)
    text = render_to_string("staff/away.html", {"message": TOO_SLOW if slow else GONE})
    return HttpResponse(text, status=503, headers={"Retry-After": str(AGAIN_SECONDS)})
