"""The filter `text`, and the order RELEVANCE: the same engine elsewhere."""

import tracemalloc

import pytest

from knowledge.search import MOST_WORDS
from schema.types.listings import TEXT as FILTER
from tests.client import Client
from tests.schema.rows import entry, tag
from tests.schema.search.asking import TEXT, found

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["k8s", "kube", "cachin", "RESUME", '"continuous integration"'])
def test_the_filter_text_searches_alike(api: Client, text: str) -> None:
    entry("Caching a résumé", tag("Kubernetes", "k8s"), tag("Continuous Integration"))
    entry("Else")
    answer = api.run(TEXT, {"text": text})
    assert answer.data["entries"] == {"totalCount": 1, "nodes": [{"title": "Caching a résumé"}]}
    assert answer.statements == 1


def test_by_relevance_the_order_is_the_search_s(api: Client) -> None:
    entry("In the body", body="docker " * 50)
    entry("In the summary", summary="About docker")
    entry("By tag and body", tag("Docker"), body="docker")
    entry("Docker in the title")
    listed = [node["title"] for node in api.run(TEXT, {"text": "docker"}).data["entries"]["nodes"]]
    assert listed == found(api, "docker") == ["Docker in the title", "In the summary", "By tag and body", "In the body"]


@pytest.mark.parametrize("text", ["", "   ", "the"])
def test_a_text_without_words_lets_nothing_through(api: Client, text: str) -> None:
    entry("Docker")
    assert api.run(TEXT, {"text": text}).data["entries"]["totalCount"] == 0


@pytest.mark.parametrize("text", ["x" * 1_001, "a\0b"])
def test_a_text_that_cannot_be_searched_for_is_refused(api: Client, text: str) -> None:
    assert api.run(TEXT, {"text": text}).codes == ["BAD_USER_INPUT"]


def test_texts_that_are_long_by_their_spaces_are_read_and_not_remembered() -> None:
    assert FILTER.convert
    tracemalloc.start()
    try:
        read = [FILTER.convert("docker" + " " * (100_000 + number)) for number in range(20)]
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert read == [FILTER.convert("docker")] * 20
    assert taken < 200_000


@pytest.mark.parametrize("text", ["漢" * 500 + "," + "漢" * 499, "a" * 1_000, "a." * 499, "Ⅷ" * 1_000])
def test_a_word_too_long_for_postgresql_finds_nothing(api: Client, text: str) -> None:
    entry("漢 a")
    answer = api.run(TEXT, {"text": text})
    assert (answer.errors, answer.data["entries"]["nodes"]) == ([], [])


def test_the_first_words_count(api: Client) -> None:
    """Two letters each, to the longest text."""
    words = [f"{first}{second}" for first in "bcdfghjklmnpqrstvwxz" for second in "bcdfghjklmnpqrstvw"][:333]
    entry(" ".join(words[:MOST_WORDS]))
    for joint in (" ", ","):
        answer = api.run(TEXT, {"text": joint.join(words)})
        assert answer.data["entries"]["totalCount"] == 1
        assert api.run(TEXT, {"text": joint.join(words[1:])}).data["entries"]["totalCount"] == 0
