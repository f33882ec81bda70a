"""Reviewing, in one go, what a document brought in."""

from typing import Any

import pytest

from knowledge.documents.importing import import_document
from knowledge.errors import Forbidden, MistakeCode, Unauthenticated
from knowledge.models import AuditEvent, Entry, EntryRevision, OutboxEvent, Role, Source, Tag
from knowledge.policy import Viewer
from knowledge.services.entries import update_entry
from knowledge.services.reviews import review_entry, review_source
from tests.cast import Cast
from tests.knowledge.services.refusals import INVALID_STATE, NOT_FOUND, refused
from tests.knowledge.services.stages import LATER, NOW, drafted, proposed, states

DOCUMENT = "# Mine\n\n## Technologies\n- Django: {said}\n- Redis: a cache\n\n## Best practices\n- Write tests\n"
URL = "https://example.org/readme.md"


def imported(viewer: Viewer, said: str = "a framework", url: str | None = URL) -> Source:
    source, _ = import_document(viewer, markdown=DOCUMENT.format(said=said), url=url, now=NOW)
    assert source is not None
    return source


def review(cast: Cast, name: str, source: Source, verdict: str = "APPROVE", comment: str = "") -> int:
    reviewed_source, reviewed = review_source(
        cast.viewer(name), source_id=source.pk, verdict=verdict, comment=comment, now=LATER
    )
    assert reviewed_source == source
    return reviewed


def statuses() -> dict[str, str]:
    return dict(Entry.objects.values_list("title", "status"))


def events() -> list[str]:
    return sorted(OutboxEvent.objects.filter(created_at=LATER).values_list("type", flat=True))


@pytest.mark.parametrize("name", ["reviewer", "staff"])
def test_all_that_a_document_brought_in_is_approved(cast: Cast, name: str) -> None:
    source = imported(cast.viewer("author"))
    other = drafted(cast.viewer("author"), title="By hand", submit=True)
    assert review(cast, name, source, comment="Good.") == 3
    assert statuses() == {
        "Django": "PUBLISHED",
        "Redis": "PUBLISHED",
        "Write tests": "PUBLISHED",
        other.title: "IN_REVIEW",
    }
    brought_in = EntryRevision.objects.exclude(entry=other)
    assert set(brought_in.values_list("state", "reviewer", "review_comment", "reviewed_at")) == {
        ("APPROVED", cast.viewer(name).id, "Good.", LATER)
    }
    assert set(Entry.objects.exclude(pk=other.pk).values_list("published_at", "updated_at", "revision")) == {
        (LATER, LATER, 1)
    }
    assert Tag.objects.get(slug="django").entry_count == 1
    assert events() == ["entry.published"] * 3
    assert AuditEvent.objects.values_list("action", "actor_id", "subject_type", "subject_id", "detail").get() == (
        "source.reviewed",
        cast.viewer(name).id,
        "Source",
        source.pk,
        {"verdict": "APPROVE", "reviewed": 3},
    )


def test_all_of_it_is_sent_back(cast: Cast) -> None:
    source = imported(cast.viewer("author"))
    assert review(cast, "reviewer", source, "REQUEST_CHANGES", "Say more.") == 3
    assert set(statuses().values()) == {"DRAFT"}
    assert set(EntryRevision.objects.values_list("state", "review_comment")) == {("CHANGES_REQUESTED", "Say more.")}
    assert events() == ["entry.changes_requested"] * 3
    assert refused(lambda: review(cast, "staff", source)) == INVALID_STATE


def test_edits_that_the_importer_handed_in_are_shown_too(cast: Cast) -> None:
    source = imported(cast.viewer("author"))
    review(cast, "reviewer", source)
    django = Entry.objects.get(slug="django")
    proposed(cast.viewer("author"), django, title="Django 5", tags=["Django", "Python"])
    proposed(cast.viewer("peer"), django, body="By the peer")
    assert review(cast, "reviewer", source) == 1
    assert states(django) == [(1, "SUPERSEDED"), (2, "APPROVED"), (3, "PENDING")]
    django.refresh_from_db()
    assert (django.title, django.slug, django.revision) == ("Django 5", "django-5", 2)
    assert Tag.objects.get(slug="python").entry_count == 1
    assert OutboxEvent.objects.latest("pk").type == "entry.updated"


def test_what_another_document_brought_in_waits_for_that_ones_review(cast: Cast) -> None:
    first = imported(cast.viewer("author"))
    second = imported(cast.viewer("staff"), said="of Python", url=None)
    assert second.entries.count() == 3
    assert refused(lambda: review(cast, "reviewer", second)) == INVALID_STATE
    assert review(cast, "reviewer", first) == 3


def test_one_that_would_undo_what_is_shown_stops_all(cast: Cast) -> None:
    source = imported(cast.viewer("author"))
    django, redis = (Entry.objects.get(slug=slug) for slug in ("django", "redis"))
    review_entry(cast.viewer("reviewer"), entry_id=django.pk, verdict="APPROVE")
    proposed(cast.viewer("author"), django, body="Mine")
    update_entry(cast.viewer("staff"), entry_id=django.pk, body="By staff")
    assert refused(lambda: review(cast, "reviewer", source)) == [("id", MistakeCode.CONFLICT)]
    assert states(redis) == [(1, "PENDING")]
    assert review(cast, "reviewer", source, "REQUEST_CHANGES", "Merge Django.") == 3


@pytest.mark.parametrize("verdict", ["APPROVE", "REQUEST_CHANGES"])
@pytest.mark.parametrize(
    ("name", "because"),
    [("author", Forbidden), ("peer", NOT_FOUND), ("anonymous", Unauthenticated)],
)
def test_only_reviewers_review_documents(cast: Cast, name: str, because: Any, verdict: str) -> None:
    source = imported(cast.viewer("author"))
    assert refused(lambda: review(cast, name, source, verdict, "Read.")) == because


def test_nobody_but_staff_reviews_their_own_document(cast: Cast) -> None:
    as_contributor = [Viewer(user.pk, Role.CONTRIBUTOR) for user in (cast.reviewer, cast.staff)]
    of_reviewer = imported(as_contributor[0])
    assert refused(lambda: review(cast, "reviewer", of_reviewer)) == Forbidden
    assert review(cast, "staff", of_reviewer) == 3
    of_staff, _ = import_document(as_contributor[1], markdown="## Tools\n- Git\n", now=NOW)
    assert of_staff is not None
    assert review(cast, "staff", of_staff) == 1


def test_inputs_that_are_wrong(cast: Cast) -> None:
    source = imported(cast.viewer("author"))
    assert refused(lambda: review(cast, "reviewer", source, "MAYBE", "x" * 5_001)) == [
        ("verdict", MistakeCode.INVALID),
        ("comment", MistakeCode.TOO_LONG),
    ]
    assert refused(lambda: review(cast, "reviewer", source, "REQUEST_CHANGES", " ")) == [
        ("comment", MistakeCode.REQUIRED)
    ]
    absent = Source(pk=source.pk + 1)
    assert refused(lambda: review(cast, "reviewer", absent)) == NOT_FOUND
