"""Which searches are noted as having found nothing."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import caches

from knowledge.models import SearchMiss
from knowledge.search import misses
from tests.client import Client
from tests.schema.rows import entry

SEARCH = """query($query: String!, $types: [SearchType!], $where: SearchWhere, $after: String) {
  search(query: $query, types: $types, where: $where, after: $after) { nodes { __typename } }
}"""

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    caches[misses.SHARED].clear()
    yield
    caches[misses.SHARED].clear()


def noted() -> dict[str, int]:
    misses.flush(datetime.now(UTC))
    return dict(SearchMiss.objects.values_list("words", "count"))


@pytest.mark.parametrize("fields", ["nodes { __typename }", "edges { rank }", "totalCount", "n: totalCount suggestion"])
def test_a_search_that_finds_nothing_is_noted_without_a_statement(api: Client, fields: str) -> None:
    answer = api.run(f'{{ a: search(query: "  Rust   lang ") {{ {fields} }} tags {{ totalCount }} }}')
    assert answer.statements == 1
    assert not SearchMiss.objects.exists()
    assert noted() == {"rust lang": 1}
    assert SearchMiss.objects.get().day == datetime.now(UTC).date()


def test_each_search_of_a_request_is_noted(api: Client) -> None:
    entry("Docker")
    api.run(
        """{ a: search(query: "rust") { totalCount } b: search(query: "zig") { totalCount }
        c: search(query: "docker") { totalCount pageInfo { hasNextPage } }
        d: search(query: "dokcer") { totalCount } e: search(query: "rust") { totalCount } }"""
    )
    assert noted() == {"rust": 2, "zig": 1}


@pytest.mark.parametrize(
    "narrowed", [{"types": ["ENTRY"]}, {"types": []}, {"where": {}}, {"where": {"tagsAny": ["x"]}}, {"query": ""}]
)
def test_what_was_narrowed_or_refused_is_not(api: Client, narrowed: dict[str, Any]) -> None:
    api.run(SEARCH, {"query": "rust", **narrowed})
    api.run('{ search(query: "rust") { suggestion pageInfo { hasNextPage } } }')
    api.run('{ entries(where: {text: "rust"}) { totalCount } }')
    assert noted() == {}


def test_a_page_behind_the_last_is_not(api: Client) -> None:
    entry("Docker")
    end = api.run('{ search(query: "docker") { pageInfo { endCursor } } }').data["search"]["pageInfo"]["endCursor"]
    assert api.run(SEARCH, {"query": "docker", "after": end}).data["search"]["nodes"] == []
    assert noted() == {}


def test_a_cache_that_is_away_spoils_no_answer(
    api: Client, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {**settings.CACHES, misses.SHARED: away}
    with caplog.at_level(logging.WARNING, "nexus.errors"):
        assert api.run(SEARCH, {"query": "rust"}).data["search"]["nodes"] == []
    assert "a search in vain was not noted" in caplog.text
