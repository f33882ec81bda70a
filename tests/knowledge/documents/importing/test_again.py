"""The same document again."""

import pytest

from knowledge.documents.importing import import_document
from knowledge.errors import MistakeCode, Rejected
from knowledge.models import (
    Challenge,
    Entry,
    Source,
)
from tests.cast import Cast
from tests.knowledge.documents.importing.given import DOCUMENT, URL, mistakes, taken
from tests.snapshot import every_row


@pytest.mark.parametrize("first", [None, URL])
@pytest.mark.parametrize("name", ["author", "staff"])
def test_the_same_document_twice_changes_nothing(cast: Cast, name: str, first: str | None) -> None:
    source, created = taken(cast.viewer(name), url=first)
    before = every_row()
    again, report = taken(cast.viewer(name), url=first, now=None)
    assert again == source
    assert {item.outcome for item in report.items} == {"UNCHANGED"}
    assert [(item.line, item.title, item.tags, item.subject) for item in report.items] == [
        (item.line, item.title, item.tags, item.subject) for item in created.items
    ]
    assert (report.tags_created, report.solutions_created, report.entries_created) == (0, 0, 0)
    assert every_row() == before


def test_the_same_text_under_other_line_endings_changes_nothing(cast: Cast) -> None:
    taken(url=URL)
    before = every_row()
    taken(markdown=b"\xef\xbb\xbf" + DOCUMENT.replace("\n", "\r\n").encode())
    assert every_row() == before


def test_the_same_text_at_another_address_is_another_source(cast: Cast) -> None:
    taken(url=URL)
    _, report = taken(url=URL + "/fork")
    assert {item.outcome for item in report.items} == {"MATCHED"}
    assert (Source.objects.count(), Entry.objects.count(), Challenge.objects.count()) == (2, 7, 2)


def test_an_edit_by_hand_does_not_make_the_same_document_another(cast: Cast) -> None:
    taken(url=URL)
    Entry.objects.filter(slug="django").update(title="Django 5", title_key="django-5", slug="django-5")
    before = every_row()
    taken(url=URL)
    assert every_row() == before


@pytest.mark.parametrize(("name", "may"), [("author", True), ("staff", True), ("peer", False), ("reviewer", False)])
def test_only_the_first_and_staff_import_an_address_again(cast: Cast, name: str, may: bool) -> None:
    source, _ = taken(cast.viewer("author"), url=URL)
    before = every_row()
    for markdown in (DOCUMENT, DOCUMENT + "- One more\n"):
        if may:
            assert taken(cast.viewer(name), markdown, url=URL)[0] == source
            continue
        with pytest.raises(Rejected) as error:
            import_document(cast.viewer(name), markdown=markdown, url=URL)
        assert mistakes(error) == [("url", MistakeCode.CONFLICT)]
        assert every_row() == before
    assert Source.objects.get().imported_by == cast.author
