from datetime import UTC, datetime
from typing import Any

import pytest

from knowledge.errors import Forbidden, MistakeCode, Rejected, Unauthenticated
from knowledge.models import Challenge, Entry, EntryRevision, EntryStatus, OutboxEvent, RevisionState, Tag
from knowledge.policy import ANONYMOUS, Viewer
from knowledge.services.challenges import create_challenge
from knowledge.services.content import NewContent
from knowledge.services.entries import create_entry, submit_entry, update_entry
from knowledge.services.reviews import review_entry
from tests.cast import Cast
from tests.snapshot import every_row

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 12, tzinfo=UTC)


def content(**other: Any) -> NewContent:
    given: NewContent = {"kind": "CONCEPT", "title": "Caching", "body": "Keep what is *slow*.", "tags": ["Redis"]}
    return {**given, **other}  # type: ignore[typeddict-item]  # the test says what it gives


def made(cast: Cast, by: str = "author", **other: Any) -> Entry:
    return create_entry(cast.viewer(by), now=NOW, **content(**other))


def published(cast: Cast, **other: Any) -> Entry:
    entry = made(cast, submit=True, **other)
    review_entry(cast.viewer("reviewer"), entry_id=entry.pk, verdict="APPROVE", now=NOW)
    return Entry.objects.get(pk=entry.pk)


def rejected(error: pytest.ExceptionInfo[Rejected]) -> list[tuple[str, MistakeCode]]:
    return [(".".join(mistake.path), mistake.code) for mistake in error.value.mistakes]


def states(entry: Entry) -> list[tuple[int, str]]:
    return list(EntryRevision.objects.filter(entry=entry).order_by("number").values_list("number", "state"))


def events() -> list[str]:
    return list(OutboxEvent.objects.order_by("pk").values_list("type", flat=True))


# ── create ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_entry_is_a_draft_with_its_first_revision(cast: Cast) -> None:
    challenge = create_challenge(cast.viewer("peer"), title="Slow", body="Very.", now=NOW)
    resources = [{"title": "Redis", "url": "https://redis.io/docs"}]
    entry = made(
        cast, summary="Fast", resources=resources, challenge_ids=[challenge.pk], tags=["Redis", "redis", "C++"]
    )
    entry.refresh_from_db()
    revision = entry.revisions.get()
    for row in (entry, revision):
        assert (row.kind, row.title, row.summary, row.body) == ("CONCEPT", "Caching", "Fast", "Keep what is *slow*.")
        assert row.body_html == "<p>Keep what is <em>slow</em>.</p>\n"
        assert row.resources == resources
        assert row.author == cast.author
        assert sorted(tag.slug for tag in row.tags.all()) == ["c-plus-plus", "redis"]
        assert list(row.challenges.all()) == [challenge]
        assert row.created_at == NOW
    assert (entry.slug, entry.title_key, entry.status, entry.revision) == ("caching", "caching", "DRAFT", 1)
    assert (entry.reading_minutes, entry.updated_at, entry.published_at) == (1, NOW, None)
    assert (revision.number, revision.version, revision.based_on, revision.state) == (1, 1, None, "DRAFT")
    assert events() == ["challenge.created", "tag.created", "tag.created", "entry.created"]
    assert list(Tag.objects.order_by("slug").values_list("slug", "name", "category", "entry_count")) == [
        ("c-plus-plus", "C++", "OTHER", 0),
        ("redis", "Redis", "OTHER", 0),
    ]


def test_one_handed_in_at_once_waits_for_a_review(cast: Cast) -> None:
    entry = made(cast, submit=True)
    assert entry.status == EntryStatus.IN_REVIEW
    assert entry.revisions.get().submitted_at == NOW
    assert states(entry) == [(1, "PENDING")]
    assert events() == ["tag.created", "entry.created", "entry.submitted"]


def test_everyone_signed_in_may_create(cast: Cast) -> None:
    for name in ("author", "peer", "reviewer", "staff"):
        assert made(cast, name).author_id == cast.viewer(name).id
    with pytest.raises(Unauthenticated):
        create_entry(ANONYMOUS, **content())
    assert list(Entry.objects.order_by("pk").values_list("slug", flat=True)) == [
        "caching",
        "caching-2",
        "caching-3",
        "caching-4",
    ]


