"""What a window and its tags hold, section by section, with the eyes of an audience.

Each section is ranked and capped, and each of its items says why it is in. What comes by the calendar keeps more of
each than it lists, for mails to those who asked for some tags alone. A section is one statement whatever it holds
(trends are three), its total counted in passing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any, Final

from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    Window,
)
from django.db.models.functions import Coalesce
from django.utils.html import strip_tags

from knowledge.digests.phrases import counted_plainly, span_in_words
from knowledge.digests.trends import Trend, trending_tags
from knowledge.models import (
    Challenge,
    ChallengeStatus,
    ChallengeTag,
    Digest,
    DigestAudience,
    DigestCadence,
    DigestSectionKind,
    Entry,
    EntryRevision,
    EntryStatus,
    EntryTag,
    RevisionState,
    RevisionTag,
    Role,
    SearchMiss,
    Solution,
)
from knowledge.policy import ANONYMOUS, Viewer, visible_entries, visible_revisions, waiting_revisions
from knowledge.text import excerpt

LISTED: Final = 10
KEPT: Final = 200
EXCERPT_LENGTH: Final = 200
EYES: Final = {DigestAudience.EVERYONE: ANONYMOUS, DigestAudience.REVIEWERS: Viewer(role=Role.REVIEWER)}


@dataclass(frozen=True, slots=True)
class Brief:
    """What a digest is about: its half-open window; its tags, any of them (none: everything); whose eyes; made when.

    `most` is how many items of a section are looked for.
    """

    start: datetime
    end: datetime
    tag_ids: frozenset[int]
    eyes: Viewer
    at: datetime
    most: int = KEPT

    @classmethod
    def of(cls, digest: Digest, at: datetime) -> "Brief":
        """That of a digest."""
        tag_ids = frozenset(tag.pk for tag in digest.tags.all())
        return cls(
            start=digest.window_start,
            end=digest.window_end,
            tag_ids=tag_ids,
            eyes=EYES[DigestAudience(digest.audience)],
            at=at,
            most=LISTED if digest.cadence == DigestCadence.ON_DEMAND else KEPT,
        )

    def within(self, field: str) -> Q:
        """The moment in the field lies in the window."""
        return Q(**{f"{field}__gte": self.start, f"{field}__lt": self.end})

    def tagged(self, through: type[Model], field: str) -> Q:
        """The row that `through` calls `field` carries one of the tags."""
        if not self.tag_ids:
            return Q()
        return Q(Exists(through._default_manager.filter(tag_id__in=self.tag_ids, **{field: OuterRef("pk")})))


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a section, and why it is in; at most one of the ids.

    Told of the same subject with the same `happened_at`, it is no news; None for what is told as long as it is so.
    """

    headline: str
    reason: str
    excerpt: str = ""
    entry_id: int | None = None
    challenge_id: int | None = None
    tag_id: int | None = None
    happened_at: datetime | None = None

    @property
    def anchor(self) -> str:
        """Its subject's name within a page; empty without a subject."""
        subjects = {"entry": self.entry_id, "challenge": self.challenge_id, "tag": self.tag_id}
        return next((f"{kind}-{pk}" for kind, pk in subjects.items() if pk is not None), "")


@dataclass(frozen=True, slots=True)
class Section:
    """The best items of a kind, of which the first are listed, and how many there are in all."""

    kind: DigestSectionKind
    title: str
    items: tuple[Item, ...]
    total: int

    @property
    def listed(self) -> tuple[Item, ...]:
        """Those that are shown."""
        return self.items[:LISTED]

    @property
    def left_out(self) -> int:
        """How many are not shown."""
        return self.total - len(self.listed)


def gather(brief: Brief) -> Iterator[Section]:
    """The sections for the brief's eyes, in the order in which they are read; empty ones too."""
    for kind, title, items, for_reviewers in SECTIONS:
        if brief.eyes.reviews or not for_reviewers:
            found, total = items(brief)
            yield Section(kind, title, tuple(found), total)


def section_count(brief: Brief) -> int:
    """How many sections `gather` yields."""
    return sum(brief.eyes.reviews or not for_reviewers for _, _, _, for_reviewers in SECTIONS)


