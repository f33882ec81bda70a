"""The import of one document, in one transaction."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import TypeVar

from django.db import connection, transaction
from django.utils import timezone

from knowledge import outbox
from knowledge.documents.document import Challenge, Document, ParseWarning
from knowledge.documents.errors import DocumentError
from knowledge.documents.exact.reading import exact_text, read_exact
from knowledge.documents.importing.challenges import ChallengeImport, challenge_item
from knowledge.documents.importing.entries import EntryImport, entry_item
from knowledge.documents.importing.exact import bring_back
from knowledge.documents.importing.found import Found, found_in
from knowledge.documents.importing.report import ImportItem, Outcome, Report
from knowledge.documents.importing.retold import told_once
from knowledge.documents.importing.sources import Manuscript, seen_before, wait_for_turn
from knowledge.documents.importing.vocabulary import OTHER_NAMES
from knowledge.documents.importing.work import Work
from knowledge.documents.parser import parse_document
from knowledge.documents.source import text_of
from knowledge.errors import MistakeCode, Mistakes
from knowledge.events import EventType
from knowledge.models import ChallengeSource, EntrySource, Source, TagCategory
from knowledge.models.entries import TITLE_LENGTH
from knowledge.policy import Viewer, require_importer
from knowledge.services import tags
from knowledge.services.spellings import resolve_spelled
from knowledge.text import clean_line, clean_url, excerpt, slug_for, storable

UNTITLED = "Untitled document"

L = TypeVar("L", ImportItem, ParseWarning)


def import_document(
    viewer: Viewer,
    *,
    markdown: str | bytes,
    title: str | None = None,
    url: str | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
) -> tuple[Source | None, Report]:
    """The document's source, and what came of everything in it, in one transaction.

    A thing that is there already, by its name or its text, gains a source; it is never doubled. A document with the
    same url or the same text as before changes nothing; one whose text changed updates what it alone brought in and
    nobody edited since. New entries are PUBLISHED for reviewers, staff and the command line, else IN_REVIEW;
    challenges and solutions are public at once. With `dry_run` all is done and undone: the report is the same, but
    there is no source and no item has a subject. A document of an export is brought back as it is, and has no source
    but the one that it tells of: see knowledge.documents.importing.exact.

    Records DOCUMENT_IMPORTED and an event for each thing that is new or says something new. Raises Unauthenticated,
    Forbidden for the sources of an export where the viewer is not staff, and Rejected: REQUIRED, INVALID, TOO_LONG at
    ("markdown",), ("title",), ("url",), all at once; CONFLICT at ("url",) when somebody else imported it first and the
    viewer is not staff.
    """
    author_id = require_importer(viewer)
    manuscript, document = _read(markdown, title, url)
    return _in_one_transaction(viewer, author_id, manuscript, document, dry_run=dry_run, now=now)


def import_read(
    viewer: Viewer, *, document: Document, url: str | None = None, dry_run: bool = False, now: datetime | None = None
) -> tuple[Source | None, Report]:
    """As `import_document`, of what was read elsewhere already: it is known by its url, else by all that it says."""
    author_id = require_importer(viewer)
    mistakes = Mistakes()
    given_url = None if url is None else clean_url(url, mistakes, "url")
    mistakes.settle()
    clean = replace(
        document,
        title=storable(document.title),
        challenges=tuple(_storable(challenge) for challenge in document.challenges),
    )
    text = json.dumps(asdict(clean), ensure_ascii=False)
    manuscript = Manuscript(text, excerpt(" ".join(clean.title.split()), TITLE_LENGTH) or UNTITLED, given_url)
    return _in_one_transaction(viewer, author_id, manuscript, clean, dry_run=dry_run, now=now)


def _storable(challenge: Challenge) -> Challenge:
    solution = None if challenge.solution is None else storable(challenge.solution)
    return replace(challenge, title=storable(challenge.title), body=storable(challenge.body), solution=solution or None)


def _in_one_transaction(
    viewer: Viewer,
    author_id: int | None,
    manuscript: Manuscript,
    document: Document,
    *,
    dry_run: bool,
    now: datetime | None,
) -> tuple[Source | None, Report]:
    with transaction.atomic():
        source, report = _import(viewer, author_id, manuscript, document, now or timezone.now())
        if dry_run:
            connection.check_constraints()  # what would only be found out by the commit
            transaction.set_rollback(True)
    if dry_run:
        return None, replace(report, items=tuple(replace(item, subject=None) for item in report.items))
    return source, report


def _read(markdown: str | bytes, title: str | None, url: str | None) -> tuple[Manuscript, Document]:
    mistakes = Mistakes()
    given_title = None if title is None else clean_line(title, mistakes, "title", most=TITLE_LENGTH, required=False)
    given_url = None if url is None else clean_url(url, mistakes, "url")
    text, document = "", Document(title="")
    try:
        if (exact := exact_text(markdown)) is not None:
            return _read_exact(exact, title, url)
        source = text_of(markdown)
        text = storable(source.text)
        document = parse_document(replace(source, text=text), title=given_title or None)
    except DocumentError as error:
        mistakes.add(error.code, str(error), "markdown")
    else:
        clean_line(text, mistakes, "markdown", most=len(text))
    mistakes.settle()
    own_title = excerpt(" ".join(document.title.split()), TITLE_LENGTH)
    return Manuscript(text, given_title or own_title or UNTITLED, given_url), document


def _read_exact(text: str, title: str | None, url: str | None) -> tuple[Manuscript, Document]:
    """A document of an export says itself what it is called and where it lives. Raises Rejected and DocumentError."""
    mistakes = Mistakes()
    for name, given in (("title", title), ("url", url)):
        if given is not None:
            mistakes.add(MistakeCode.INVALID, "A document of an export brings its own.", name)
    mistakes.settle()
    return Manuscript(text, UNTITLED, None), Document(title="", exact=read_exact(text))


def _import(
    viewer: Viewer, author_id: int | None, manuscript: Manuscript, document: Document, now: datetime
) -> tuple[Source | None, Report]:
    if document.exact is not None:
        return bring_back(viewer, author_id, document.exact, now=now)
    found, retold = _told_once(found_in(document))
    wait_for_turn()
    source = seen_before(manuscript, viewer)
    if source is not None and bytes(source.content_hash) == manuscript.digest:
        return source, Report(
            _unchanged(source, found, viewer, now),
            _in_order([*document.warnings, *retold]),
            tags_created=0,
            solutions_created=0,
        )
    resolution = resolve_spelled(found.tags, OTHER_NAMES, now=now)
    source = _saved(source, manuscript, author_id, now)
    work = Work(viewer, author_id, source, now, resolution.tags)
    from_entries = EntryImport(work, found.entries)
    from_challenges = ChallengeImport(work, found.challenges)
    # This order is that of the locks; see knowledge.services.tags.
    from_entries.decide()
    from_challenges.decide()
    from_challenges.insert()
    from_entries.insert()
    tags.hold(from_entries.tag_ids() | from_challenges.tag_ids())
    from_entries.finish()
    from_challenges.finish()
    report = Report(
        _in_order([*from_entries.items, *from_challenges.items]),
        _in_order([*document.warnings, *retold, *from_challenges.warnings]),
        tags_created=len(resolution.created),
        solutions_created=from_challenges.solutions_created,
    )
    work.tell(EventType.DOCUMENT_IMPORTED, source)
    outbox.record_all(work.events)
    return source, report


def _saved(source: Source | None, manuscript: Manuscript, author_id: int | None, now: datetime) -> Source:
    if source is None:
        return Source.objects.create(
            title=manuscript.title,
            url=manuscript.url,
            content_hash=manuscript.digest,
            imported_by_id=author_id,
            imported_at=now,
            updated_at=now,
        )
    source.title = manuscript.title
    source.content_hash = manuscript.digest
    source.updated_at = now
    source.save(update_fields=["title", "content_hash", "updated_at"])
    return source


def _unchanged(source: Source, found: Found, viewer: Viewer, now: datetime) -> tuple[ImportItem, ...]:
    """The report's items for a document that says what it said before; nothing is written."""
    work = Work(viewer, None, source, now, tags.lookup(found.tags))
    entry_rows = EntrySource.objects.filter(source=source).select_related("entry")
    named = {bytes(row.written): row.entry for row in entry_rows}
    challenge_rows = ChallengeSource.objects.filter(source=source).select_related("challenge")
    told = {bytes(row.written): row.challenge for row in challenge_rows}
    return _in_order(
        [
            *(entry_item(work, each, Outcome.UNCHANGED, named.get(each.digest)) for each in found.entries),
            *(challenge_item(work, each, Outcome.UNCHANGED, told.get(each.digest)) for each in found.challenges),
        ]
    )


def _told_once(found: Found) -> tuple[Found, tuple[ParseWarning, ...]]:
    naming = (TagCategory.TECHNOLOGY, TagCategory.TOOL)
    names = [slug_for(name) for name, category in found.tags.items() if category in naming]
    challenges, warnings = told_once(found.challenges, names)
    return replace(found, challenges=challenges), warnings


def _in_order(items: list[L]) -> tuple[L, ...]:
    return tuple(sorted(items, key=lambda item: item.line))
