"""A document as plain data: what the command line prints and what benchmarks score."""

from pathlib import Path
from typing import Any

from knowledge.documents.document import Document, Named
from knowledge.documents.errors import DocumentError
from knowledge.documents.parser import parse_document

__all__ = ["report_on_document", "report_on_file"]


def report_on_file(path: Path) -> dict[str, Any]:
    """The report on a file, or `{"file": …, "error": {"code": …, "message": …}}` when it cannot be read."""
    try:
        document = parse_document(path.read_bytes())
    except DocumentError as error:
        return _failure(path, error.code.value, str(error))
    except OSError as error:
        return _failure(
            path, "NOT_FOUND" if isinstance(error, FileNotFoundError) else "INVALID", error.strerror or str(error)
        )
    return {"file": str(path), **report_on_document(document)}


def report_on_document(document: Document) -> dict[str, Any]:
    """Names as they were written, practices and learnings as sentences, challenges and warnings with their lines."""
    return {
        "title": document.title,
        "technologies": _names(document.technologies),
        "tools": _names(document.tools),
        "concepts": _names(document.concepts),
        "best_practices": [named.sentence for named in document.best_practices],
        "learnings": [named.sentence for named in document.learnings],
        "challenges": [
            {"challenge": challenge.challenge, "solution": challenge.solution, "line": challenge.line}
            for challenge in document.challenges
        ],
        "warnings": [{"line": warning.line, "message": warning.message} for warning in document.warnings],
    }


def _names(named: tuple[Named, ...]) -> list[str]:
    return [one.name for one in named]


def _failure(path: Path, code: str, message: str) -> dict[str, Any]:
    return {"file": str(path), "error": {"code": code, "message": message}}
