"""The protocol's own client, as others use it, hears what is told."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from knowledge.digests import make_digest, request_digest
from knowledge.digests.gather import SECTIONS
from knowledge.digests.making import GATHERED
from knowledge.models import Digest
from schema.planner.ids import encode_id
from tests.cast import Cast
from tests.schema.stream.reading import PATH

CLIENT = Path(__file__).parents[2] / "http" / "stream.mjs"
pytestmark = [pytest.mark.node, pytest.mark.audit, pytest.mark.django_db(transaction=True)]


@contextmanager
def client(port: int, digest_id: int, token: str | None) -> Iterator[Iterator[Any]]:
    """What the client says, as it comes; it ends well afterwards."""
    given = [f"http://127.0.0.1:{port}{PATH}", encode_id("Digest", digest_id), *([token] if token else [])]
    with subprocess.Popen(
        [os.environ["NEXUS_TEST_NODE"], str(CLIENT), *given], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield map(json.loads, process.stdout)
    assert process.returncode == 0


def stage(status: str, progress: int) -> dict[str, Any]:
    return {"data": {"digestProgress": {"status": status, "progress": progress}}}


def asked(cast: Cast) -> Digest:
    week = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
    return request_digest(cast.viewer("author"), window_start=week[0], window_end=week[1])


def test_a_digest_from_queued_to_ready(port: int, cast: Cast, tokens: dict[str, str | None]) -> None:
    digest = asked(cast)
    with client(port, digest.pk, tokens["author"]) as said:
        assert next(said) == stage("QUEUED", 0)
        make_digest(digest.pk, now=timezone.now())
        *between, ready, end = said
    assert (ready, end) == (stage("READY", 100), "complete")
    # As many of the stages between as it was quick enough for, in their order.
    count = sum(not for_reviewers for *_, for_reviewers in SECTIONS)
    stages = [stage("RUNNING", GATHERED * number // count) for number in range(count + 1)]
    assert between == [each for each in stages if each in between]


def test_who_may_not_see_it_is_refused(port: int, cast: Cast, tokens: dict[str, str | None]) -> None:
    digest = asked(cast)
    make_digest(digest.pk, now=timezone.now())
    with client(port, digest.pk, tokens["author"]) as said:
        assert list(said) == [stage("READY", 100), "complete"]
    with client(port, digest.pk, None) as said:
        refused, end = said
    assert (refused["errors"][0]["extensions"], end) == ({"code": "NOT_FOUND"}, "complete")
