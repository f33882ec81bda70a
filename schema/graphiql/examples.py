"""The example operations that GraphiQL opens in tabs; each is a file that a test runs against the schema."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "examples"

# In the order of the tabs: the file's name without its extension, and what it shows.
_EXAMPLES: Final = (
    ("busiest-tags", "The busiest tags with their entries, challenges and solutions, in one request"),
    ("search-entries", "Entries that match a text, best match first"),
    ("sign-in", "Sign in; this page then sends your token with every request"),
    ("create-entry", "Write an entry as a draft of your own"),
    ("request-digest", "Ask for a digest of the last seven days, made in the background"),
    ("latest-digest", "Read the digest that was asked for last"),
)


@dataclass(frozen=True, slots=True)
class Example:
    """A GraphQL document, what it shows, and its variables as JSON text, empty where it takes none."""

    title: str
    query: str
    variables: str


def examples(*, now: datetime) -> tuple[Example, ...]:
    """All examples in tab order; times in their variables are seven days before `now`, and `now`."""
    # Up to this moment: what `make run` has just imported is in the digest that is asked for.
    week_ago, today = (_scalar(time) for time in (now - timedelta(days=7), now))
    return tuple(
        Example(
            title=template.title,
            query=template.query,
            variables=template.variables.replace("<week ago>", week_ago).replace("<now>", today),
        )
        for template in _templates()
    )


@cache
def _templates() -> tuple[Example, ...]:
    return tuple(_template(name, title) for name, title in _EXAMPLES)


def _template(name: str, title: str) -> Example:
    variables = _FOLDER / f"{name}.json"
    return Example(
        title=title,
        query=(_FOLDER / f"{name}.graphql").read_text(encoding="utf-8"),
        variables=_normal(variables.read_text(encoding="utf-8")) if variables.exists() else "",
    )


def _normal(text: str) -> str:
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False)


def _scalar(time: datetime) -> str:
    """The DateTime scalar's one form: UTC, Z, six digits; here on whole seconds."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