def new_entries(brief: Brief) -> tuple[list[Item], int]:
    """Entries that were first published in the window; the best voted first, then those that most documents name."""
    rows = _best(
        brief,
        _published(brief).filter(brief.within("published_at")),
        *("-score", "-source_count", "-published_at", "-pk"),
        at="published_at",
    )
    return [_entry_item(row, _new(row)) for row in rows], _total(rows)


def updated_entries(brief: Brief) -> tuple[list[Item], int]:
    """Entries published before, of which a new revision came to be shown in the window; the most revised first."""
    shown = EntryRevision.objects.filter(
        brief.within("reviewed_at"), state__in=[RevisionState.APPROVED, RevisionState.SUPERSEDED]
    )
    revised = _published(brief).filter(published_at__lt=brief.start, pk__in=shown.values("entry_id"))
    own = shown.filter(entry_id=OuterRef("pk"))
    latest = Subquery(own.order_by("-reviewed_at").values("reviewed_at")[:1])
    rows = _best(
        brief,
        revised.annotate(revisions_shown=_count_of(own, "entry_id"), shown_at=latest),
        *("-revisions_shown", "-score", "-updated_at", "-pk"),
        at="shown_at",
        also=("revisions_shown",),
    )
    return [_entry_item(row, _revised(row["revisions_shown"])) for row in rows], _total(rows)


def solved_challenges(brief: Brief) -> tuple[list[Item], int]:
    """Challenges that were solved in the window, with the beginning of the solution."""
    accepted = Solution.objects.filter(challenge_id=OuterRef("pk"), is_accepted=True)
    challenges = _challenges(brief, ChallengeStatus.SOLVED).filter(brief.within("solved_at"))
    rows = _best(
        brief,
        challenges.annotate(text=Subquery(accepted.values("body_html")[:1])),
        *("-score", "-solved_at", "-pk"),
        at="solved_at",
        also=("text", "created_at", "solved_at"),
    )
    return [
        _challenge_item(row, f"solved after {span_in_words(row['solved_at'] - row['created_at'])}") for row in rows
    ], _total(rows)


def open_challenges(brief: Brief) -> tuple[list[Item], int]:
    """Challenges that were asked in the window and are open; the best voted first, then those with fewest answers."""
    answers = Solution.objects.filter(challenge_id=OuterRef("pk"))
    challenges = _challenges(brief, ChallengeStatus.OPEN).filter(brief.within("created_at"))
    rows = _best(
        brief,
        challenges.annotate(answers=_count_of(answers, "challenge_id"), text=F("body_html")),
        *("-score", "answers", "-created_at", "-pk"),
        at="created_at",
        also=("text", "answers"),
    )
    return [_challenge_item(row, _unanswered(row["answers"])) for row in rows], _total(rows)


def trends(brief: Brief) -> tuple[list[Item], int]:
    """Tags that gained more entries and challenges than in the period before."""
    before = brief.start - (brief.end - brief.start)
    found = trending_tags(
        Entry.objects.filter(visible_entries(brief.eyes), brief.tagged(EntryTag, "entry_id")),
        Challenge.objects.filter(brief.tagged(ChallengeTag, "challenge_id")),
        periods=(before, brief.start, brief.end),
        most=brief.most,
    )
    return [
        Item(trend.name, _gained(trend), trend.description, tag_id=trend.tag_id, happened_at=brief.end)
        for trend in found
    ], len(found)


def search_gaps(brief: Brief) -> tuple[list[Item], int]:
    """Words that people searched for on the window's days, and found nothing."""
    last_moment = (brief.end - timedelta(microseconds=1)).astimezone(UTC)
    days = {"day__gte": brief.start.astimezone(UTC).date(), "day__lte": last_moment.date()}
    rows = SearchMiss.objects.filter(**days).values("words").annotate(times=Sum("count"))
    gaps = rows.order_by("-times", "words")[: brief.most]
    found = [
        Item(row["words"], f"searched for {_times(row['times'])}, nothing found", happened_at=brief.end) for row in gaps
    ]
    return found, len(found)


