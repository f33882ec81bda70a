"""Searching: what is found, in what order, for whom, and how it is shown."""

from typing import Any

import pytest

from knowledge.models import Challenge, Entry, EntryStatus, EntryTag, Tag, TagAlias
from schema.planner.search_sql import MOST_HITS
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import challenge, entry, id_of, solution, tag

SEARCH = """query($query: String!, $first: Int, $after: String, $last: Int, $before: String, $types: [SearchType!],
    $where: SearchWhere) {
  search(query: $query, first: $first, after: $after, last: $last, before: $before, types: $types, where: $where) {
    totalCount suggestion
    edges { cursor rank highlights node { ...hit } }
    nodes { ...hit }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
fragment hit on SearchHit {
  __typename ... on Entry { title } ... on Challenge { title } ... on Solution { title: body }
}"""
TEXT = "query($text: String!) { entries(where: {text: $text}, orderBy: [{field: RELEVANCE, direction: DESC}]) \
{ totalCount nodes { title } } }"

pytestmark = pytest.mark.django_db


def search(api: Client, query: str, as_: Any = None, **arguments: Any) -> dict[str, Any]:
    """What a search answers with; nodes and edges say the same, by one statement beside the caller's."""
    result = api.run(SEARCH, {"query": query, **arguments}, as_=as_)
    assert result.statements == (1 if as_ is None else 2)
    answer: dict[str, Any] = result.data["search"]
    assert answer["nodes"] == [edge["node"] for edge in answer["edges"]]
    return answer


def titles(answer: dict[str, Any]) -> list[str]:
    return [node["title"] for node in answer["nodes"]]


def found(api: Client, query: str, as_: Any = None, **arguments: Any) -> list[str]:
    """The titles that are found; the count says the same."""
    answer = search(api, query, as_, **arguments)
    assert answer["totalCount"] == len(answer["nodes"])
    return titles(answer)


# ── what is found, and in what order ────────────────────────────────────────────────────────────────────────────────


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


@pytest.mark.parametrize("query", ["Müller", "muller", "MULLER", "mull", "résumé", "resume", "naïve resumé"])
def test_accents_and_case_make_no_difference(api: Client, query: str) -> None:
    entry("Naive Müller writes a résumé")
    assert found(api, query) == ["Naive Müller writes a résumé"]


def test_signs_of_the_search_language_in_words_do_no_harm(api: Client) -> None:
    entry("It's C:\\temp and node.js, ci/cd")
    for query in ("it's c:\\temp", "node.j", "node.js", "ci/cd", "ci/c", "\\temp", "te'mp or node.js"):
        assert found(api, query) == ["It's C:\\temp and node.js, ci/cd"], query


# ── tags ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def cluster(db: None) -> Entry:
    """An entry that says nothing of the tags that it carries."""
    return entry("Running things", tag("Kubernetes", "k8s"), tag("Continuous Integration", "CI"), body="In a cluster.")


@pytest.mark.parametrize(
    "query",
    [
        "kubernetes",
        "k8s",
        "K8",
        "kube",
        "continuous integration",
        "integration",
        "cluster k8s",
        '"continuous integration"',
        "ci",
    ],
)
def test_names_and_aliases_of_tags_are_words(api: Client, cluster: Entry, query: str) -> None:
    entry("Something else", tag("Docker"))
    answer = search(api, query)
    assert titles(answer) == ["Running things"]
    assert all("⟦" in part for part in answer["edges"][0]["highlights"])


@pytest.mark.parametrize(
    "query", ['"integration continuous"', "cluster -k8s", "k8s docker", '"cluster kubernetes"', "k9s"]
)
def test_words_of_tags_are_heeded_like_others(api: Client, cluster: Entry, query: str) -> None:
    assert found(api, query) == []


def test_what_becomes_of_a_tag_counts_at_once(api: Client, cluster: Entry) -> None:
    kubernetes = Tag.objects.get(name="Kubernetes")
    TagAlias.objects.create(tag=kubernetes, name="orchestrator", slug="orchestrator")
    assert found(api, "orchestrator") == ["Running things"]
    Tag.objects.filter(pk=kubernetes.pk).update(name="Helmsman", slug="helmsman")
    assert found(api, "helmsman") == ["Running things"]
    assert found(api, "kubernetes") == []
    other = tag("Nomad")
    EntryTag.objects.filter(entry=cluster, tag=kubernetes).delete()
    EntryTag.objects.create(entry=cluster, tag=other)
    assert found(api, "helmsman") == []
    assert found(api, "nomad") == ["Running things"]


