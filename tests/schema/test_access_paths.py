"""Which rows a page reads: those that it shows, in the order of an index, however many there are."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest
from django.db import connection

from knowledge.models import Challenge, Entry, EntryChallenge, EntryRevision, EntryStatus, EntryTag, Solution, TagAlias
from schema.planner import search_sql
from tests.cast import Cast, make_cast
from tests.client import Client
from tests.schema import rows

pytestmark = pytest.mark.django_db

ENTRIES = 120
CHALLENGES = 12
SOLUTIONS = 8
VIEWERS = ("anonymous", "peer", "reviewer", "staff")


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def many(cast: Cast) -> list[Entry]:
    """Entries of one author and one tag, the last of them published last; the last one has all challenges."""
    made = Entry.objects.bulk_create(
        Entry(
            slug=f"entry-{number}",
            title=f"Entry {number}",
            kind="CONCEPT",
            author=cast.author,
            status=EntryStatus.PUBLISHED,
            published_at=rows.at(number),
        )
        for number in range(ENTRIES)
    )
    EntryRevision.objects.bulk_create(
        EntryRevision(entry=entry, number=1, kind=entry.kind, title=entry.title, state="APPROVED") for entry in made
    )
    tag = rows.tag("Python")
    EntryTag.objects.bulk_create(EntryTag(entry=entry, tag=tag) for entry in made)
    challenges = [rows.challenge(f"Challenge {number}", created_at=rows.at(number)) for number in range(CHALLENGES)]
    EntryChallenge.objects.bulk_create(EntryChallenge(entry=made[-1], challenge=each) for each in challenges)
    EntryChallenge.objects.bulk_create(EntryChallenge(entry=each, challenge=challenges[0]) for each in made[:-1])
    Solution.objects.bulk_create(
        Solution(challenge=each, body=f"Solution {number}", author=cast.author, score=number)
        for each in challenges
        for number in range(SOLUTIONS)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE knowledge_entry, knowledge_entrytag, knowledge_entrychallenge, knowledge_challenge")
        cursor.execute("ANALYZE knowledge_solution, knowledge_tag")
    return made


class Explained:
    """A statement's plan as it ran, with whatever an index can serve served by one."""

    def __init__(self, statement: str) -> None:
        with connection.cursor() as cursor:
            # With so few rows, reading and sorting all of them would be cheaper.
            for other_way in (
                "seqscan",
                "bitmapscan",
                "sort",
                "incremental_sort",
                "hashjoin",
                "mergejoin",
                "material",
                "memoize",
            ):
                cursor.execute(f"SET LOCAL enable_{other_way} = off")
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}")
            (plan,) = cursor.fetchone()
        self.nodes = list(_nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))

    def read_by(self, *indexes: str) -> int:
        """How many rows a scan of one of the indexes read at once, with those left out afterwards."""
        scans = [node for node in self.nodes if node.get("Index Name") in indexes]
        assert scans, sorted({node.get("Index Name", node["Node Type"]) for node in self.nodes})
        return max(int(scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0)) for scan in scans)

    def most_read(self) -> int:
        """How many rows any scan read at once, with those left out afterwards."""
        left_out = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
        scans = [node for node in self.nodes if "Relation Name" in node or "Index Name" in node]
        return max(int(scan["Actual Rows"] + sum(scan.get(key, 0) for key in left_out)) for scan in scans)

    def sorts(self, column: str) -> list[Any]:
        """The sorts by a column."""
        return [node["Sort Key"] for node in self.nodes if "Sort Key" in node and column in str(node["Sort Key"])]


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def explained(query: str, cast: Cast, viewer: str = "anonymous", **variables: Any) -> Explained:
    """The plan of the statement that answers the query."""
    as_ = None if viewer == "anonymous" else getattr(cast, viewer)
    result = Client().run(query, variables, as_=as_)
    assert result.data
    return Explained(result.sql[-1])


