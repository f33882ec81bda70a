"""Making a digest."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction

from knowledge.digests.compose import Composition, compose
from knowledge.digests.gather import LISTED, Brief, Section, gather, section_count
from knowledge.digests.holding import holding
from knowledge.digests.lifecycle import Claim, become_ready, give_up, report, take
from knowledge.digests.phrases import window_in_words
from knowledge.models import Digest, DigestItem, DigestSection

# What the gathering is of all the work, in percent.
GATHERED = 90


def make_digest(digest_id: int, *, now: datetime) -> bool:
    """Makes a digest that waits to be made; whether this call made it.

    May be called any number of times and at once: whoever claims the digest makes it, for the others there is nothing
    to do, and it becomes READY once. What goes wrong is raised again after the digest is QUEUED for another attempt,
    or FAILED after the last.
    """
    begun = monotonic()
    claim = take(digest_id, now)
    if claim is None:
        return False
    try:
        digest = Digest.objects.prefetch_related("tags").get(pk=digest_id)
        sections = _gather(claim, Brief.of(digest, now))
        tags = sorted(tag.name for tag in digest.tags.all())
        composition = compose(sections, window=window_in_words(digest.window_start, digest.window_end), tags=tags)
        return _finish(claim, sections, composition, now=_later(now, begun))
    except Exception:
        give_up(claim, _later(now, begun))
        raise


def _gather(claim: Claim, brief: Brief) -> list[Section]:
    """The sections that hold something; tells the progress after each."""
    sections = []
    for number, section in enumerate(gather(brief), 1):
        report(claim, GATHERED * number // section_count(brief))
        if section.items:
            sections.append(section)
    return sections


def _finish(claim: Claim, sections: Sequence[Section], composition: Composition, *, now: datetime) -> bool:
    """Writes it all in one transaction, so that nobody sees a READY digest without its sections."""
    with transaction.atomic():
        held = holding(sections)
        ready = become_ready(
            claim,
            now,
            body=composition.markdown,
            body_html=composition.html,
            body_text=composition.text,
            item_count=sum(len(section.listed) for section in sections),
        )
        if ready:
            _write_sections(claim.digest_id, held)
    return ready


def _write_sections(digest_id: int, sections: Sequence[Section]) -> None:
    rows = DigestSection.objects.bulk_create(
        DigestSection(
            digest_id=digest_id, position=position, kind=section.kind, title=section.title, total=section.total
        )
        for position, section in enumerate(sections, 1)
    )
    DigestItem.objects.bulk_create(
        DigestItem(
            section=row,
            position=position,
            headline=item.headline,
            excerpt=item.excerpt,
            reason=item.reason,
            listed=position <= LISTED,
            happened_at=item.happened_at,
            entry_id=item.entry_id,
            challenge_id=item.challenge_id,
            tag_id=item.tag_id,
        )
        for row, section in zip(rows, sections, strict=True)
        for position, item in enumerate(section.items, 1)
    )


def _later(now: datetime, begun: float) -> datetime:
    """What `now` has become since `begun`, a reading of the monotonic clock."""
    return now + timedelta(seconds=monotonic() - begun)
