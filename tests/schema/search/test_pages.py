"""Who finds what, on which page."""

import base64
from typing import Any

import orjson
import pytest

from knowledge.models import Challenge, Entry, EntryStatus
from schema.planner.search_sql import MOST_HITS
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import challenge, entry, solution
from tests.schema.search.asking import SEARCH, TEXT, search, titles

pytestmark = pytest.mark.django_db


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


RANKED = TEXT.replace("$text: String!", "$text: String!, $after: String").replace("(where", "(after: $after, where")
RANKED = RANKED.replace("totalCount", "pageInfo { endCursor }")
# JSON that stands in a cursor in a rank's place.
NO_RANKS = ('"1E-20000"', '"0.6"', "1e-7", "5e-324", "0.6079271", "-0.1", "1000.1", "1e308", "true", "null", "9" * 400)


@pytest.mark.parametrize(
    ("query", "variables", "root"), [(SEARCH, {"query": "docker"}, "search"), (RANKED, {"text": "docker"}, "entries")]
)
def test_a_rank_in_a_cursor_is_a_number_as_ranks_are(
    api: Client, hits: list[str], query: str, variables: dict[str, Any], root: str
) -> None:
    cursor = api.run(query, variables).data[root]["pageInfo"]["endCursor"]
    mark, rank, *place = orjson.loads(base64.b64decode(cursor))

    def asked(number: str) -> Any:
        parts = ",".join([orjson.dumps(mark).decode(), number, *map(str, place)])
        return api.run(query, {**variables, "after": base64.b64encode(f"[{parts}]".encode()).decode()})

    for number in (str(rank), "0", "0.0", "1e-6", "1e-06", "0.607927", "1000"):
        assert asked(number).errors == [], number
    for number in NO_RANKS:
        refused = asked(number)
        assert (refused.status, refused.codes) == (400, ["BAD_USER_INPUT"]), number
        assert refused.errors[0]["message"].startswith("This "), number
    assert asked(NO_RANKS[0]).errors[0]["message"] == "This is not a cursor."


def test_a_common_word_has_a_thousand_hits_and_the_best_are_among_them(api: Client) -> None:
    Challenge.objects.bulk_create(
        Challenge(title=f"n {number}", slug=f"n-{number}", body="quagmire") for number in range(MOST_HITS + 5)
    )
    entry("Quagmire")
    answer = search(api, "quagmire", first=2)
    assert answer["totalCount"] == MOST_HITS
    assert titles(answer) == ["Quagmire", "n 0"]
