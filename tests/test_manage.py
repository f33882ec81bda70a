"""manage.py, as a person at a terminal meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BARE = {"PATH": os.environ["PATH"]}


def manage(data: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command, without any setting in its environment but these."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env={**BARE, "NEXUS_DATA_DIR": str(data), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_documents_are_parsed_without_any_setting(tmp_path: Path) -> None:
    document = tmp_path / "README.md"
    document.write_text("# Notes\n\n## Technologies\n\n- Django: the framework\n")
    done = manage(tmp_path, "parse_documents", str(document))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["technologies"] == ["Django"]


def test_other_commands_say_in_a_line_what_is_missing(tmp_path: Path) -> None:
    done = manage(tmp_path, "import_documents", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "nexus: SECRET_KEY is not set. It must be a secret of at least 32 characters."
        " Or start `make run`: while it runs, its settings are used.\n"
    )


def test_a_running_checkout_is_found(tmp_path: Path) -> None:
    told = {"SECRET_KEY": "s" * 40, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "NEXUS_ENV": "test"}
    (tmp_path / "environment.json").write_text(json.dumps(told))
    assert manage(tmp_path, "check").returncode == 0
    assert manage(tmp_path, "check", DATABASE_URL=told["DATABASE_URL"]).returncode == 0


def test_another_database_is_not_mixed_with_a_running_checkout(tmp_path: Path) -> None:
    told = {"SECRET_KEY": "s" * 40, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "NEXUS_ENV": "test"}
    (tmp_path / "environment.json").write_text(json.dumps(told))
    done = manage(tmp_path, "check", DATABASE_URL="postgresql://nobody@127.0.0.1:1/another")
    assert (done.returncode, done.stderr) == (
        1,
        "nexus: SECRET_KEY is not set. It must be a secret of at least 32 characters.\n",
    )
