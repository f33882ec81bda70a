"""Liveness and readiness, while each part is there and while it is not."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from nexus_gql import health
from tests.workers.programs import database_url
from tests.workers.proxy import Door, connections_that_fail, silent_port

pytestmark = pytest.mark.django_db(transaction=True)
# Seconds that no answer takes, unless nothing ends the waiting.
AGES = 60
ALL_WELL = {"database": "ok", "migrations": "ok", "broker": "ok"}


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each question is asked anew."""
    monkeypatch.setattr(health, "KEPT_SECONDS", 0)
    health.readiness.cache_clear()  # each test starts as a process does
    with connections_that_fail():
        yield


@pytest.fixture(autouse=True)
def folder_as_broker(settings: Any, tmp_path: Path) -> None:
    settings.RABBITMQ_URL = None
    settings.BROKER_FOLDER = tmp_path / "broker"


def no_folder(place: Path) -> Path:
    """A path that not even root can make a folder of."""
    (place / "file").touch()
    return place / "file" / "broker"


@contextmanager
def databases_at(port: int) -> Iterator[None]:
    """Connections that are made meanwhile go to another port; the test's own stays."""
    place = connections.settings["default"]
    before = place["PORT"]
    place["PORT"] = str(port)
    try:
        yield
    finally:
        place["PORT"] = before


def ready(client: Client) -> tuple[int, dict[str, str]]:
    started = time.monotonic()
    response = client.get("/readyz")
    assert time.monotonic() - started < AGES
    return response.status_code, response.json()


def test_a_live_process_says_so_and_asks_nobody(client: Client) -> None:
    response = client.get("/livez")
    assert (response.status_code, response.json()) == (200, {"process": "ok"})
    assert "no-store" in response.headers["Cache-Control"]


def test_all_is_well(client: Client) -> None:
    assert ready(client) == (200, ALL_WELL)
    assert "no-store" in client.get("/readyz").headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_only_reading_is_allowed(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200


def test_a_database_that_went_away_and_came_back(client: Client) -> None:
    with Door(database_url()) as door, databases_at(door.port):
        assert ready(client) == (503, {"database": "no connection", "migrations": "not known", "broker": "ok"})
        assert client.get("/livez").status_code == 200
        door.open()
        assert ready(client) == (200, ALL_WELL)
        door.shut()
        assert ready(client) == (503, {"database": "no connection", "migrations": "not known", "broker": "ok"})


def test_a_database_that_does_not_answer_is_told_in_time(client: Client) -> None:
    with silent_port() as silent, databases_at(silent.getsockname()[1]):
        assert ready(client) == (503, {"database": "no answer in time", "migrations": "not known", "broker": "ok"})


def test_a_migration_that_is_missing_and_then_applied(client: Client) -> None:
    applied = MigrationRecorder.Migration.objects.filter(app="knowledge").latest("id")
    applied.delete()
    try:
        assert ready(client) == (503, {**ALL_WELL, "migrations": "1 not applied"})
    finally:
        MigrationRecorder.Migration.objects.create(app=applied.app, name=applied.name)
    assert ready(client) == (200, ALL_WELL)


def test_a_folder_that_cannot_be_written(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.BROKER_FOLDER = no_folder(tmp_path)
    assert ready(client) == (503, {**ALL_WELL, "broker": "folder not writable"})


def test_a_rabbitmq_that_refuses_or_is_silent(client: Client, settings: Any) -> None:
    with Door("amqp://guest:guest@127.0.0.1:5672/") as shut:
        settings.RABBITMQ_URL = shut.url
        assert ready(client) == (503, {**ALL_WELL, "broker": "no connection"})
    with silent_port() as silent:
        settings.RABBITMQ_URL = f"amqp://guest:guest@127.0.0.1:{silent.getsockname()[1]}/"
        assert ready(client) == (503, {**ALL_WELL, "broker": "no connection"})


@pytest.mark.rabbitmq
def test_a_rabbitmq_that_went_away_and_came_back(client: Client, settings: Any) -> None:
    with Door(os.environ["NEXUS_TEST_RABBITMQ_URL"]) as door:
        settings.RABBITMQ_URL = door.url
        door.open()
        assert ready(client) == (200, ALL_WELL)
        door.shut()
        assert ready(client) == (503, {**ALL_WELL, "broker": "no connection"})
        door.open()
        assert ready(client) == (200, ALL_WELL)


def test_an_answer_is_kept_for_a_moment(
    client: Client, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "KEPT_SECONDS", 60)
    assert ready(client) == (200, ALL_WELL)
    settings.BROKER_FOLDER = no_folder(tmp_path)
    assert ready(client) == (200, ALL_WELL)
