"""docs/operations.md names every setting, and none that does not exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"env\.[a-z]+\(\s*[\"']([A-Z_]+)[\"']")
LISTED = re.compile(r"^\| (`[A-Z_`, ]+`) \|", re.MULTILINE)
NAME = re.compile(r"`([A-Z_]+)`")


def test_every_setting_is_explained() -> None:
    read = {name for path in (ROOT / "nexus_gql").glob("*.py") for name in READ.findall(path.read_text("utf-8"))}
    listed = NAME.findall(" ".join(LISTED.findall((ROOT / "docs/operations.md").read_text("utf-8"))))
    assert sorted(listed) == sorted(read)