def test_all_mistakes_are_told_at_once_and_nothing_is_stored(cast: Cast) -> None:
    before = every_row()
    with pytest.raises(Rejected) as error:
        made(
            cast,
            kind="POEM",
            title="\u200b",
            summary="x" * 501,
            body="a\x00",
            tags=["fine", "", "y" * 61, "\ud800"],
            resources=[{"title": "", "url": "javascript:alert(1)"}, {"title": "x", "url": ""}],
            challenge_ids=[9**30, -1, 5],
        )
    assert rejected(error) == [
        ("kind", MistakeCode.INVALID),
        ("title", MistakeCode.REQUIRED),
        ("summary", MistakeCode.TOO_LONG),
        ("body", MistakeCode.INVALID),
        ("resources.0.title", MistakeCode.REQUIRED),
        ("resources.0.url", MistakeCode.INVALID),
        ("resources.1.url", MistakeCode.REQUIRED),
        ("tags.1", MistakeCode.REQUIRED),
        ("tags.2", MistakeCode.TOO_LONG),
        ("tags.3", MistakeCode.INVALID),
        ("challenge_ids.0", MistakeCode.NOT_FOUND),
        ("challenge_ids.1", MistakeCode.NOT_FOUND),
        ("challenge_ids.2", MistakeCode.NOT_FOUND),
    ]
    assert every_row() == before


@pytest.mark.parametrize(
    ("field", "fits", "too_much", "code"),
    [
        ("title", "t" * 200, "t" * 201, MistakeCode.TOO_LONG),
        ("summary", "s" * 500, "s" * 501, MistakeCode.TOO_LONG),
        ("body", "b" * 100_000, "b" * 100_001, MistakeCode.TOO_LONG),
        ("tags", [str(n) for n in range(10)], [str(n) for n in range(11)], MistakeCode.TOO_MANY),
        (
            "resources",
            [{"title": "x", "url": "https://e.com"}] * 20,
            [{"title": "x", "url": "https://e.com"}] * 21,
            MistakeCode.TOO_MANY,
        ),
        ("challenge_ids", [], [1] * 51, MistakeCode.TOO_MANY),
    ],
)
def test_limits(cast: Cast, field: str, fits: Any, too_much: Any, code: MistakeCode) -> None:
    made(cast, **{field: fits})
    with pytest.raises(Rejected) as error:
        made(cast, **{field: too_much})
    assert rejected(error) == [(field, code)]
    assert Entry.objects.count() == 1


def test_the_same_key_makes_one_entry(cast: Cast) -> None:
    first = made(cast, idempotency_key="k")
    before = every_row()
    assert made(cast, idempotency_key="k") == first
    with pytest.raises(Rejected) as error:
        made(cast, title="Other", idempotency_key="k")
    assert rejected(error) == [("idempotency_key", MistakeCode.CONFLICT)]
    assert every_row() == before
    assert made(cast, "peer", idempotency_key="k") != first


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (" ", MistakeCode.REQUIRED),
        ("\x00", MistakeCode.INVALID),
        ("\ud800", MistakeCode.INVALID),
        ("k" * 201, MistakeCode.TOO_LONG),
    ],
)
def test_a_key_that_is_none(cast: Cast, key: str, code: MistakeCode) -> None:
    with pytest.raises(Rejected) as error:
        made(cast, idempotency_key=key)
    assert rejected(error) == [("idempotency_key", code)]


def test_a_rejected_input_leaves_its_key_free(cast: Cast) -> None:
    with pytest.raises(Rejected):
        made(cast, title="", idempotency_key="k")
    assert made(cast, idempotency_key="k").title == "Caching"


# ── update ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_saving_a_draft_again_changes_it_and_the_entry(cast: Cast) -> None:
    entry = made(cast)
    entry, revision = update_entry(
        cast.viewer("author"),
        entry_id=entry.pk,
        expected_revision=1,
        expected_version=1,
        title="Caching well",
        tags=["Memcached"],
        note="better",
        now=LATER,
    )
    entry.refresh_from_db()
    assert (revision.number, revision.version, revision.state, revision.note) == (1, 2, "DRAFT", "better")
    for row in (entry, revision):
        assert (row.title, row.body) == ("Caching well", "Keep what is *slow*.")
        assert [tag.slug for tag in row.tags.all()] == ["memcached"]
    assert (entry.slug, entry.title_key, entry.status, entry.updated_at) == (
        "caching-well",
        "caching-well",
        "DRAFT",
        LATER,
    )
    assert [former.slug for former in entry.former_slugs.all()] == ["caching"]


