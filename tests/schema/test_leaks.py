"""Nothing leaks: every path of the schema to depth four, for each of the cast, over rows that they may not all see."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.apps import apps
from django.db import transaction
from graphql import GraphQLField, get_named_type
from pytest_django import DjangoDbBlocker

from knowledge.models import Entry, EntryRevision, Session, Source, Tag
from schema.mutations.base import subject
from schema.schema import planner
from schema.types.people import User
from tests.cast import make_cast
from tests.client import Client, Result
from tests.schema.judging import Judge, id_in
from tests.schema.marked_rows import COMMON, Library, make_library
from tests.schema.oracle import Eyes
from tests.schema.rows import id_of
from tests.schema.walk import CORE, ROWLESS, STAFFS, Walk, payload_walk, statements, walks

CAST = ("anonymous", "author", "peer", "reviewer", "staff")
# Whole lists first; further down, counts tell of what a page leaves out.
SIZES = {1: 50, 2: 10, 3: 2, 4: 2}
WALKS = list(walks())
pytestmark = [pytest.mark.django_db, pytest.mark.walks, pytest.mark.usefixtures("any_size")]


@pytest.fixture(scope="module")
def library(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Library]:
    """Made once for all tests here, which read alone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_library(make_cast())
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def judges(library: Library) -> list[Judge]:
    """One for each of the cast."""
    everyone = (Eyes(name, getattr(library.cast, name, None)) for name in CAST)
    return [Judge(eyes, library.marks, SIZES) for eyes in everyone]


@pytest.fixture
def api(library: Library) -> Client:
    """A client that is signed in by the sessions that everybody has."""
    client = Client()
    for session in Session.objects.filter(ended_at=None):
        client.resume(session)
    return client


def run(api: Client, document: str, eyes: Eyes, **variables: Any) -> Result:
    """The answer to a document; compared with the oracle alone."""
    return api.post(orjson.dumps({"query": document, "variables": variables}), as_=eyes.user)


def walked(api: Client, walk: Walk, eyes: Eyes, it: Any = None) -> Result:
    """The answer to a walk, which took no more statements than any."""
    answer = run(api, walk.document, eyes, it=it, **{f"size{level}": size for level, size in SIZES.items()})
    assert answer.statements == statements(walk, eyes.name)
    return answer


def rows_of(walk: Walk) -> list[Any]:
    """Every row of the type that the walk is for."""
    model: Any = apps.get_model("knowledge", str(walk.of))
    return list(model.objects.order_by("pk"))


def names_of(walk: Walk, row: Any) -> list[str]:
    """All that the root may be asked for the row by."""
    if walk.by == "id":
        return [id_of(row)]
    if walk.by == "username":
        return [row.username]
    return list(row.names.values_list("slug", flat=True)) if hasattr(row, "names") else slugs_of(row)


def slugs_of(row: Any) -> list[str]:
    """Its slug, and those that it had."""
    return [row.slug, *row.former_slugs.values_list("slug", flat=True)]


LISTS = [walk for walk in WALKS if walk.by is None and walk.root not in ROWLESS]
NAMED = [walk for walk in WALKS if walk.by not in {None, "ids", "query"}]


@pytest.mark.parametrize("walk", LISTS, ids=str)
def test_a_list_leads_to_what_is_visible_and_to_nothing_else(walk: Walk, judges: list[Judge], api: Client) -> None:
    for judge in judges:
        answer = walked(api, walk, judge.eyes)
        judge.texts(answer.text)
        if walk.root in STAFFS and not judge.eyes.staff:
            assert (answer.body["data"], answer.codes) == (
                None,
                ["FORBIDDEN" if judge.eyes.user else "UNAUTHENTICATED"],
            )
        else:
            judge.root(walk.root, answer.data[walk.root])
            judge.texts(answer.text)


@pytest.mark.parametrize("walk", NAMED, ids=str)
def test_a_name_leads_to_what_is_visible_and_to_nothing_else(walk: Walk, judges: list[Judge], api: Client) -> None:
    for row in rows_of(walk):
        for name in names_of(walk, row):
            for judge in judges:
                answer = walked(api, walk, judge.eyes, name)
                judge.asked(answer.data[walk.root], row)
                judge.texts(answer.text)


