"""Somebody signs in, asks for a digest, and watches it being made: web, relay, worker and stream, each as it is."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.cast import PASSWORD, make_cast
from tests.knowledge.digests.rows import day, entry
from tests.schema.stream.reading import COMPLETE, Stream, start_stream
from tests.workers.programs import RELAY, WORKER, Programs

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SIGN_IN = "mutation ($name: String!, $password: String!) { tokenAuth(username: $name, password: $password) { token } }"
ASK = """mutation { digestRequest(input: {
    windowStart: "2026-03-02T00:00:00Z", windowEnd: "2026-03-09T00:00:00Z"}) {
    digest { id status } errors { code } } }"""
WATCH = "subscription ($id: ID!) { digestProgress(id: $id) { status progress itemCount } }"


def execute(client: Client, query: str, variables: dict[str, Any] | None = None, token: str | None = None) -> Any:
    headers = {"Authorization": f"JWT {token}"} if token else {}
    given = {"query": query, "variables": variables}
    answer = client.post("/graphql", given, content_type="application/json", headers=headers).json()
    assert "errors" not in answer, answer
    return answer["data"]


def test_a_digest_is_watched_from_the_queue_to_the_end(client: Client, tmp_path: Path) -> None:
    make_cast(PASSWORD)
    entry("Keyset cursors", day(3))
    programs = Programs(tmp_path)
    try:
        port = start_stream(programs)
        token = execute(client, SIGN_IN, {"name": "author", "password": PASSWORD})["tokenAuth"]["token"]
        digest = execute(client, ASK, token=token)["digestRequest"]["digest"]
        assert digest["status"] == "QUEUED"
        with Stream(port, WATCH, token=token, id=digest["id"]) as stream:
            first = stream.event()
            programs.start(*WORKER)
            programs.start(*RELAY)
            *between, last, end = stream.rest()
    finally:
        programs.end()

    assert first
    steps = [event.data["data"]["digestProgress"] for event in (first, *between, last)]
    assert steps[0] == {"status": "QUEUED", "progress": 0, "itemCount": 0}
    assert [step["progress"] for step in steps] == sorted(step["progress"] for step in steps)
    assert {step["status"] for step in steps[1:-1]} <= {"RUNNING"}
    assert steps[-1] == {"status": "READY", "progress": 100, "itemCount": 1}
    assert end == COMPLETE
