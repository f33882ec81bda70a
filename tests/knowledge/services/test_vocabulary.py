from datetime import UTC, datetime
from typing import Any

import pytest

from knowledge.errors import Forbidden, MistakeCode, Rejected, Unauthenticated
from knowledge.models import (
    AuditEvent,
    Digest,
    DigestStatus,
    DigestSubscription,
    Entry,
    EntryStatus,
    OutboxEvent,
    RevisionState,
    RevisionTag,
    Tag,
    TagAlias,
    User,
)
from knowledge.services.tags import lookup
from knowledge.services.vocabulary import create_tag, delete_tag, update_tag
from tests.cast import Cast
from tests.schema.rows import challenge, digest, entry, revision, tag
from tests.snapshot import every_row

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BEYOND = 2**63


def mistakes_of(refused: pytest.ExceptionInfo[Rejected]) -> list[tuple[tuple[str, ...], MistakeCode]]:
    return [(mistake.path, mistake.code) for mistake in refused.value.mistakes]


def names_of(made: Tag) -> dict[str, tuple[str, str]]:
    return {row.slug: (row.name, row.kind) for row in TagAlias.objects.filter(tag=made)}


def events() -> list[tuple[str, int | None]]:
    return list(OutboxEvent.objects.order_by("pk").values_list("type", "subject_id"))


@pytest.fixture
def author(cast: Cast) -> Any:
    return cast.viewer("author")


@pytest.fixture
def reviewer(cast: Cast) -> Any:
    return cast.viewer("reviewer")


# ── making ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["author", "peer", "reviewer", "staff"])
def test_who_is_signed_in_makes_tags(cast: Cast, name: str) -> None:
    made = create_tag(
        cast.viewer(name),
        name=" Postgre  SQL ",
        description="A database.\n",
        category="TECHNOLOGY",
        aliases=["Postgres", "PG", "postgres", "postgre-sql"],
        now=NOW,
    )
    made.refresh_from_db()
    assert (made.name, made.slug, made.description, made.category) == (
        "Postgre SQL",
        "postgre-sql",
        "A database.",
        "TECHNOLOGY",
    )
    assert (made.revision, made.created_at, made.updated_at) == (1, NOW, NOW)
    assert names_of(made) == {
        "postgre-sql": ("Postgre SQL", "CANONICAL"),
        "postgres": ("Postgres", "ALIAS"),
        "pg": ("PG", "ALIAS"),
    }
    assert events() == [("tag.created", made.pk)]


def test_nobody_makes_none(cast: Cast) -> None:
    with pytest.raises(Unauthenticated):
        create_tag(cast.viewer("anonymous"), name="X")
    assert not Tag.objects.exists()


def test_all_mistakes_are_told_at_once(author: Any) -> None:
    with pytest.raises(Rejected) as refused:
        create_tag(author, name=" ", description="x" * 1_001, category="HOBBY", aliases=["ok", "y" * 61, "\0"])
    assert mistakes_of(refused) == [
        (("name",), MistakeCode.REQUIRED),
        (("description",), MistakeCode.TOO_LONG),
        (("category",), MistakeCode.INVALID),
        (("aliases", "1"), MistakeCode.TOO_LONG),
        (("aliases", "2"), MistakeCode.INVALID),
    ]
    with pytest.raises(Rejected) as refused:
        create_tag(author, name="X", aliases=[f"alias {number}" for number in range(21)])
    assert mistakes_of(refused) == [(("aliases",), MistakeCode.TOO_MANY)]
    assert not Tag.objects.exists()


def test_a_name_that_leads_to_a_tag_is_taken(author: Any, reviewer: Any) -> None:
    tag("Python", "py")
    renamed = tag("Golang")
    update_tag(reviewer, tag_id=renamed.pk, name="Go")
    before = every_row()
    for name in ("python", "PYTHON", "Py", "golang", "Pythön"):
        with pytest.raises(Rejected) as refused:
            create_tag(author, name=name)
        assert mistakes_of(refused) == [(("name",), MistakeCode.DUPLICATE)]
    with pytest.raises(Rejected) as refused:
        create_tag(author, name="go", aliases=["fresh", "fresh", "PY", "golang"])
    assert sorted(mistakes_of(refused)) == [
        (("aliases", "2"), MistakeCode.DUPLICATE),
        (("aliases", "3"), MistakeCode.DUPLICATE),
        (("name",), MistakeCode.DUPLICATE),
    ]
    assert every_row() == before


