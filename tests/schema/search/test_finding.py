"""What is found, in what order; and what is no search."""

import pytest
from django.db import connection

from knowledge.search import typed
from tests.client import Client
from tests.schema.rows import at, challenge, entry, id_of, solution, tag
from tests.schema.search.asking import SEARCH, found, search, titles

pytestmark = pytest.mark.django_db


def test_a_title_counts_more_than_a_summary_and_that_more_than_any_body(api: Client) -> None:
    entry("In the body", body="docker " * 50)
    entry("In the summary", summary="About docker")
    entry("Docker in the title")
    answer = search(api, "docker")
    assert titles(answer) == ["Docker in the title", "In the summary", "In the body"]
    ranks = [edge["rank"] for edge in answer["edges"]]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) == len(ranks)
    assert ranks == [round(rank, 6) for rank in ranks]


def test_a_tag_counts_as_much_as_a_place_in_the_summary(api: Client) -> None:
    entry("By body", body="docker docker")
    entry("By tag", tag("Docker"))
    entry("Docker by title")
    assert found(api, "docker") == ["Docker by title", "By tag", "By body"]


def test_words_far_from_each_other_count_by_their_places(api: Client) -> None:
    entry("Near", body="docker compose")
    entry("Docker", body="far " * 300 + "compose")
    assert found(api, "docker compose") == ["Docker", "Near"]


def test_a_whole_word_counts_more_than_its_beginning(api: Client) -> None:
    entry("Gossip and gorillas and google")
    entry("Go")
    assert found(api, "go") == ["Go", "Gossip and gorillas and google"]


def test_all_three_types_stand_in_one_list(api: Client) -> None:
    asked = challenge("Docker is slow")
    solution(asked, "Give docker more memory")
    entry("Containers", summary="docker and others")
    answer = search(api, "docker")
    assert [node["__typename"] for node in answer["nodes"]] == ["Challenge", "Entry", "Solution"]
    assert answer["totalCount"] == 3


def test_equal_ranks_stand_in_the_order_of_types_and_keys(api: Client) -> None:
    challenge("Docker")
    entry("Docker", slug="second")
    entry("Docker", slug="third")
    answer = search(api, "docker")
    assert [node["__typename"] for node in answer["nodes"]] == ["Entry", "Entry", "Challenge"]
    assert len({edge["rank"] for edge in answer["edges"]}) == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("docker swarm", ["both"]),
        ('"docker swarm"', []),
        ('"swarm of docker"', ["both"]),
        ("docker or kafka", ["both", "docker", "kafka"]),
        ("docker -swarm", ["docker"]),
        ("containers", ["both", "docker"]),
        ("the and of", []),
        ("!!! ???", []),
        ('"', []),
        ("-", []),
        ("a' OR 1=1 --", []),
        ("ad:* & kafka <-> |", []),
    ],
)
def test_words_are_written_as_for_the_web(api: Client, query: str, expected: list[str]) -> None:
    entry("docker", body="a container")
    entry("both", body="a swarm of docker containers")
    entry("kafka", body="streams")
    assert sorted(found(api, query)) == expected


@pytest.mark.parametrize("beginning", ["ca", "cac", "cach", "cachi", "cachin", "CACHIN", "Caching strategi", "caching"])
def test_the_beginning_of_the_last_word_is_enough(api: Client, beginning: str) -> None:
    entry("Strategies of caching" if beginning[0] != "C" or beginning.isupper() else "Caching strategies")
    assert len(found(api, beginning)) == 1


@pytest.mark.parametrize("query", ["c", "ca strategies", '"strate"', '"caching strate', "caching or-strate", "stra."])
def test_without_a_last_word_that_goes_on_words_are_whole(api: Client, query: str) -> None:
    entry("Strategies of caching")
    assert found(api, query) == []


def test_a_beginning_is_not_left_out_where_it_is_excluded(api: Client) -> None:
    entry("Kubernetes in docker")
    assert found(api, "docker -kube") == ["Kubernetes in docker"]
    assert found(api, "docker -kubernetes") == []


@pytest.mark.parametrize(
    "words",
    [
        "client",
        "server",
        "serve",
        "server model",
        "client/server",
        "client/serv",
        "Server/Client",
        '"client server model"',
        '"client/server model"',
        "réponse",
        "cd",
        "delivery -client/browser",
    ],
)
def test_words_that_a_slash_joins_are_found_by_each_of_them(api: Client, words: str) -> None:
    entry("The client/server model", tag("Delivery", "CI/CD"), body="requête/réponse", published_at=at(0))
    entry("Else", body="A path: /home/customer, a number: 1/2.", published_at=at(1))
    assert found(api, words) == ["The client/server model"]


