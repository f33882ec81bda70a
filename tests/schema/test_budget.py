"""What a request costs, whom it is charged to, and what is answered when nothing is left."""

import gc
import logging
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from time import sleep
from typing import Any

import pytest
from django.core.cache import caches
from django.utils import timezone
from pytest_django import Settings

from knowledge.models import Role, User
from knowledge.policy import ANONYMOUS, Viewer
from schema import documents
from schema.budget import Budget, charge
from schema.cost import points
from schema.errors import CodedError
from tests.caches import AWAY, KINDS, own_cache
from tests.cast import PASSWORD, Cast, make_cast
from tests.client import Client
from tests.schema.rows import entry

NOW = datetime(2026, 11, 23, 12, 30, 20, 500_000, tzinfo=UTC)
NEXT = datetime(2026, 11, 23, 12, 31, tzinfo=UTC)
ADA = Viewer(id=1, role=Role.CONTRIBUTOR)
ASKED = "{ rateLimit { cost limit used remaining resetAt nodeCount } }"
CREATE = """mutation($t: String!) { entryCreate(input: {kind: TOOL, title: $t, body: "B"}) { entry { id } } }"""


@pytest.fixture(params=KINDS)
def charged(request: pytest.FixtureRequest, settings: Settings) -> Iterator[None]:
    """Requests are charged to an empty cache, in the process and in each that processes share."""
    settings.CACHES = own_cache(request.param)
    settings.RATE_LIMIT = True
    documents.forget()
    # Windows begin with each minute: none shall begin within a test.
    if (left := 60 - timezone.now().second) <= 2:
        sleep(left)
    yield
    settings.CACHES = own_cache()
    with warnings.catch_warnings():
        # redis-py leaves the sockets of threads that ended to the collector, which would complain in another test.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


class TestPoints:
    @pytest.mark.parametrize(
        ("nodes", "mutations", "price"),
        [(0, 0, 1), (1, 0, 1), (100, 0, 1), (101, 0, 2), (10_000, 0, 100), (0, 1, 11), (150, 3, 32)],
    )
    def test_are_those_of_rows_and_changes(self, nodes: int, mutations: int, price: int) -> None:
        assert points(nodes, mutations) == price


@pytest.mark.usefixtures("charged")
class TestBudget:
    def test_is_spent_and_begins_anew_with_the_minute(self, settings: Settings) -> None:
        settings.RATE_LIMIT_POINTS = 10
        assert charge(ADA, None, 3, now=NOW) == Budget(limit=10, used=3, reset_at=NEXT, seconds_left=40)
        assert charge(ADA, None, 7, now=NOW) == Budget(limit=10, used=10, reset_at=NEXT, seconds_left=40)
        with pytest.raises(CodedError) as error:
            charge(ADA, None, 1, now=NOW)
        assert error.value.extensions == {"code": "RATE_LIMITED", "retryAfter": 40}
        assert charge(ADA, None, 2, now=NEXT) == Budget(
            limit=10, used=2, reset_at=NEXT + timedelta(minutes=1), seconds_left=60
        )

    def test_what_is_refused_costs_nothing(self, settings: Settings) -> None:
        settings.RATE_LIMIT_POINTS = 10
        charge(ADA, None, 8, now=NOW)
        with pytest.raises(CodedError, match="2 are left"):
            charge(ADA, None, 3, now=NOW)
        assert charge(ADA, None, 2, now=NOW).remaining == 0

    def test_is_a_persons_wherever_they_are(self) -> None:
        charge(ADA, "192.0.2.1", 5, now=NOW)
        assert charge(ADA, "192.0.2.2", 5, now=NOW).used == 10
        assert charge(Viewer(id=2, role=Role.STAFF), "192.0.2.1", 5, now=NOW).used == 5
        assert charge(ANONYMOUS, "192.0.2.1", 5, now=NOW).used == 5

    @pytest.mark.parametrize(
        ("one", "other", "used"),
        [
            ("192.0.2.1", "192.0.2.1", 2),
            ("192.0.2.1", "192.0.2.2", 1),
            ("2001:db8::1", "2001:db8::2:1", 2),
            ("2001:db8::1", "2001:db8:0:1::1", 1),
            (None, None, 2),
        ],
    )
    def test_is_an_addresss_where_nobody_is_signed_in(self, one: str | None, other: str | None, used: int) -> None:
        charge(ANONYMOUS, one, 1, now=NOW)
        assert charge(ANONYMOUS, other, 1, now=NOW).used == used

    def test_counts_right_when_many_spend_at_once(self, settings: Settings) -> None:
        settings.RATE_LIMIT_POINTS = 10
        barrier = Barrier(20, timeout=20)

        def spend(_number: int) -> int | None:
            barrier.wait()
            try:
                return charge(ADA, None, 1, now=NOW).used
            except CodedError:
                return None
            finally:
                caches.close_all()

        with ThreadPoolExecutor(20) as pool:
            used = [each for each in pool.map(spend, range(20)) if each is not None]
        assert sorted(used) == list(range(1, 11))

    def test_can_be_switched_off(self, settings: Settings) -> None:
        settings.RATE_LIMIT = False
        settings.RATE_LIMIT_POINTS = 10
        for _ in range(3):
            assert charge(ADA, None, 9, now=NOW) == Budget(limit=10, used=0, reset_at=NEXT, seconds_left=40)


