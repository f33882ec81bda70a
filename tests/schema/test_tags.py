"""Tags by the API: made, changed, merged, deleted; found by filter, order and the start of a name; counted at once."""

from typing import Any

import pytest
from django.db import connection

from knowledge.models import EntryStatus, Tag, User
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import challenge, entry, id_of, solution, tag
from tests.snapshot import every_row

CREATE = """mutation($input: TagCreateInput!) { tagCreate(input: $input) {
  tag { name slug description category aliases entryCount challengeCount revision }
  errors { path code } clientMutationId
} }"""
UPDATE = """mutation($input: TagUpdateInput!) { tagUpdate(input: $input) {
  tag { name slug description category aliases revision } errors { path code } clientMutationId
} }"""
MERGE = """mutation($input: TagMergeInput!) { tagMerge(input: $input) {
  tag { name aliases entryCount challengeCount revision } movedEntries movedChallenges
  errors { path code } clientMutationId
} }"""
DELETE = """mutation($input: TagDeleteInput!) { tagDelete(input: $input) {
  deletedId errors { path code } clientMutationId
} }"""
NAMED = """query($slug: String!, $words: [String!]!) {
  tag(slug: $slug) { name }
  entriesOfAny: entries(where: {tagsAny: $words}) { nodes { title } }
  entriesOfAll: entries(where: {tagsAll: $words}) { nodes { title } }
  challengesOfAny: challenges(where: {tagsAny: $words}) { nodes { title } }
  challengesOfAll: challenges(where: {tagsAll: $words}) { nodes { title } }
  hitsOfAny: search(query: "word", where: {tagsAny: $words}) { ...found }
  hitsOfAll: search(query: "word", where: {tagsAll: $words}) { ...found }
}
fragment found on SearchConnection {
  nodes { ... on Entry { title } ... on Challenge { title } ... on Solution { title: body } }
}"""


def done(api: Client, mutation: str, as_: User, **given: Any) -> Any:
    """The payload, whose mark must be the one that was sent; it is left out."""
    (payload,) = api.run(mutation, {"input": {**given, "clientMutationId": "mark"}}, as_=as_).data.values()
    assert payload.pop("clientMutationId") == "mark"
    return payload


def slugs(api: Client, where: str = "", order: str = "") -> list[str]:
    arguments = ", ".join(part for part in ("first: 100", where and f"where: {where}", order) if part)
    nodes = api.run(f"{{ tags({arguments}) {{ nodes {{ slug }} }} }}").data["tags"]["nodes"]
    return [node["slug"] for node in nodes]


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_create(cast: Cast, api: Client) -> None:
    assert done(
        api,
        CREATE,
        cast.author,
        name="C++",
        description="A language.",
        category="TECHNOLOGY",
        aliases=["cpp", "C plus plus"],
    ) == {
        "tag": {
            "name": "C++",
            "slug": "c-plus-plus",
            "description": "A language.",
            "category": "TECHNOLOGY",
            "aliases": ["cpp"],
            "entryCount": 0,
            "challengeCount": 0,
            "revision": 1,
        },
        "errors": [],
    }
    assert done(api, CREATE, cast.peer, name="Bare", description=None, category=None, aliases=None) == {
        "tag": {
            "name": "Bare",
            "slug": "bare",
            "description": "",
            "category": "OTHER",
            "aliases": [],
            "entryCount": 0,
            "challengeCount": 0,
            "revision": 1,
        },
        "errors": [],
    }
    assert done(api, CREATE, cast.peer, name="CPP", aliases=["new", "c++"]) == {
        "tag": None,
        "errors": [
            {"path": ["input", "aliases", "1"], "code": "DUPLICATE"},
            {"path": ["input", "name"], "code": "DUPLICATE"},
        ],
    }


