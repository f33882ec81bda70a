"""GraphiQL in a real browser, against the real site."""

import subprocess
from pathlib import Path

import pytest

from tests.browser.conftest import CHROMIUM, DRIVER, NODE
from tests.schema.graphiql.packages import installed_or_skip

ROOT = Path(__file__).parents[2]


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (CHROMIUM names its executable)")
@pytest.mark.skipif(not DRIVER.exists(), reason="playwright-core is not installed (`npm ci` in tests/browser)")
def test_documentation_completion_and_a_query_work_within_the_policy(site: str, tmp_path: Path) -> None:
    installed_or_skip()
    image = tmp_path / "graphiql.png"
    assert NODE is not None
    done = subprocess.run(
        [NODE, str(ROOT / "ops" / "screenshot.mjs"), f"{site}/graphql", str(image)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert image.read_bytes().startswith(b"\x89PNG")
