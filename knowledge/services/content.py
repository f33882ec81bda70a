"""What people write into entries and challenges, cleaned field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Required, TypedDict, TypeVar

from django.db.models import Model, TextChoices

from knowledge.access import visible_ids
from knowledge.errors import MistakeCode, Mistakes
from knowledge.models import Challenge, EntryKind
from knowledge.models.entries import BODY_LENGTH, SUMMARY_LENGTH, TITLE_LENGTH
from knowledge.models.tags import NAME_LENGTH
from knowledge.policy import Viewer
from knowledge.text import clean_line, clean_text, clean_url, render_markdown

TAGS_MOST: Final = 10
RESOURCES_MOST: Final = 20
LINKS_MOST: Final = 50
REASON_LENGTH: Final = 500

M = TypeVar("M", bound=Model)
C = TypeVar("C", bound=TextChoices)


class ResourceGiven(TypedDict):
    """A page to read on."""

    title: str
    url: str


class ContentChanges(TypedDict, total=False):
    """What may be given of an entry's content; what is not given stays. `tags` are names, slugs or aliases."""

    kind: str
    title: str
    summary: str
    body: str
    tags: Sequence[str]
    resources: Sequence[ResourceGiven]
    challenge_ids: Sequence[int]


class NewContent(TypedDict, total=False):
    """What a new entry says. `tags` are names, slugs or aliases."""

    kind: Required[str]
    title: Required[str]
    summary: str
    body: Required[str]
    tags: Sequence[str]
    resources: Sequence[ResourceGiven]
    challenge_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Written:
    """Cleaned content: the columns that it sets; its tags' names and its challenges' ids, None where not given."""

    columns: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] | None = None
    challenge_ids: tuple[int, ...] | None = None


def clean_content(given: ContentChanges | NewContent, viewer: Viewer, mistakes: Mistakes) -> Written:
    """What was given, fit to be stored once no mistake was noted."""
    columns: dict[str, Any] = {}
    if "kind" in given:
        columns["kind"] = clean_choice(EntryKind, given["kind"], mistakes, "kind")
    if "title" in given:
        columns["title"] = clean_line(given["title"], mistakes, "title", most=TITLE_LENGTH)
    if "summary" in given:
        columns["summary"] = clean_line(given["summary"], mistakes, "summary", most=SUMMARY_LENGTH, required=False)
    if "body" in given:
        columns |= clean_body(given["body"], mistakes)
    if "resources" in given:
        columns["resources"] = _clean_resources(given["resources"], mistakes)
    challenge_ids = given.get("challenge_ids")
    tags = given.get("tags")
    return Written(
        columns,
        None if tags is None else clean_tags(tags, mistakes),
        None if challenge_ids is None else clean_links(Challenge, challenge_ids, viewer, mistakes, "challenge_ids"),
    )


def clean_body(raw: str, mistakes: Mistakes) -> dict[str, str]:
    """The columns `body` and `body_html`; the latter is only made of a body that is right."""
    found_before = len(mistakes.found)
    body = clean_text(raw, mistakes, "body", most=BODY_LENGTH)
    return {"body": body, "body_html": "" if len(mistakes.found) > found_before else render_markdown(body)}


def clean_reason(raw: str) -> str:
    """Why something is taken away, on one line; may be empty. Raises Rejected with its mistakes at ("reason",)."""
    mistakes = Mistakes()
    reason = clean_line(raw, mistakes, "reason", most=REASON_LENGTH, required=False)
    mistakes.settle()
    return reason


def clean_choice(choices: type[C], raw: str, mistakes: Mistakes, *path: str) -> C:
    """The choice called `raw`; notes INVALID, and answers the first one, where there is none."""
    try:
        return choices(raw)
    except ValueError:
        mistakes.add(MistakeCode.INVALID, f"This must be one of {', '.join(choices.values)}.", *path)
        return next(iter(choices))


def clean_tags(raw: Sequence[str], mistakes: Mistakes) -> tuple[str, ...]:
    """Names, slugs or aliases of tags, each once."""
    if not _at_most(TAGS_MOST, raw, mistakes, "tags"):
        return ()
    names = (clean_line(name, mistakes, "tags", str(at), most=NAME_LENGTH) for at, name in enumerate(raw))
    return tuple(dict.fromkeys(names))


def clean_links(
    model: type[M], raw: Sequence[int], viewer: Viewer, mistakes: Mistakes, field_name: str
) -> tuple[int, ...]:
    """Ids of rows that the viewer may see, each once; notes NOT_FOUND where a row is not there or not visible."""
    if not _at_most(LINKS_MOST, raw, mistakes, field_name):
        return ()
    there = visible_ids(model, raw, viewer) if raw else set()
    for at, pk in enumerate(raw):
        if pk not in there:
            name = model._meta.verbose_name
            mistakes.add(MistakeCode.NOT_FOUND, f"There is no such {name}.", field_name, str(at))
    return tuple(dict.fromkeys(raw))


def _clean_resources(raw: Sequence[ResourceGiven], mistakes: Mistakes) -> list[dict[str, str]]:
    if not _at_most(RESOURCES_MOST, raw, mistakes, "resources"):
        return []
    return [
        {
            "title": clean_line(resource["title"], mistakes, "resources", str(at), "title", most=TITLE_LENGTH),
            "url": clean_url(resource["url"], mistakes, "resources", str(at), "url"),
        }
        for at, resource in enumerate(raw)
    ]


def _at_most(most: int, items: Sequence[object], mistakes: Mistakes, *path: str) -> bool:
    if len(items) > most:
        mistakes.add(MistakeCode.TOO_MANY, f"There are {len(items):,}; at most {most} fit.", *path)
    return len(items) <= most
