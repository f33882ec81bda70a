"""Who sent a request: forwarded addresses are believed of listed proxies alone, however they are forged."""

import asyncio
import logging
from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from nexus_gql.proxies import Proxies, ProxiesMiddleware, behind_proxies

NETWORKS = (ip_network("10.0.0.0/8"), ip_network("2001:db8:aaaa::/48"))
OURS = Proxies(NETWORKS)


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("198.51.100.7", [], "198.51.100.7"),
        # Nobody else is believed.
        ("198.51.100.7", ["192.0.2.1"], "198.51.100.7"),
        ("198.51.100.7", ["10.0.0.1, 10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", [" 192.0.2.1 "], "192.0.2.1"),
        # What callers made up stands further left, in the same header or in one before it.
        ("10.0.0.1", ["203.0.113.9, 192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["203.0.113.9", "192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["203.0.113.9, 10.0.0.9, 192.0.2.1, 10.0.0.2"], "192.0.2.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("2001:db8:aaaa::1", ["2001:db8::7"], "2001:db8::7"),
        # As other proxies write addresses.
        ("10.0.0.1", ["192.0.2.1:4711"], "192.0.2.1"),
        ("10.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("10.0.0.1", ["[2001:db8::7]"], "2001:db8::7"),
        ("::ffff:10.0.0.1", ["::ffff:192.0.2.1"], "192.0.2.1"),
        # What is no address is not passed on, and nothing left of it is believed.
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9, unknown, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["203.0.113.9,"], "10.0.0.1"),
        ("10.0.0.1", ["\n192.0.2.1\x00"], "10.0.0.1"),
        ("", ["192.0.2.1"], None),
        (None, [], None),
        ("unix:", ["192.0.2.1"], None),
    ],
)
def test_the_caller_is_the_nearest_that_is_no_proxy_of_ours(
    peer: str | None, forwarded: list[str], caller: str | None
) -> None:
    assert OURS.caller(peer, forwarded) == caller


@pytest.mark.parametrize(
    ("peer", "said", "scheme"),
    [
        ("10.0.0.1", ["https"], "https"),
        ("10.0.0.1", ["http, HTTPS"], "https"),
        ("10.0.0.1", ["https", "http"], "http"),
        ("10.0.0.1", [""], "http"),
        ("10.0.0.1", ["javascript"], "http"),
        ("198.51.100.7", ["https"], "http"),
        (None, ["https"], "http"),
    ],
)
def test_the_scheme_is_what_the_nearest_proxy_of_ours_says(peer: str | None, said: list[str], scheme: str) -> None:
    assert OURS.scheme(peer, said, "http") == scheme


def test_without_proxies_nothing_is_believed(settings: Settings) -> None:
    assert seen_by_a_view("10.0.0.1", settings, ()) == ("10.0.0.1", False)


def test_a_view_sees_the_caller(settings: Settings) -> None:
    assert seen_by_a_view("10.0.0.1", settings, NETWORKS) == ("192.0.2.1", True)
    assert seen_by_a_view("198.51.100.7", settings, NETWORKS) == ("198.51.100.7", False)


def seen_by_a_view(peer: str, settings: Settings, networks: Iterable[Any]) -> tuple[str, bool]:
    seen: list[tuple[str, bool]] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append((request.META["REMOTE_ADDR"], request.is_secure()))
        return HttpResponse()

    settings.TRUSTED_PROXIES = networks
    headers = {"X-Forwarded-For": "203.0.113.9, 192.0.2.1", "X-Forwarded-Proto": "https"}
    ProxiesMiddleware(view)(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer))
    return seen[0]


@pytest.mark.django_db
def test_the_log_tells_the_caller(client: Client, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.TRUSTED_PROXIES = NETWORKS
    with caplog.at_level(logging.INFO, "nexus.requests"):
        client.get("/graphql?query={a}", headers={"X-Forwarded-For": "192.0.2.1"}, REMOTE_ADDR="10.0.0.1")
    assert [vars(record)["address"] for record in caplog.records if record.name == "nexus.requests"] == ["192.0.2.1"]


@pytest.mark.parametrize(
    ("peer", "client", "scheme"),
    [(("10.0.0.1", 4711), ("192.0.2.1", 4711), "https"), (("198.51.100.7", 1), ("198.51.100.7", 1), "http")],
)
def test_a_stream_sees_the_caller(peer: tuple[str, int], client: tuple[str, int], scheme: str) -> None:
    seen: list[tuple[Any, Any]] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append((scope["client"], scope["scheme"]))

    async def never() -> Any:
        raise AssertionError

    headers = [
        (b"x-forwarded-for", b"203.0.113.9"),
        (b"x-forwarded-for", b"192.0.2.1"),
        (b"x-forwarded-proto", b"https"),
    ]
    scope = {"type": "http", "client": peer, "headers": headers, "scheme": "http"}

    async def call() -> None:
        await behind_proxies(application, OURS)(scope, never, lambda _message: never())

    asyncio.run(call())
    assert seen == [(client, scheme)]
