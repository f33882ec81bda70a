"""Pages: sizes, orders, cursors forwards and backwards, at the root and nested."""

from typing import Any

import pytest

from knowledge.models import Entry, EntryStatus
from tests.cast import Cast
from tests.client import Client, Result
from tests.schema.rows import at, challenge, digest, entry, id_of, solution, source, tag

PAGE = """query($first: Int, $after: String, $last: Int, $before: String, $order: [EntryOrder!], $where: EntryWhere) {
  entries(first: $first, after: $after, last: $last, before: $before, orderBy: $order, where: $where) {
    edges { cursor node { title } } nodes { title } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


@pytest.fixture
def library(cast: Cast) -> list[Entry]:
    """Seven entries that the author sees, with ties everywhere; two of them are not published."""
    days = {"a": 3, "b": 1, "c": 2, "d": 2, "e": 5}
    made = [
        entry(title, author=cast.author, published_at=at(day), score=day % 2, created_at=at(-day), updated_at=at(0.5))
        for title, day in days.items()
    ]
    made.append(entry("B", slug="b-2", author=cast.author, status=EntryStatus.DRAFT, score=1))
    made.append(entry("f", author=cast.author, status=EntryStatus.IN_REVIEW))
    source("One", *made[:2])
    source("Two", *made[:1])
    return made


def order(*fields: str) -> list[dict[str, str]]:
    """`TITLE ASC` and so on, as the input has it."""
    return [dict(zip(("field", "direction"), each.split(), strict=True)) for each in fields]


def titles(answer: Result) -> str:
    page = answer.data["entries"]
    assert [edge["node"] for edge in page["edges"]] == page["nodes"]
    return "".join(node["title"] for node in page["nodes"])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((), "eadcbfB"),
        (("PUBLISHED_AT DESC",), "eadcbfB"),
        (("PUBLISHED_AT ASC",), "bcdaeBf"),
        (("CREATED_AT DESC",), "fBbdcae"),
        (("CREATED_AT ASC",), "eacdbBf"),
        (("UPDATED_AT DESC",), "edcbafB"),
        (("UPDATED_AT ASC",), "Bfabcde"),
        (("TITLE ASC",), "abBcdef"),
        (("TITLE DESC",), "fedcBba"),
        (("SCORE DESC",), "Bebafdc"),
        (("SCORE ASC",), "cdfabeB"),
        (("SOURCE_COUNT DESC",), "abfBedc"),
        (("SOURCE_COUNT ASC",), "cdeBfba"),
        (("SCORE DESC", "TITLE ASC"), "abBecdf"),
        (("SCORE ASC", "TITLE DESC"), "fdceBba"),
        (("SCORE DESC", "PUBLISHED_AT ASC"), "baeBcdf"),
        (("SCORE ASC", "PUBLISHED_AT DESC", "TITLE DESC"), "dcfeabB"),
    ],
)
def test_orders_with_ties_and_nulls(
    cast: Cast, api: Client, library: list[Entry], asked: tuple[str, ...], expected: str
) -> None:
    """Nulls last whichever way; then the primary key, in the direction of the last order."""
    given = {"order": order(*asked)} if asked else {}
    assert titles(api.run(PAGE, given, as_=cast.author)) == expected
    for size in (1, 2, 3, 7):
        assert walked(api, cast, {"first": size, **given}) == expected
        assert walked(api, cast, {"last": size, **given}) == expected


def walked(api: Client, cast: Cast, given: dict[str, Any]) -> str:
    """The titles on all pages, in the order of the connection; what each page says of the others is right."""
    found = ""
    cursor = None
    backwards = "last" in given
    while True:
        answer = api.run(PAGE, {**given, "before" if backwards else "after": cursor}, as_=cast.author)
        page = titles(answer)
        info = answer.data["entries"]["pageInfo"]
        cursors = [edge["cursor"] for edge in answer.data["entries"]["edges"]]
        assert (info["startCursor"], info["endCursor"]) == (cursors[0], cursors[-1])
        assert answer.data["entries"]["totalCount"] == 7
        behind, ahead = ("hasNextPage", "hasPreviousPage") if backwards else ("hasPreviousPage", "hasNextPage")
        assert info[behind] is (cursor is not None)
        found = page + found if backwards else found + page
        assert info[ahead] is (len(found) < 7)
        cursor = info["startCursor" if backwards else "endCursor"]
        if not info[ahead]:
            return found


def test_between_two_cursors(cast: Cast, api: Client, library: list[Entry]) -> None:
    edges = api.run(PAGE, as_=cast.author).data["entries"]["edges"]
    cursors = {edge["node"]["title"]: edge["cursor"] for edge in edges}
    between = {"after": cursors["a"], "before": cursors["f"]}
    for size, expected, more in (
        ({}, "dcb", False),
        ({"first": 2}, "dc", True),
        ({"first": 3}, "dcb", False),
        ({"last": 2}, "cb", True),
        ({"last": 3}, "dcb", False),
    ):
        answer = api.run(PAGE, {**between, **size}, as_=cast.author)
        assert titles(answer) == expected
        ahead = "hasPreviousPage" if "last" in size else "hasNextPage"
        assert answer.data["entries"]["pageInfo"][ahead] is more
    assert titles(api.run(PAGE, {"after": cursors["f"], "before": cursors["a"]}, as_=cast.author)) == ""


def test_cursors_stay_where_they_are_while_rows_come_and_go(cast: Cast, api: Client, library: list[Entry]) -> None:
    first = api.run(PAGE, {"first": 3}, as_=cast.author).data["entries"]
    cursor = first["pageInfo"]["endCursor"]
    assert "".join(node["title"] for node in first["nodes"]) == "ead"
    entry("new", published_at=at(9))
    entry("i", published_at=at(1.5))
    library[0].delete()
    Entry.objects.get(title="d").delete()
    assert titles(api.run(PAGE, {"first": 3, "after": cursor}, as_=cast.author)) == "cib"
    assert titles(api.run(PAGE, {"last": 3, "before": cursor}, as_=cast.author)) == "newe"


@pytest.mark.parametrize("size", [0, -1, 101, 2_147_483_647])
@pytest.mark.parametrize("name", ["first", "last"])
def test_sizes_out_of_range(api: Client, db: None, name: str, size: int) -> None:
    for query in (
        f"{{ entries({name}: {size}) {{ nodes {{ id }} }} }}",
        PAGE,
        f"{{ tags {{ nodes {{ entries({name}: {size}) {{ totalCount nodes {{ id }} }} }} }} }}",
    ):
        answer = api.run(query, {name: size} if query == PAGE else None)
        assert (answer.status, answer.codes, answer.statements) == (400, ["BAD_USER_INPUT"], 0)


def test_first_and_last_together(api: Client, db: None) -> None:
    for query, variables in (
        ("{ entries(first: 1, last: 1) { totalCount } }", None),
        (PAGE, {"first": 1, "last": 1}),
        ("{ tags { nodes { entries(first: 1, last: 1) { nodes { id } } } } }", None),
    ):
        answer = api.run(query, variables)
        assert (answer.status, answer.codes, answer.statements) == (400, ["BAD_USER_INPUT"], 0)


def test_twenty_by_default_a_hundred_at_most(api: Client, db: None) -> None:
    for number in range(101):
        tag(f"Tag {number}")
    for asked, number, more in (("", 20, True), ("(first: 100)", 100, True), ("(last: 100)", 100, False)):
        page = api.run(f"{{ tags{asked} {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage }} }} }}").data["tags"]
        assert (page["totalCount"], len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (101, number, more)


def test_rows_are_counted_only_when_asked(api: Client, library: list[Entry]) -> None:
    uncounted = api.run("{ entries(where: {kind: [TOOL]}) { nodes { title } pageInfo { hasNextPage endCursor } } }")
    counted = api.run("{ entries(where: {kind: [TOOL]}) { nodes { title } totalCount } }")
    only_counted = api.run("{ entries(where: {kind: [TOOL]}) { totalCount } }")
    assert ["count(*)" in answer.sql[0] for answer in (uncounted, counted, only_counted)] == [False, True, True]
    assert "ORDER BY" not in only_counted.sql[0]
    assert all(answer.statements == 1 for answer in (uncounted, counted, only_counted))


def test_the_number_of_all_is_kept(api: Client, cast: Cast) -> None:
    entry("Draft", author=cast.author, status=EntryStatus.DRAFT)
    for number in range(3):
        entry(f"Entry {number}")
        challenge(f"Challenge {number}")
    asked = "{ entries { totalCount } challenges(where: {}) { totalCount } }"
    for user, entries in ((None, 3), (cast.peer, 3), (cast.author, 4)):
        answer = api.run(asked, as_=user)
        assert answer.data == {"entries": {"totalCount": entries}, "challenges": {"totalCount": 3}}
        # Only one's own that are not public are counted.
        assert answer.sql[-1].count("knowledge_tally") == 2
        assert answer.sql[-1].count("count(*)") == (user is not None)


def test_relevance_needs_a_text_and_goes_down_only(api: Client, db: None) -> None:
    for connection in ("entries", "challenges"):
        for arguments in (
            "orderBy: {field: RELEVANCE, direction: DESC}",
            'orderBy: {field: RELEVANCE, direction: DESC}, where: {NOT: {text: "a"}}',
            "orderBy: {field: RELEVANCE, direction: DESC}, where: {text: null}",
            'orderBy: {field: RELEVANCE, direction: ASC}, where: {text: "a"}',
        ):
            answer = api.run(f"{{ {connection}({arguments}) {{ totalCount nodes {{ id }} }} }}")
            assert (answer.status, answer.codes, answer.statements) == (400, ["BAD_USER_INPUT"], 0)


def test_accepted_first_goes_down_only(api: Client, db: None) -> None:
    asked = "{ challenges { nodes { solutions(orderBy: {field: ACCEPTED_FIRST, direction: ASC}) { nodes { id } } } } }"
    answer = api.run(asked)
    assert (answer.status, answer.codes, answer.statements) == (400, ["BAD_USER_INPUT"], 0)


def test_an_order_twice(api: Client, db: None) -> None:
    answer = api.run(PAGE, {"order": order("TITLE ASC", "SCORE ASC", "TITLE DESC")})
    assert (answer.status, answer.codes, answer.statements) == (400, ["BAD_USER_INPUT"], 0)


def test_relevance_ranks_titles_over_bodies_and_pages_through_ties(cast: Cast, api: Client) -> None:
    for title, body in (("a", "python"), ("b python", ""), ("c", "python"), ("d", "python"), ("e python", "python")):
        entry(title, author=cast.author, body=body)
    given = {"where": {"text": "python"}, "order": order("RELEVANCE DESC")}
    whole = titles(api.run(PAGE, given))
    assert whole == "e pythonb pythondca"
    for name, cursor, info in (("first", "after", "endCursor"), ("last", "before", "startCursor")):
        pages = []
        at_cursor = None
        for _ in range(5):
            answer = api.run(PAGE, {**given, name: 1, cursor: at_cursor})
            pages.append(titles(answer))
            at_cursor = answer.data["entries"]["pageInfo"][info]
        assert "".join(pages if name == "first" else reversed(pages)) == whole
        assert titles(api.run(PAGE, {**given, name: 1, cursor: at_cursor})) == ""


SOLUTIONS = """query($id: ID!, $order: [SolutionOrder!], $first: Int, $after: String, $last: Int, $before: String) {
  challenge(id: $id) { solutions(orderBy: $order, first: $first, after: $after, last: $last, before: $before) {
    nodes { body } pageInfo { startCursor endCursor }
  } }
}"""


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((), "cdab"),
        (("ACCEPTED_FIRST DESC",), "cdab"),
        (("CREATED_AT DESC",), "bcad"),
        (("CREATED_AT ASC",), "dacb"),
        (("SCORE DESC",), "dabc"),
        (("SCORE ASC",), "cbad"),
    ],
)
def test_orders_of_solutions(cast: Cast, api: Client, asked: tuple[str, ...], expected: str) -> None:
    why = challenge("Why")
    # By their scores, by their times and as they were made they stand in three different orders.
    for body, score, days in (("c", -2, 2), ("d", 5, 0), ("b", 0, 3), ("a", 1, 1)):
        solution(why, body, score=score, is_accepted=body == "c", created_at=at(days))
    given: dict[str, Any] = {"id": id_of(why), **({"order": order(*asked)} if asked else {})}
    assert bodies(api, given)[0] == expected
    for name, cursor, place in (("first", "after", 2), ("last", "before", 1)):
        found, at_cursor = "", None
        for _ in range(4):
            page = bodies(api, {**given, name: 1, cursor: at_cursor})
            found, at_cursor = (found + page[0] if name == "first" else page[0] + found), page[place]
        assert found == expected


def bodies(api: Client, given: dict[str, Any]) -> tuple[str, Any, Any]:
    page = api.run(SOLUTIONS, given).data["challenge"]["solutions"]
    info = page["pageInfo"]
    return "".join(node["body"] for node in page["nodes"]), info["startCursor"], info["endCursor"]


def test_solutions_of_a_user_are_the_newest_first(cast: Cast, api: Client) -> None:
    why = challenge("Why")
    for days, accepted in ((1, True), (3, False), (2, False)):
        solution(why, str(days), author=cast.peer, is_accepted=accepted, created_at=at(days))
    nodes = api.run('{ user(username: "peer") { solutions { nodes { body } } } }').data["user"]["solutions"]["nodes"]
    assert nodes == [{"body": "3"}, {"body": "2"}, {"body": "1"}]


def test_entries_of_the_viewer_are_the_latest_changed_first(cast: Cast, api: Client) -> None:
    for title, published, updated in (("b", at(1), at(2)), ("a", at(2), at(3)), ("c", at(3), at(1))):
        entry(title, author=cast.author, published_at=published, updated_at=updated)
    entry("d", author=cast.author, status=EntryStatus.DRAFT, updated_at=at(2.5))
    entry("Another's", author=cast.peer, updated_at=at(9))
    nodes = api.run("{ viewer { entries { nodes { title } } } }", as_=cast.author).data["viewer"]["entries"]["nodes"]
    assert [node["title"] for node in nodes] == ["a", "d", "b", "c"]


def test_orders_of_challenges_tags_sources_and_digests(cast: Cast, api: Client) -> None:
    one, two, three = tag("Beta"), tag("alpha"), tag("Gamma")
    challenge("b", one, three, created_at=at(1), updated_at=at(1), score=1)
    challenge("A", one, created_at=at(2), updated_at=at(0), score=1)
    entry("x", three)
    source("s", imported_at=at(1), imported_by=cast.staff)
    source("t", imported_at=at(2), imported_by=cast.staff)
    digest("d", status="READY", created_at=at(1))
    digest("e", status="READY", cadence="DAILY", created_at=at(2))

    def listed(asked: str) -> list[Any]:
        ((page,),) = [list(api.run(f"{{ {asked} }}", as_=cast.staff).data.values())]
        return [*(value for node in page["nodes"] for value in node.values())]

    assert listed("challenges { nodes { title } }") == ["A", "b"]
    for field, direction, expected in (
        ("CREATED_AT", "ASC", ["b", "A"]),
        ("UPDATED_AT", "DESC", ["b", "A"]),
        ("UPDATED_AT", "ASC", ["A", "b"]),
        ("TITLE", "ASC", ["A", "b"]),
        ("TITLE", "DESC", ["b", "A"]),
        ("SCORE", "ASC", ["b", "A"]),
        ("SCORE", "DESC", ["A", "b"]),
    ):
        ordered = f"challenges(orderBy: {{field: {field}, direction: {direction}}}) {{ nodes {{ title }} }}"
        assert listed(ordered) == expected
    assert listed("tags { nodes { slug } }") == ["alpha", "beta", "gamma"]
    for field, direction, expected in (
        ("NAME", "DESC", ["gamma", "beta", "alpha"]),
        ("ENTRY_COUNT", "DESC", ["gamma", "alpha", "beta"]),
        ("ENTRY_COUNT", "ASC", ["beta", "alpha", "gamma"]),
        ("CHALLENGE_COUNT", "DESC", ["beta", "gamma", "alpha"]),
        ("CHALLENGE_COUNT", "ASC", ["alpha", "gamma", "beta"]),
    ):
        assert listed(f"tags(orderBy: {{field: {field}, direction: {direction}}}) {{ nodes {{ slug }} }}") == expected
    assert listed("sources { nodes { title } }") == ["t", "s"]
    assert listed("digests { nodes { title } }") == ["e", "d"]
    assert two.name == "alpha"


def test_each_row_has_its_own_page(api: Client, db: None) -> None:
    for name in ("One", "Two"):
        carried = tag(name)
        for number in range(4):
            entry(f"{name} {number}", carried, published_at=at(number))
    query = """query($after: String) { tags { nodes { entries(first: 2, after: $after) {
      totalCount nodes { title } pageInfo { hasNextPage endCursor }
    } } } }"""
    pages = [node["entries"] for node in api.run(query).data["tags"]["nodes"]]
    assert [[node["title"] for node in page["nodes"]] for page in pages] == [["One 3", "One 2"], ["Two 3", "Two 2"]]
    assert [page["totalCount"] for page in pages] == [4, 4]
    answer = api.run(query, {"after": pages[0]["pageInfo"]["endCursor"]})
    assert answer.statements == 1
    after = [node["entries"] for node in answer.data["tags"]["nodes"]]
    # The cursor is a place in the order: under the other tag, whose rows have later keys, it leaves the same times.
    assert [node["title"] for node in after[0]["nodes"]] == ["One 1", "One 0"]
    assert [page["pageInfo"]["hasNextPage"] for page in after] == [False, False]
    assert [page["totalCount"] for page in after] == [4, 4]