def test_an_edit_of_a_published_entry_leaves_what_is_shown(cast: Cast) -> None:
    entry = published(cast)
    before = Entry.objects.values().get(pk=entry.pk)
    for name in ("author", "peer", "reviewer"):
        _, revision = update_entry(cast.viewer(name), entry_id=entry.pk, body=name, tags=["New"], now=LATER)
        assert (revision.state, revision.based_on, revision.version, revision.author_id) == (
            "DRAFT",
            1,
            1,
            cast.viewer(name).id,
        )
        assert (revision.body, revision.title) == (name, "Caching")
    assert Entry.objects.values().get(pk=entry.pk) == before
    assert [tag.slug for tag in entry.tags.all()] == ["redis"]
    assert states(entry) == [(1, "APPROVED"), (2, "DRAFT"), (3, "DRAFT"), (4, "DRAFT")]


def test_the_same_persons_next_edit_saves_the_same_revision(cast: Cast) -> None:
    entry = published(cast)
    peer = cast.viewer("peer")
    update_entry(peer, entry_id=entry.pk, body="one")
    _, revision = update_entry(peer, entry_id=entry.pk, summary="two")
    assert (revision.number, revision.version, revision.body, revision.summary) == (2, 2, "one", "two")


def test_an_edit_by_staff_is_shown_at_once(cast: Cast) -> None:
    entry = published(cast)
    entry, revision = update_entry(
        cast.viewer("staff"), entry_id=entry.pk, body="By staff", tags=["Redis", "Django"], now=LATER
    )
    entry.refresh_from_db()
    assert (entry.body, entry.revision, entry.updated_at, entry.published_at) == ("By staff", 2, LATER, NOW)
    assert (revision.state, revision.reviewer, revision.reviewed_at) == ("APPROVED", cast.staff, LATER)
    assert states(entry) == [(1, "SUPERSEDED"), (2, "APPROVED")]
    assert list(Tag.objects.order_by("slug").values_list("slug", "entry_count")) == [("django", 1), ("redis", 1)]
    assert OutboxEvent.objects.filter(type="entry.updated").get().payload == {"revision": 2, "shown": True}


def test_staff_who_has_a_draft_may_still_publish_an_edit(cast: Cast) -> None:
    entry = published(cast)
    EntryRevision.objects.create(
        entry=entry, number=2, based_on=1, author=cast.staff, kind="CONCEPT", title="Old draft"
    )
    update_entry(cast.viewer("staff"), entry_id=entry.pk, body="New")
    assert states(entry) == [(1, "SUPERSEDED"), (2, "DRAFT"), (3, "APPROVED")]


@pytest.mark.parametrize("name", ["author", "peer", "reviewer", "staff", "anonymous"])
@pytest.mark.parametrize("status", ["DRAFT", "IN_REVIEW", "ARCHIVED"])
def test_who_may_edit_what_is_not_published(cast: Cast, status: str, name: str) -> None:
    entry = published(cast) if status == "ARCHIVED" else made(cast, submit=status == "IN_REVIEW")
    if status == "ARCHIVED":
        Entry.objects.filter(pk=entry.pk).update(status="ARCHIVED")
    expected: dict[tuple[str, str], Any] = {
        ("DRAFT", "author"): None,
        ("IN_REVIEW", "author"): MistakeCode.INVALID_STATE,
        ("IN_REVIEW", "reviewer"): Forbidden,
        ("IN_REVIEW", "staff"): Forbidden,
        ("ARCHIVED", "author"): MistakeCode.INVALID_STATE,
        ("ARCHIVED", "reviewer"): MistakeCode.INVALID_STATE,
        ("ARCHIVED", "staff"): MistakeCode.INVALID_STATE,
    }
    wanted = Unauthenticated if name == "anonymous" else expected.get((status, name), MistakeCode.NOT_FOUND)
    before = every_row()
    if wanted is None:
        update_entry(cast.viewer(name), entry_id=entry.pk, body="New")
        assert Entry.objects.get(pk=entry.pk).body == "New"
        return
    if isinstance(wanted, MistakeCode):
        with pytest.raises(Rejected) as error:
            update_entry(cast.viewer(name), entry_id=entry.pk, body="New", tags=["New"])
        assert rejected(error) == [("id", wanted)]
    else:
        with pytest.raises(wanted):
            update_entry(cast.viewer(name), entry_id=entry.pk, body="New", tags=["New"])
    assert every_row() == before


@pytest.mark.parametrize(
    "stale", [{"expected_revision": 2}, {"expected_version": 2}, {"expected_revision": 1, "expected_version": 9}]
)
def test_a_stale_number_is_a_conflict(cast: Cast, stale: dict[str, int]) -> None:
    entry = made(cast)
    before = every_row()
    with pytest.raises(Rejected) as error:
        update_entry(cast.viewer("author"), entry_id=entry.pk, body="New", **stale)  # type: ignore[arg-type]  # parametrised
    assert [code for _, code in rejected(error)] == [MistakeCode.CONFLICT]
    assert every_row() == before


