"""Tags made, merged and deleted at the same moment: one name one tag, and nothing that carries one loses it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from knowledge.documents.importing import import_document
from knowledge.errors import MistakeCode, Rejected
from knowledge.models import Challenge, Entry, EntryRevision, EntryStatus, OutboxEvent, Tag, TagAlias
from knowledge.services.challenges import create_challenge
from knowledge.services.entries import create_entry, update_entry
from knowledge.services.merging import Merger, merge_tags
from knowledge.services.reviews import review_entry
from knowledge.services.vocabulary import create_tag, delete_tag, update_tag
from tests.cast import Cast, make_cast
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people() -> Cast:
    return make_cast()


def codes_of(outcomes: list[Any]) -> list[tuple[tuple[str, ...], MistakeCode]]:
    return [
        (mistake.path, mistake.code)
        for outcome in outcomes
        if isinstance(outcome, Rejected)
        for mistake in outcome.mistakes
    ]


def unexpected(outcomes: list[Any]) -> list[Exception]:
    return [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, Rejected)]


def counts_are_right() -> bool:
    """Whether what the triggers counted is what is there."""
    return all(
        (tag.entry_count, tag.challenge_count)
        == (tag.entries.filter(status=EntryStatus.PUBLISHED).count(), tag.challenges.count())
        for tag in Tag.objects.all()
    )


@pytest.mark.parametrize("aliases", [(), ("py", "snake")])
def test_twenty_of_one_name_leave_one(people: Cast, aliases: tuple[str, ...]) -> None:
    create = partial(create_tag, people.viewer("author"), name="Python", aliases=aliases)
    outcomes = at_once([create] * 20)
    assert unexpected(outcomes) == []
    tag = Tag.objects.get()
    assert [outcome for outcome in outcomes if isinstance(outcome, Tag)] == [tag]
    assert codes_of(outcomes).count((("name",), MistakeCode.DUPLICATE)) == 19
    assert TagAlias.objects.count() == 1 + len(aliases)
    assert OutboxEvent.objects.filter(type="tag.created").count() == 1


def test_names_taken_crosswise_never_deadlock(people: Cast) -> None:
    author = people.viewer("author")
    crosswise: list[Callable[[], object]] = [
        partial(create_tag, author, name="A", aliases=["B"]),
        partial(create_tag, author, name="B", aliases=["A"]),
        partial(create_tag, author, name="B"),
        partial(create_challenge, author, title="Q", body="x", tags=["B", "A"]),
    ]
    outcomes = at_once(crosswise * 3)
    assert unexpected(outcomes) == []
    assert set(TagAlias.objects.values_list("slug", flat=True)) == {"a", "b"}
    assert Challenge.objects.count() == 3
    assert counts_are_right()


def test_what_is_written_while_its_tag_is_merged_carries_the_target(people: Cast) -> None:
    author, staff = people.viewer("author"), people.viewer("staff")
    for round_ in range(4):
        source = create_tag(author, name=f"Postgres {round_}")
        target = create_tag(author, name=f"PostgreSQL {round_}")
        shown = create_entry(author, kind="CONCEPT", title="E", body="x", tags=[source.name], submit=True)
        waits = create_entry(author, kind="CONCEPT", title="E", body="x", tags=[source.name], submit=True)
        review_entry(staff, entry_id=shown.pk, verdict="APPROVE")
        document = f"## Technologies\n- **Postgres {round_}**: a database of round {round_}\n"
        calls: list[Callable[[], object]] = [
            partial(create_challenge, author, title="Q", body="x", tags=[source.name, f"New {round_}"]),
            partial(create_entry, author, kind="CONCEPT", title="E", body="x", tags=[source.name, target.name]),
            partial(merge_tags, staff, source_ids=[source.pk], target_id=target.pk),
            partial(update_entry, people.viewer("peer"), entry_id=shown.pk, body="y", tags=[source.name]),
            partial(update_entry, author, entry_id=shown.pk, body="z"),
            partial(review_entry, staff, entry_id=waits.pk, verdict="APPROVE"),
            partial(import_document, staff, markdown=document),
        ]
        outcomes = at_once(calls)
        assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
        asked, created, merger, *_ = outcomes
        assert isinstance(asked, Challenge)
        assert isinstance(created, Entry)
        assert isinstance(merger, Merger)
        assert not Tag.objects.filter(pk=source.pk).exists()
        written = Entry.objects.filter(pk__in=[shown.pk, waits.pk, created.pk])
        assert [list(each.tags.all()) for each in written] == [[target]] * 3
        assert list(asked.tags.filter(pk=target.pk)) == [target]
        revisions = EntryRevision.objects.filter(entry__in=written)
        assert [list(each.tags.all()) for each in revisions] == [[target]] * len(revisions)
        assert counts_are_right()


def test_who_comes_first_to_a_tag_that_is_deleted_keeps_it(people: Cast) -> None:
    author, staff = people.viewer("author"), people.viewer("staff")
    for round_ in range(6):
        tag = create_tag(author, name=f"Tag {round_}")
        racers: list[Callable[[], object]] = [
            partial(create_challenge, author, title="Q", body="x", tags=[tag.name]),
            partial(delete_tag, staff, tag_id=tag.pk),
        ]
        written, deleted = at_once(racers)
        # Deleted first: the challenge made it anew. Written first: it stays.
        assert isinstance(written, Challenge)
        assert list(written.tags.values_list("name", flat=True)) == [tag.name]
        assert (written.tags.get() == tag) is isinstance(deleted, Rejected)
        assert counts_are_right()


def test_merges_against_each_other_and_renames(people: Cast) -> None:
    staff = people.viewer("staff")
    one, other, third = (create_tag(staff, name=name) for name in ("One", "Other", "Third"))
    for tag in (one, other, third):
        create_challenge(staff, title="Q", body="x", tags=[tag.name])
    racers: list[Callable[[], object]] = [
        partial(merge_tags, staff, source_ids=[one.pk], target_id=other.pk),
        partial(merge_tags, staff, source_ids=[other.pk], target_id=one.pk),
        partial(merge_tags, staff, source_ids=[third.pk], target_id=one.pk),
        partial(update_tag, staff, tag_id=third.pk, name="Renamed"),
    ]
    outcomes = at_once(racers)
    assert unexpected(outcomes) == []
    assert {code for _, code in codes_of(outcomes)} <= {MistakeCode.NOT_FOUND}
    assert {"one", "other", "third"} <= set(TagAlias.objects.values_list("slug", flat=True))
    assert all(each.tags.count() == 1 for each in Challenge.objects.all())
    assert counts_are_right()


def test_of_edits_that_expect_one_revision_one_is_made(people: Cast) -> None:
    tag = create_tag(people.viewer("author"), name="Tag")
    edit = partial(update_tag, people.viewer("reviewer"), tag_id=tag.pk, expected_revision=1)
    outcomes = at_once([partial(edit, name=f"Tag {number}") for number in range(8)])
    assert unexpected(outcomes) == []
    assert codes_of(outcomes) == [(("expected_revision",), MistakeCode.CONFLICT)] * 7
    tag.refresh_from_db()
    assert tag.revision == 2
