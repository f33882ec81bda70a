"""Readers of the environment: what they accept, and how loudly they refuse the rest."""

import os
import subprocess
import sys
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from nexus_gql import env
from nexus_gql.env import DatabaseUrl

Reader = Callable[[], Any]
NETWORKS = "networks between commas, such as 10.0.0.0/8, and not every address there is"
ORIGINS = "origins between commas, such as https://app.example, or * alone"

READ: list[tuple[Reader, str, Any]] = [
    (lambda: env.text("X"), " some text ", "some text"),
    (lambda: env.flag("X"), "Yes", True),
    (lambda: env.flag("X"), "0", False),
    (lambda: env.number("X"), "17", 17),
    (lambda: env.number("X", least=1), "1", 1),
    (lambda: env.choice("X", "a", ("a", "b")), "b", "b"),
    (lambda: env.words("X"), " a, b,,c ", ("a", "b", "c")),
    (lambda: env.word("X"), "nexus_2-b", "nexus_2-b"),
    (lambda: env.origins("X"), "*", ("*",)),
    (
        lambda: env.origins("X"),
        "https://app.example, http://localhost:3000",
        ("https://app.example", "http://localhost:3000"),
    ),
    (
        lambda: env.networks("X"),
        "127.0.0.1, 10.0.0.0/8,2001:db8::/32",
        (ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")),
    ),
    (lambda: env.url("X", ("amqp", "amqps")), "amqps://u:p@host/v", "amqps://u:p@host/v"),
    (
        lambda: env.database("X"),
        "postgresql://me:p%40ss@db.example:6432/nexus?sslmode=require",
        DatabaseUrl("nexus", "me", "p@ss", "db.example", "6432", {"sslmode": "require"}),
    ),
    (lambda: env.database("X"), "postgres:///nexus?host=/run/pg", DatabaseUrl("nexus", "", "", "/run/pg", "", {})),
]

REFUSED: list[tuple[Reader, str, str]] = [
    (lambda: env.text("X", least=8, right="8 characters"), "seven77", "8 characters"),
    (lambda: env.flag("X"), "maybe", "true or false"),
    (lambda: env.number("X"), "1.5", "a whole number of 0 or more"),
    (lambda: env.number("X"), "-1", "a whole number of 0 or more"),
    (lambda: env.choice("X", "a", ("a", "b")), "c", "one of a, b"),
    (lambda: env.word("X"), "a.b/c", "letters, digits, _ and - only"),
    (lambda: env.networks("X"), "proxy.example", NETWORKS),
    (lambda: env.origins("X"), "app.example", ORIGINS),
    (lambda: env.origins("X"), "https://app.example/", ORIGINS),
    (lambda: env.origins("X"), "https://app.example, *", ORIGINS),
    (lambda: env.origins("X"), "null", ORIGINS),
    (lambda: env.networks("X"), "10.0.0.1/8", NETWORKS),
    (lambda: env.networks("X"), "0.0.0.0/0", NETWORKS),
    (lambda: env.networks("X"), "10.0.0.0/8, ::/0", NETWORKS),
    (lambda: env.url("X", ("redis", "rediss")), "http://host", "an address that starts with redis:// or rediss://"),
    (lambda: env.database("X"), "mysql://host/db", "postgresql://user:password@host:port/database"),
    (lambda: env.database("X"), "postgresql://host", "postgresql://user:password@host:port/database"),
    (lambda: env.database("X"), "postgresql://host:port/db", "postgresql://user:password@host:port/database"),
]


@pytest.mark.parametrize(("read", "raw", "value"), READ)
def test_what_is_right_is_read(monkeypatch: pytest.MonkeyPatch, read: Reader, raw: str, value: Any) -> None:
    monkeypatch.setenv("X", raw)
    assert read() == value


@pytest.mark.parametrize(("read", "raw", "right"), REFUSED)
def test_what_is_wrong_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, read: Reader, raw: str, right: str) -> None:
    monkeypatch.setenv("X", raw)
    with pytest.raises(ImproperlyConfigured) as refused:
        read()
    assert str(refused.value) == f"X is wrong. It must be {right}."
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("raw", [None, "", "  "])
def test_what_is_not_set_takes_its_default_or_is_refused(monkeypatch: pytest.MonkeyPatch, raw: str | None) -> None:
    if raw is None:
        monkeypatch.delenv("X", raising=False)
    else:
        monkeypatch.setenv("X", raw)
    assert (env.text("X", "d"), env.number("X", 3), env.flag("X", default=False), env.words("X", ())) == (
        "d",
        3,
        False,
        (),
    )
    assert (env.url("X", ("http",), None), env.database("X", None), env.word("X", "w")) == (None, None, "w")
    with pytest.raises(ImproperlyConfigured, match=r"^X is not set\. It must be some text\.$"):
        env.text("X")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is not set. It must be a secret of at least 32 characters."),
        ("SECRET_KEY", "short", "SECRET_KEY is wrong. It must be a secret of at least 32 characters."),
        ("DATABASE_URL", "", "DATABASE_URL is not set. It must be postgresql://user:password@host:port/database."),
        ("NEXUS_ENV", "prod", "NEXUS_ENV is wrong. It must be one of production, development, test."),
        (
            "RABBITMQ_URL",
            "http://h",
            "RABBITMQ_URL is wrong. It must be an address that starts with amqp:// or amqps://.",
        ),
        ("NEXUS_QUEUE_PREFIX", "a/b", "NEXUS_QUEUE_PREFIX is wrong. It must be letters, digits, _ and - only."),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL is wrong. It must be one of DEBUG, INFO, WARNING, ERROR."),
    ],
)
def test_a_wrong_setting_stops_the_start(name: str, value: str, told: str) -> None:
    process = subprocess.run(
        [sys.executable, "-c", "import nexus_gql.settings"],
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert process.stderr.splitlines()[-1].endswith(told)