def test_an_entry_saved_as_it_was_read_keeps_its_tags(api: Client) -> None:
    read = entry("Running things")
    EntryTag.objects.create(entry=read, tag=tag("Kubernetes"))
    assert read.tag_ids == []
    read.title = "Running other things"
    read.save()
    assert found(api, "kubernetes") == ["Running other things"]
    Entry.objects.filter(pk=read.pk).update(tag_ids=[])
    assert found(api, "kubernetes") == ["Running other things"]


def test_challenges_are_found_by_their_tags_too(api: Client) -> None:
    challenge("Why?", tag("Kubernetes", "k8s"))
    assert found(api, "k8s") == ["Why?"]


# ── narrowing ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, "cest"),
        ({"types": None, "where": None}, "cest"),
        ({"types": ["ENTRY"]}, "et"),
        ({"types": ["SOLUTION", "CHALLENGE"]}, "cs"),
        ({"types": []}, ""),
        ({"where": {"kind": ["TOOL"]}}, "t"),
        ({"where": {"kind": []}}, ""),
        ({"where": {"status": ["OPEN"]}}, "c"),
        ({"where": {"status": ["CLOSED"]}}, ""),
        ({"where": {"kind": ["TOOL"], "status": ["OPEN"]}}, ""),
        ({"where": {"tagsAny": ["py", "none"]}}, "cst"),
        ({"where": {"tagsAny": []}}, ""),
        ({"where": {"tagsAll": ["Python", "web"]}}, "cs"),
        ({"where": {"tagsAll": []}}, "cest"),
        ({"where": {"tagsAll": ["python"]}, "types": ["ENTRY"]}, "t"),
    ],
)
def test_what_is_searched_can_be_narrowed(api: Client, arguments: dict[str, Any], expected: str) -> None:
    python, web = tag("Python", "py"), tag("Web")
    entry("e docker")
    entry("t docker", python, kind="TOOL")
    solution(challenge("c docker", python, web), "s docker")
    answer = search(api, "docker", **arguments)
    assert "".join(sorted(title[0] for title in titles(answer))) == expected
    assert answer["totalCount"] == len(expected)


# ── other spellings ─────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── highlights ──────────────────────────────────────────────────────────────────────────────────────────────────────


def highlights(api: Client, query: str) -> list[str]:
    (edge,) = search(api, query)["edges"]
    shown: list[str] = edge["highlights"]
    return shown


def test_matched_words_are_marked_in_title_summary_and_body(api: Client) -> None:
    entry(
        "Docker for all",
        summary="How dockers work",
        body="unused",
        body_html="<p>Use <strong>docker</strong>.</p>\n<p>" + "and so on " * 60 + "</p><p>Then docker again.</p>",
    )
    title, summary, *body = highlights(api, "docker")
    assert title == "⟦Docker⟧ for all"
    assert summary == "How ⟦dockers⟧ work"
    assert len(body) == 2
    assert body[0].startswith("Use ⟦docker⟧.")
    assert "Then ⟦docker⟧ again" in body[1]


def test_parts_without_a_match_are_left_out(api: Client) -> None:
    entry("Docker", summary="Nothing", body="else", body_html="<p>else</p>")
    assert highlights(api, "docker") == ["⟦Docker⟧"]


def test_phrases_beginnings_and_accents_are_marked(api: Client) -> None:
    entry("A résumé of caching")
    assert highlights(api, "resume cachin") == ["A ⟦résumé⟧ of caching"]
    assert highlights(api, "cachin") == ["A résumé of ⟦caching⟧"]
    assert highlights(api, '"resume of caching"')[0].startswith("A ⟦résumé⟧")


def test_highlights_hold_no_markup_and_no_marks_of_others(api: Client) -> None:
    entry(
        "Docker <b>bold</b> ⟦not a match⟧",
        body="x",
        body_html="<p>docker &lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=y a &lt; b &amp;amp; c"
        " ⟦fake⟧␞</p>",
    )
    title, body = highlights(api, "docker")
    assert title == "⟦Docker⟧ b bold b not a match"
    assert body == "⟦docker⟧ script alert(1) script img src=x onerror=y a < b &amp; c fake"


# ── who may see ─────────────────────────────────────────────────────────────────────────────────────────────────────

SEEN = {"anonymous": "p", "author": "adip", "peer": "p", "reviewer": "aip", "staff": "aip"}


@pytest.mark.parametrize("who", SEEN)
def test_only_what_may_be_seen_is_found_counted_and_offered(api: Client, cast: Cast, who: str) -> None:
    for status, title in (
        (EntryStatus.PUBLISHED, "p quagmire puddle"),
        (EntryStatus.DRAFT, "d quagmire dragonfly"),
        (EntryStatus.IN_REVIEW, "i quagmire iguana"),
        (EntryStatus.ARCHIVED, "a quagmire armadillo"),
    ):
        entry(title, author=cast.author, status=status)
    as_ = None if who == "anonymous" else getattr(cast, who)
    answer = search(api, "quagmire", as_)
    assert "".join(sorted(title[0] for title in titles(answer))) == SEEN[who]
    assert answer["totalCount"] == len(SEEN[who])
    for letter, word in {"p": "pudlde", "d": "dragnofly", "i": "iguaan", "a": "armadilo"}.items():
        answer = search(api, word, as_)
        assert (answer["suggestion"] is not None, len(answer["nodes"])) == ((letter in SEEN[who]), letter in SEEN[who])


