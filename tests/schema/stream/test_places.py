"""How many streams one caller may hold open, and what they cost."""

from pathlib import Path

import pytest

from knowledge.services.challenges import create_challenge
from schema.errors import CodedError
from schema.stream.places import Places
from tests.cast import Cast
from tests.schema.identity.forge import token_of
from tests.schema.stream.reading import COMPLETE, EVENTS, HEARTBEAT, SECONDS, Event, Stream, ask, start_stream
from tests.workers.programs import Programs, eventually

CHANGES = "subscription { knowledgeChanged { kind } }"
ASKED = '{"query": "subscription { knowledgeChanged { kind } }"}'
REFUSABLE = EVENTS | {"Accept": "text/event-stream, application/graphql-response+json"}


def test_each_caller_has_places_of_their_own() -> None:
    places = Places(2)
    with places.one("a"), places.one("a"), places.one("b"):
        with pytest.raises(CodedError) as refused, places.one("a"):
            raise AssertionError
        assert refused.value.extensions == {"code": "RATE_LIMITED", "retryAfter": 30}
    with places.one("a"), places.one("a"):
        pass


def opens(port: int) -> bool:
    with Stream(port, CHANGES) as stream:
        return b"RATE_LIMITED" not in stream.response.peek(200)


@pytest.mark.django_db(transaction=True)
def test_streams_are_bounded_for_a_caller_and_free_again(cast: Cast, tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    try:
        port = start_stream(programs, LIMIT_STREAMS="2")
        first, second = Stream(port, CHANGES), Stream(port, CHANGES)
        refused = ask(port, "POST", body=ASKED, headers=REFUSABLE)
        assert (refused.status, refused.headers["retry-after"]) == (429, "30")
        # Whoever is signed in has places of their own.
        with Stream(port, CHANGES, token=token_of(cast.peer)) as own:
            assert own.response.status == 200
        first.gone()
        # Once the server has noticed.
        assert eventually(lambda: opens(port), SECONDS)
        second.gone()
    finally:
        programs.end()


# Twenty conditions: ten points to look for them, five to plan them.
FILTERED = (
    "subscription { knowledgeChanged { subject { ... on Challenge { tags { entries(where: {AND: ["
    + "{minScore: 1}, " * 19
    + "]}) { totalCount } } } } } }"
)


@pytest.mark.django_db(transaction=True)
def test_opening_a_stream_is_charged(tmp_path: Path, db: None) -> None:
    programs = Programs(tmp_path)
    try:
        port = start_stream(programs, RATE_LIMIT="on", RATE_LIMIT_POINTS="25")
        with Stream(port, FILTERED) as stream:
            assert b"RATE_LIMITED" in stream.response.peek(200)
        statuses = []
        for _ in range(6):
            with Stream(port, CHANGES) as stream:
                statuses.append(b"RATE_LIMITED" in stream.response.peek(200))
    finally:
        programs.end()
    # Eleven points each; in case a minute ends meanwhile, those of the next.
    assert statuses[:2] == [False, False]
    assert True in statuses


DEAR = """subscription { knowledgeChanged { subject {
    ... on Challenge { tags { entries(first: 99) { nodes { id } } } } } } }"""


@pytest.mark.django_db(transaction=True)
def test_what_is_dear_is_charged_each_time_that_it_is_told(cast: Cast, tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    told = 12
    try:
        port = start_stream(programs, RATE_LIMIT="on", RATE_LIMIT_POINTS="60")
        with Stream(port, DEAR) as dear, Stream(port, CHANGES, token=token_of(cast.peer)) as cheap:
            for stream in (dear, cheap):
                assert stream.event(heartbeats=True) == Event(HEARTBEAT)
            for number in range(told):
                create_challenge(cast.viewer("author"), title=f"Why {number}?", body="How?")
            kinds = [event.data["data"]["knowledgeChanged"]["kind"] for _ in range(told) if (event := cheap.event())]
            *before, refused, complete = dear.rest()
    finally:
        programs.end()
    assert kinds == ["CHALLENGE_CREATED"] * told
    # Ten points each, whatever minute ends meanwhile.
    assert len(before) < told
    assert [error["extensions"]["code"] for error in refused.data["errors"]] == ["RATE_LIMITED"]
    assert complete == COMPLETE
