"""What is raised where the shared cache is away, be it Redis or Memcached."""

from socket import gaierror
from typing import Final

from pymemcache.exceptions import MemcacheError
from redis import RedisError

# Memcached's client lets the sockets' own errors through.
CACHE_AWAY: Final = (RedisError, MemcacheError, ConnectionError, TimeoutError, gaierror)
