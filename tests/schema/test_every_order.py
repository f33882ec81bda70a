"""Every order of every list at the root, and the order that every other list has, is that of an index.

So a page at the root reads as many rows as it shows and one, and no page reads all that there are.
"""

from collections.abc import Iterator

import orjson
import pytest
from django.db import connection, transaction
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, get_named_type
from pytest_django import DjangoDbBlocker

from knowledge.models import User
from schema.schema import schema
from tests.cast import make_cast
from tests.client import Client
from tests.schema.growing import client_of_everybody, grow
from tests.schema.rows import id_of
from tests.schema.test_access_paths import Explained
from tests.schema.test_every_connection import MODELS, ONE

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("any_size")]
CORE = schema.graphql_schema
ROWS = 40
PAGE = 5
# For staff alone.
STAFFS = {"users", "auditEvents"}


def lists(of: str) -> dict[str, tuple[str, ...]]:
    """The connections of a type, each with the orders that it can be asked in."""
    parent = CORE.type_map[of]
    assert isinstance(parent, GraphQLObjectType)
    found = {}
    for name, field in parent.fields.items():
        if get_named_type(field.type).name.endswith("Connection") and name != "search":
            orders = [""]
            if "orderBy" in field.args:
                order = get_named_type(field.args["orderBy"].type)
                assert isinstance(order, GraphQLInputObjectType)
                by = get_named_type(order.fields["field"].type)
                assert isinstance(by, GraphQLEnumType)
                # What is searched for is ranked, whatever it is.
                orders += [
                    f"orderBy: {{field: {value}, direction: {way}}}"
                    for value in by.values
                    if value != "RELEVANCE"
                    for way in ("ASC", "DESC")
                ]
            found[name] = tuple(orders)
    return found


ROOTS = [
    (name, order, viewer)
    for name, orders in lists("Query").items()
    for order in orders
    for viewer in (("staff",) if name in STAFFS else ("anonymous", "peer", "staff"))
]
PARENTS = [of for of in ONE if of != "Query"]
# There are few of those by nature: a document brings in 2,000 things at most, and an entry is revised some dozen times.
FEW = {("Entry", "revisions"), ("Source", "entries"), ("Source", "challenges")}
NESTED = [(of, name) for of in PARENTS for name in lists(of) if (of, name) not in FEW]


@pytest.fixture(scope="module")
def _world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Made once for all tests here, which read alone."""
    with django_db_blocker.unblock(), transaction.atomic():
        grow(make_cast(), ROWS)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def api(_world: None) -> Client:
    """A client that is signed in by sessions that everybody has."""
    return client_of_everybody()


def most_read(api: Client, query: str, viewer: str) -> int:
    """How many rows any scan of the query's statement reads at once."""
    user = None if viewer == "anonymous" else User.objects.get(username=viewer)
    result = api.post(orjson.dumps({"query": query}), as_=user)
    assert result.data
    return Explained(result.sql[-1]).most_read()


@pytest.mark.parametrize("end", ["first", "last"])
@pytest.mark.parametrize(("name", "order", "viewer"), ROOTS)
def test_of_a_list_at_the_root(api: Client, name: str, order: str, viewer: str, end: str) -> None:
    given = f"{end}: {PAGE}{', ' if order else ''}{order}"
    query = f"{{ {name}({given}) {{ nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage }} }} }}"
    assert most_read(api, query, viewer) == PAGE + 1


@pytest.mark.parametrize("end", ["first", "last"])
@pytest.mark.parametrize("viewer", ["anonymous", "staff"])
@pytest.mark.parametrize(("of", "name"), NESTED)
def test_of_a_list_below_another_row(api: Client, of: str, name: str, viewer: str, end: str) -> None:
    """The row that was made last has as many as there are, and as many as of other rows."""
    id_ = id_of(MODELS[of]._default_manager.latest("pk")) if of in MODELS else ""
    asked = f"{name}({end}: {PAGE}) {{ nodes {{ __typename }} pageInfo {{ hasNextPage hasPreviousPage }} }}"
    read = most_read(api, f"{{ {ONE[of].replace('$id', f'{chr(34)}{id_}{chr(34)}').format(asked)} }}", viewer)
    # Of so little, an order's index may be read past the rows of others, too.
    assert read < ROWS
