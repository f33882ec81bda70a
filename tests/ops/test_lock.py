"""One `make run` in a checkout at a time."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ops.checkout import ROOT
from ops.errors import CannotRun
from ops.lock import only_one

HOLDER = """
import sys
from pathlib import Path
from ops.lock import only_one
with only_one(Path(sys.argv[1]), "It", patience=0):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_living_holder_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(CannotRun, match=rf"^It is already running here \(process {holder.pid}\)\.$"),
            only_one(path, "It", patience=60),
        ):
            pytest.fail("two at once")
        holder.communicate()
    with only_one(path, "It", patience=0):
        assert path.read_text() == str(os.getpid())


def test_what_a_killed_holder_left_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with only_one(path, "It", patience=0) as descriptor:
        kept = os.dup(descriptor)
    path.write_text("0")  # no living process
    with pytest.raises(CannotRun, match=r"^It is already running here\.$"), only_one(path, "It", patience=0.2):
        pytest.fail("it is held")
    threading.Timer(0.3, os.close, [kept]).start()
    with only_one(path, "It", patience=10):
        assert path.read_text() == str(os.getpid())
