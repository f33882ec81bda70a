"""Rows of every sort, not all of them for everyone to see, in which every text is marked as of its row and column."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Model, TextField

from knowledge.models import (
    AuditEvent,
    Bookmark,
    Challenge,
    Digest,
    DigestDelivery,
    DigestItem,
    DigestSection,
    DigestSubscription,
    Entry,
    EntryRevision,
    EntryStatus,
    MergeConflict,
    PersonalAccessToken,
    RefreshToken,
    RevisionState,
    Session,
    Solution,
    Source,
    Tag,
    User,
)
from tests.cast import Cast
from tests.schema.rows import (
    NOON,
    at,
    challenge,
    delivery,
    digest,
    entry,
    revision,
    section,
    solution,
    source,
    subscription,
    tag,
)

# What a search finds all by.
COMMON = "word"
MARK = re.compile("zq[0-9]{4}zq")
MARKED = (
    Challenge,
    Digest,
    DigestDelivery,
    DigestItem,
    DigestSection,
    DigestSubscription,
    Entry,
    EntryRevision,
    MergeConflict,
    PersonalAccessToken,
    Session,
    Solution,
    Source,
    Tag,
    User,
)
# Shorter than this, a column has no place for a mark.
PLACE = 20


@dataclass
class Marks:
    """For each mark, the row and the column that it stands in."""

    places: list[tuple[Model, str]] = field(default_factory=list)

    def new(self, row: Model, column: str) -> str:
        """A mark for the column of the row."""
        self.places.append((row, column))
        return f"zq{len(self.places) - 1:04}zq"

    def found(self, text: str) -> Iterator[tuple[str, Model, str]]:
        """The marks in a text, each with its row and column."""
        for mark in set(MARK.findall(text)):
            yield mark, *self.places[int(mark[2:-2])]

    def every_text(self) -> None:
        """Puts a mark into each text that rows of the models hold."""
        for model in MARKED:
            for row in model._default_manager.order_by("pk"):
                columns: dict[str, Any] = {column: self._marked(row, column) for column in texts(row)}
                if hasattr(row, "resources"):
                    mark = self.new(row, "resources")
                    columns["resources"] = [{"title": mark, "url": f"https://example.org/{mark}"}]
                model._default_manager.filter(pk=row.pk).update(**columns)
                row.refresh_from_db()

    def _marked(self, row: Model, column: str) -> str:
        joined = "-" if column in {"slug", "title_key"} else " "
        return f"{getattr(row, column)}{joined}{self.new(row, column)}"


def texts(row: Model) -> list[str]:
    """The columns that hold a text of the row's own, which is not empty."""
    return [
        each.name
        for each in row._meta.concrete_fields
        if isinstance(each, CharField | TextField)
        and not each.choices
        and getattr(row, each.name)
        and (each.max_length is None or each.max_length >= PLACE)
        and each.name != "username"
    ]


@dataclass(frozen=True)
class Library:
    """The cast, with all that they may and may not see."""

    cast: Cast
    marks: Marks


def make_library(cast: Cast) -> Library:
    """Saves it: everything hangs on one tag, one challenge and one source."""
    common = tag(f"Common {COMMON}", "Commonplace", description="It")
    asked = challenge(
        f"Asked {COMMON}", common, author=cast.author, body="B", body_html="<p>B</p>", status="CLOSED", close_reason="C"
    )
    entries = _entries(cast, common, asked)
    _revisions(cast, entries[0], common)
    source("Of all", *entries, asked, imported_by=cast.staff)
    source("Of a draft", entries[1], url="https://example.org/draft", imported_by=cast.reviewer)
    source("Of nobody's draft", entries[-1])
    _digests(cast, entries, asked, common)
    _people(cast, entries, asked)
    marks = Marks()
    marks.every_text()
    kept = AuditEvent(action="user.role_set", actor=cast.staff, subject_type="User", subject_id=cast.peer.pk)
    kept.detail, kept.address = {"note": marks.new(kept, "detail")}, marks.new(kept, "address")
    kept.save()
    return Library(cast, marks)


