"""Imports at the same moment."""

from collections.abc import Callable
from functools import partial

import pytest

from knowledge.documents.importing import import_document
from knowledge.models import Challenge, Entry, EntrySource, Solution, Source, Tag
from knowledge.services.challenges import create_challenge
from tests.cast import make_cast
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = (
    "## Technologies\n- Django: a\n- Redis: b\n- Docker\n\n## Challenges\n- **Challenge:** Q\n  - **Solution:** A\n"
)


@pytest.mark.parametrize("url", [None, "https://example.com/readme"])
def test_the_same_document_leaves_one_source(url: str | None) -> None:
    viewer = make_cast().viewer("reviewer")
    outcomes = at_once([partial(import_document, viewer, markdown=DOCUMENT, url=url)] * 6)
    source = Source.objects.get()
    assert [outcome[0] if isinstance(outcome, tuple) else outcome for outcome in outcomes] == [source] * 6
    assert (Entry.objects.count(), Tag.objects.count(), Challenge.objects.count(), Solution.objects.count()) == (
        3,
        3,
        1,
        1,
    )


def test_documents_that_name_the_same_new_things_make_each_once() -> None:
    cast = make_cast()
    viewers = [cast.viewer(name) for name in ("reviewer", "staff", "reviewer", "staff")]
    lines = ["- Django", "- Redis", "- Docker"]
    documents = [f"# {number}\n## Technologies\n" + "\n".join(lines[:: 1 if number % 2 else -1]) for number in range(4)]
    calls = [partial(import_document, viewer, markdown=text) for viewer, text in zip(viewers, documents, strict=True)]
    outcomes = at_once(calls)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert sorted(Entry.objects.values_list("title", "source_count")) == [("Django", 4), ("Docker", 4), ("Redis", 4)]
    assert (Source.objects.count(), EntrySource.objects.count(), Tag.objects.count()) == (4, 12, 3)


def test_imports_and_other_writers_do_not_lock_each_other_out() -> None:
    viewer = make_cast().viewer("staff")
    names = ["Django", "Redis", "Docker"]
    ask = partial(create_challenge, viewer, title="Q", body="x")
    take = partial(import_document, viewer)
    calls: list[Callable[[], object]] = [
        *(partial(take, markdown=f"# {number}\n{DOCUMENT}") for number in range(4)),
        *(partial(ask, tags=names[::-1]) for _ in range(4)),
    ]
    outcomes = at_once(calls)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert Entry.objects.count() == 3
    assert set(Tag.objects.values_list("entry_count", flat=True)) == {1}
    django = Tag.objects.get(slug="django")
    assert django.challenge_count == Challenge.objects.filter(tags=django).count() == 4


def test_spellings_that_are_met_at_once_are_one_tag_each() -> None:
    viewer = make_cast().viewer("staff")
    ask = partial(create_challenge, viewer, title="Q", body="x")
    names = [("Postgres", "K8s"), ("Kubernetes", "PostgreSQL"), ("postgre sql", "kubernetes")]
    calls: list[Callable[[], object]] = [
        *(partial(import_document, viewer, markdown=f"# {a}\n## Technologies\n- {a}\n- {b}\n") for a, b in names * 2),
        *(partial(ask, tags=list(names[0][::-1])) for _ in range(4)),
    ]
    outcomes = at_once(calls)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert (Entry.objects.count(), Tag.objects.count()) == (2, 2)
    assert set(Tag.objects.values_list("entry_count", "challenge_count")) == {(1, 4)}
