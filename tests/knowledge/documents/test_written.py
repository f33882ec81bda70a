"""Whole documents as people write them, each in a way of its own (`written/`), and all that is in them.

`labels.jsonl` says what is to be found: an object a line, as the report has it. The folder is a corpus as well:
`make corpus CORPUS=tests/knowledge/documents/written`.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from knowledge.documents.report import report_on_file

WRITTEN = Path(__file__).parent / "written"
LABELS = [json.loads(line) for line in (WRITTEN / "labels.jsonl").read_text("utf-8").splitlines()]
KINDS = ("technologies", "tools", "concepts", "best_practices", "learnings", "challenges", "warnings")


@pytest.mark.parametrize("label", LABELS, ids=[label["repo"] for label in LABELS])
def test_all_that_is_in_a_document_is_found_and_nothing_else(label: dict[str, Any]) -> None:
    report = report_on_file(WRITTEN / label["file"])
    assert {kind: report[kind] for kind in KINDS} == {kind: label[kind] for kind in KINDS}


def test_every_document_is_labelled() -> None:
    assert sorted(label["file"] for label in LABELS) == sorted(path.name for path in WRITTEN.glob("*.md"))
