"""Names, practices and learnings: matched with the entries that are there, or made into new ones."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from knowledge.documents.importing.found import FoundEntry, digest
from knowledge.documents.importing.report import ImportItem, ItemKind, Outcome
from knowledge.documents.importing.work import Work
from knowledge.events import EventType
from knowledge.models import (
    Entry,
    EntryRevision,
    EntrySource,
    EntryStatus,
    EntryTag,
    RevisionState,
    TagAlias,
)
from knowledge.policy import VISIBLE, Viewer, publishes_imports
from knowledge.services import revisions
from knowledge.services.content import Written
from knowledge.text import render_markdown


class EntryImport:
    """The entries of one document. Its steps are run in the order in which they stand here."""

    def __init__(self, work: Work, found: Sequence[FoundEntry]) -> None:
        self.work = work
        self.found = found
        self.items: list[ImportItem] = []
        self.new: list[revisions.Beginning] = []
        self._rows = {row.entry_id: row for row in EntrySource.objects.filter(source=work.source)}
        self._revised: list[tuple[Entry, FoundEntry]] = []
        self._new_rows: list[EntrySource] = []
        self._moved_rows: list[EntrySource] = []

    def decide(self) -> None:
        """Locks the entries that are concerned, and decides what becomes of each thing found."""
        keys = self._keys()
        there = _Shelf(self._lock({key for names in keys.values() for key in names}), self._rows)
        written = {bytes(row.written): there.by_id[row.entry_id] for row in self._rows.values()}
        done: set[int] = set()
        for found in self.found:
            entry = written.get(found.digest) or there.find(keys[found.key], found)
            if entry is None:
                outcome, entry = Outcome.CREATED, self._create(found)
                there.add(entry, found.key)
            elif id(entry) in done:  # the document has two names for it; the first one spoke for both
                outcome = Outcome.UNCHANGED
            else:
                outcome = self._meet(entry, found)
            done.add(id(entry))
            self._note(found, outcome, entry)

    def insert(self) -> None:
        """Saves the new entries with their revisions."""
        revisions.begin(self.new)

    def tag_ids(self) -> set[int]:
        """The tags whose counts will change."""
        of_new = {tag.pk for new in self.new for tag in new.tags}
        of_revised = {tag.pk for _, found in self._revised for tag in self.work.carried(found.tags)}
        carried = EntryTag.objects.filter(entry__in=[entry.pk for entry, _ in self._revised])
        return of_new | of_revised | set(carried.values_list("tag_id", flat=True))

    def finish(self) -> None:
        """Saves what hangs on the new entries, what is said anew of others, and where each was named."""
        revisions.attach(self.new)
        for entry, found in self._revised:
            self._revise(entry, found)
        EntrySource.objects.bulk_create(self._new_rows)
        EntrySource.objects.bulk_update(self._moved_rows, ["line", "written"])
        published = publishes_imports(self.work.viewer)
        for new in self.new:
            self.work.tell(EventType.ENTRY_CREATED, new.entry, revision=1)
            event = EventType.ENTRY_PUBLISHED if published else EventType.ENTRY_SUBMITTED
            self.work.tell(event, new.entry, revision=1)

    def _keys(self) -> dict[str, set[str]]:
        """For each thing found, the keys that an entry of the same name may have: those of its tag's other names."""
        own_tags = {found.key: self.work.tags[found.own_tag].pk for found in self.found if found.own_tag}
        aliases: dict[int, set[str]] = {}
        for tag_id, slug in TagAlias.objects.filter(tag__in=set(own_tags.values())).values_list("tag_id", "slug"):
            aliases.setdefault(tag_id, set()).add(slug)
        return {found.key: {found.key} | aliases.get(own_tags.get(found.key, 0), set()) for found in self.found}

    def _lock(self, keys: set[str]) -> list[Entry]:
        named_so = Q(title_key__in=keys) & VISIBLE[Entry](self.work.viewer)
        entries = Entry.objects.select_for_update(no_key=True).filter(named_so | Q(pk__in=list(self._rows)))
        return list(entries.order_by("pk"))

    def _create(self, found: FoundEntry) -> Entry:
        work = self.work
        entry = Entry(author_id=work.author_id, created_at=work.now, updated_at=work.now)
        revision = EntryRevision(
            number=1,
            author_id=work.author_id,
            created_at=work.now,
            kind=found.kind,
            title=found.title,
            summary=found.summary,
            body=found.body,
            body_html=render_markdown(found.body),
        )
        hand_in(entry, revision, viewer=work.viewer, now=work.now)
        self.new.append(revisions.Beginning(entry, revision, work.carried(found.tags)))
        self._cite(entry, found)
        return entry

    def _meet(self, entry: Entry, found: FoundEntry) -> Outcome:
        row = self._rows.get(entry.pk)
        if row is None:
            self._cite(entry, found)
            return Outcome.MATCHED
        outcome = self._compare(entry, row, found)
        if outcome is Outcome.UPDATED:
            self._revised.append((entry, found))
            row.written = digest(entry.kind, entry.title, found.summary, found.body)
        if outcome is Outcome.UPDATED or row.line != found.line:
            row.line = found.line
            self._moved_rows.append(row)
        return outcome

    def _compare(self, entry: Entry, row: EntrySource, found: FoundEntry) -> Outcome:
        if bytes(row.written) == found.digest or (entry.summary, entry.body) == (found.summary, found.body):
            return Outcome.UNCHANGED
        edited = digest(entry.kind, entry.title, entry.summary, entry.body) != bytes(row.written)
        if edited or entry.source_count > 1 or not self._may_revise(entry):
            return Outcome.KEPT
        return Outcome.UPDATED

    def _may_revise(self, entry: Entry) -> bool:
        """Whether the importer's word can go into it: into their own unpublished one, or into what is published."""
        own = self.work.author_id is not None and entry.author_id == self.work.author_id
        if entry.status != EntryStatus.PUBLISHED:
            return own and entry.status != EntryStatus.ARCHIVED
        return publishes_imports(self.work.viewer) or self._own_open(entry) is None

    def _revise(self, entry: Entry, found: FoundEntry) -> None:
        columns = {"summary": found.summary, "body": found.body, "body_html": render_markdown(found.body)}
        shown = entry.status == EntryStatus.PUBLISHED and publishes_imports(self.work.viewer)
        revision = self._shown_revision(entry) if shown else self._handed_in_revision(entry)
        carried = {tag.pk: tag for tag in (*revision.tags.all(), *self.work.carried(found.tags))}
        revisions.write(revision, Written(columns), carried.values())
        if shown:
            revisions.publish(entry, revision, reviewer_id=self.work.author_id, now=self.work.now)
        elif entry.status != EntryStatus.PUBLISHED:
            revisions.show(entry, revision, now=self.work.now)
        self.work.tell(EventType.ENTRY_UPDATED, entry, revision=revision.number, shown=shown)

    def _shown_revision(self, entry: Entry) -> EntryRevision:
        revisions.retire_shown(entry)
        return revisions.propose(entry, author_id=self.work.author_id, state=RevisionState.APPROVED, now=self.work.now)

    def _handed_in_revision(self, entry: Entry) -> EntryRevision:
        """The importer's revision, not saved yet as handed in (again)."""
        revision = self._own_open(entry)
        if revision is None:
            revision = revisions.propose(entry, author_id=self.work.author_id, now=self.work.now)
        else:
            revision.version += 1
        if entry.status != EntryStatus.DRAFT:
            revision.state, revision.submitted_at = RevisionState.PENDING, self.work.now
        return revision

    def _own_open(self, entry: Entry) -> EntryRevision | None:
        return None if self.work.author_id is None else revisions.own_open(entry, self.work.author_id)

    def _cite(self, entry: Entry, found: FoundEntry) -> None:
        self._new_rows.append(
            EntrySource(source=self.work.source, entry=entry, kind=found.kind, line=found.line, written=found.digest)
        )

    def _note(self, found: FoundEntry, outcome: Outcome, entry: Entry) -> None:
        self.items.append(entry_item(self.work, found, outcome, entry))


