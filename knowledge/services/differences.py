"""What a revision changes, and what stands in its way: kept when it is written and when what is shown moves on.

Comparing costs time, and is asked for more often than it changes: so it is done once, by who writes.
"""

from knowledge.models import OPEN_STATES, Entry, EntryRevision, MergeConflict
from knowledge.text import Merged, merge, unified_diff


def from_base(revision: EntryRevision) -> str:
    """The unified diff of a saved revision against the one that it is based on; empty for an entry's first."""
    if revision.based_on is None:
        return ""
    base = base_of(revision)
    return unified_diff(
        in_lines(base), in_lines(revision), before_name=_name(base.number), after_name=_name(revision.number)
    )


def base_of(revision: EntryRevision) -> EntryRevision:
    """The revision that this one, which is not an entry's first, is based on."""
    return EntryRevision.objects.get(entry_id=revision.entry_id, number=revision.based_on or 0)


def in_lines(revision: EntryRevision) -> str:
    """A revision for people to compare: a line for each thing that it says of itself, then the body."""
    return "\n".join(
        [
            f"kind: {revision.kind}",
            f"title: {revision.title}",
            f"summary: {revision.summary}",
            *(f"tag: {name}" for name in revision.tags.order_by("slug").values_list("name", flat=True)),
            *(f"resource: {resource['title']} <{resource['url']}>" for resource in revision.resources),
            *(f"challenge: {title}" for title in revision.challenges.order_by("pk").values_list("title", flat=True)),
            "",
            revision.body,
        ]
    )


def merged_body(base: EntryRevision, shown: Entry, proposed: EntryRevision) -> Merged:
    """The base's body with what changed in both."""
    return merge(
        base.body,
        shown.body,
        proposed.body,
        shown_name=f"shown ({_name(shown.revision)})",
        proposed_name=_name(proposed.number),
    )


def settle_conflicts(entry: Entry) -> None:
    """Makes the conflicts of the entry's open revisions what they are now that another one is shown."""
    open_ones = entry.revisions.filter(state__in=OPEN_STATES, based_on__isnull=False)
    for revision in open_ones.exclude(based_on=entry.revision):
        settle_conflict(entry, revision)


def settle_conflict(entry: Entry, revision: EntryRevision) -> None:
    """Makes the conflict of a saved open revision what it is now: none, where it is based on what is shown."""
    if revision.based_on is None or revision.based_on == entry.revision:
        forget_conflict(revision)
        return
    merged = merged_body(base_of(revision), entry, revision)
    MergeConflict.objects.update_or_create(
        revision=revision,
        defaults={
            "base": revision.based_on,
            "shown": entry.revision,
            "merged": merged.text,
            "is_clean": merged.clean,
        },
    )


def forget_conflict(revision: EntryRevision) -> None:
    """Nothing stands in its way, or it does not want to go on."""
    MergeConflict.objects.filter(revision=revision).delete()


def _name(number: int) -> str:
    return f"revision {number}"
