"""An entry as it was shown."""

from django.db.models import Q

from knowledge.documents.exact.values import ExactEntry
from knowledge.documents.importing.entries import hand_in
from knowledge.documents.importing.exact.bringing import Bringing
from knowledge.documents.importing.report import Outcome
from knowledge.events import EventType
from knowledge.models import Entry, EntryRevision, EntrySlug
from knowledge.policy import VISIBLE
from knowledge.services import revisions, tags
from knowledge.text import render_markdown, title_key


def bring_entry(bringing: Bringing, told: ExactEntry) -> None:
    """Makes the entry where there is none; one that is there is left as it is."""
    known = tags.lookup(told.tags)
    entry = _there(bringing, told)
    if entry is None:
        entry, outcome = _make(bringing, told), Outcome.CREATED
    else:
        same = _says_the_same(entry, told, {tag.pk for tag in known.values()})
        outcome = Outcome.UNCHANGED if same and len(known) == len(set(told.tags)) else Outcome.KEPT
    names = (tag.name for tag in entry.tags.order_by("slug"))
    bringing.note(outcome, entry, told.summary, names)


def _there(bringing: Bringing, told: ExactEntry) -> Entry | None:
    """The entry at this address; else, where the address can't be had, one that says just the same."""
    seen = Entry.objects.filter(VISIBLE[Entry](bringing.viewer))
    at_address = seen.filter(slug=told.slug).first() or seen.filter(former_slugs__slug=told.slug).first()
    if at_address is not None or (bringing.restores and _is_free(told.slug)):
        return at_address
    alike = Q(title_key=title_key(told.title), title=told.title, kind=told.kind, summary=told.summary, body=told.body)
    return seen.filter(alike).order_by("pk").first()


def _is_free(slug: str) -> bool:
    return not (Entry.objects.filter(slug=slug).exists() or EntrySlug.objects.filter(slug=slug).exists())


def _says_the_same(entry: Entry, told: ExactEntry, carried: set[int]) -> bool:
    said = (entry.kind, entry.title, entry.summary, entry.body, entry.resources)
    return said == (told.kind, told.title, told.summary, told.body, _resources(told)) and carried == set(
        entry.tags.values_list("pk", flat=True)
    )


def _make(bringing: Bringing, told: ExactEntry) -> Entry:
    carried = bringing.resolved(told.tags)
    created = bringing.at(told.created)
    entry = Entry(
        slug=told.slug if bringing.restores else "",
        author_id=bringing.author_id,
        created_at=created,
        updated_at=bringing.at(told.updated),
    )
    revision = EntryRevision(
        number=1,
        author_id=bringing.author_id,
        created_at=created,
        kind=told.kind,
        title=told.title,
        summary=told.summary,
        body=told.body,
        body_html=render_markdown(told.body),
        resources=_resources(told),
    )
    event = hand_in(entry, revision, viewer=bringing.viewer, now=bringing.at(told.published))
    new = [revisions.Beginning(entry, revision, carried)]
    revisions.begin(new)
    tags.hold(tag.pk for tag in carried)
    revisions.attach(new)
    bringing.tell(EventType.ENTRY_CREATED, entry, revision=1)
    bringing.tell(event, entry, revision=1)
    return entry


def _resources(told: ExactEntry) -> list[dict[str, str]]:
    return [{"title": resource.title, "url": resource.url} for resource in told.resources]
