"""The admin in a real browser, against the real site."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.browser.conftest import CHROMIUM, DRIVER, NODE
from tests.cast import PASSWORD, make_cast
from tests.staff import rows


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (CHROMIUM names its executable)")
@pytest.mark.skipif(not DRIVER.exists(), reason="playwright-core is not installed (`npm ci` in tests/browser)")
def test_pages_and_a_change_of_role_work_within_the_policy(site: str, tmp_path: Path) -> None:
    cast = make_cast(PASSWORD)
    rows.everything(cast.staff)
    assert NODE is not None
    done = subprocess.run(
        [NODE, str(Path(__file__).parent / "admin.mjs"), f"{site}/admin/", "staff", "peer", str(tmp_path)],
        env={**os.environ, "ADMIN_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    cast.peer.refresh_from_db()
    assert cast.peer.role == "REVIEWER"
    pictures = {path.stem for path in tmp_path.glob("*.png")}
    assert {"sign-in", "index", "user-role", "tag-merge", "digest-retry", "digestdelivery-detail"} <= pictures
