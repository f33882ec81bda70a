"""The shared cache that CACHE_URL names, as Django's CACHES has it."""

from typing import Any, Final
from urllib.parse import urlsplit

SCHEMES: Final = ("redis", "rediss", "memcached")
# Each request asks it: one that hangs must not hang them all.
SECONDS: Final = 0.5


def cache_at(url: str) -> dict[str, Any]:
    """The entry for a Redis, or for a Memcached: `memcached://host:port`."""
    parts = urlsplit(url)
    if parts.scheme == "memcached":
        return {
            "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
            "LOCATION": f"{parts.hostname}:{parts.port or 11_211}",
            "OPTIONS": {
                "connect_timeout": SECONDS,
                "timeout": SECONDS,
                "no_delay": True,
                # Between attempts the client would answer as if nothing were there, and nothing be counted.
                "retry_attempts": 0,
                # One that was away is asked again a second later, not a minute.
                "dead_timeout": 1,
            },
        }
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "OPTIONS": {"socket_connect_timeout": SECONDS, "socket_timeout": SECONDS},
    }