def review_queue(brief: Brief) -> tuple[list[Item], int]:
    """Revisions that were handed in before the window's end and wait for a review; the longest wait first."""
    waiting = EntryRevision.objects.filter(
        visible_revisions(brief.eyes),
        waiting_revisions(brief.eyes),
        brief.tagged(RevisionTag, "revision_id"),
        submitted_at__lt=brief.end,
    )
    rows = _best(brief, waiting, "submitted_at", "pk", also=("summary", "submitted_at", "entry_id"))
    return [
        Item(
            row["title"],
            f"waiting for {span_in_words(brief.at - row['submitted_at'])}",
            _beyond(row["title"], row["summary"]),
            entry_id=row["entry_id"],
        )
        for row in rows
    ], _total(rows)


SectionItems = Callable[[Brief], tuple[list[Item], int]]

# In the order in which they are read; the last says whether the section is for reviewers alone.
SECTIONS: Final[tuple[tuple[DigestSectionKind, str, SectionItems, bool], ...]] = (
    (DigestSectionKind.NEW_ENTRIES, "New entries", new_entries, False),
    (DigestSectionKind.UPDATED_ENTRIES, "Updated entries", updated_entries, False),
    (DigestSectionKind.SOLVED_CHALLENGES, "Solved challenges", solved_challenges, False),
    (DigestSectionKind.OPEN_CHALLENGES, "Open challenges", open_challenges, False),
    (DigestSectionKind.TRENDING_TAGS, "Trending tags", trends, False),
    (DigestSectionKind.SEARCH_GAPS, "Searched for and not found", search_gaps, True),
    (DigestSectionKind.REVIEW_QUEUE, "Waiting for a review", review_queue, True),
)


def _published(brief: Brief) -> QuerySet[Entry]:
    return Entry.objects.filter(
        visible_entries(brief.eyes), brief.tagged(EntryTag, "entry_id"), status=EntryStatus.PUBLISHED
    )


def _challenges(brief: Brief, status: ChallengeStatus) -> QuerySet[Challenge]:
    return Challenge.objects.filter(brief.tagged(ChallengeTag, "challenge_id"), status=status)


def _best(
    brief: Brief, rows: QuerySet[Any], *order: str, at: str | None = None, also: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """The first rows in this order; each knows the total, which is counted before the rest is cut off.

    `at` is the column that says when what is told happened.
    """
    entries = ("summary", "body_html", "score", "source_count") if rows.model is Entry else ()
    happened_at = F(at) if at else Value(None, output_field=DateTimeField())
    rows = rows.annotate(total=Window(Count("*")), happened_at=happened_at)
    return list(rows.order_by(*order).values("pk", "title", "happened_at", "total", *entries, *also)[: brief.most])


def _total(rows: list[dict[str, Any]]) -> int:
    return int(rows[0]["total"]) if rows else 0


def _count_of(rows: QuerySet[Any], group: str) -> Coalesce:
    counted = rows.order_by().values(group).annotate(number=Count("*")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _entry_item(row: dict[str, Any], reason: str) -> Item:
    text = row["summary"] or _plain(row["body_html"])
    return Item(row["title"], reason, _beyond(row["title"], text), entry_id=row["pk"], happened_at=row["happened_at"])


def _challenge_item(row: dict[str, Any], reason: str) -> Item:
    beginning = _beyond(row["title"], _plain(row["text"] or ""))
    return Item(row["title"], reason, beginning, challenge_id=row["pk"], happened_at=row["happened_at"])


def _plain(html: str) -> str:
    """The text of rendered Markdown."""
    return unescape(strip_tags(html))


def _beyond(title: str, text: str) -> str:
    """As much of the text as an item shows, on one line; nothing where it says no more than the title."""
    line = " ".join(text.split())
    return "" if line.rstrip(" .").casefold() == title.rstrip(" .").casefold() else excerpt(line, EXCERPT_LENGTH)


def _new(row: dict[str, Any]) -> str:
    if row["score"] > 0:
        return f"new, with a score of {row['score']}"
    return f"new, named by {row['source_count']} documents" if row["source_count"] > 1 else "new"


def _revised(times: int) -> str:
    return "revised" if times == 1 else f"revised {_times(times)}"


def _unanswered(answers: int) -> str:
    return f"new, {counted_plainly(answers, 'answer')}, none accepted" if answers else "new, no answer yet"


def _gained(trend: Trend) -> str:
    before = f"{trend.before:,} in the period before" if trend.before else "none in the period before"
    return f"{trend.now:,} new here, {before}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"