def test_update(cast: Cast, api: Client) -> None:
    made = tag("Postgres", "pg", "psql", category="TOOL", description="Old.")
    assert done(
        api,
        UPDATE,
        cast.reviewer,
        id=id_of(made),
        expectedRevision=1,
        name="PostgreSQL",
        description=None,
        category="TECHNOLOGY",
        aliases=["pg", "Postgre"],
    ) == {
        "tag": {
            "name": "PostgreSQL",
            "slug": "postgresql",
            "description": "",
            "category": "TECHNOLOGY",
            "aliases": ["pg", "Postgre"],
            "revision": 2,
        },
        "errors": [],
    }
    for word in ("postgres", "postgre", "pg", "postgresql", "PostgreSQL", "PG", "Pöstgre"):
        assert api.run(f'{{ tag(slug: "{word}") {{ name }} }}').data == {"tag": {"name": "PostgreSQL"}}
    assert api.run('{ tag(slug: "psql") { name } }').data == {"tag": None}
    assert done(api, UPDATE, cast.staff, id=id_of(made), aliases=None)["tag"]["aliases"] == []


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({"name": None, "category": "TOOL"}, ["name"], "REQUIRED"),
        ({"category": None}, ["category"], "REQUIRED"),
        ({"name": "py"}, ["name"], "DUPLICATE"),
        ({"aliases": ["x", "Python"]}, ["aliases", "1"], "DUPLICATE"),
        ({"expectedRevision": 7}, ["expectedRevision"], "CONFLICT"),
        ({"aliases": ["x"] * 21}, ["aliases"], "TOO_MANY"),
    ],
)
def test_what_an_update_is_refused_for(
    cast: Cast, api: Client, given: dict[str, Any], path: list[str], code: str
) -> None:
    tag("Python", "py")
    made = tag("Snake")
    api.authorization(cast.reviewer)
    before = every_row()
    assert done(api, UPDATE, cast.reviewer, id=id_of(made), **given) == {
        "tag": None,
        "errors": [{"path": ["input", *path], "code": code}],
    }
    assert every_row() == before


def test_merge(cast: Cast, api: Client) -> None:
    one, other, target = tag("Postgres", "pg"), tag("Postgre"), tag("PostgreSQL")
    entry("One", one)
    entry("Both", other, target)
    entry("Draft", one, status=EntryStatus.DRAFT, author=cast.author)
    challenge("C", one, target)
    given = {"sourceIds": [id_of(one), id_of(other)], "targetId": id_of(target)}
    before = {"name": "PostgreSQL", "aliases": [], "entryCount": 1, "challengeCount": 1, "revision": 1}
    after = {"name": "PostgreSQL", "aliases": ["pg", "Postgre", "Postgres"]}
    moved = {"movedEntries": 2, "movedChallenges": 1, "errors": []}
    assert done(api, MERGE, cast.reviewer, **given, dryRun=True) == {"tag": before, **moved}
    assert Tag.objects.count() == 3
    counts = {"entryCount": 2, "challengeCount": 1, "revision": 2}
    assert done(api, MERGE, cast.reviewer, **given, dryRun=None) == {"tag": {**after, **counts}, **moved}
    found = api.run('{ a: tag(slug: "postgres") { slug } b: tag(slug: "pg") { slug entries { totalCount } } }').data
    assert found == {"a": {"slug": "postgresql"}, "b": {"slug": "postgresql", "entries": {"totalCount": 2}}}


def test_what_a_merge_is_refused_for(cast: Cast, api: Client) -> None:
    one, target = tag("One"), tag("Target")
    nothing = {"tag": None, "movedEntries": None, "movedChallenges": None}
    gone = id_of(Tag(pk=target.pk + 1))
    for given, errors in (
        (
            {"sourceIds": [id_of(one), id_of(target), id_of(one), gone], "targetId": id_of(target)},
            [
                {"path": ["input", "sourceIds", "1"], "code": "INVALID"},
                {"path": ["input", "sourceIds", "2"], "code": "DUPLICATE"},
                {"path": ["input", "sourceIds", "3"], "code": "NOT_FOUND"},
            ],
        ),
        (
            {"sourceIds": [], "targetId": gone},
            [
                {"path": ["input", "sourceIds"], "code": "REQUIRED"},
                {"path": ["input", "targetId"], "code": "NOT_FOUND"},
            ],
        ),
    ):
        assert done(api, MERGE, cast.reviewer, **given) == {**nothing, "errors": errors}
    assert Tag.objects.count() == 2


