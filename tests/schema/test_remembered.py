"""Answers that anybody gets are kept until something changes, and never told to, or kept from, who is signed in."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from knowledge import freshness
from knowledge.models import Role
from knowledge.policy import ANONYMOUS, Viewer
from knowledge.services import vocabulary
from schema import remembered as remembering
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
    # What it names is what stands in CACHES.
    settings.CACHE_URL = "redis://127.0.0.1/0"
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


def test_variables_that_nobody_declared_make_no_other_answer(api: Client) -> None:
    asked = "query Tags($first: Int) { tags(first: $first) { totalCount } }"
    assert [api.run(asked, {"first": 1, "x": number}).statements for number in range(3)] == [1, 0, 0]
    assert api.run(asked, {"first": 1}, name="Tags").statements == 0
    assert [api.run(asked, {"first": None}).statements for _ in range(2)] == [1, 0]
    assert [api.run(asked).statements for _ in range(2)] == [1, 0]


def test_a_change_by_a_process_that_keeps_no_answers_drops_them_too(
    cast: Cast, api: Client, settings: Settings
) -> None:
    assert names(api.run(NAMES)) == []
    settings.ANSWER_CACHE_SECONDS = 0
    vocabulary.create_tag(Viewer(id=cast.peer.pk, role=Role(cast.peer.role)), name="Docker")
    settings.ANSWER_CACHE_SECONDS = 60
    assert names(api.run(NAMES)) == ["Docker"]


def test_a_transaction_moves_the_number_on_once(cast: Cast, settings: Settings) -> None:
    before = freshness.number()
    with transaction.atomic():
        for name in ("Docker", "Make"):
            vocabulary.create_tag(Viewer(id=cast.peer.pk, role=Role(cast.peer.role)), name=name)
        assert freshness.number() == before
    assert freshness.number() == before + 1
    with transaction.atomic():
        with suppress(LookupError), transaction.atomic():
            freshness.moves_on()
            raise LookupError
        freshness.moves_on()
    assert freshness.number() == before + 2


@pytest.mark.parametrize(("setting", "value"), [("PAGE_SIZE", 7), ("PAGE_SIZE_MOST", 50)])
def test_other_settings_are_other_answers(api: Client, settings: Settings, setting: str, value: int) -> None:
    assert [api.run(NAMES).statements for _ in range(2)] == [1, 0]
    setattr(settings, setting, value)
    assert [api.run(NAMES).statements for _ in range(2)] == [1, 0]


def test_another_database_is_another_answer(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [api.run(NAMES).statements for _ in range(2)] == [1, 0]
    # The connection is there already, so what is asked is the same one still.
    monkeypatch.setitem(connection.settings_dict, "NAME", "elsewhere")
    assert [api.run(NAMES).statements for _ in range(2)] == [1, 0]


def test_so_much_is_kept_for_one_network_and_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "KEPT_FOR_ONE", 300)
    monkeypatch.setattr(remembering, "KEPT_FOR_ALL", 400)
    about = About(Facts(1, 1, Budget(1, 0, timezone.now(), 1)), ("tags",), anybodys=True)
    now = timezone.now()
    made: list[str] = []

    def ask(name: str, address: str, *, later: int = 0) -> None:
        def make() -> Answer:
            made.append(name)
            return Answer(b"-" * 100, about=about)

        for _ in range(2):
            moment = now + timedelta(seconds=later)
            assert remembered((NAMES, name, {}), address=address, now=moment, make=make).data == b"-" * 100

    for name in "abcd":
        ask(name, "2001:db8::1")
    assert made == [*"abcdd"]
    ask("e", "2001:db8::2")
    ask("f", "192.0.2.1")
    ask("g", "192.0.2.2")
    assert made[5:] == [*"eefgg"]
    ask("d", "2001:db8::1", later=120)
    assert made[10:] == ["d"]


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
        answer = remembered((NAMES, "", {}), address=None, now=timezone.now(), make=make)
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
    asked: tuple[str, str, dict[str, Any]] = (NAMES, "", {})

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