def test_a_version_is_expected_where_there_is_no_draft(cast: Cast) -> None:
    entry = published(cast)
    for name in ("peer", "staff"):
        with pytest.raises(Rejected) as error:
            update_entry(cast.viewer(name), entry_id=entry.pk, body="New", expected_version=1)
        assert rejected(error) == [("expected_version", MistakeCode.CONFLICT)]


def test_an_update_tells_its_mistakes_and_changes_nothing(cast: Cast) -> None:
    entry = made(cast)
    before = every_row()
    with pytest.raises(Rejected) as error:
        update_entry(cast.viewer("author"), entry_id=entry.pk, title="", body=" ", note="n" * 501, tags=["New", ""])
    assert rejected(error) == [
        ("title", MistakeCode.REQUIRED),
        ("body", MistakeCode.REQUIRED),
        ("tags.1", MistakeCode.REQUIRED),
        ("note", MistakeCode.TOO_LONG),
    ]
    assert every_row() == before


# ── submit ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_handing_in_a_new_entry(cast: Cast) -> None:
    entry = made(cast)
    entry, revision = submit_entry(cast.viewer("author"), entry_id=entry.pk, note="please", now=LATER)
    entry.refresh_from_db()
    revision.refresh_from_db()
    assert (entry.status, entry.updated_at) == (EntryStatus.IN_REVIEW, LATER)
    assert (revision.state, revision.submitted_at, revision.note) == (RevisionState.PENDING, LATER, "please")
    assert events()[-1] == "entry.submitted"


def test_handing_in_an_edit_leaves_what_is_shown(cast: Cast) -> None:
    entry = published(cast)
    update_entry(cast.viewer("peer"), entry_id=entry.pk, body="New")
    before = Entry.objects.values().get(pk=entry.pk)
    submit_entry(cast.viewer("peer"), entry_id=entry.pk)
    assert states(entry) == [(1, "APPROVED"), (2, "PENDING")]
    assert Entry.objects.values().get(pk=entry.pk) == before


@pytest.mark.parametrize("name", ["author", "peer", "reviewer", "staff", "anonymous"])
@pytest.mark.parametrize("status", ["DRAFT", "IN_REVIEW", "PUBLISHED"])
def test_who_has_nothing_to_hand_in(cast: Cast, status: str, name: str) -> None:
    entry = published(cast) if status == "PUBLISHED" else made(cast, submit=status == "IN_REVIEW")
    viewer = cast.viewer(name)
    if (status, name) == ("DRAFT", "author"):
        submit_entry(viewer, entry_id=entry.pk)
        assert states(entry) == [(1, "PENDING")]
        return
    wanted: dict[tuple[str, str], MistakeCode] = {
        ("IN_REVIEW", "author"): MistakeCode.INVALID_STATE,
        **{("PUBLISHED", who): MistakeCode.INVALID_STATE for who in ("author", "peer", "reviewer", "staff")},
    }
    before = every_row()
    if name == "anonymous":
        with pytest.raises(Unauthenticated):
            submit_entry(viewer, entry_id=entry.pk)
    elif status == "IN_REVIEW" and viewer.reviews:
        with pytest.raises(Forbidden):
            submit_entry(viewer, entry_id=entry.pk)
    else:
        with pytest.raises(Rejected) as error:
            submit_entry(viewer, entry_id=entry.pk)
        assert rejected(error) == [("id", wanted.get((status, name), MistakeCode.NOT_FOUND))]
    assert every_row() == before


def test_an_entry_that_is_not_there(cast: Cast) -> None:
    viewer = Viewer(id=cast.author.pk, role=cast.viewer("author").role)
    for entry_id in (0, -1, 1, 2**63):
        with pytest.raises(Rejected) as error:
            submit_entry(viewer, entry_id=entry_id)
        assert rejected(error) == [("id", MistakeCode.NOT_FOUND)]


def test_a_challenge_linked_from_its_side_survives_an_approval(cast: Cast) -> None:
    entry = published(cast)
    update_entry(cast.viewer("peer"), entry_id=entry.pk, body="New")
    challenge = create_challenge(cast.viewer("author"), title="Slow", body="Very.", entry_ids=[entry.pk])
    submit_entry(cast.viewer("peer"), entry_id=entry.pk)
    review_entry(cast.viewer("reviewer"), entry_id=entry.pk, verdict="APPROVE")
    assert list(Challenge.objects.filter(entries=entry)) == [challenge]