@pytest.mark.parametrize("walk", [walk for walk in WALKS if walk.by == "ids"], ids=str)
def test_names_together_lead_to_what_is_visible_and_to_nothing_else(
    walk: Walk, judges: list[Judge], api: Client
) -> None:
    rows = rows_of(walk)
    for judge in judges:
        answer = walked(api, walk, judge.eyes, [id_of(row) for row in rows])
        for found, row in zip(answer.data[walk.root], rows, strict=True):
            judge.asked(found, row)
        judge.texts(answer.text)


@pytest.mark.parametrize("walk", [walk for walk in WALKS if walk.by == "query"], ids=str)
def test_a_search_leads_to_what_is_visible_and_to_nothing_else(walk: Walk, judges: list[Judge], api: Client) -> None:
    for judge in judges:
        answer = walked(api, walk, judge.eyes, COMMON)
        judge.root(walk.root, answer.data[walk.root])
        judge.texts(answer.text)


PAYLOADS = [payload_walk("bookmarkAdd", "subjectId", of) for of in ("Entry", "Challenge")]


@pytest.mark.parametrize("walk", PAYLOADS, ids=str)
def test_a_payload_leads_to_what_is_visible_and_to_nothing_else(walk: Walk, judges: list[Judge], api: Client) -> None:
    sizes = {f"size{level}": size for level, size in SIZES.items() if level > 1}
    for row in rows_of(walk):
        for judge in judges[1:]:
            # Who may see it keeps it already.
            answer = run(api, walk.document, judge.eyes, it=id_of(row), **sizes)
            payload = answer.data[walk.root]
            judge.asked(payload["subject"], row)
            judge.texts(answer.text)
            assert payload["errors"] == ([] if judge.sees(row) else [{"code": "NOT_FOUND"}])


def payload_fields() -> dict[str, GraphQLField]:
    """The fields of payloads that lead to rows."""
    assert CORE.mutation_type is not None
    payloads = {get_named_type(field.type) for field in CORE.mutation_type.fields.values()}
    fields = {f"{of.name}.{name}": field for of in payloads for name, field in of.fields.items()}
    return {name: field for name, field in fields.items() if planner.plans_type(get_named_type(field.type))}


def test_every_payload_is_read_as_that_one_is() -> None:
    read = {name: field.resolve for name, field in payload_fields().items()}
    assert len(read) > 40
    assert {name for name, resolve in read.items() if resolve is not subject(User, "").resolver} == set()


# Every list that is filtered or searched by words.
BY_WORDS = """query($it: String!) {
    search(query: $it, first: 50) {
        totalCount suggestion edges { cursor highlights } pageInfo { hasNextPage }
        nodes { __typename ... on Entry { id title } ... on Challenge { id title } ... on Solution { id body } }
    }
    entries(where: {text: $it}, orderBy: [{field: RELEVANCE, direction: DESC}]) { totalCount nodes { id title } }
    challenges(where: {text: $it}) { totalCount nodes { id title } }
    tags { nodes { entries(where: {text: $it}) { totalCount nodes { id title } } } }
    viewer { entries(where: {text: $it}) { totalCount nodes { id title } } }
}"""


@pytest.mark.parametrize("model", [Entry, EntryRevision, Tag, Source], ids=lambda model: model.__name__)
def test_words_find_only_what_is_visible(model: Any, library: Library, judges: list[Judge], api: Client) -> None:
    for number, (row, column) in enumerate(library.marks.places):
        if not isinstance(row, model) or column not in {"title", "summary", "body", "name"}:
            continue
        mark = f"zq{number:04}zq"
        for judge in judges:
            answer = run(api, BY_WORDS, judge.eyes, it=mark)
            judge.texts(answer.text)
            lists = [answer.data["entries"], *(each["entries"] for each in answer.data["tags"]["nodes"])]
            lists += [answer.data["viewer"]["entries"]] if judge.eyes.user else []
            expected = 1 if isinstance(row, Entry) and judge.sees(row) else 0
            assert answer.data["entries"]["totalCount"] == expected or not isinstance(row, Entry)
            assert all(each["totalCount"] == len(each["nodes"]) <= expected for each in lists if isinstance(row, Entry))
            found = answer.data["search"]
            assert found["totalCount"] == len(found["nodes"])
            assert {id_in(each) for each in found["nodes"]} >= ({id_of(row)} if expected else set())


@pytest.mark.parametrize("root", sorted(ROWLESS))
def test_what_is_no_row_tells_of_none(root: str, judges: list[Judge], api: Client) -> None:
    (walk,) = (walk for walk in WALKS if walk.root == root)
    for judge in judges:
        answer = walked(api, walk, judge.eyes)
        assert answer.data[root]
        judge.texts(answer.text)