# All are published here, so the index without the status serves as well as the one with it.
IN_ORDER = ("entry_status", "entry_published_at")
PAGE = "query ($after: String) { entries(first: 5, after: $after) { nodes { title } pageInfo { endCursor } } }"


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_page_of_entries_reads_as_many_rows_as_it_shows(cast: Cast, many: list[Entry], viewer: str) -> None:
    assert explained(PAGE, cast, viewer).read_by(*IN_ORDER) == 5


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize(
    ("page", "read"),
    [
        ("first: 5) { pageInfo { hasNextPage }", 6),
        ("first: 5) { pageInfo { hasPreviousPage }", 5),
        ("last: 5) { pageInfo { hasPreviousPage }", 6),
        ("last: 5) { pageInfo { hasNextPage }", 5),
    ],
)
def test_one_more_is_read_only_where_it_is_asked_whether_there_is_one(
    cast: Cast, many: list[Entry], viewer: str, page: str, read: int
) -> None:
    assert explained(f"{{ entries({page} nodes {{ title }} }} }}", cast, viewer).read_by(*IN_ORDER) == read


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_page_behind_a_cursor_reads_none_of_the_rows_before_it(cast: Cast, many: list[Entry], viewer: str) -> None:
    as_ = None if viewer == "anonymous" else getattr(cast, viewer)
    first = Client().run("{ entries(first: 90) { pageInfo { endCursor } } }", as_=as_).data["entries"]

    plan = explained(PAGE, cast, viewer, after=first["pageInfo"]["endCursor"])

    assert plan.read_by(*IN_ORDER) == 5
    assert plan.sorts("published_at") == []


def test_the_last_rows_are_read_from_the_other_end(cast: Cast, many: list[Entry]) -> None:
    assert explained("{ entries(last: 5) { nodes { title } } }", cast).read_by(*IN_ORDER) == 5


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_tags_entries_are_read_in_their_order(cast: Cast, many: list[Entry], viewer: str) -> None:
    query = "{ tags(first: 1) { nodes { entries(first: 3) { nodes { title } } } } }"

    assert explained(query, cast, viewer).read_by("entry_tag_latest") == 3


@pytest.mark.parametrize("viewer", VIEWERS)
def test_the_first_three_of_each_are_read_and_no_more(cast: Cast, many: list[Entry], viewer: str) -> None:
    query = """{ entry(slug: "entry-119") { challenges(first: 3) { nodes { title
        solutions(first: 2) { nodes { body } } entries(first: 2) { nodes { title } } } } } }"""

    plan = explained(query, cast, viewer)

    assert plan.read_by("entry_challenge_newest") == 3
    assert plan.read_by("solution_accepted_first") == 2
    assert plan.read_by("entry_challenge_latest") <= 2


def test_a_tags_challenges_are_read_in_their_order(cast: Cast) -> None:
    tag = rows.tag("Python")
    for number in range(10):
        rows.challenge(f"Challenge {number}", tag, created_at=rows.at(number))

    plan = explained("{ tags { nodes { challenges(first: 3) { nodes { title } } } } }", cast)

    assert plan.read_by("challenge_tag_newest") == 3


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize(
    "query",
    [
        '{ user(username: "author") { entries(first: 3) { nodes { title } } } }',
        '{ entries(first: 3, where: {author: "author"}) { nodes { title } } }',
    ],
)
def test_an_authors_entries_are_read_in_their_order(cast: Cast, many: list[Entry], viewer: str, query: str) -> None:
    for number in range(ENTRIES):
        rows.entry(f"By another {number}", author=cast.staff, published_at=rows.at(1_000 + number))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE knowledge_entry")

    assert explained(query, cast, viewer).read_by("entry_author_latest") == 3


def test_tags_are_read_by_their_counts(cast: Cast) -> None:
    for number in range(30):
        rows.tag(f"Tag {number}")
    query = "{ tags(first: 5, orderBy: [{field: ENTRY_COUNT, direction: DESC}]) { nodes { name entryCount } } }"

    assert explained(query, cast).read_by("tag_entry_count") == 5


def test_the_times_in_links_are_those_of_what_they_lead_to(cast: Cast, many: list[Entry]) -> None:
    Entry.objects.filter(pk=many[0].pk).update(published_at=rows.at(-5))
    Challenge.objects.filter(entries=many[0]).update(created_at=rows.at(-7))

    assert set(EntryTag.objects.filter(entry=many[0]).values_list("entry_published_at", flat=True)) == {rows.at(-5)}
    link = EntryChallenge.objects.get(entry=many[0])
    assert (link.entry_published_at, link.challenge_created_at) == (rows.at(-5), rows.at(-7))