def test_a_word_of_a_hidden_row_is_not_taken_for_known(api: Client, cast: Cast) -> None:
    entry("Docker")
    entry("Dokcer", author=cast.author, status=EntryStatus.DRAFT)
    assert search(api, "dokcer")["suggestion"] == "docker"
    assert search(api, "dokcer", cast.author)["suggestion"] is None


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def hits(db: None) -> list[str]:
    """Seven hits in their order: several of one rank, of two types."""
    entry("e1 docker")
    entry("e2 docker")
    challenge("c1 docker")
    challenge("c2 docker")
    entry("e3", summary="docker")
    solution(challenge("Else"), "s1 docker")
    entry("e4", body="docker", slug="e4")
    return ["e1 docker", "e2 docker", "c1 docker", "c2 docker", "e3", "e4", "s1 docker"]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_follow_each_other_both_ways(api: Client, hits: list[str], size: int) -> None:
    walked: list[str] = []
    page = search(api, "docker", first=size)
    while True:
        walked += titles(page)
        assert page["pageInfo"]["hasNextPage"] == (len(walked) < len(hits))
        if not page["pageInfo"]["hasNextPage"]:
            break
        page = search(api, "docker", first=size, after=page["pageInfo"]["endCursor"])
        assert page["pageInfo"]["hasPreviousPage"] is True
        assert page["totalCount"] == len(hits)
    assert walked == hits
    back = search(api, "docker", last=size)
    walked = titles(back)
    while back["pageInfo"]["hasPreviousPage"]:
        back = search(api, "docker", last=size, before=back["pageInfo"]["startCursor"])
        walked = [*titles(back), *walked]
    assert walked == hits


def test_pages_stay_in_step_while_rows_come_and_go(api: Client, hits: list[str]) -> None:
    cursor = search(api, "docker", first=3)["pageInfo"]["endCursor"]
    Entry.objects.filter(title="e1 docker").update(status=EntryStatus.ARCHIVED)
    entry("Docker docker docker docker")
    assert titles(search(api, "docker", after=cursor)) == hits[3:]


def test_a_cursor_belongs_to_its_search(api: Client, hits: list[str]) -> None:
    cursor = search(api, "docker", first=1)["pageInfo"]["endCursor"]
    assert len(search(api, "  docker ", after=cursor)["nodes"]) == 6
    others: list[dict[str, Any]] = [
        {"query": "dock"},
        {"types": ["ENTRY"]},
        {"types": []},
        {"where": {"kind": ["CONCEPT"]}},
    ]
    for other in others:
        refused = api.run(SEARCH, {"query": "docker", "after": cursor, **other})
        assert (refused.status, refused.codes) == (400, ["BAD_USER_INPUT"]), other
    listed = api.run("{ entries(first: 1) { pageInfo { endCursor } } }").data["entries"]["pageInfo"]["endCursor"]
    for foreign in (listed, "", "nonsense", cursor[:-4]):
        assert api.run(SEARCH, {"query": "docker", "after": foreign}).codes == ["BAD_USER_INPUT"], foreign


def test_a_common_word_has_a_thousand_hits_and_the_best_are_among_them(api: Client) -> None:
    Challenge.objects.bulk_create(
        Challenge(title=f"n {number}", slug=f"n-{number}", body="quagmire") for number in range(MOST_HITS + 5)
    )
    entry("Quagmire")
    answer = search(api, "quagmire", first=2)
    assert answer["totalCount"] == MOST_HITS
    assert titles(answer) == ["Quagmire", "n 0"]


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("query", ["", "   ", "\n\t", "\u200b\u2060", "x" * 201, "a\0b", "a\x07b", "\u0301"[:0]])
def test_what_cannot_be_searched_for_is_refused(api: Client, query: str) -> None:
    refused = api.run(SEARCH, {"query": query})
    assert (refused.status, refused.codes, refused.statements) == (400, ["BAD_USER_INPUT"], 0)


@pytest.mark.parametrize(
    "query", ["x" * 200, "  " + "x" * 200 + "  ", "😀", "مرحبا", "漢字", "'" * 200, '"' * 199, "\\" * 50]
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


# ── the same engine elsewhere ───────────────────────────────────────────────────────────────────────────────────────


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
