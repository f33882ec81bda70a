"""Caches of a test's own: what is counted there begins at nothing."""

import os
from typing import Any
from uuid import uuid4


def own_cache(kind: str = "process") -> dict[str, dict[str, Any]]:
    """CACHES with an empty default: in the "process", or in "redis"."""
    if kind == "redis":
        place = {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": os.environ["NEXUS_TEST_REDIS_URL"],
            "KEY_PREFIX": uuid4().hex,
        }
    else:
        place = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": uuid4().hex}
    return {"default": place}
