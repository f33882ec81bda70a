"""Several web processes: they count together, or there is only one."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from nexus_gql import alone
from tests.http.server import asked, exchanged, free_port, start_web
from tests.workers.programs import ROOT, Programs, eventually

QUERY = asked("/graphql?query={__typename}")


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_two_processes_count_points_together(tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    charged = {
        "RATE_LIMIT": "on",
        # For twenty requests, and for the document that each process knows not yet.
        "RATE_LIMIT_POINTS": "22",
        "CACHE_URL": os.environ["NEXUS_TEST_REDIS_URL"],
        # Whoever is counted is somebody else than in another run of the tests.
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    caller = f"X-Forwarded-For: 2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"
    try:
        ports = [start_web(programs, **charged) for _ in range(2)]
        query = QUERY.removesuffix(b"\r\n") + caller.encode() + b"\r\n\r\n"
        # Windows begin with each minute: none shall begin meanwhile.
        if (left := 60 - datetime.now(UTC).second) <= 10:
            sleep(left)
        statuses = [exchanged(ports[number % 2], query).status for number in range(30)]
    finally:
        programs.end()
    assert statuses == [200] * 20 + [429] * 10


@pytest.mark.django_db(transaction=True)
def test_without_a_shared_cache_another_web_process_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = connection.settings_dict
    monkeypatch.setattr(alone, "PATIENCE_SECONDS", 0.0)
    held = alone.hold_only_place(database)
    try:
        with pytest.raises(ImproperlyConfigured, match="CACHE_URL is not set, and another web process runs"):
            alone.hold_only_place(database)
        programs = Programs(tmp_path)
        try:
            second = programs.run(_web(), RATE_LIMIT="on", PYTHON=sys.executable)
            assert eventually(lambda: second.poll() is not None, 30)
            assert "CACHE_URL is not set, and another web process runs" in programs.said()
        finally:
            programs.end()
    finally:
        held.close()
    # Its place is free once it has gone.
    alone.hold_only_place(database).close()


def test_nobody_knows_where_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    assert alone.hold_only_place({**connection.settings_dict, "HOST": "127.0.0.1", "PORT": "1"}) is None


def _web() -> list[str]:
    return [str(ROOT / "ops/web"), "--host", "127.0.0.1", "--port", str(free_port())]
