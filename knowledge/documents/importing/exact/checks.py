"""What an export's document says, made fit to be stored: as it stands, but what no row could hold is refused.

Nothing is trimmed or squeezed as it is for what people type: it must come back as it was.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from django.db.models import TextChoices

from knowledge.documents.exact.values import (
    CHALLENGE,
    Exact,
    ExactAbout,
    ExactChallenge,
    ExactEntry,
    ExactResource,
    ExactSolution,
    ExactSource,
    ExactTag,
    Told,
)
from knowledge.errors import MistakeCode, Mistakes
from knowledge.models import ChallengeStatus, Difficulty, EntryKind, TagCategory
from knowledge.models.entries import BODY_LENGTH, REASON_LENGTH, SUMMARY_LENGTH, TITLE_LENGTH
from knowledge.models.tags import DESCRIPTION_LENGTH, NAME_LENGTH
from knowledge.policy import Viewer, restores_exports
from knowledge.services.content import LINKS_MOST, RESOURCES_MOST, TAGS_MOST
from knowledge.text import clean_url, storable

_PATH: Final = "markdown"
_TOLD_KINDS: Final = frozenset({*EntryKind.values, CHALLENGE})


def checked(value: Exact, viewer: Viewer) -> Exact:
    """The value, fit to be stored. Raises Rejected with every mistake at ("markdown",)."""
    checks = _Checks(viewer)
    clean: Exact = _CHECK[type(value)](checks, value)
    checks.mistakes.settle()
    return clean


class _Checks:
    def __init__(self, viewer: Viewer) -> None:
        self.mistakes = Mistakes()
        # What merged tags and many hands heap up comes back; nobody else brings in more than they could write.
        self.limited = not restores_exports(viewer)

    def tag(self, tag: ExactTag) -> ExactTag:
        self.choice(TagCategory, tag.category, "category")
        return replace(
            tag,
            name=self.line(tag.name, "name", NAME_LENGTH),
            description=self.text(tag.description, "description", DESCRIPTION_LENGTH),
            aliases=tuple(self.line(alias, "alias", NAME_LENGTH) for alias in tag.aliases),
        )

    def entry(self, entry: ExactEntry) -> ExactEntry:
        self.choice(EntryKind, entry.kind, "kind")
        self.at_most(TAGS_MOST, entry.tags, "tags", only_others=True)
        self.at_most(RESOURCES_MOST, entry.resources, "resources")
        return replace(
            entry,
            title=self.line(entry.title, "title", TITLE_LENGTH),
            summary=self.line(entry.summary, "summary", SUMMARY_LENGTH, required=False),
            body=self.text(entry.body, "body", BODY_LENGTH),
            resources=tuple(self.resource(each) for each in entry.resources),
        )

    def resource(self, resource: ExactResource) -> ExactResource:
        title = self.line(resource.title, "resource's title", TITLE_LENGTH)
        return ExactResource(title, clean_url(resource.url, self.mistakes, _PATH))

    def challenge(self, challenge: ExactChallenge) -> ExactChallenge:
        self.choice(Difficulty, challenge.difficulty, "difficulty")
        self.choice(ChallengeStatus, challenge.status, "status")
        self.at_most(TAGS_MOST, challenge.tags, "tags", only_others=True)
        self.at_most(LINKS_MOST, challenge.entries, "entries", only_others=True)
        if sum(solution.accepted for solution in challenge.solutions) > 1:
            self.mistakes.add(MistakeCode.INVALID, "More than one solution is accepted.", _PATH)
        return replace(
            challenge,
            title=self.line(challenge.title, "title", TITLE_LENGTH),
            body=self.text(challenge.body, "body", BODY_LENGTH),
            close_reason=self.line(challenge.close_reason, "close_reason", REASON_LENGTH, required=False),
            solutions=tuple(self.solution(each) for each in challenge.solutions),
        )

    def solution(self, solution: ExactSolution) -> ExactSolution:
        return replace(solution, body=self.text(solution.body, "solution", BODY_LENGTH, required=True))

    def source(self, source: ExactSource) -> ExactSource:
        return replace(
            source,
            title=self.line(source.title, "title", TITLE_LENGTH),
            url=None if source.url is None else clean_url(source.url, self.mistakes, _PATH),
            told=tuple(self.told(each) for each in source.told),
        )

    def told(self, told: Told) -> Told:
        if told.kind not in _TOLD_KINDS:
            self.mistakes.add(MistakeCode.INVALID, f"The kind in line {told.at} is not known.", _PATH)
        return told

    def about(self, about: ExactAbout) -> ExactAbout:
        return about

    def line(self, raw: str, what: str, most: int, *, required: bool = True) -> str:
        if "\n" in raw:
            self.mistakes.add(MistakeCode.INVALID, f"The {what} has more than one line.", _PATH)
        return self.text(raw, what, most, required=required)

    def text(self, raw: str, what: str, most: int, *, required: bool = False) -> str:
        text = storable(raw)
        if required and not text.strip():
            self.mistakes.add(MistakeCode.REQUIRED, f"The {what} is empty.", _PATH)
        if len(text) > most:
            self.mistakes.add(MistakeCode.TOO_LONG, f"The {what} has {len(text):,} characters; {most:,} fit.", _PATH)
        return text

    def choice(self, choices: type[TextChoices], raw: str, what: str) -> None:
        if raw not in choices.values:
            self.mistakes.add(MistakeCode.INVALID, f"The {what} must be one of {', '.join(choices.values)}.", _PATH)

    def at_most(self, most: int, items: Iterable[object], what: str, *, only_others: bool = False) -> None:
        count = len(tuple(items))
        if count > most and (self.limited or not only_others):
            self.mistakes.add(MistakeCode.TOO_MANY, f"There are {count:,} {what}; at most {most} fit.", _PATH)


_CHECK: Final[Mapping[type[Exact], Callable[[_Checks, Any], Exact]]] = {
    ExactTag: _Checks.tag,
    ExactEntry: _Checks.entry,
    ExactChallenge: _Checks.challenge,
    ExactSource: _Checks.source,
    ExactAbout: _Checks.about,
}