def test_delete(cast: Cast, api: Client) -> None:
    made, carried = tag("Python", "py"), tag("Django")
    entry("E", carried)
    assert done(api, DELETE, cast.reviewer, id=id_of(made)) == {"deletedId": id_of(made), "errors": []}
    assert api.run('{ tag(slug: "py") { name } }').data == {"tag": None}
    assert done(api, DELETE, cast.staff, id=id_of(carried)) == {
        "deletedId": None,
        "errors": [{"path": ["input", "id"], "code": "INVALID_STATE"}],
    }
    assert done(api, DELETE, cast.staff, id=id_of(made))["errors"] == [{"path": ["input", "id"], "code": "NOT_FOUND"}]


def test_who_may(cast: Cast, api: Client) -> None:
    """What `viewerCanUpdate` says is what the mutations hold to."""
    made, other = tag("Python"), tag("Snake")
    attempts = (
        (UPDATE, {"id": id_of(made), "description": "x"}),
        (MERGE, {"sourceIds": [id_of(made)], "targetId": id_of(other), "dryRun": True}),
        (MERGE, {"sourceIds": [id_of(made)], "targetId": id_of(other)}),
        (DELETE, {"id": id_of(made)}),
    )
    for viewer in (None, cast.author, cast.peer, cast.reviewer, cast.staff):
        asked = api.run('{ tag(slug: "python") { viewerCanUpdate } }', as_=viewer)
        may = viewer in {cast.reviewer, cast.staff}
        assert asked.data == {"tag": {"viewerCanUpdate": may}}
        if may:
            continue
        before = every_row()
        for mutation, given in attempts:
            assert api.run(mutation, {"input": given}, as_=viewer).codes == [
                "FORBIDDEN" if viewer else "UNAUTHENTICATED"
            ]
        assert every_row() == before
    assert api.run(CREATE, {"input": {"name": "New"}}).codes == ["UNAUTHENTICATED"]
    for viewer in (cast.reviewer, cast.staff):
        assert done(api, UPDATE, viewer, id=id_of(made), description="x")["errors"] == []


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_completion_by_the_start_of_a_name_or_an_alias(cast: Cast, api: Client) -> None:
    tag("Café au lait", "Milk coffee")
    tag("Cafeteria")
    tag("Straße", "Öl")
    tag("100% Python", "a_b", "back\\slash")
    renamed = tag("Former")
    done(api, UPDATE, cast.reviewer, id=id_of(renamed), name="New")
    for prefix, found in {
        "": ["100-python", "cafe-au-lait", "cafeteria", "new", "strasse"],
        "caf": ["cafe-au-lait", "cafeteria"],
        "CAFÉ": ["cafe-au-lait", "cafeteria"],
        "cafe ": ["cafe-au-lait"],
        "milk": ["cafe-au-lait"],
        "coffee": [],
        "STRASS": ["strasse"],
        "ol": ["strasse"],
        "Ö": ["strasse"],
        "100%": ["100-python"],
        "%": [],
        "_": [],
        "a_": ["100-python"],
        "axb": [],
        "back\\": ["100-python"],
        "n": ["new"],
        "form": [],
    }.items():
        answer = api.run(
            "query($prefix: String) { tags(where: {prefix: $prefix}) { nodes { slug } totalCount } }",
            {"prefix": prefix},
        ).data["tags"]
        assert [node["slug"] for node in answer["nodes"]] == found, prefix
        assert answer["totalCount"] == len(found)


def test_every_name_of_a_tag_leads_to_it_in_every_filter(cast: Cast, api: Client) -> None:
    """Its own, an alias, one that it had before, and those of a tag that was merged into it."""
    made, merged = tag("Snow goose", "Waterbird"), tag("Puffin", "Auk")
    for each in (made, tag("Owl")):
        solution(challenge(f"Word of {each}", each), f"Word of {each}")
        entry(f"Word of {each}", each)
    done(api, UPDATE, cast.reviewer, id=id_of(made), name="Tern")
    done(api, MERGE, cast.reviewer, sourceIds=[id_of(merged)], targetId=id_of(made))

    def leads_to(word: str) -> tuple[Any, dict[str, list[str]]]:
        data = api.run(NAMED, {"slug": word, "words": [word]}).data
        return data.pop("tag"), {key: [node["title"] for node in rows["nodes"]] for key, rows in data.items()}

    def carried(*titles: str) -> dict[str, list[str]]:
        """What a tag's entry, challenge and solution are all called, in each answer."""
        numbers = {"entries": 1, "challenges": 1, "hits": 3}
        return {f"{rows}Of{way}": [*titles] * number for rows, number in numbers.items() for way in ("Any", "All")}

    for word in ("tern", "waterbird", "snow-goose", "puffin", "auk"):
        assert (word, *leads_to(word)) == (word, {"name": "Tern"}, carried("Word of Snow goose"))
    assert leads_to("owl") == ({"name": "Owl"}, carried("Word of Owl"))
    assert leads_to("goose") == (None, carried())


