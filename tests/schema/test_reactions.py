"""Votes and bookmarks through the API, and the viewer's list of what they keep."""

from typing import Any

import pytest

from knowledge.models import Bookmark, Challenge, Entry, EntryStatus, Solution, User
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import at, challenge, entry, id_of, solution

VOTE = """mutation($input: VoteCastInput!) { voteCast(input: $input) {
  subject { __typename
    ... on Entry { id score viewerVote }
    ... on Challenge { id score viewerVote }
    ... on Solution { id score viewerVote }
  } errors { path code } clientMutationId
} }"""
KEEP = """mutation($input: Bookmark%sInput!) { bookmark%s(input: $input) {
  subject { __typename ... on Entry { id viewerHasBookmarked } ... on Challenge { id viewerHasBookmarked } }
  errors { path code } clientMutationId
} }"""
ADD, REMOVE = (KEEP % (verb, verb) for verb in ("Add", "Remove"))
BOOKMARKS = """query($first: Int, $after: String, $last: Int, $before: String) { viewer {
  bookmarks(first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { ... on Entry { title } ... on Challenge { title } } }
    nodes { __typename ... on Entry { id title tags { name } } ... on Challenge { id title author { username } } }
  }
} }"""


def payload(api: Client, asked: str, as_: User, **given: Any) -> Any:
    (found,) = api.run(asked, {"input": {**given, "clientMutationId": "mine"}}, as_=as_).data.values()
    assert found.pop("clientMutationId") == "mine"
    return found


@pytest.fixture
def subjects(cast: Cast) -> dict[str, Entry | Challenge | Solution]:
    """The author's, one of each type."""
    why = challenge("Why?", author=cast.author)
    made = (entry("Locking", author=cast.author), why, solution(why, "Because.", author=cast.author))
    return {type(row).__name__: row for row in made}


@pytest.mark.parametrize("name", ["Entry", "Challenge", "Solution"])
def test_a_vote(cast: Cast, api: Client, subjects: dict[str, Any], name: str) -> None:
    of = id_of(subjects[name])
    for given, score in (
        ({"vote": "UP"}, 1),
        ({"vote": "DOWN"}, -1),
        ({"vote": None}, 0),
        ({"vote": "UP"}, 1),
        ({}, 0),
    ):
        assert payload(api, VOTE, cast.peer, subjectId=of, **given) == {
            "subject": {"__typename": name, "id": of, "score": score, "viewerVote": given.get("vote")},
            "errors": [],
        }


@pytest.mark.parametrize("name", ["Entry", "Challenge", "Solution"])
def test_votes_that_are_refused(cast: Cast, api: Client, subjects: dict[str, Any], name: str) -> None:
    given = {"input": {"subjectId": id_of(subjects[name]), "vote": "UP"}}
    assert api.run(VOTE, given, as_=cast.author).codes == ["FORBIDDEN"]
    assert api.run(VOTE, given).codes == ["UNAUTHENTICATED"]
    subjects[name].delete()
    assert payload(api, VOTE, cast.peer, **given["input"]) == {
        "subject": None,
        "errors": [{"path": ["input", "subjectId"], "code": "NOT_FOUND"}],
    }


def test_ids_of_what_cannot_be_voted_on_or_kept(cast: Cast, api: Client, subjects: dict[str, Any]) -> None:
    for asked, of in (
        (VOTE, cast.author),
        (ADD, cast.author),
        (ADD, subjects["Solution"]),
        (REMOVE, subjects["Solution"]),
    ):
        answer = api.run(asked, {"input": {"subjectId": id_of(of)}}, as_=cast.peer)
        assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])


@pytest.mark.parametrize("name", ["Entry", "Challenge"])
def test_a_bookmark(cast: Cast, api: Client, subjects: dict[str, Any], name: str) -> None:
    of = id_of(subjects[name])
    for asked, kept in ((ADD, True), (ADD, True), (REMOVE, False), (REMOVE, False)):
        assert payload(api, asked, cast.author, subjectId=of) == {
            "subject": {"__typename": name, "id": of, "viewerHasBookmarked": kept},
            "errors": [],
        }
        assert Bookmark.objects.filter(user=cast.author).count() == kept
        assert api.run(asked, {"input": {"subjectId": of}}).codes == ["UNAUTHENTICATED"]


def test_a_bookmark_on_what_is_not_visible(cast: Cast, api: Client) -> None:
    hidden = id_of(entry("Hidden", author=cast.peer, status=EntryStatus.DRAFT))
    for asked in (ADD, REMOVE):
        assert payload(api, asked, cast.author, subjectId=hidden) == {
            "subject": None,
            "errors": [{"path": ["input", "subjectId"], "code": "NOT_FOUND"}],
        }


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────────────


