"""The other names of a tag, and that no name leads to two tags."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from knowledge.errors import MistakeCode, Mistakes
from knowledge.models import Tag, TagAlias, TagAliasKind
from knowledge.models.tags import LISTED, NAME_LENGTH
from knowledge.text import clean_line, slug_for

MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of a tag, and its place in the input."""

    name: str
    slug: str
    place: int


def clean_aliases(raw: Sequence[str], mistakes: Mistakes) -> list[Alias]:
    """Aliases that are fit to be stored, each slug once; notes what is wrong with each name, and TOO_MANY."""
    if len(raw) > MOST:
        mistakes.add(MistakeCode.TOO_MANY, f"There are {len(raw):,}; at most {MOST} fit.", "aliases")
        return []
    aliases: dict[str, Alias] = {}
    for place, given in enumerate(raw):
        name = clean_line(given, mistakes, "aliases", str(place), most=NAME_LENGTH)
        slug = slug_for(name)
        aliases.setdefault(slug, Alias(name, slug, place))
    return list(aliases.values())


def refuse_taken(tag: Tag, aliases: Sequence[Alias]) -> None:
    """Raises Rejected with DUPLICATE at the name and at each alias that leads to another tag."""
    wanted = {("aliases", str(alias.place)): alias.slug for alias in aliases} | {("name",): tag.slug}
    others = TagAlias.objects.filter(slug__in=set(wanted.values())).exclude(tag_id=tag.pk)
    taken = dict(others.values_list("slug", "tag__name"))
    mistakes = Mistakes()
    for path, slug in wanted.items():
        if slug in taken:
            mistakes.add(MistakeCode.DUPLICATE, f"This leads to the tag {taken[slug]}.", *path)
    mistakes.settle()


def replace_aliases(tag: Tag, aliases: Sequence[Alias]) -> None:
    """Makes these the listed aliases of a saved tag; `refuse_taken` has let them pass.

    A name that is left out leads nowhere from then on, unless its slug was a tag's own once.
    """
    wanted = {alias.slug: alias for alias in aliases}
    listed = TagAlias.objects.filter(tag=tag, kind__in=LISTED).exclude(slug__in=wanted)
    listed.filter(kind=TagAliasKind.ALIAS).delete()
    listed.update(kind=TagAliasKind.FORMER)
    for row in TagAlias.objects.filter(tag=tag, slug__in=wanted):
        alias = wanted.pop(row.slug)
        if row.kind != TagAliasKind.CANONICAL:
            row.name = alias.name
            row.kind = TagAliasKind.ALIAS if row.kind == TagAliasKind.ALIAS else TagAliasKind.FORMER_ALIAS
            row.save(update_fields=["name", "kind"])
    TagAlias.objects.bulk_create(TagAlias(tag=tag, slug=alias.slug, name=alias.name) for alias in wanted.values())
