"""Spellings of one name: which tag a name means that leads to none, by rules and by a vocabulary, never by likeness.

The rules are two. Spaces, hyphens and dots make no difference, but between digits: "Node JS" is "Node.js", "postgre
sql" is "PostgreSQL". A plural is its singular: "REST APIs" is "REST API". What else is one name is in a vocabulary.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from knowledge import outbox
from knowledge.events import EventType
from knowledge.models import Tag, TagAlias, TagCategory
from knowledge.models.tags import LISTED, Squeezed
from knowledge.services import tags
from knowledge.services.aliases import MOST
from knowledge.services.tags import Resolution
from knowledge.text import slug_for

_JOINT: Final = re.compile(r"(?<![0-9])-|-(?![0-9])")
_SIBILANT: Final = ("ches", "shes", "sses", "xes", "zes")
# They end with an s that makes no plural, or that says another thing: HTTPS is not HTTP.
_NO_PLURAL: Final = ("ss", "us", "is", "https", "ftps", "ldaps", "smtps", "imaps", "saas", "paas", "iaas")
# Shorter names are abbreviations: AWS, DNS.
_LEAST: Final = 3

Vocabulary = Mapping[str, tuple[str, ...]]


def resolve_spelled(wanted: Mapping[str, TagCategory], vocabulary: Vocabulary, *, now: datetime) -> Resolution:
    """The tags that the keys of `wanted` lead to or mean; unknown ones are made, with the other names they have.

    A name that leads to a tag leads there. One that leads nowhere means the tag of another spelling, if there is one,
    and becomes its alias; else the vocabulary's tag. `vocabulary` has a tag's name and its others. Records TAG_CREATED
    and TAG_UPDATED. Must be called inside a transaction, before any row of tags, entries or challenges is locked.
    """
    if not _Reading(wanted, vocabulary).changes_names:
        return tags.resolve_all(wanted, now=now)
    tags.change_names()  # two who make several names at once could each wait for a name of the other's
    reading = _Reading(wanted, vocabulary)
    meant = {reading.meant[name]: category for name, category in reversed(list(wanted.items()))}
    resolution = tags.resolve_all(meant, now=now)
    found = {name: resolution.tags[reading.meant[name]] for name in wanted}
    _add_aliases(found, resolution.created, vocabulary, now)
    return Resolution(found, resolution.created)


def spelling(slug: str) -> str:
    """What is equal for the slugs of one name's spellings."""
    squeezed = _JOINT.sub("", slug)
    singular = _singular(squeezed)
    return singular if len(singular) >= _LEAST else squeezed


def _singular(text: str) -> str:
    if not text.endswith("s") or (text.endswith(_NO_PLURAL) and not text.endswith("apis")):
        return text
    if text.endswith("ies"):
        return text[:-3] + "y"
    return text[:-2] if text.endswith(_SIBILANT) else text[:-1]


@dataclass(slots=True)
class _Reading:
    """Which name each of the names means: one that leads to a tag, or that a tag is to be made of."""

    wanted: Mapping[str, TagCategory]
    vocabulary: Vocabulary
    changes_names: bool = False
    meant: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        slugs = {name: slug_for(name) for name in self.wanted}
        groups = {spelling(slug_for(each)): name for name in self.vocabulary for each in self._group(name)}
        own_groups = {name: groups.get(spelling(slug)) for name, slug in slugs.items()}
        asked = {
            *slugs.values(),
            *(slug_for(each) for name in own_groups.values() if name for each in self._group(name)),
        }
        exact, spelt = _leading(asked)
        first: dict[str, str] = {}
        for name, slug in slugs.items():
            key, group = spelling(slug), own_groups[name]
            if slug in exact:
                meaning = name
            elif key in spelt:
                meaning = spelt[key]
            else:
                own = (spelt[each] for each in map(spelling, map(slug_for, self._group(group))) if each in spelt)
                meaning = next(own, group or first.setdefault(key, name))
                self.changes_names |= group is not None
            self.meant[name] = meaning
            self.changes_names |= meaning != name

    def _group(self, name: str | None) -> tuple[str, ...]:
        return () if name is None else (name, *self.vocabulary[name])


def _leading(slugs: Iterable[str]) -> tuple[set[str], dict[str, str]]:
    """Those of the slugs that lead to a tag; and by spelling, the slug of the oldest tag to which one leads."""
    squeezed = {each for slug in slugs for each in _ways_to_end(slug.replace("-", ""))}
    aliases = TagAlias.objects.annotate(squeezed=Squeezed("slug")).filter(squeezed__in=squeezed)
    exact: set[str] = set()
    spelt: dict[str, str] = {}
    for slug, tag_slug in aliases.order_by("tag_id", "slug").values_list("slug", "tag__slug"):
        exact.add(slug)
        spelt.setdefault(spelling(slug), tag_slug)
    return exact, spelt


def _ways_to_end(squeezed: str) -> set[str]:
    singular = _singular(squeezed)
    return {squeezed, singular, f"{singular}s", f"{singular}es", f"{singular.removesuffix('y')}ies"}


def _add_aliases(found: Mapping[str, Tag], created: Iterable[Tag], vocabulary: Vocabulary, now: datetime) -> None:
    """Makes each spelling an alias of the tag it means, as far as it is free and there is room."""
    wanted = [(tag, other) for tag in created for other in vocabulary.get(tag.name, ())]
    wanted += [(tag, name) for name, tag in found.items()]
    taken = set(TagAlias.objects.filter(slug__in={slug_for(name) for _, name in wanted}).values_list("slug", flat=True))
    tag_ids = {tag.pk for tag, _ in wanted}
    listed = list(TagAlias.objects.filter(tag__in=tag_ids, kind__in=LISTED).values_list("tag_id", flat=True))
    room = {pk: MOST - listed.count(pk) for pk in tag_ids}
    aliases: list[TagAlias] = []
    for tag, name in wanted:
        slug = slug_for(name)
        if slug not in taken and room[tag.pk] > 0:
            taken.add(slug)
            room[tag.pk] -= 1
            aliases.append(TagAlias(tag=tag, slug=slug, name=name))
    TagAlias.objects.bulk_create(aliases)
    new = {tag.pk for tag in created}
    changed = {alias.tag_id: alias.tag for alias in aliases if alias.tag_id not in new}
    outbox.record_all([outbox.about(EventType.TAG_UPDATED, tag, at=now) for tag in changed.values()])