@pytest.mark.parametrize("away", AWAY)
def test_nobody_is_refused_because_the_cache_is_away(
    settings: Settings, caplog: pytest.LogCaptureFixture, away: dict[str, Any]
) -> None:
    settings.CACHES = {"default": away}
    settings.RATE_LIMIT = True
    with caplog.at_level(logging.WARNING):
        assert charge(ADA, None, 9_999, now=NOW).used == 0
    assert "requests are not charged" in caplog.text


@pytest.mark.usefixtures("charged")
@pytest.mark.django_db
class TestRateLimit:
    def test_tells_what_the_operation_costs_and_what_is_left(self, cast: Cast, api: Client) -> None:
        api.authorization(cast.author)
        before = timezone.now()
        told = api.run(ASKED, as_=cast.author).data["rateLimit"]
        reset_at = datetime.fromisoformat(told.pop("resetAt"))
        # One for reading a document that is new here, and one for answering it.
        assert told == {"cost": 1, "limit": 5_000, "used": 2, "remaining": 4_998, "nodeCount": 0}
        again = api.run(ASKED, as_=cast.author).data["rateLimit"]
        assert (again["cost"], again["used"]) == (1, 3)
        assert before < reset_at <= timezone.now() + timedelta(minutes=1)
        assert (reset_at.second, reset_at.microsecond) == (0, 0)

    @pytest.mark.parametrize(
        ("query", "cost"),
        [
            ("{ tags(first: 0) { totalCount } }", 1),
            ("{ tags(first: 0) { totalCount } __schema { queryType { name } } }", 1),
            ('mutation { tagUpdate(input: {id: "none", name: "x"}) { tag { id } } }', 11),
            ('mutation { tagCreate(input: {name: "x"}) { tag { entries(first: 0) { totalCount } } } }', 11),
        ],
    )
    def test_what_is_refused_once_it_is_charged_tells_its_price(
        self, cast: Cast, api: Client, query: str, cost: int
    ) -> None:
        answer = api.run(query, as_=cast.peer)
        assert answer.codes == ["BAD_USER_INPUT"]
        assert answer.headers["GraphQL-Cost"] == str(cost)
        left = int(answer.headers["RateLimit"].split(";")[1].removeprefix("r="))
        assert api.run(ASKED, as_=cast.peer).data["rateLimit"]["remaining"] == left - 2

    def test_counts_what_stands_beside_it(self, cast: Cast, api: Client) -> None:
        asked = "{ rateLimit { c: cost nodeCount } entries(first: 100) { nodes { tags { name } author { id } } } }"
        assert api.run(asked).data["rateLimit"] == {"c": 12, "nodeCount": 1_200}

    def test_a_mutation_costs_ten(self, cast: Cast, api: Client) -> None:
        api.run(CREATE, {"t": "Make"}, as_=cast.author)
        # One for its payload's entry, ten for the mutation, one for asking; and one for reading each.
        assert api.run(ASKED, as_=cast.author).data["rateLimit"]["used"] == 14

    def test_what_is_written_costs_by_its_length(self, cast: Cast, api: Client) -> None:
        given = 'mutation($b: String!) { entryCreate(input: {kind: TOOL, title: "T", body: $b}) { errors { code } } }'
        literal = given.replace("($b: String!)", "").replace("$b", '"' + "a" * 1_000 + '"')
        nested = literal.replace("mutation", "mutation { ...A } fragment A on Mutation { ...B } fragment B on Mutation")

        def spent(query: str, **variables: str) -> int:
            before: int = api.run(ASKED, as_=cast.author).data["rateLimit"]["used"]
            assert api.run(query, variables, as_=cast.author).codes == []
            used: int = api.run(ASKED, as_=cast.author).data["rateLimit"]["used"]
            return used - before - 1

        spent(given, b="B")
        # One to answer, ten to change, a point for each 250 characters, wherever they stand; one to read what is new.
        assert spent(given, b="a" * 200) == 11
        assert spent(given, b="a" * 10_000) == 51
        assert spent(literal) == 11 + 4 + 1
        assert spent(nested) == 11 + 4 + 1

    def test_passwords_cost_what_hashing_them_takes(self, db: None, api: Client, settings: Settings) -> None:
        author = make_cast(PASSWORD).author
        sign_in = 'mutation($p: String!) { tokenAuth(username: "author", password: $p) { refreshExpiresIn } }'
        change = """mutation($p: String!) {
            passwordChange(input: {oldPassword: $p, newPassword: "another long horse"}) { errors { code } } }"""

        def spent(query: str, by: User | None) -> int:
            used: int = api.run(ASKED, as_=by).data["rateLimit"]["used"]
            answer = api.run(query, {"p": PASSWORD}, as_=by)
            assert answer.codes == []
            left = int(answer.headers["RateLimit"].split(";")[1].removeprefix("r="))
            return int(settings.RATE_LIMIT_POINTS) - left - used

        # One to answer, ten to change, fifty for each hash; one to read what is new.
        assert spent(sign_in, None) == 11 + 50 + 1
        assert spent(sign_in, None) == 11 + 50
        assert spent(change, author) == 11 + 100 + 1

    def test_who_has_spent_it_all_waits(self, cast: Cast, api: Client, settings: Settings) -> None:
        settings.RATE_LIMIT_POINTS = 3
        assert [api.run("{ tags { totalCount } }").status for _ in range(3)] == [200, 200, 429]
        refused = api.run("{ tags { totalCount } }")
        assert (refused.codes, refused.statements) == (["RATE_LIMITED"], 0)
        assert "data" not in refused.body
        wait = refused.errors[0]["extensions"]["retryAfter"]
        assert 1 <= wait <= 60
        assert refused.headers["Retry-After"] == str(wait)
        assert api.run("{ tags { totalCount } }", as_=cast.author).status == 200

    def test_who_has_spent_it_all_changes_nothing(self, cast: Cast, api: Client, settings: Settings) -> None:
        settings.RATE_LIMIT_POINTS = 11
        assert api.run(CREATE, {"t": "Make"}, as_=cast.author).codes == ["RATE_LIMITED"]
        # By now it is known.
        settings.RATE_LIMIT_POINTS = 12
        assert api.run(CREATE, {"t": "Make"}, as_=cast.author).data["entryCreate"]["entry"]


