"""Tags: what they are called and are about, merging those that mean the same, deleting those that nothing carries."""

from typing import Any, Final

from django import forms
from django.core.validators import RegexValidator

from knowledge.models import Tag, TagCategory
from knowledge.models.tags import DESCRIPTION_LENGTH, NAME_LENGTH
from knowledge.policy import editable_tags
from knowledge.reads import listed_aliases
from knowledge.services import merging, vocabulary
from staff.filters import choice
from staff.pages import Page
from staff.verbs import Deed, Done, Lines, Preview, Verb

_KEYS: Final = r"^[0-9]{1,18}(,[0-9]{1,18})*\Z"


class TagForm(forms.Form):
    """All that can be changed of a tag, and the revision that it is changed from."""

    name = forms.CharField(max_length=NAME_LENGTH)
    category = forms.ChoiceField(choices=TagCategory.choices)
    description = forms.CharField(max_length=DESCRIPTION_LENGTH, required=False, widget=forms.Textarea)
    aliases = Lines(required=False, help_text="Other names that lead to it, one a line. They replace those it has.")
    expected_revision = forms.IntegerField(widget=forms.HiddenInput)


class MergeForm(forms.Form):
    """Which tags go; `found` are their keys, once a preview has found them."""

    names = Lines(label="Tags that go", help_text="Names, slugs or aliases, one a line.")
    found = forms.CharField(
        required=False,
        widget=forms.HiddenInput,
        max_length=500,
        validators=[RegexValidator(_KEYS)],
    )


def _as_it_is(tag: Tag) -> dict[str, Any]:
    return {
        "name": tag.name,
        "category": tag.category,
        "description": tag.description,
        "aliases": "\n".join(listed_aliases(tag.pk)),
        "expected_revision": tag.revision,
    }


def _update(deed: Deed) -> Done:
    tag = vocabulary.update_tag(deed.viewer, tag_id=deed.row.pk, now=deed.now, **deed.given)
    return Done(f"The tag is {tag.name} now.", tag.pk)


def _preview_merge(deed: Deed) -> Preview:
    tags = merging.tags_named(deed.given["names"])
    keys = [tag.pk for tag in tags]
    merger = merging.merge_tags(deed.viewer, source_ids=keys, target_id=deed.row.pk, dry_run=True, now=deed.now)
    goes = ", ".join(tag.name for tag in tags)
    moved = f"{merger.moved_entries} entries and {merger.moved_challenges} challenges"
    said = f"{goes} would become {merger.tag.name}; {moved} would carry it instead. This cannot be undone."
    return Preview(said, {"found": ",".join(map(str, keys))})


def _merge(deed: Deed) -> Done:
    keys = [int(key) for key in deed.given["found"].split(",") if key]
    merger = merging.merge_tags(deed.viewer, source_ids=keys, target_id=deed.row.pk, now=deed.now)
    moved = f"{merger.moved_entries} entries and {merger.moved_challenges} challenges"
    return Done(f"Merged into {merger.tag.name}: {moved} carry it instead.", merger.tag.pk)


def _delete(deed: Deed) -> Done:
    vocabulary.delete_tag(deed.viewer, tag_id=deed.row.pk, now=deed.now)
    return Done(f"The tag {deed.row.name} is gone.")


class Tags(Page):
    """The vocabulary."""

    title = "Tags"
    list_display = ("name", "slug", "category", "entry_count", "challenge_count", "updated_at")
    list_filter = (choice("category", TagCategory.choices),)
    search_fields = ("names__name", "names__slug")
    search_help_text = "A part of a name, a slug or an alias."
    ordering = ("slug",)
    fields = (
        "name",
        "slug",
        "aliases",
        "category",
        "description",
        "entry_count",
        "challenge_count",
        "revision",
        "created_at",
        "updated_at",
    )
    verbs = (
        Verb(
            "edit",
            "Edit",
            "The slug follows the name; the one that it had goes on leading to it.",
            _update,
            form=TagForm,
            initial=_as_it_is,
            may=editable_tags,
        ),
        Verb(
            "merge",
            "Merge others into it",
            "What carries one of the tags carries this one instead, and their names "
            "lead to it. The first step only tells what would be moved.",
            _merge,
            form=MergeForm,
            may=editable_tags,
            preview=_preview_merge,
        ),
        Verb("remove", "Delete", "Only a tag that nothing carries can be deleted.", _delete, may=editable_tags),
    )

    def aliases(self, tag: Tag) -> str:
        """Other names that lead to it."""
        return ", ".join(listed_aliases(tag.pk)) or "–"


PAGE = (Tag, Tags)