# ── changing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_slug_follows_the_name_and_the_old_one_leads_on(reviewer: Any) -> None:
    made = tag("Postgres", "pg")
    changed = update_tag(reviewer, tag_id=made.pk, expected_revision=1, name="PostgreSQL", now=NOW)
    changed.refresh_from_db()
    assert (changed.name, changed.slug, changed.revision, changed.updated_at) == ("PostgreSQL", "postgresql", 2, NOW)
    assert names_of(made) == {
        "postgresql": ("PostgreSQL", "CANONICAL"),
        "postgres": ("Postgres", "FORMER"),
        "pg": ("pg", "ALIAS"),
    }
    assert events() == [("tag.updated", made.pk)]
    back = update_tag(reviewer, tag_id=made.pk, name="Postgres")
    assert (back.slug, names_of(made)["postgres"], names_of(made)["postgresql"]) == (
        "postgres",
        ("Postgres", "CANONICAL"),
        ("PostgreSQL", "FORMER"),
    )


def test_what_is_not_given_stays(reviewer: Any) -> None:
    made = tag("Python", "py", description="A language.", category="TECHNOLOGY")
    update_tag(reviewer, tag_id=made.pk, description="The language.")
    made.refresh_from_db()
    assert (made.name, made.description, made.category, made.revision) == (
        "Python",
        "The language.",
        "TECHNOLOGY",
        2,
    )
    assert names_of(made) == {"python": ("Python", "CANONICAL"), "py": ("py", "ALIAS")}


def test_aliases_are_replaced(reviewer: Any) -> None:
    made = tag("Python", "py", "snake", "cpython")
    update_tag(reviewer, tag_id=made.pk, aliases=["PY", "Python 3", "python"])
    assert names_of(made) == {
        "python": ("Python", "CANONICAL"),
        "py": ("PY", "ALIAS"),
        "python-3": ("Python 3", "ALIAS"),
    }
    assert lookup(["snake"]) == {}
    update_tag(reviewer, tag_id=made.pk, aliases=[])
    assert names_of(made) == {"python": ("Python", "CANONICAL")}


def test_a_slug_that_stood_in_addresses_leads_on_when_it_is_no_alias_any_more(reviewer: Any) -> None:
    made = tag("Postgres")
    update_tag(reviewer, tag_id=made.pk, name="PostgreSQL", aliases=["postgres"])
    assert names_of(made)["postgres"] == ("postgres", "FORMER_ALIAS")
    update_tag(reviewer, tag_id=made.pk, aliases=[])
    assert names_of(made)["postgres"] == ("postgres", "FORMER")


def test_a_name_of_another_tag_cannot_be_taken_over(reviewer: Any) -> None:
    tag("Python", "py")
    made = tag("Snake", "viper")
    before = every_row()
    with pytest.raises(Rejected) as refused:
        update_tag(reviewer, tag_id=made.pk, name="py")
    assert mistakes_of(refused) == [(("name",), MistakeCode.DUPLICATE)]
    with pytest.raises(Rejected) as refused:
        update_tag(reviewer, tag_id=made.pk, aliases=["snake", "viper", "python"])
    assert mistakes_of(refused) == [(("aliases", "2"), MistakeCode.DUPLICATE)]
    assert every_row() == before


def test_a_stale_edit_is_a_conflict(reviewer: Any) -> None:
    made = tag("Python", revision=3)
    before = every_row()
    with pytest.raises(Rejected) as refused:
        update_tag(reviewer, tag_id=made.pk, expected_revision=2, name="X")
    assert mistakes_of(refused) == [(("expected_revision",), MistakeCode.CONFLICT)]
    assert every_row() == before


def test_only_reviewers_change_and_delete(cast: Cast) -> None:
    made = tag("Python")
    before = every_row()
    for name in ("author", "peer"):
        with pytest.raises(Forbidden):
            update_tag(cast.viewer(name), tag_id=made.pk, name="X")
        with pytest.raises(Forbidden):
            delete_tag(cast.viewer(name), tag_id=made.pk)
    with pytest.raises(Unauthenticated):
        update_tag(cast.viewer("anonymous"), tag_id=made.pk, name="X")
    with pytest.raises(Unauthenticated):
        delete_tag(cast.viewer("anonymous"), tag_id=made.pk)
    for name in ("author", "reviewer"):
        for unknown in (made.pk + 1, BEYOND):
            with pytest.raises(Rejected) as refused:
                update_tag(cast.viewer(name), tag_id=unknown, name="X")
            assert mistakes_of(refused) == [(("id",), MistakeCode.NOT_FOUND)]
            with pytest.raises(Rejected) as refused:
                delete_tag(cast.viewer(name), tag_id=unknown)
            assert mistakes_of(refused) == [(("id",), MistakeCode.NOT_FOUND)]
    assert every_row() == before
    assert update_tag(cast.viewer("staff"), tag_id=made.pk, name="X").slug == "x"