def hand_in(entry: Entry, revision: EntryRevision, *, viewer: Viewer, now: datetime) -> EventType:
    """Lets a new entry that is not saved yet be shown, or wait for its review; answers the event that tells of it."""
    revision.submitted_at = now
    if not publishes_imports(viewer):
        entry.status, revision.state = EntryStatus.IN_REVIEW, RevisionState.PENDING
        return EventType.ENTRY_SUBMITTED
    entry.status, entry.published_at = EntryStatus.PUBLISHED, now
    revision.state, revision.reviewer_id, revision.reviewed_at = RevisionState.APPROVED, revision.author_id, now
    return EventType.ENTRY_PUBLISHED


def entry_item(work: Work, found: FoundEntry, outcome: Outcome, subject: Entry | None) -> ImportItem:
    """The report's line on an entry."""
    tags = work.tag_names(found.tags)
    return ImportItem(found.line, ItemKind(found.kind), outcome, found.title, found.summary, tags, subject)


class _Shelf:
    """The entries that an import may meet."""

    def __init__(self, entries: Iterable[Entry], brought_in: Collection[int]) -> None:
        self.by_id = {entry.pk: entry for entry in entries}
        self._brought_in = brought_in
        self._by_key: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.by_id.values():
            self.add(entry, entry.title_key)

    def add(self, entry: Entry, key: str) -> None:
        """Puts another one in."""
        self._by_key[key].append(entry)

    def find(self, keys: Iterable[str], found: FoundEntry) -> Entry | None:
        """The entry of one of these keys: best one that this document brought in, of the same kind, published, old."""
        candidates = (entry for key in keys for entry in self._by_key[key] if entry.kind in found.kinds)
        return min(candidates, key=lambda entry: self._distance(entry, found), default=None)

    def _distance(self, entry: Entry, found: FoundEntry) -> tuple[bool, bool, bool, int]:
        return (
            entry.pk not in self._brought_in,
            entry.kind != found.kind,
            entry.status != EntryStatus.PUBLISHED,
            entry.pk or 0,
        )
