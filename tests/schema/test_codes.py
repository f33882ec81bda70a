"""The catalogue of error codes: told by the API, and nothing outside it is ever answered."""

import pytest
from django.http import HttpRequest, JsonResponse

from knowledge.errors import MistakeCode
from schema.errors import CATALOGUE, ErrorCode
from tests import codes
from tests.cast import Cast
from tests.client import Client


@pytest.mark.django_db
def test_the_api_tells_each_code_with_its_meaning(api: Client) -> None:
    told = api.run("{ errorCodes { code description retryable fix } }").data["errorCodes"]
    assert [each["code"] for each in told] == [code.name for code in CATALOGUE]
    assert {each["code"] for each in told if each["retryable"]} == {
        "RATE_LIMITED",
        "PERSISTED_QUERY_NOT_FOUND",
        "TIMEOUT",
        "UNAVAILABLE",
        "INTERNAL",
    }
    assert told[0] == {
        "code": "REQUIRED",
        "description": "Something that must be given is missing or empty.",
        "retryable": False,
        "fix": "Fill in the field.",
    }


def test_each_code_is_explained_and_each_mistake_has_one() -> None:
    assert set(CATALOGUE) == set(ErrorCode)
    assert {code.value for code in MistakeCode} <= set(ErrorCode)
    assert all(told.description and told.fix for told in CATALOGUE.values())


def test_what_tests_see_is_gathered(cast: Cast, api: Client) -> None:
    api.run("{ tags { totalCount } ")
    api.run("{ users { totalCount } }")
    api.run(
        'mutation { entryCreate(input: {kind: TOOL, title: "", body: "B"}) { errors { path code } } }', as_=cast.peer
    )
    assert codes.seen == {"GRAPHQL_PARSE_FAILED", "UNAUTHENTICATED", "REQUIRED"}


@pytest.mark.parametrize(
    ("answer", "unknown"),
    [
        ({"errors": [{"message": "No.", "extensions": {"code": "NOPE"}}]}, {"NOPE"}),
        ({"errors": [{"message": "No.", "locations": []}]}, {""}),
        ({"data": {"tagCreate": {"errors": [{"path": ["input"], "code": "ODD"}]}}}, {"ODD"}),
        ({"errors": [{"message": "No.", "extensions": {"code": "FORBIDDEN"}}]}, set()),
    ],
)
def test_a_code_outside_the_catalogue_is_found(answer: object, unknown: set[str]) -> None:
    codes.CodesMiddleware(lambda _request: JsonResponse(answer))(HttpRequest())
    assert codes.unknown() == unknown
    assert codes.unknown() == set()


NOPE = b'{"errors": [{"message": "No.", "extensions": {"code": "NOPE"}}]}'


@pytest.mark.parametrize(
    ("media_type", "body", "noted"),
    [
        ("application/json", NOPE, {"NOPE"}),
        ("text/event-stream", b"event: next\ndata: %b\n\nevent: complete\ndata:\n\n" % NOPE, {"NOPE"}),
        ("application/json", NOPE[:-1], set()),
        ("text/html", NOPE, set()),
    ],
)
def test_what_servers_and_streams_answer_is_gathered(media_type: str, body: bytes, noted: set[str]) -> None:
    codes.note_body(media_type, body)
    assert codes.unknown() == noted
