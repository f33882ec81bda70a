"""What a sentence is about: names and well-known practices that stand in it."""

import re
from collections.abc import Iterable
from typing import Final

from knowledge.text import folded

# Shorter names are words of English as well: "Go", "R", "C". They count only where they are written just so.
_SHORT: Final = 3
_PRACTICES: Final = (
    ("12-Factor App", ("12-factor", "twelve-factor")),
    ("Clean code", ("clean", "readable", "modular", "maintainable", "dry", "refactor", "refactoring", "naming")),
    ("Testing", ("test", "tests", "testing", "tdd")),
    ("Error handling", ("error", "errors", "exception", "exceptions")),
    ("Validation", ("validate", "validation", "sanitize")),
    ("Security", ("security", "secure", "secret", "secrets", "credentials", "https", "vulnerabilities")),
    ("Documentation", ("document", "documented", "documenting", "documentation", "docs", "docstrings", "readme")),
    ("Version control", ("git", "commit", "commits", "branch", "branches", "version-control")),
    ("Code review", ("review", "reviews", "pull-request", "pull-requests")),
    ("Collaboration", ("collaborate", "collaboration", "communication", "communicate", "team", "teams", "teamwork")),
    ("CI/CD", ("ci", "ci-cd", "continuous-integration", "pipeline", "pipelines")),
    ("Monitoring", ("monitor", "monitoring", "log", "logs", "logging", "metrics", "observability")),
    ("Performance", ("performance", "cache", "caching", "optimize", "optimise", "profile", "index", "indexes")),
    ("Configuration", ("environment-variable", "environment-variables", "configuration", "env")),
)


def names_in(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that stand in the text as whole words, each once."""
    words = _fenced(text)
    return tuple(dict.fromkeys(name for name in names if _stands_in(name, text, words)))


def practices_in(text: str) -> tuple[str, ...]:
    """The well-known practices that the text speaks of."""
    words = _fenced(text)
    return tuple(name for name, signs in _PRACTICES if any(f"-{sign}-" in words for sign in signs))


def _stands_in(name: str, text: str, words: str) -> bool:
    if len(name) <= _SHORT:
        return re.search(rf"(?<!\w){re.escape(name)}(?![\w+#])", text) is not None
    return _fenced(name) in words


def _fenced(text: str) -> str:
    """The words of the text in slug letters, with a hyphen on either side of each."""
    return f"-{folded(text)}-"