@pytest.mark.usefixtures("charged")
@pytest.mark.django_db
class TestMaking:
    """What a process does not know yet is paid for by who sends it."""

    RELATED = (
        "{ entries(first: 1) { nodes { tags { name } author { username } challenges(first: 1) { nodes { id } } } } }"
    )

    def spent(self, address: str = "127.0.0.1", viewer: Viewer = ANONYMOUS) -> int:
        return charge(viewer, address, 0, now=timezone.now()).used

    def spend(self, api: Client, query: str, as_: User | None = None, **variables: Any) -> int:
        """What a request costs."""
        viewer = Viewer(id=as_.pk, role=Role(as_.role)) if as_ else ANONYMOUS
        before = self.spent(viewer=viewer)
        assert api.run(query, variables, as_=as_).status == 200
        return self.spent(viewer=viewer) - before

    def test_a_document_costs_by_its_length_when_it_is_new(self, api: Client) -> None:
        short, long = "{ __typename }", "{ __typename } #" + "a" * 6_000
        assert [self.spend(api, short) for _ in range(3)] == [2, 1, 1]
        assert [self.spend(api, long) for _ in range(3)] == [5, 1, 1]
        documents.forget()
        assert self.spend(api, short) == 2

    def test_a_plan_costs_by_its_relations_when_it_is_new(self, cast: Cast, api: Client) -> None:
        # Four relations; a person of another role has another plan.
        assert [self.spend(api, self.RELATED) for _ in range(3)] == [1 + 2 + 1, 1, 1]
        api.authorization(cast.author)
        assert [self.spend(api, self.RELATED, cast.author) for _ in range(2)] == [2 + 1, 1]
        assert self.spent() == 6

    def test_a_plan_costs_by_its_conditions_when_it_is_new(self, api: Client) -> None:
        """One relation; each text and each AND is a condition, and all but ten cost a point each time."""
        filtered = "query ($w: EntryWhere) { entries(where: $w) { totalCount } }"
        assert self.spend(api, filtered) == 1 + 1
        for conditions, new, again in ((3, 1, 1), (10, 1 + 2, 1), (11, 2 + 2, 2), (98, 89 + 24, 89)):
            given = {"AND": [{"text": "docker"}] * (conditions - 1)}
            assert [self.spend(api, filtered, w=given) for _ in range(2)] == [new, again]
            headers = api.run(filtered, {"w": given}).headers
            assert int(headers["GraphQL-Cost"]) == again

    def test_conditions_count_where_they_stand(self, api: Client) -> None:
        """In the document and in variables, in fragments, below other rows, and in searches."""
        asked = """query ($t: String) { entries%s { nodes { ...A } } search(query: "x"%s) { totalCount } }
            fragment A on Entry { tags { entries%s { totalCount } } }"""
        six = "(where: {minScore: 1, NOT: {OR: [{minScore: 2}, {kind: [TOOL]}, {text: $t}]}})"
        plain, filtered = asked % ("", "", "(first: $n)"), asked % (six, ", where: {kind: TOOL, tagsAny: []}", six)
        plain = plain.replace("$t: String", "$n: Int")
        (_, known), (_, priced) = ([self.spend(api, query, t="x") for _ in range(2)] for query in (plain, filtered))
        assert priced - known == 6 + 2 + 6 - 10

    def test_so_does_what_a_mutation_shows(self, cast: Cast, api: Client) -> None:
        create = """mutation { tagCreate(input: {name: "T"}) { tag { entries(first: 1) { nodes { author { id }
            challenges(first: 1) { nodes { id } } sources(first: 1) { nodes { id } } } } } } }"""
        api.authorization(cast.author)
        first, second = (self.spend(api, create, cast.author) for _ in range(2))
        assert first - second == 1 + 2
        assert second == 11

    @pytest.mark.parametrize("query", ["{ nothing }", "{", "query A { __typename } query A { __typename }"])
    def test_what_is_not_in_order_is_paid_for_each_time(self, query: str, api: Client) -> None:
        assert [api.run(query).status for _ in range(3)] == [400] * 3
        assert self.spent() == 3

    def test_who_has_spent_it_all_has_nothing_read(self, api: Client, settings: Settings) -> None:
        assert api.run("{ tags { totalCount } }").status == 200
        settings.RATE_LIMIT_POINTS = 2
        assert [api.run(query).codes for query in ("{", "{ nothing }", "{ __typename }")] == [["RATE_LIMITED"]] * 3
        assert "Retry-After" in api.run("{").headers

    def test_a_person_pays_it_of_their_own(self, cast: Cast, api: Client) -> None:
        header = api.authorization(cast.author)
        author = Viewer(id=cast.author.pk, role=Role.CONTRIBUTOR)
        assert api.run("{ nothing }", as_=cast.author).codes == ["GRAPHQL_VALIDATION_FAILED"]
        assert (self.spent(viewer=author), self.spent()) == (1, 0)
        # Whose token is none, pays as nobody.
        assert api.post(b'{"query": "{ nothing }"}', headers={"Authorization": f"{header}x"}).status == 400
        assert (self.spent(viewer=author), self.spent()) == (1, 1)

    def test_who_they_are_is_asked_once(self, cast: Cast, api: Client) -> None:
        api.authorization(cast.author)
        assert [api.run("{ tags { totalCount } }", as_=cast.author).statements for _ in range(2)] == [2, 2]

    def test_nothing_of_it_is_paid_where_nothing_is_charged(self, api: Client, settings: Settings) -> None:
        settings.RATE_LIMIT = False
        assert api.run("{ nothing }").status == 400
        settings.RATE_LIMIT = True
        assert self.spent() == 0


@pytest.mark.django_db
class TestKnown:
    def test_is_part_of_the_one_statement(self, api: Client) -> None:
        entry("Make")
        asked = """{
          __typename
          first: errorCodes { code }
          entries { nodes { title } }
          limits: rateLimit { __typename cost points: limit }
        }"""
        answer = api.run(asked)
        assert list(answer.data) == ["__typename", "first", "entries", "limits"]
        assert answer.data["entries"] == {"nodes": [{"title": "Make"}]}
        assert answer.data["limits"] == {"__typename": "RateLimit", "cost": 1, "points": 5_000}
        assert answer.statements == 1

    def test_fragments_and_conditions_hold(self, api: Client) -> None:
        asked = """query($with: Boolean!) { rateLimit { ...Price limit @include(if: $with) } }
        fragment Price on RateLimit { cost ... { nodeCount @skip(if: $with) } }"""
        assert api.run(asked, {"with": True}).data == {"rateLimit": {"cost": 1, "limit": 5_000}}
        assert api.run(asked, {"with": False}).data == {"rateLimit": {"cost": 1, "nodeCount": 0}}

    def test_a_plan_that_is_kept_tells_what_is_so_now(self, api: Client, settings: Settings) -> None:
        asked = "{ rateLimit { limit } }"
        assert api.run(asked).data == {"rateLimit": {"limit": 5_000}}
        settings.RATE_LIMIT_POINTS = 7
        assert api.run(asked).data == {"rateLimit": {"limit": 7}}

    def test_stands_beside_introspection(self, api: Client) -> None:
        data = api.run('{ __type(name: "Tag") { name } rateLimit { cost } }').data
        assert data == {"__type": {"name": "Tag"}, "rateLimit": {"cost": 1}}
