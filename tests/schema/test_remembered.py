"""Answers that anybody gets are kept until something changes, and never told to, or kept from, who is signed in."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from knowledge import freshness
from knowledge.models import Role
from knowledge.policy import ANONYMOUS, Viewer
from knowledge.services import vocabulary
from schema.budget import Budget, Facts
from schema.documents import read_document
from schema.execution import About, Answer, Caller, run
from schema.remembered import remembered
from tests.caches import AWAY, KINDS, own_cache
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import tag

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = "{ tags { nodes { name } } }"
CREATE = "mutation($n: String!) { tagCreate(input: {name: $n}) { tag { name } errors { code } } }"


@pytest.fixture(autouse=True, params=KINDS)
def keeping(request: pytest.FixtureRequest, settings: Settings) -> Iterator[None]:
    """Answers are kept for a minute, in the process and in each cache that processes share; nothing is kept yet."""
    settings.CACHES = {**settings.CACHES, **own_cache(request.param)}
    settings.ANSWER_CACHE_SECONDS = 60
    yield
    cache.close()


def names(answer: Any) -> list[str]:
    return [node["name"] for node in answer.data["tags"]["nodes"]]


def test_what_was_asked_before_costs_no_sql(api: Client) -> None:
    tag("Docker")
    first, second = api.run(NAMES), api.run(NAMES)
    assert (first.statements, second.statements) == (1, 0)
    assert first.content == second.content
    assert second.headers["GraphQL-Cost"] == first.headers["GraphQL-Cost"]


def test_other_variables_and_operations_are_other_answers(api: Client) -> None:
    tag("Docker")
    tag("Make")
    asked = "query A($s: String!) { tag(slug: $s) { name } } query B($s: String!) { tag(slug: $s) { slug } }"
    for name, slug in (("A", "docker"), ("A", "make"), ("B", "docker")):
        assert api.run(asked, {"s": slug}, name=name).statements == 1
        assert api.run(asked, {"s": slug}, name=name).statements == 0
    assert api.run(asked, {"s": "make"}, name="A").data == {"tag": {"name": "Make"}}
    # An operation that is not there is told as ever.
    assert api.run(asked).codes == ["BAD_REQUEST"]


def test_a_change_drops_what_was_kept(cast: Cast, api: Client) -> None:
    assert names(api.run(NAMES)) == []
    assert api.run(CREATE, {"n": "Docker"}, as_=cast.peer).data["tagCreate"]["errors"] == []
    answer = api.run(NAMES)
    assert (names(answer), answer.statements) == (["Docker"], 1)
    assert api.run(NAMES).statements == 0
    # What was refused changed nothing.
    assert api.run(CREATE, {"n": "Docker"}, as_=cast.peer).data["tagCreate"]["errors"]
    assert api.run(NAMES).statements == 0


def test_who_is_signed_in_neither_gets_nor_gives(cast: Cast, api: Client) -> None:
    asked = "{ viewer { user { username } } tags { totalCount } }"
    for person in (cast.author, cast.peer):
        told = api.run(asked, as_=person)
        assert told.data["viewer"]["user"]["username"] == person.username
        assert told.statements == 2
    anonymous = api.run(asked)
    assert (anonymous.data["viewer"], anonymous.statements) == (None, 1)
    assert api.run(asked).statements == 0
    assert api.run(asked, as_=cast.author).data["viewer"]["user"]["username"] == "author"
    # A token that is refused is refused, also where the answer is kept.
    refused = api.post(b'{"query": "%s"}' % asked.encode(), headers={"authorization": "JWT nonsense"})
    assert refused.codes == ["TOKEN_INVALID"]


@pytest.mark.parametrize("asked", ["{ rateLimit { remaining } }", "{ users { totalCount } tags { totalCount } }"])
def test_what_is_of_the_moment_or_failed_is_not_kept(api: Client, asked: str) -> None:
    assert api.run(asked).statements == api.run(asked).statements


@pytest.mark.parametrize(("letters", "made"), [(166_000, 1), (167_000, 2)])
def test_what_is_too_large_for_a_cache_is_answered_anew(api: Client, letters: int, made: int) -> None:
    about = About(Facts(1, 1, Budget(1, 0, timezone.now(), 1)), ("tags",), anybodys=True)
    # Of three bytes each.
    large = Answer(data=f'{{"tags":"{"語" * letters}"}}'.encode(), about=about)
    answers = []

    def make() -> Answer:
        answers.append(large)
        return large

    for _ in range(2):
        answer = remembered((NAMES, None, {}), address=None, now=timezone.now(), make=make)
        assert answer.data == large.data
    assert len(answers) == made


def test_values_nested_deeper_than_any_input_are_answered_all_the_same(api: Client) -> None:
    def asked(query: str) -> bytes:
        # By the standard library: orjson writes nothing that is so deep.
        return b'{"query": "%s", "variables": {"w": %s}}' % (query.encode(), b'{"NOT":' * 500 + b"{}" + b"}" * 500)

    filtered = "query ($w: EntryWhere) { entries(where: $w) { totalCount } }"
    for _ in range(2):
        assert api.post(asked(NAMES)).data == {"tags": {"nodes": []}}
        assert api.post(asked(filtered)).codes == ["BAD_USER_INPUT"]


def test_what_is_kept_is_charged(api: Client, settings: Settings) -> None:
    # Its document is read, its plan made and its answer kept before anything is counted.
    assert api.run(NAMES).headers["GraphQL-Cost"] == "1"
    settings.RATE_LIMIT = True
    settings.RATE_LIMIT_POINTS = 3
    answers = [api.run(NAMES) for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer.statements for answer in answers] == [0] * 5
    assert [answer.codes for answer in answers[3:]] == [["RATE_LIMITED"]] * 2


def test_a_read_that_began_before_a_change_is_never_found_after_it(cast: Cast, api: Client) -> None:
    tag("Docker")
    asked: tuple[str, None, dict[str, Any]] = (NAMES, None, {})

    def make_slowly() -> Answer:
        """Reads, and before what it read is kept somebody else changes it."""
        read = run(read_document(NAMES), None, {}, Caller(identify=lambda: ANONYMOUS, now=timezone.now()))
        viewer = Viewer(id=cast.peer.pk, role=Role(cast.peer.role))
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(_create, viewer).result()
        return read

    def must_be_made() -> Answer:
        raise LookupError

    remembered(asked, address=None, now=timezone.now(), make=make_slowly)
    with pytest.raises(LookupError):
        remembered(asked, address=None, now=timezone.now(), make=must_be_made)
    assert names(api.run(NAMES)) == ["Docker", "Make"]


def _create(viewer: Viewer) -> None:
    try:
        vocabulary.create_tag(viewer, name="Make")
    finally:
        connection.close()
        cache.close()


def test_a_number_that_was_pushed_out_is_never_used_again() -> None:
    first = freshness.number()
    assert freshness.number() == first
    cache.delete(freshness.KEY)
    assert freshness.number() > first


@pytest.mark.parametrize("away", AWAY)
def test_without_the_cache_answers_are_made(api: Client, settings: Settings, cast: Cast, away: dict[str, Any]) -> None:
    settings.CACHES = {**settings.CACHES, "default": away}
    assert [api.run(NAMES).statements for _ in range(2)] == [1, 1]
    assert api.run(CREATE, {"n": "Docker"}, as_=cast.peer).data["tagCreate"]["errors"] == []


def test_it_is_off_unless_it_is_switched_on(api: Client, settings: Settings) -> None:
    settings.ANSWER_CACHE_SECONDS = 0
    assert [api.run(NAMES).statements for _ in range(2)] == [1, 1]
