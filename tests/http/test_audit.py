"""GraphQL over HTTP, as its own working group audits it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

AUDIT = Path(__file__).with_name("audit.mjs")


@pytest.mark.node
@pytest.mark.audit
@pytest.mark.django_db  # alone, it would be run without a database
def test_every_demand_of_the_audit_is_met(port: int) -> None:
    done = subprocess.run(
        [os.environ["NEXUS_TEST_NODE"], str(AUDIT), f"http://127.0.0.1:{port}/graphql"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"total": 61, "failures": []}
