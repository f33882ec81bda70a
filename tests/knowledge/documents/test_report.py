import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from knowledge.documents.report import report_on_file

JOURNEY = """\
# 🎓 My Journey
## Technologies & Tools
- **Python** – language
- **Celery & RabbitMQ** – jobs
### Collaboration
- Trello
## Concepts
- Caching
## What I Learned
- Patience
## Challenges
- **Challenge:** Slow pages
  **Solution:** An index
- Time
- [one more]
## Best Practices
- **Tests**: write them
"""


@pytest.fixture
def journey(tmp_path: Path) -> Path:
    path = tmp_path / "journey.md"
    path.write_text(JOURNEY, "utf-8")
    return path


def test_report_on_a_file(journey: Path) -> None:
    assert report_on_file(journey) == {
        "file": str(journey),
        "title": "My Journey",
        "technologies": ["Python", "Celery & RabbitMQ"],
        "tools": ["Trello"],
        "concepts": ["Caching"],
        "best_practices": ["Tests: write them"],
        "learnings": ["Patience"],
        "challenges": [
            {"challenge": "Slow pages", "solution": "An index", "line": 12},
            {"challenge": "Time", "solution": None, "line": 14},
        ],
        "warnings": [{"line": 15, "message": "This was not understood as a challenge."}],
    }


def test_report_on_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    missing, binary = tmp_path / "missing.md", tmp_path / "binary.md"
    binary.write_bytes(b"\x89PNG\r\n")
    assert report_on_file(missing) == {
        "file": str(missing),
        "error": {"code": "NOT_FOUND", "message": "No such file or directory"},
    }
    assert report_on_file(tmp_path)["error"] == {"code": "INVALID", "message": "Is a directory"}
    assert report_on_file(binary)["error"] == {
        "code": "INVALID",
        "message": "The document is neither UTF-8 text nor UTF-16 or Windows-1252 (byte 0).",
    }


def test_the_command_prints_an_object_a_line(journey: Path) -> None:
    printed = io.StringIO()
    call_command("parse_documents", str(journey), str(journey), stdout=printed)
    first, second = printed.getvalue().splitlines()
    assert json.loads(first) == json.loads(second) == report_on_file(journey)


def test_the_command_fails_after_all_files_are_printed(journey: Path, tmp_path: Path) -> None:
    printed = io.StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("parse_documents", str(tmp_path / "missing.md"), str(journey), stdout=printed)
    assert caught.value.code == 1
    failed, read = map(json.loads, printed.getvalue().splitlines())
    assert failed["error"]["code"] == "NOT_FOUND"
    assert read["title"] == "My Journey"