# ── deleting ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["reviewer", "staff"])
def test_a_tag_that_nothing_carries_is_deleted_with_its_names(cast: Cast, name: str) -> None:
    made, other = tag("Python", "py"), tag("Django")
    entry("E", other)
    assert delete_tag(cast.viewer(name), tag_id=made.pk, now=NOW) == made.pk
    assert list(Tag.objects.all()) == [other]
    assert lookup(["python", "py"]) == {}
    [event] = OutboxEvent.objects.all()
    assert (event.type, event.subject_type, event.subject_id, event.payload) == (
        "tag.deleted",
        "Tag",
        made.pk,
        {"slug": "python"},
    )
    [audited] = AuditEvent.objects.all()
    assert (audited.action, audited.actor_id, audited.subject_type, audited.subject_id, audited.at, audited.detail) == (
        "tag.deleted",
        cast.viewer(name).id,
        "Tag",
        made.pk,
        NOW,
        {"name": "Python", "slug": "python"},
    )


@pytest.mark.parametrize("status", list(EntryStatus))
def test_one_that_an_entry_carries_in_whatever_state_stays(author: Any, reviewer: Any, status: EntryStatus) -> None:
    made = tag("Python")
    entry("E", made, status=status, author=User.objects.get(pk=author.id))
    assert_stays(reviewer, made)


def test_one_that_a_challenge_carries_stays(reviewer: Any) -> None:
    made = tag("Python")
    challenge("C", made)
    assert_stays(reviewer, made)


@pytest.mark.parametrize("state", [RevisionState.DRAFT, RevisionState.PENDING, RevisionState.CHANGES_REQUESTED])
def test_one_that_an_open_revision_carries_stays(reviewer: Any, state: RevisionState) -> None:
    made = tag("Python")
    revision(entry("E"), 2, state, made)
    assert_stays(reviewer, made)


@pytest.mark.parametrize("status", [DigestStatus.QUEUED, DigestStatus.FAILED])
def test_one_of_which_a_digest_is_still_to_be_made_stays(reviewer: Any, status: DigestStatus) -> None:
    """Without its tag, it would be a digest of everything."""
    made = tag("Python")
    waiting = digest("D", made)
    failed = {"failure": "x", "finished_at": NOW} if status == DigestStatus.FAILED else {}
    Digest.objects.filter(pk=waiting.pk).update(status=status, **failed)
    assert_stays(reviewer, made)


def assert_stays(reviewer: Any, made: Tag) -> None:
    before = every_row()
    with pytest.raises(Rejected) as refused:
        delete_tag(reviewer, tag_id=made.pk)
    assert mistakes_of(refused) == [(("id",), MistakeCode.INVALID_STATE)]
    assert every_row() == before


@pytest.mark.parametrize("state", [RevisionState.SUPERSEDED, RevisionState.DISCARDED])
def test_history_loses_a_deleted_tag(reviewer: Any, state: RevisionState) -> None:
    made = tag("Python")
    revision(entry("E"), 2, state, made)
    delete_tag(reviewer, tag_id=made.pk)
    assert not RevisionTag.objects.exists()
    assert Entry.objects.get().revisions.count() == 2


def test_a_subscription_to_the_tag_alone_is_paused_and_not_widened(cast: Cast, reviewer: Any) -> None:
    made, other = tag("Python"), tag("Django")
    alone = DigestSubscription.objects.create(user=cast.author, cadence="DAILY")
    alone.tags.set([made])
    both = DigestSubscription.objects.create(user=cast.author, cadence="WEEKLY")
    both.tags.set([made, other])
    whole = DigestSubscription.objects.create(user=cast.peer, cadence="DAILY")
    delete_tag(reviewer, tag_id=made.pk)
    for subscription in (alone, both, whole):
        subscription.refresh_from_db()
    assert (alone.active, alone.paused_reason) == (False, "The tag that it was about was deleted.")
    assert (both.active, both.paused_reason, list(both.tags.all())) == (True, "", [other])
    assert (whole.active, whole.paused_reason) == (True, "")
