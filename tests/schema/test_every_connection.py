"""Each connection of the schema: the right rows, in pages both ways, at the root and nested, while rows come and go."""

from collections.abc import Callable, Iterator
from typing import Any

import django.apps
import pytest
from django.db import transaction
from django.db.models import Model
from graphql import GraphQLObjectType, GraphQLUnionType, get_named_type

from knowledge.models import (
    AuditEvent,
    Bookmark,
    Challenge,
    ChallengeTag,
    Digest,
    DigestDelivery,
    Entry,
    EntryRevision,
    EntryTag,
    RevisionState,
    RevisionTag,
    Solution,
    Source,
    Tag,
    User,
)
from schema.planner.ids import decode_id
from schema.schema import schema
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import at, challenge, delivery, digest, entry, id_of, revision, solution, source, tag

CORE = schema.graphql_schema

# What each connection lists to staff, of the rows below.
LISTED: dict[str, Callable[[Cast], list[Any]]] = {
    "Query.entries": lambda _: [*Entry.objects.all()],
    "Query.challenges": lambda _: [*Challenge.objects.all()],
    "Query.tags": lambda _: [*Tag.objects.all()],
    "Query.users": lambda _: [*User.objects.all()],
    "Query.search": lambda _: [*Entry.objects.all(), *Challenge.objects.all(), *Solution.objects.all()],
    "Query.sources": lambda _: [*Source.objects.all()],
    "Query.digests": lambda _: [*Digest.objects.all()],
    "Query.auditEvents": lambda _: [*AuditEvent.objects.all()],
    "Entry.challenges": lambda _: [*Challenge.objects.all()],
    "Entry.sources": lambda _: [*Source.objects.all()],
    "Entry.revisions": lambda _: [*EntryRevision.objects.filter(entry=Entry.objects.earliest("pk"))],
    "Challenge.entries": lambda _: [*Entry.objects.all()],
    "Challenge.solutions": lambda _: [*Solution.objects.filter(challenge=Challenge.objects.earliest("pk"))],
    "Challenge.sources": lambda _: [*Source.objects.all()],
    "Tag.entries": lambda _: [*Entry.objects.all()],
    "Tag.challenges": lambda _: [*Challenge.objects.all()],
    "User.entries": lambda _: [*Entry.objects.all()],
    "User.challenges": lambda _: [*Challenge.objects.all()],
    "User.solutions": lambda _: [*Solution.objects.all()],
    "Viewer.entries": lambda _: [*Entry.objects.all()],
    "Viewer.bookmarks": lambda _: [*Entry.objects.all(), *Challenge.objects.all()],
    "Viewer.reviewQueue": lambda _: [*EntryRevision.objects.filter(state=RevisionState.PENDING)],
    "Viewer.deliveries": lambda cast: [*DigestDelivery.objects.filter(recipient=cast.staff)],
    "Source.entries": lambda _: [*Entry.objects.all()],
    "Source.challenges": lambda _: [*Challenge.objects.all()],
    "Digest.deliveries": lambda _: [*DigestDelivery.objects.filter(digest=Digest.objects.earliest("pk"))],
}
# How one comes to a type's object, and to several with the same rows below.
ONE = {
    "Query": "{}",
    "Entry": "entry(id: $id) {{ {} }}",
    "Challenge": "challenge(id: $id) {{ {} }}",
    "Tag": "tag(id: $id) {{ {} }}",
    "User": 'user(username: "staff") {{ {} }}',
    "Viewer": "viewer {{ {} }}",
    "Source": "source(id: $id) {{ {} }}",
    "Digest": "digest(id: $id) {{ {} }}",
}
SEVERAL = {"Entry": "entries", "Challenge": "challenges", "Tag": "tags", "Source": "sources", "Digest": "digests"}
MODELS: dict[str, type[Model]] = {
    "Entry": Entry,
    "Challenge": Challenge,
    "Tag": Tag,
    "Source": Source,
    "Digest": Digest,
}
# Without a word there is no search; all the rows below hold it.
GIVEN = {"Query.search": 'query: "word"'}
# What is recorded stays, and who wrote something does.
STAYING = {"Query.auditEvents", "Query.users"}