def test_what_is_left_out_of_a_search_may_be_joined_by_a_slash(api: Client) -> None:
    entry("The client/server model")
    entry("A model of a client, and of a server")
    assert found(api, "model -client/server") == ["A model of a client, and of a server"]


def test_a_slip_in_words_that_a_slash_joins_is_mended(api: Client) -> None:
    entry("The client/server model")
    answer = search(api, "clinet/sevrer")
    assert (titles(answer), answer["suggestion"]) == (["The client/server model"], "client server")


@pytest.mark.parametrize(
    ("query", "nothing"),
    [
        ("cache -cache", True),
        ("-caching token cache", True),
        ("token -cache", False),
        ("cache or -cache", False),
        ('cache -"cache token"', False),
    ],
)
def test_a_word_and_the_same_left_out_are_nothing_to_look_for(api: Client, query: str, nothing: bool) -> None:
    entry("Cache")
    with connection.cursor() as cursor:
        cursor.execute("SELECT numnode(nexus_search_query(%s)) = 0", [typed(query)])
        assert cursor.fetchone() == (nothing,)
    assert found(api, query) == (["Cache"] if query.startswith("cache") and not nothing else [])


@pytest.mark.parametrize("query", ["Müller", "muller", "MULLER", "mull", "résumé", "resume", "naïve resumé"])
def test_accents_and_case_make_no_difference(api: Client, query: str) -> None:
    entry("Naive Müller writes a résumé")
    assert found(api, query) == ["Naive Müller writes a résumé"]


def test_signs_of_the_search_language_in_words_do_no_harm(api: Client) -> None:
    entry("It's C:\\temp and node.js, ci/cd")
    for query in ("it's c:\\temp", "node.j", "node.js", "ci/cd", "ci/c", "\\temp", "te'mp or node.js"):
        assert found(api, query) == ["It's C:\\temp and node.js, ci/cd"], query


@pytest.mark.parametrize("lines", ["-" * 180, "- " * 90, "-!" * 90, "<!--" * 45, "(-) " * 45])
def test_lines_in_a_search_stand_for_nothing(api: Client, lines: str) -> None:
    entry("Docker")
    entry("Kafka", body="docker logs --follow")
    assert found(api, f"{lines} docker") == found(api, "docker") == ["Docker", "Kafka"]
    assert found(api, f"kafka {lines}") == ["Kafka"]
    assert found(api, f"docker {lines} -kafka") == ["Docker"]
    assert found(api, "docker --follow") == ["Kafka"]
    assert found(api, "kafka - docker") == ["Kafka"]


@pytest.mark.parametrize("query", ["", "   ", "\n\t", "\u200b\u2060", "x" * 201, "a\0b", "a\x07b", "\u0301"[:0]])
def test_what_cannot_be_searched_for_is_refused(api: Client, query: str) -> None:
    refused = api.run(SEARCH, {"query": query})
    assert (refused.status, refused.codes, refused.statements) == (400, ["BAD_USER_INPUT"], 0)


@pytest.mark.parametrize(
    "query", ["x" * 200, "  " + "x" * 200 + "  ", "😀", "مرحبا", "漢字", "'" * 200, '"' * 199, "\\" * 50, "-" * 200]
)
def test_odd_words_find_nothing_and_break_nothing(api: Client, query: str) -> None:
    entry("Docker")
    assert found(api, query) == []


@pytest.mark.parametrize("arguments", [{"first": 0}, {"first": 101}, {"last": -1}, {"first": 1, "last": 1}])
def test_a_page_has_a_size(api: Client, arguments: dict[str, int]) -> None:
    assert api.run(SEARCH, {"query": "docker", **arguments}).codes == ["BAD_USER_INPUT"]


def test_only_what_is_asked_for_is_made(api: Client) -> None:
    entry("Docker")
    plain = api.run('{ search(query: "docker") { a: totalCount b: totalCount __typename } }')
    assert plain.data["search"] == {"a": 1, "b": 1, "__typename": "SearchConnection"}
    assert "nexus_highlights" not in plain.sql[0]
    asked = api.run('{ search(query: "docker") { edges { __typename h: highlights i: highlights r: rank } } }')
    ((edge,),) = asked.data["search"].values()
    assert edge["__typename"] == "SearchEdge"
    assert edge["h"] == edge["i"] == ["⟦Docker⟧"]
    assert edge["r"] > 0


def test_hits_are_objects_like_all_others(api: Client) -> None:
    made = entry("Docker", tag("Containers"))
    answer = api.run(
        '{ search(query: "docker") { nodes { ... on Node { id } ... on Entry { tags { name } entry: slug } } } }'
    )
    assert answer.data["search"]["nodes"] == [{"id": id_of(made), "tags": [{"name": "Containers"}], "entry": "docker"}]
