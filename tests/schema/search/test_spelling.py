"""Other spellings, where nothing matches."""

import pytest

from tests.client import Client
from tests.schema.rows import challenge, entry, tag
from tests.schema.search.asking import search

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("kuberntes", "kubernetes"),
        ("dokcer", "docker"),
        ("dcker", "docker"),
        ("kuberntes dokcer", "kubernetes docker"),
        ("dokcer in kubernetes", "docker in kubernetes"),
        ("helmsmna", "helmsman"),
        ("zpa", "zap"),
        ("reids", "redis"),
        ("voclano", "volcano"),
    ],
)
def test_a_slip_finds_what_was_meant(api: Client, query: str, suggestion: str) -> None:
    entry("Docker: in Kubernetes!", tag("Helmsman"))
    challenge("Zap?", tag("Redis"), body="A volcano.")
    answer = search(api, query)
    assert answer["suggestion"] == suggestion
    assert answer["totalCount"] == 1
    assert answer["nodes"] == search(api, suggestion)["nodes"]
    assert answer["edges"][0]["highlights"] == search(api, suggestion)["edges"][0]["highlights"]


@pytest.mark.parametrize(
    "query", ["docker", "dock", "completely different", "-dokcer", '"dokcer"', "d0cker", "dokcer zebra"]
)
def test_no_other_spelling_where_something_is_found_or_nothing_would_be(api: Client, query: str) -> None:
    entry("Docker")
    assert search(api, query)["suggestion"] is None


def test_a_word_that_finds_something_stays(api: Client) -> None:
    entry("Dockers and kubernetes", body="pocker")
    assert search(api, "pocker kuberntes")["suggestion"] == "pocker kubernetes"


def test_another_spelling_finds_within_what_was_asked_for(api: Client) -> None:
    entry("Docker")
    assert search(api, "dokcer", types=["CHALLENGE"])["suggestion"] is None
    assert search(api, "dokcer", where={"kind": ["TOOL"]})["suggestion"] is None
    assert search(api, "dokcer", types=["ENTRY"])["suggestion"] == "docker"
