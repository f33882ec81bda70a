"""The vocabulary: tags that are made on purpose, renamed, and deleted when nothing carries them.

What people write into entries and challenges makes tags as well: `knowledge.services.tags`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone

from knowledge import audit, outbox
from knowledge.access import locked, permit, visible
from knowledge.errors import MistakeCode, Mistakes, Rejected
from knowledge.events import AuditAction, EventType
from knowledge.models import Tag, TagCategory
from knowledge.models.tags import DESCRIPTION_LENGTH, NAME_LENGTH
from knowledge.policy import Viewer, editable_tags, require_signed_in
from knowledge.services import tags
from knowledge.services.aliases import Alias, clean_aliases, refuse_taken, replace_aliases
from knowledge.services.carriers import is_carried, let_go, lock_carriers
from knowledge.services.content import clean_choice
from knowledge.services.naming import violated
from knowledge.text import clean_line, clean_text, slug_for


class TagChanges(TypedDict, total=False):
    """What may be given of a tag; what is not given stays. `aliases` replace those that it has."""

    name: str
    description: str
    category: str
    aliases: Sequence[str]


@transaction.atomic
def create_tag(
    viewer: Viewer,
    *,
    name: str,
    description: str = "",
    category: str = TagCategory.OTHER,
    aliases: Sequence[str] = (),
    now: datetime | None = None,
) -> Tag:
    """A new tag, with other names that lead to it. Its slug is made of its name.

    Records TAG_CREATED. Raises Unauthenticated, and Rejected: the input's mistakes at once, DUPLICATE at each name
    that leads to a tag already.
    """
    require_signed_in(viewer)
    columns, names = _clean({"name": name, "description": description, "category": category, "aliases": aliases})
    if names:
        tags.change_names()  # two who take several names at once could each wait for a name of the other's
    else:
        tags.keep_names()
    moment = now or timezone.now()
    tag = Tag(created_at=moment, updated_at=moment, **columns)
    refuse_taken(tag, names or ())
    try:
        with transaction.atomic():
            tag.save()
    except IntegrityError as error:
        if "slug" not in violated(error):
            raise
        raise Rejected.because(MistakeCode.DUPLICATE, "There is a tag of this name by now.", "name") from None
    replace_aliases(tag, names or ())
    outbox.record(EventType.TAG_CREATED, tag, at=moment)
    return tag


@transaction.atomic
def update_tag(
    viewer: Viewer,
    *,
    tag_id: int,
    expected_revision: int | None = None,
    now: datetime | None = None,
    **changes: Unpack[TagChanges],
) -> Tag:
    """The tag with the changes. Its slug follows its name, and the one that it had goes on leading to it.

    Records TAG_UPDATED. Raises Unauthenticated, Forbidden, and Rejected: the input's mistakes at once, NOT_FOUND,
    CONFLICT when the expected revision is another by now, DUPLICATE at each name that leads to another tag.
    """
    require_signed_in(viewer)
    columns, names = _clean(changes)
    tags.change_names()
    tag = locked(Tag, tag_id, viewer, may=editable_tags)
    if expected_revision is not None and expected_revision != tag.revision:
        message = f"You expected {expected_revision}, but it is {tag.revision} by now."
        raise Rejected.because(MistakeCode.CONFLICT, message, "expected_revision")
    for column, value in columns.items():
        setattr(tag, column, value)
    refuse_taken(tag, names or ())
    tag.revision += 1
    tag.updated_at = now or timezone.now()
    tag.save(update_fields=[*columns, "revision", "updated_at"])
    if names is not None:
        replace_aliases(tag, names)
    outbox.record(EventType.TAG_UPDATED, tag, at=tag.updated_at)
    return tag


@transaction.atomic
def delete_tag(viewer: Viewer, *, tag_id: int, now: datetime | None = None) -> int:
    """Deletes a tag that nothing carries, with every name that leads to it; answers its primary key.

    Revisions that are history lose it. Who subscribed to digests of this tag alone is not sent all digests instead: the
    subscription is paused. Records TAG_DELETED, and audits it. Raises Unauthenticated, Forbidden, and Rejected:
    NOT_FOUND, INVALID_STATE while an entry in whatever state, a challenge or an open revision carries it, or a digest
    of it is still to be made.
    """
    require_signed_in(viewer)
    tags.change_names()
    tag = visible(Tag, tag_id, viewer)
    permit(tag, viewer, editable_tags)
    lock_carriers([tag_id])
    if is_carried(tag):
        raise Rejected.because(MistakeCode.INVALID_STATE, "Something carries this tag; it can be merged.", "id")
    let_go(tag)
    moment = now or timezone.now()
    audit.record(AuditAction.TAG_DELETED, viewer=viewer, subject=tag, at=moment, name=tag.name, slug=tag.slug)
    outbox.record(EventType.TAG_DELETED, tag, at=moment, slug=tag.slug)
    tag.delete()
    return tag_id


def _clean(given: TagChanges) -> tuple[dict[str, Any], list[Alias] | None]:
    """The columns that were given, fit to be stored, and the aliases, None where none were given."""
    mistakes = Mistakes()
    columns: dict[str, Any] = {}
    if "name" in given:
        columns["name"] = clean_line(given["name"], mistakes, "name", most=NAME_LENGTH)
        columns["slug"] = slug_for(columns["name"])
    if "description" in given:
        described = clean_text(given["description"], mistakes, "description", most=DESCRIPTION_LENGTH, required=False)
        columns["description"] = described
    if "category" in given:
        columns["category"] = clean_choice(TagCategory, given["category"], mistakes, "category")
    names = clean_aliases(given["aliases"], mistakes) if "aliases" in given else None
    mistakes.settle()
    return columns, names
