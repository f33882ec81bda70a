"""The id of a request: whose it is, where it goes."""

import json
import logging
from uuid import UUID

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from nexus_gql.logs import JsonFormatter
from nexus_gql.requests import RequestIdMiddleware, current_request_id

GOOD = ["a1b2c3d4", "0" * 64, "5f0c6c1e-0d4e-4b0e-9a51-7d3f6d7d0f10"]
BAD = [
    "",
    "short77",
    "0" * 65,
    "with space",
    "new\nline-and-more",
    "under_score1",
    "ünïcödé-1",
    "1234567;",
    "a1b2c3d4\n",
]


@pytest.mark.parametrize("given", GOOD)
def test_a_good_id_is_kept(client: Client, given: str) -> None:
    assert client.get("/livez", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", BAD)
def test_another_is_replaced_by_a_new_one(given: str) -> None:
    ids = {answer(given)[0] for _ in range(2)}
    assert len(ids) == 2
    assert all(UUID(each).hex == each for each in ids)


def answer(given: str = "") -> tuple[str, str | None, str | None]:
    """The id in the response, in what the view saw of the request, and in its log records' context."""
    seen: list[str | None] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.extend([request.headers["X-Request-ID"], current_request_id()])
        return HttpResponse()

    response = RequestIdMiddleware(view)(RequestFactory().get("/", headers={"X-Request-ID": given}))
    return response.headers["X-Request-ID"], seen[0], seen[1]


def test_the_view_and_its_log_records_see_the_id() -> None:
    assert answer("a1b2c3d4") == ("a1b2c3d4", "a1b2c3d4", "a1b2c3d4")
    new, seen, logged = answer()
    assert new == seen == logged
    assert current_request_id() is None


def formatted(message: str, *args: object, **extra: object) -> dict[str, str]:
    record = logging.getLogger("nexus").makeRecord("nexus", logging.WARNING, "f", 1, message, args, None, extra=extra)
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert line.isprintable()
    fields: dict[str, str] = json.loads(line)
    return fields


def test_a_record_is_one_line_whatever_people_wrote() -> None:
    evil = 'x\n{"level": "CRITICAL"}\r\x1b[31m\x00 \u2028 "quoted" ü'
    fields = formatted("said %s", evil)
    assert fields["message"] == f"said {evil}"
    assert (fields["level"], fields["logger"], "request_id" in fields) == ("WARNING", "nexus", False)
    assert fields["time"].endswith("+00:00")


def test_what_django_logs_after_the_request_still_has_its_id(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/nothing-here", headers={"X-Request-ID": "a1b2c3d4"})
    [record] = [each for each in caplog.records if each.name == "django.request"]
    assert json.loads(JsonFormatter().format(record))["request_id"] == "a1b2c3d4"


def test_a_traceback_stays_within_its_line() -> None:
    with pytest.raises(ValueError, match="broken") as raised:
        int("broken\nin two")
    info = (raised.type, raised.value, raised.tb)
    record = logging.getLogger("nexus").makeRecord("nexus", logging.ERROR, "f", 1, "oh", (), info)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line)["traceback"].startswith("Traceback (most recent call last):\n  File ")
