"""The page's reader of streams against the real thing."""

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from knowledge.digests import make_digest, request_digest
from schema.planner.ids import encode_id
from tests.cast import Cast

NODE = shutil.which("node")


@pytest.mark.node
@pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
@pytest.mark.django_db(transaction=True)
def test_graphiql_reads_streams(port: int, cast: Cast, tokens: dict[str, str | None]) -> None:
    assert NODE is not None
    start = datetime(2026, 3, 2, tzinfo=UTC)
    digest = request_digest(cast.viewer("author"), window_start=start, window_end=start + timedelta(days=7))
    make_digest(digest.pk, now=timezone.now())
    environment = {
        **os.environ,
        "NEXUS_TEST_STREAM_URL": f"http://127.0.0.1:{port}/graphql/stream",
        "NEXUS_TEST_DIGEST": encode_id("Digest", digest.pk),
        "NEXUS_TEST_TOKEN": tokens["author"] or "",
    }
    script = Path(__file__).parent / "graphiql.test.mjs"
    done = subprocess.run(
        [NODE, "--test", str(script)], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout
