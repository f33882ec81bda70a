"""Where knowledge came from: a source, and what it named."""

import hashlib
from collections.abc import Iterable

from knowledge.documents.exact.values import ExactSource, Told
from knowledge.documents.importing.exact.bringing import Bringing
from knowledge.documents.importing.report import Outcome
from knowledge.events import EventType
from knowledge.models import Challenge, ChallengeSource, Entry, EntrySource, Solution, Source
from knowledge.policy import ANONYMOUS, VISIBLE, require_restorer


def bring_source(bringing: Bringing, told: ExactSource) -> None:
    """Makes the source where there is none, and puts to it what it names and lacks.

    Raises Forbidden for who may not.
    """
    require_restorer(bringing.viewer)
    source = _there(told)
    if source is None:
        source = _make(bringing, told)
    elif source.title != told.title:
        bringing.warn(f"The source “{source.title}” is there already under this title; it was left as it is.")
    bringing.source = source
    _put_entries(bringing, source, told)
    _put_challenges(bringing, source, told)
    bringing.items.sort(key=lambda item: item.line)


def _there(told: ExactSource) -> Source | None:
    if told.url is not None:
        return Source.objects.filter(url=told.url).first()
    # Counted as an export counts them: among those that everyone sees.
    seen = Source.objects.filter(VISIBLE[Source](ANONYMOUS), url=None, content_hash=bytes.fromhex(told.text_hash))
    own = Source.objects.filter(url=None, content_hash=_own_hash(told))
    return seen.order_by("pk")[told.copy - 1 : told.copy].first() or own.first()


def _own_hash(told: ExactSource) -> bytes:
    """By which the source is known. Several people's copies of one text become one importer's: each needs its own."""
    text_hash = bytes.fromhex(told.text_hash)
    return text_hash if told.copy == 1 else hashlib.sha256(text_hash + str(told.copy).encode()).digest()


def _make(bringing: Bringing, told: ExactSource) -> Source:
    source = Source.objects.create(
        title=told.title,
        url=told.url,
        content_hash=bytes.fromhex(told.text_hash) if told.url else _own_hash(told),
        imported_by_id=bringing.author_id,
        imported_at=told.imported,
        updated_at=told.updated,
    )
    bringing.tell(EventType.DOCUMENT_IMPORTED, source, source=source.pk)
    return source


def _put_entries(bringing: Bringing, source: Source, told: ExactSource) -> None:
    wanted = {each.slug: each for each in told.told if not each.is_challenge}
    seen = Entry.objects.filter(VISIBLE[Entry](bringing.viewer), slug__in=wanted)
    # Locked in the order of ids: each new row is counted in its entry.
    entries = list(seen.select_for_update(no_key=True).prefetch_related("tags").order_by("pk"))
    there = set(EntrySource.objects.filter(source=source).values_list("entry_id", flat=True))
    EntrySource.objects.bulk_create(
        EntrySource(source=source, entry=entry, kind=each.kind, line=each.line, written=bytes.fromhex(each.written))
        for entry, each in ((entry, wanted[entry.slug]) for entry in entries)
        if entry.pk not in there
    )
    for entry in entries:
        _note(bringing, entry, wanted.pop(entry.slug), entry.summary, new=entry.pk not in there)
    _tell_missing(bringing, wanted.values())


def _put_challenges(bringing: Bringing, source: Source, told: ExactSource) -> None:
    wanted = {each.slug: each for each in told.told if each.is_challenge}
    seen = Challenge.objects.filter(VISIBLE[Challenge](bringing.viewer), slug__in=wanted)
    challenges = list(seen.prefetch_related("tags").order_by("pk"))
    there = set(ChallengeSource.objects.filter(source=source).values_list("challenge_id", flat=True))
    new = [challenge for challenge in challenges if challenge.pk not in there]
    solutions = _solutions(new)
    ChallengeSource.objects.bulk_create(
        ChallengeSource(
            source=source,
            challenge=challenge,
            solution=solutions.get((challenge.pk, each.solution)),
            line=each.line,
            written=bytes.fromhex(each.written),
        )
        for challenge, each in ((challenge, wanted[challenge.slug]) for challenge in new)
    )
    for challenge in challenges:
        _note(bringing, challenge, wanted.pop(challenge.slug), "", new=challenge.pk not in there)
    _tell_missing(bringing, wanted.values())


def _solutions(challenges: list[Challenge]) -> dict[tuple[int, str], Solution]:
    """Solutions that no source brought in yet, the first of the same words, by challenge and hash."""
    free = Solution.objects.filter(challenge__in=challenges, origin=None).order_by("-created_at", "-pk")
    return {(solution.challenge_id, solution_hash(solution.body)): solution for solution in free}


def solution_hash(body: str) -> str:
    """By which a source's row refers to a solution."""
    return hashlib.sha256(body.encode()).hexdigest()


def _note(bringing: Bringing, subject: Entry | Challenge, told: Told, text: str, *, new: bool) -> None:
    outcome = Outcome.MATCHED if new else Outcome.UNCHANGED
    names = sorted(tag.name for tag in subject.tags.all())
    bringing.note(outcome, subject, text, names, line=told.at)


def _tell_missing(bringing: Bringing, missing: Iterable[Told]) -> None:
    for each in missing:
        what = "challenge" if each.is_challenge else "entry"
        bringing.warn(f"There is no {what} “{each.slug}” here: that the source names it was left out.", line=each.at)
