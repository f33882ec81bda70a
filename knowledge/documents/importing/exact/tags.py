"""A tag with its other names."""

from collections.abc import Sequence

from knowledge.documents.exact.values import ExactTag
from knowledge.documents.importing.exact.bringing import Bringing
from knowledge.events import EventType
from knowledge.models import Tag, TagAlias
from knowledge.reads import listed_aliases
from knowledge.services import tags
from knowledge.services.aliases import Alias, replace_aliases
from knowledge.text import slug_for


def bring_tag(bringing: Bringing, told: ExactTag) -> None:
    """Makes the tag where there is none. A name that leads to another tag already goes on leading there."""
    if told.aliases:
        tags.change_names()  # as for whoever makes a tag with several names: see knowledge.services.tags
    tag = _there(told)
    if tag is None:
        _make(bringing, told)
    elif not _says_the_same(tag, told):
        bringing.warn(f"The tag “{tag.name}” is there already and says something else; it was left as it is.")


def _there(told: ExactTag) -> Tag | None:
    known = tags.lookup((told.slug, told.name))
    return known.get(told.slug) or known.get(told.name)


def _says_the_same(tag: Tag, told: ExactTag) -> bool:
    said = (tag.slug, tag.name, tag.category, tag.description, set(listed_aliases(tag.pk)))
    return said == (told.slug, told.name, told.category, told.description, set(told.aliases))


def _make(bringing: Bringing, told: ExactTag) -> None:
    slug = told.slug if bringing.restores else slug_for(told.name)
    tag = Tag(
        name=told.name,
        slug=slug,
        category=told.category,
        description=told.description,
        created_at=bringing.now,
        updated_at=bringing.now,
    )
    tag.save()
    replace_aliases(tag, _free(bringing, told, tag))
    bringing.tags_created += 1
    bringing.tell(EventType.TAG_CREATED, tag)


def _free(bringing: Bringing, told: ExactTag, tag: Tag) -> Sequence[Alias]:
    """The names that lead nowhere yet."""
    wanted = {slug_for(name): name for name in reversed(told.aliases)}
    taken = dict(TagAlias.objects.filter(slug__in=wanted).values_list("slug", "tag__name"))
    for slug in sorted(taken):
        if taken[slug] != tag.name:
            bringing.warn(f"“{wanted[slug]}” leads to the tag “{taken[slug]}” already, and goes on doing so.")
    free = [slug for slug in sorted(wanted) if slug not in taken]
    return [Alias(wanted[slug], slug, place) for place, slug in enumerate(free)]