def test_completion_reads_an_index(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT 1 FROM knowledge_tagalias WHERE nexus_folded(name) ^@ nexus_folded('Caf')")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "tag_alias_prefix" in plan
    assert "Index Cond" in plan


def test_filters_and_orders(cast: Cast, api: Client) -> None:
    a, b, c = tag("A", category="TOOL"), tag("B", category="CONCEPT"), tag("C", category="TOOL")
    entry("One", a, b)
    entry("Two", b)
    entry("Unseen", c, author=cast.author, status=EntryStatus.DRAFT)
    challenge("Q", a)
    assert slugs(api, "{category: [TOOL]}") == ["a", "c"]
    assert slugs(api, "{category: [TOOL, CONCEPT]}") == ["a", "b", "c"]
    assert slugs(api, "{category: []}") == []
    assert slugs(api, "{used: true}") == ["a", "b"]
    assert slugs(api, "{used: false}") == ["c"]
    assert slugs(api, '{category: [TOOL], used: true, prefix: "a"}') == ["a"]
    assert slugs(api, order="orderBy: {field: NAME, direction: DESC}") == ["c", "b", "a"]
    assert slugs(api, order="orderBy: {field: ENTRY_COUNT, direction: DESC}") == ["b", "a", "c"]
    by_challenges = "orderBy: [{field: CHALLENGE_COUNT, direction: ASC}, {field: NAME, direction: DESC}]"
    assert slugs(api, order=by_challenges) == ["c", "b", "a"]


def test_counts_are_right_after_every_write(cast: Cast, api: Client) -> None:
    def counts() -> dict[str, tuple[int, int]]:
        nodes = api.run("{ tags { nodes { slug entryCount challengeCount } } }").data["tags"]["nodes"]
        return {node["slug"]: (node["entryCount"], node["challengeCount"]) for node in nodes}

    def write(mutation: str, as_: User, **given: Any) -> Any:
        kind = mutation[0].upper() + mutation[1:]
        field = "challenge { id }" if mutation.startswith("challenge") else "entry { id }"
        query = f"mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ {field} errors {{ code }} }} }}"
        (payload,) = api.run(query, {"input": given}, as_=as_).data.values()
        assert payload.pop("errors") == []
        (row,) = payload.values()
        return row["id"]

    made = write("entryCreate", cast.author, kind="CONCEPT", title="E", body="x", tags=["a", "b"], submit=True)
    assert counts() == {"a": (0, 0), "b": (0, 0)}
    write("entryReview", cast.reviewer, id=made, verdict="APPROVE")
    assert counts() == {"a": (1, 0), "b": (1, 0)}
    asked = write("challengeCreate", cast.author, title="Q", body="x", tags=["a", "b"])
    assert counts() == {"a": (1, 1), "b": (1, 1)}
    write("challengeUpdate", cast.author, id=asked, tags=["b", "c"])
    assert counts() == {"a": (1, 0), "b": (1, 1), "c": (0, 1)}
    write("entryUpdate", cast.staff, id=made, tags=["c"])
    assert counts() == {"a": (0, 0), "b": (0, 1), "c": (1, 1)}
    ids = {name: id_of(Tag.objects.get(slug=name)) for name in "abc"}
    done(api, MERGE, cast.staff, sourceIds=[ids["c"]], targetId=ids["b"])
    assert counts() == {"a": (0, 0), "b": (1, 1)}
    done(api, DELETE, cast.staff, id=ids["a"])
    assert counts() == {"b": (1, 1)}