def keep(user: User, *rows: Entry | Challenge) -> None:
    """Keeps the rows, one a day."""
    for day, row in enumerate(rows):
        Bookmark.objects.create(**{"user": user, type(row).__name__.lower(): row, "created_at": at(day)})


def bookmarks(api: Client, user: User, **page: Any) -> Any:
    api.authorization(user)
    answer = api.run(BOOKMARKS, page, as_=user)
    assert answer.statements == 2
    return answer.data["viewer"]["bookmarks"]


def test_what_is_kept_latest_first(cast: Cast, api: Client) -> None:
    locking, why = entry("Locking"), challenge("Why?", author=cast.peer)
    keep(cast.author, locking, why)
    keep(cast.peer, challenge("Other?"))
    found = bookmarks(api, cast.author)
    assert found["totalCount"] == 2
    assert found["nodes"] == [
        {"__typename": "Challenge", "id": id_of(why), "title": "Why?", "author": {"username": "peer"}},
        {"__typename": "Entry", "id": id_of(locking), "title": "Locking", "tags": []},
    ]
    assert [edge["node"]["title"] for edge in found["edges"]] == ["Why?", "Locking"]
    assert found["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": found["edges"][0]["cursor"],
        "endCursor": found["edges"][1]["cursor"],
    }


def test_what_is_no_longer_visible_is_neither_listed_nor_counted(cast: Cast, api: Client) -> None:
    rows: list[Entry | Challenge] = [entry("Locking", author=cast.staff), challenge("Why?"), entry("Threads")]
    for user in (cast.author, cast.reviewer, cast.staff):
        keep(user, *rows)
    Entry.objects.filter(title="Locking").update(status=EntryStatus.ARCHIVED)
    everything = ["Threads", "Why?", "Locking"]
    for user, titles in ((cast.author, everything[:2]), (cast.reviewer, everything), (cast.staff, everything)):
        found = bookmarks(api, user)
        assert ([node["title"] for node in found["nodes"]], found["totalCount"]) == (titles, len(titles))
    page = bookmarks(api, cast.author, first=2)
    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (2, False)


def test_pages_both_ways(cast: Cast, api: Client) -> None:
    rows: list[Entry | Challenge] = [entry(f"E{number}") for number in range(3)]
    rows += [challenge(f"C{number}") for number in range(2)]
    keep(cast.author, *rows)
    titles = ["C1", "C0", "E2", "E1", "E0"]
    for size, towards in (("first", "after"), ("last", "before")):
        seen: list[str] = []
        page: dict[str, Any] = {size: 2}
        while True:
            found = bookmarks(api, cast.author, **page)
            names = [node["title"] for node in found["nodes"]]
            seen = seen + names if size == "first" else names + seen
            assert found["totalCount"] == 5
            if not found["pageInfo"]["hasNextPage" if size == "first" else "hasPreviousPage"]:
                break
            page[towards] = found["pageInfo"]["endCursor" if size == "first" else "startCursor"]
        assert seen == titles


def test_cursors_of_bookmarks_are_for_bookmarks(cast: Cast, api: Client) -> None:
    keep(cast.author, entry("Locking"), challenge("Why?"))
    cursor = bookmarks(api, cast.author)["edges"][0]["cursor"]
    asked = "query($after: String) { challenges(after: $after) { nodes { title } } }"
    assert api.run(asked, {"after": cursor}).codes == ["BAD_USER_INPUT"]
    foreign = api.run("{ challenges { edges { cursor } } }").data["challenges"]["edges"][0]["cursor"]
    assert api.run(BOOKMARKS, {"after": foreign}, as_=cast.author).codes == ["BAD_USER_INPUT"]


def test_only_counted_and_only_named(cast: Cast, api: Client) -> None:
    keep(cast.author, entry("Locking"))
    asked = "{ viewer { bookmarks { totalCount __typename edges { __typename node { __typename } } } } }"
    assert api.run(asked, as_=cast.author).data["viewer"]["bookmarks"] == {
        "totalCount": 1,
        "__typename": "BookmarkConnection",
        "edges": [{"__typename": "BookmarkEdge", "node": {"__typename": "Entry"}}],
    }
    assert api.run("{ viewer { bookmarks { totalCount } } }", as_=cast.peer).data == {
        "viewer": {"bookmarks": {"totalCount": 0}}
    }
