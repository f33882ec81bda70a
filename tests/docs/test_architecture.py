"""docs/architecture.md tells the order of modules that import-linter holds."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ORDER = re.compile(r"low to high: ([^.]*)\.")


def test_the_layers_of_the_domain_are_told() -> None:
    told = ORDER.search((ROOT / "docs/architecture.md").read_text("utf-8"))
    assert told
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (held,) = (each["layers"] for each in linter["contracts"] if each.get("containers") == ["knowledge"])

    layers = [set(re.findall(r"\w+", layer)) for layer in told[1].split("→")]

    assert layers == [set(re.findall(r"\w+", layer)) for layer in reversed(held)]