def _entries(cast: Cast, common: Tag, asked: Challenge) -> list[Entry]:
    """The first is published; of the others each is invisible to somebody. The last is a draft of nobody known."""
    side = tag(f"Side {COMMON}")
    made = []
    for number, (status, author) in enumerate(
        (
            (EntryStatus.PUBLISHED, cast.author),
            (EntryStatus.DRAFT, cast.author),
            (EntryStatus.DRAFT, cast.reviewer),
            (EntryStatus.IN_REVIEW, cast.author),
            (EntryStatus.IN_REVIEW, cast.reviewer),
            (EntryStatus.ARCHIVED, cast.author),
            (EntryStatus.PUBLISHED, cast.peer),
            (EntryStatus.DRAFT, None),
        )
    ):
        name = f"{status} {COMMON} {number}"
        fields: dict[str, Any] = {"title": name, "summary": f"On {name}", "body": f"It {name}."}
        fields |= {"body_html": f"<p>It {name}.</p>", "updated_at": at(number)}
        reason = "A" if status == EntryStatus.ARCHIVED else ""
        made.append(entry(**fields, author=author, status=status, challenges=(asked,), archive_reason=reason))
        made[-1].tags.set([common] if status == EntryStatus.PUBLISHED else [common, side])
    solution(asked, f"Solved {COMMON}", author=cast.peer, body_html=f"<p>Solved {COMMON}</p>", is_accepted=True)
    solution(challenge(f"Open {COMMON}", side, author=cast.peer), f"Tried {COMMON}", author=cast.author)
    return made


def _revisions(cast: Cast, shown: Entry, common: Tag) -> None:
    """Of the published entry a revision of every state, by whom it is of interest."""
    for number, (author, state) in enumerate(
        (
            (cast.peer, RevisionState.PENDING),
            (cast.author, RevisionState.DRAFT),
            (cast.reviewer, RevisionState.CHANGES_REQUESTED),
            (cast.staff, RevisionState.DISCARDED),
            (cast.staff, RevisionState.SUPERSEDED),
        ),
        2,
    ):
        said = {column: column for column in ("summary", "body", "body_html", "diff", "note", "review_comment")}
        made = revision(shown, number, state, common, author=author, reviewer=cast.staff, **said)
        MergeConflict.objects.create(revision=made, base=1, shown=9, merged="merged", is_clean=True)
    shown.revisions.filter(number=1).update(diff="What is shown", note="Note", review_comment="Good")


def _digests(cast: Cast, entries: list[Entry], asked: Challenge, common: Tag) -> None:
    """Of every audience, cadence and status of interest; one lists all entries."""
    ready = {"status": "READY"}
    made = [
        digest("Everyone's", common, **ready),
        digest("Asked for", common, cadence="ON_DEMAND", requested_by=cast.author, **ready),
        digest("Reviewers'", common, audience="REVIEWERS", **ready),
        digest("Unready", common, cadence="DAILY"),
        digest("Failed", common, cadence="MONTHLY", status="FAILED", failure="Why"),
    ]
    for each in made:
        lines: list[dict[str, Any]] = [{"entry": row} for row in entries]
        lines += [{"challenge": asked}, {"tag": common}, {"entry": entries[0], "listed": False}]
        section(each, "NEW_ENTRIES", *({"excerpt": "E", "reason": "new", **line} for line in lines))
        for user in (cast.author, cast.reviewer):
            delivery(each, user, status="SKIPPED", reason="Nothing new")


def _people(cast: Cast, entries: list[Entry], asked: Challenge) -> None:
    """Everybody keeps everything, subscribes, and is signed in somewhere, with a script."""
    for user in User.objects.order_by("pk"):
        Bookmark.objects.bulk_create([Bookmark(user=user, entry=row) for row in entries])
        Bookmark.objects.create(user=user, challenge=asked)
        subscription(user, *entries[0].tags.all(), active=False, paused_reason="Paused")
        for ended in (None, NOON):
            reason = "signed out" if ended else ""
            made = Session.objects.create(user=user, user_agent="Browser", ended_at=ended, end_reason=reason)
            RefreshToken.objects.create(session=made, token_hash=f"session {made.pk}".encode(), expires_at=at(100_000))
            secret = f"{user.pk} {ended}".encode()
            PersonalAccessToken.objects.create(
                user=user, name=f"Script {reason}", scope="READ", token_hash=secret, hint="hint", revoked_at=ended
            )
    User.objects.update(email="someone@example.org", bio="Bio")
