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


class Names:
    """Names that are looked for in many texts; what that costs grows with the texts, hardly with the names."""

    def __init__(self, names: Iterable[str]) -> None:
        self._places = {name: place for place, name in enumerate(dict.fromkeys(names))}
        self._short = [name for name in self._places if len(name) <= _SHORT]
        self._by_first_word: dict[str, list[tuple[str, str]]] = {}
        for name in self._places:
            fenced = _fenced(name)
            if len(name) > _SHORT and fenced != "--":
                self._by_first_word.setdefault(fenced.split("-")[1], []).append((fenced, name))

    def within(self, text: str) -> tuple[str, ...]:
        """Those that stand in the text as whole words, in the order in which they were given."""
        words = _fenced(text)
        found = {name for name in self._short if name in text and _stands_alone(name, text)}
        for word in set(words.split("-")):
            found.update(name for fenced, name in self._by_first_word.get(word, ()) if fenced in words)
        return tuple(sorted(found, key=self._places.__getitem__))


def practices_in(text: str) -> tuple[str, ...]:
    """The well-known practices that the text speaks of."""
    words = _fenced(text)
    return tuple(name for name, signs in _PRACTICES if any(f"-{sign}-" in words for sign in signs))


def _stands_alone(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?![\w+#])", text) is not None


def _fenced(text: str) -> str:
    """The words of the text in slug letters, with a hyphen on either side of each."""
    return f"-{folded(text)}-"
