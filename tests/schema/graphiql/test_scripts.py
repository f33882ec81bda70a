"""The page's own scripts, tested by Node.js itself: each *.test.mjs beside this file."""

import shutil
import subprocess
from pathlib import Path

import pytest

NODE = shutil.which("node")
SCRIPTS = sorted(Path(__file__).parent.glob("*.test.mjs"))


@pytest.mark.node
@pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script(script: Path) -> None:
    assert NODE is not None
    done = subprocess.run([NODE, "--test", str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