def connections() -> dict[str, Any]:
    """Every field that is a connection, with its arguments' types by their names."""
    return {
        f"{name}.{field}": {argument: get_named_type(each.type).name for argument, each in definition.args.items()}
        for name, of in CORE.type_map.items()
        if isinstance(of, GraphQLObjectType)
        for field, definition in of.fields.items()
        if get_named_type(definition.type).name.endswith("Connection")
    }


@pytest.fixture
def me(cast: Cast, api: Client) -> Cast:
    """Three of each, everything on everything, all by staff."""
    staff = cast.staff
    tags = [tag(f"Tag {n}") for n in range(3)]
    challenges = [
        challenge(f"Challenge {n}", *tags, author=staff, body="word", score=n, created_at=at(n)) for n in range(3)
    ]
    entries = [
        entry(f"Entry {n}", *tags, author=staff, body="word", score=n, published_at=at(n), challenges=tuple(challenges))
        for n in range(3)
    ]
    for n in range(3):
        source(f"Source {n}", *entries, *challenges, imported_by=staff, imported_at=at(n))
        for place, one in enumerate(challenges):
            solution(one, f"word {n}", author=staff, score=3 * n + place, created_at=at(n))
        revision(entries[n], 2, RevisionState.PENDING, author=cast.author, created_at=at(n), submitted_at=at(n))
        revision(entries[n], 3, RevisionState.SUPERSEDED, author=staff, created_at=at(-n))
        Bookmark.objects.create(user=staff, entry=entries[n], created_at=at(n))
        Bookmark.objects.create(user=staff, challenge=challenges[n], created_at=at(n))
        ready = digest(f"Digest {n}", *tags, status="READY", window_start=at(n), window_end=at(n + 7), created_at=at(n))
        for user in (cast.author, cast.reviewer, staff):
            delivery(ready, user, status="SENT", sent_at=at(8), created_at=at(n + user.pk / 1_000))
        AuditEvent.objects.create(action=f"test.{n}", actor=staff, at=at(n))
    api.authorization(staff)
    return cast


def row_of(id_: str) -> Model:
    """The row of a global id."""
    name, key = decode_id(id_)
    model: type[Model] = django.apps.apps.get_model("knowledge", name)
    return model._default_manager.get(pk=key)


def remove(row: Model) -> None:
    """Deletes the row; a tag is taken off first, as the services ask for."""
    for through in (EntryTag, ChallengeTag, RevisionTag) if isinstance(row, Tag) else ():
        through.objects.filter(tag_id=row.pk).delete()
    row.delete()


class Shelf:
    """One connection, asked for in pages by staff."""

    def __init__(self, name: str, api: Client, cast: Cast) -> None:
        self.name = name
        self.parent, self.field = name.split(".")
        self.api = api
        self.cast = cast

    def pages(self, way: str, *arguments: str) -> list[dict[str, Any]]:
        """The page under each parent, by the statement and the caller's."""
        answer = self.api.run(f"{{ {way.format(self.asked(*arguments))} }}", as_=self.cast.staff)
        assert answer.statements == 2
        return [*pages_in(answer.data, self.field)]

    def page(self, *arguments: str) -> dict[str, Any]:
        """The page under one parent; its edges and its nodes say the same."""
        (page,) = self.pages(self.way, *arguments)
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        return page

    def ids(self, *arguments: str) -> list[str]:
        return [node["id"] for node in self.page(*arguments)["nodes"]]

    @property
    def way(self) -> str:
        """To one parent."""
        model = MODELS.get(self.parent)
        id_ = id_of(model._default_manager.earliest("pk")) if model else ""
        return ONE[self.parent].replace("$id", f'"{id_}"')

    def asked(self, *arguments: str) -> str:
        """The connection with all that it has."""
        given = ", ".join(filter(None, [GIVEN.get(self.name, ""), *arguments]))
        rows = row_types(self.name)
        node = " ".join(f"... on {name} {{ id }}" for name in rows)
        return f"""{self.field}{f"({given})" if given else ""} {{
            nodes {{ {node} }} edges {{ cursor node {{ {node} }} }} totalCount
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
        }}"""

    def rows(self) -> list[str]:
        """What it lists, by id, in no order."""
        return sorted(id_of(row) for row in LISTED[self.name](self.cast))


