"""A document to import, and what is told of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from knowledge.documents.importing import Report, import_document
from knowledge.errors import MistakeCode, Rejected
from knowledge.models import Source
from knowledge.policy import COMMAND_LINE, Viewer

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://example.com/readme"

DOCUMENT = """# My year

## Technologies
- **Django** – the web framework
- **Celery & RabbitMQ** – work in the background

## Collaboration tools
- GitHub: reviews
- Trello / Notion: tasks

## Backend concepts
- Caching Strategies: Redis, mostly

## Challenges
- **Challenge:** Mails block Django for a minute
  - **Solution:** Hand them to Celery.
- **Challenge:** Nobody knows why tests fail

## Best practices
- Code Review
- Write tests before you mend a bug in Django
"""


def taken(viewer: Viewer = COMMAND_LINE, markdown: str | bytes = DOCUMENT, **other: Any) -> tuple[Source, Report]:
    source, report = import_document(viewer, markdown=markdown, **{"now": NOW, **other})
    assert source is not None
    return source, report


def brief(report: Report) -> list[tuple[int, str, str, str]]:
    return [(item.line, item.kind, item.outcome, item.title) for item in report.items]


def outcomes(report: Report) -> dict[str, str]:
    return {item.title: item.outcome for item in report.items}


def mistakes(error: pytest.ExceptionInfo[Rejected]) -> list[tuple[str, MistakeCode]]:
    return [(".".join(mistake.path), mistake.code) for mistake in error.value.mistakes]