def test_what_is_not_published_comes_last_on_a_tags_page_and_behind_its_cursor(cast: Cast) -> None:
    tag = rows.tag("Python")
    rows.entry("Draft", tag, author=cast.author, status=EntryStatus.DRAFT)
    rows.entry("Shown", tag, author=cast.author)
    query = """query ($after: String) { tag(slug: "python") { entries(first: 1, after: $after) {
        nodes { title } pageInfo { endCursor hasNextPage } } } }"""

    first = Client().run(query, as_=cast.author).data["tag"]["entries"]
    second = Client().run(query, {"after": first["pageInfo"]["endCursor"]}, as_=cast.author).data["tag"]["entries"]
    third = Client().run(query, {"after": second["pageInfo"]["endCursor"]}, as_=cast.author).data["tag"]["entries"]

    assert [page["nodes"] for page in (first, second, third)] == [[{"title": "Shown"}], [{"title": "Draft"}], []]
    assert second["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize(
    ("viewer", "visible"), [("anonymous", 2), ("author", 4), ("peer", 3), ("reviewer", 5), ("staff", 5)]
)
def test_a_tags_entries_are_counted_by_what_is_kept_as_far_as_one_may_see_them(
    cast: Cast, viewer: str, visible: int
) -> None:
    tag = rows.tag("Python")
    for title, author, status in (
        ("Published", cast.author, EntryStatus.PUBLISHED),
        ("Published too", None, EntryStatus.PUBLISHED),
        ("Draft", cast.author, EntryStatus.DRAFT),
        ("Archived", cast.author, EntryStatus.ARCHIVED),
        ("Another's draft", cast.peer, EntryStatus.DRAFT),
        ("Waiting", None, EntryStatus.IN_REVIEW),
        ("Waiting too", None, EntryStatus.IN_REVIEW),
    ):
        rows.entry(title, tag, author=author, status=status)
    query = """{ tag(slug: "python") { entries { totalCount }
        filtered: entries(where: {NOT: {kind: TOOL}}) { totalCount } } }"""
    as_ = None if viewer == "anonymous" else getattr(cast, viewer)

    counted = Client().run(query, as_=as_).data["tag"]

    assert counted == {"entries": {"totalCount": visible}, "filtered": {"totalCount": visible}}


@pytest.mark.parametrize(("entries", "common"), [(1_000, False), (30_000, True)])
def test_a_word_is_common_where_postgresql_expects_that_very_many_rows_of_a_large_table_have_it(
    entries: int, common: bool
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE searched (search tsvector)")
        cursor.execute(
            "INSERT INTO searched SELECT CASE WHEN n %% 2 = 0 THEN 'often' ELSE 'other' END::tsvector"
            " FROM generate_series(1, %s) n",
            [entries],
        )
        cursor.execute("ANALYZE searched")
        cursor.execute("SELECT nexus_is_common('searched', 'often'), nexus_is_common('searched', 'never')")

        assert cursor.fetchone() == (common, False)


def test_of_what_very_many_rows_match_the_latest_are_ranked(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_sql, "MOST_LATEST", 2)
    # The oldest is the best match, by its title.
    rows.entry("Cache cache cache", author=cast.author, published_at=rows.at(1))
    for day in (2, 3, 4):
        rows.entry(f"Entry {day}", author=cast.author, body="A cache.", published_at=rows.at(day))
    body = orjson.dumps({"query": '{ few: search(query: "cache") { totalCount nodes { ... on Entry { title } } } }'})
    rare = Client().post(body).data["few"]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION nexus_is_common(rows regclass, sought tsquery) RETURNS boolean"
            " LANGUAGE sql AS 'SELECT true'"
        )

    # Posted as it is, since the reference looks at all rows.
    common = Client().post(body).data["few"]

    assert rare["totalCount"] == 4
    assert rare["nodes"][0] == {"title": "Cache cache cache"}
    assert common["totalCount"] == 2
    assert sorted(node["title"] for node in common["nodes"]) == ["Entry 3", "Entry 4"]


def test_a_search_within_tags_is_planned_once_for_all_lists_of_them(cast: Cast) -> None:
    tag = rows.tag("Python")
    TagAlias.objects.bulk_create(TagAlias(tag=tag, name=f"Name {n}", slug=f"name-{n}") for n in range(3_000))
    entry = rows.entry("Cache", author=cast.author)
    EntryTag.objects.create(entry=entry, tag=tag)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE knowledge_tagalias, knowledge_entry")
    query = 'query($tags: [String!]) { planned: entries(where: {tagsAny: $tags, text: "cache"}) { nodes { title } } }'

    # The sixth is the first for which PostgreSQL may have a plan already.
    found = [Client().run(query, {"tags": [f"name-{n}"]}).data["planned"]["nodes"] for n in range(2_995, 3_005)]

    assert found == [[{"title": "Cache"}]] * 5 + [[]] * 5
    with connection.cursor() as cursor:
        cursor.execute("SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement ~ 'planned'")
        assert cursor.fetchall() == [(5, 5)]