def row_types(name: str) -> list[str]:
    """The types of a connection's rows."""
    parent, field = name.split(".")
    of = CORE.type_map[parent]
    assert isinstance(of, GraphQLObjectType)
    connection = get_named_type(of.fields[field].type)
    assert isinstance(connection, GraphQLObjectType)
    node = get_named_type(connection.fields["nodes"].type)
    return [each.name for each in CORE.get_possible_types(node)] if isinstance(node, GraphQLUnionType) else [node.name]


def pages_in(data: Any, field: str) -> Iterator[dict[str, Any]]:
    """The connections of that name in an answer."""
    if isinstance(data, list):
        for item in data:
            yield from pages_in(item, field)
    elif isinstance(data, dict):
        for key, value in data.items():
            if key == field and isinstance(value, dict) and "totalCount" in value:
                yield value
            else:
                yield from pages_in(value, field)


@pytest.fixture
def shelf(request: pytest.FixtureRequest, me: Cast, api: Client) -> Shelf:
    return Shelf(request.param, api, me)


every = pytest.mark.parametrize("shelf", LISTED, indirect=True)


def test_none_is_left_out() -> None:
    assert set(LISTED) == set(connections())


def cursor(name: str, page: dict[str, Any], end: str) -> str:
    return f'{name}: "{page["pageInfo"][end]}"'


@every
def test_it_lists_what_belongs_to_it_in_pages_both_ways(shelf: Shelf) -> None:
    whole = shelf.ids("first: 100")
    assert sorted(whole) == shelf.rows()
    assert len(whole) >= 3
    assert shelf.ids() == shelf.ids("last: 100") == whole
    forwards: list[str] = []
    backwards: list[str] = []
    after = before = ""
    for number in range(1, len(whole) + 1):
        page = shelf.page("first: 1", after)
        forwards += [node["id"] for node in page["nodes"]]
        last = number == len(whole)
        told = page["pageInfo"]
        assert (page["totalCount"], told["hasNextPage"], told["hasPreviousPage"]) == (len(whole), not last, number > 1)
        assert told["startCursor"] == told["endCursor"] == page["edges"][0]["cursor"]
        after = cursor("after", page, "endCursor")
        page = shelf.page("last: 1", before)
        backwards += [node["id"] for node in page["nodes"]]
        told = page["pageInfo"]
        assert (told["hasPreviousPage"], told["hasNextPage"]) == (not last, number > 1)
        before = cursor("before", page, "startCursor")
    assert forwards == whole == backwards[::-1]
    assert shelf.ids("first: 2", before) == []
    assert shelf.ids("last: 2", after) == []


@every
def test_its_cursors_keep_their_place_while_rows_come_and_go(shelf: Shelf) -> None:
    whole = shelf.ids("first: 100")
    page = shelf.page("first: 2")
    after, before = cursor("after", page, "endCursor"), cursor("before", page, "startCursor")
    if shelf.name in STAYING:
        return
    with transaction.atomic():
        # The row that the cursor names goes, and the one behind it.
        gone = {whole[1], whole[2]}
        for each in gone:
            remove(row_of(each))
        left = [each for each in shelf.ids("first: 100") if each in whole]
        assert gone.isdisjoint(left)
        assert shelf.ids("first: 100", after) == [each for each in whole[3:] if each in left]
        assert shelf.ids("last: 100", cursor("before", page, "endCursor")) == whole[:1]
        short = shelf.page("first: 1")
        transaction.set_rollback(True)
    # They come back between a cursor and the rest.
    assert shelf.ids("first: 100", cursor("after", short, "endCursor")) == whole[1:]
    assert shelf.ids("last: 100", before) == []


