"""Caches of a test's own: what is counted there begins at nothing."""

import atexit
import os
import socket
import subprocess
import time
from contextlib import closing
from functools import cache
from typing import Any
from uuid import uuid4

import pytest

from nexus_gql.caches import cache_at

# Where a test counts or keeps: in the process, and in each cache that processes share.
KINDS = [
    "process",
    pytest.param("redis", marks=pytest.mark.redis),
    pytest.param("memcached", marks=pytest.mark.memcached),
]
# One of each where nobody answers.
AWAY = [
    pytest.param(cache_at("redis://127.0.0.1:1/0"), id="redis"),
    pytest.param(cache_at("memcached://127.0.0.1:1"), id="memcached"),
]
SECONDS = 30


def own_cache(kind: str = "process") -> dict[str, dict[str, Any]]:
    """CACHES with an empty default, of one of KINDS."""
    return {"default": empty_cache_of(kind)}


def empty_cache_of(kind: str) -> dict[str, Any]:
    """An entry for CACHES, of one of KINDS, in which nothing is."""
    if kind == "process":
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": uuid4().hex}
    url = os.environ["NEXUS_TEST_REDIS_URL"] if kind == "redis" else f"memcached://127.0.0.1:{memcached()}"
    return {**cache_at(url), "KEY_PREFIX": uuid4().hex}


@cache
def memcached() -> int:
    """The port of a Memcached that ends with this process."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    program = [os.environ["NEXUS_TEST_MEMCACHED"], "-l", "127.0.0.1", "-p", str(port), "-U", "0", "-u", "nobody"]
    server = subprocess.Popen(program)
    atexit.register(server.wait)
    atexit.register(server.terminate)
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return port