@pytest.mark.parametrize("shelf", [name for name in LISTED if name.split(".")[0] in SEVERAL], indirect=True)
def test_below_several_parents_each_has_its_page(shelf: Shelf) -> None:
    several = f"{SEVERAL[shelf.parent]}(first: 10) {{{{ nodes {{{{ {{}} }}}} }}}}"
    whole = [page["nodes"] for page in shelf.pages(several, "first: 10")]
    assert [len(rows) for rows in whole] == [3, 3, 3]
    for place, (first, last) in enumerate(
        zip(shelf.pages(several, "first: 1"), shelf.pages(several, "last: 1"), strict=True)
    ):
        assert (first["nodes"], last["nodes"]) == (whole[place][:1], whole[place][-1:])
        behind = shelf.pages(several, "first: 10", cursor("after", first, "endCursor"))
        assert behind[place]["nodes"] == whole[place][1:]
        before = shelf.pages(several, "last: 10", cursor("before", last, "startCursor"))
        assert before[place]["nodes"] == whole[place][:-1]


@every
def test_a_cursor_of_another_list_is_refused(shelf: Shelf) -> None:
    foreign = "Query.tags" if shelf.name != "Query.tags" else "Query.entries"
    page = Shelf(foreign, shelf.api, shelf.cast).page("first: 1")
    for name in ("after", "before"):
        asked = shelf.way.format(shelf.asked(cursor(name, page, "endCursor")))
        answer = shelf.api.run(f"{{ {asked} }}", as_=shelf.cast.staff)
        assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])


# A filter of each kind, and whether it lets a row through.
FILTERS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "EntryWhere": ("minScore: 1", lambda row: row.score >= 1),
    "ChallengeWhere": ("minScore: 1", lambda row: row.score >= 1),
    "TagWhere": ('prefix: "tag 1"', lambda row: row.name == "Tag 1"),
    "UserWhere": ('prefix: "pee"', lambda row: row.username == "peer"),
    "DigestWhere": ("status: []", lambda _row: False),
    "AuditWhere": ('action: ["test.1"]', lambda row: row.action == "test.1"),
    "SearchWhere": ("status: [OPEN]", lambda row: isinstance(row, Challenge)),
}
ORDERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "EntryOrder": ("SCORE", lambda row: row.score),
    "ChallengeOrder": ("SCORE", lambda row: row.score),
    "SolutionOrder": ("SCORE", lambda row: row.score),
    "TagOrder": ("NAME", lambda row: row.slug),
}


def taking(argument: str) -> list[str]:
    return [name for name, arguments in connections().items() if argument in arguments]


@pytest.mark.parametrize("shelf", taking("where"), indirect=True)
def test_it_is_filtered(shelf: Shelf) -> None:
    given, lets_through = FILTERS[connections()[shelf.name]["where"]]
    expected = sorted(id_of(row) for row in LISTED[shelf.name](shelf.cast) if lets_through(row))
    assert sorted(shelf.ids("first: 100", f"where: {{{given}}}")) == expected != shelf.rows()


@pytest.mark.parametrize("shelf", taking("orderBy"), indirect=True)
def test_it_is_ordered(shelf: Shelf) -> None:
    field, key = ORDERS[connections()[shelf.name]["orderBy"]]
    rows = sorted(LISTED[shelf.name](shelf.cast), key=key)
    for direction, expected in (("ASC", rows), ("DESC", rows[::-1])):
        ordered = shelf.ids("first: 100", f"orderBy: {{field: {field}, direction: {direction}}}")
        assert ordered == [id_of(row) for row in expected]
