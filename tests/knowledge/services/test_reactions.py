"""Votes and bookmarks."""

from typing import Any

import pytest

from knowledge.errors import Forbidden, MistakeCode, Rejected, Unauthenticated
from knowledge.models import Bookmark, Challenge, Entry, OutboxEvent, Solution, Vote
from knowledge.services.entries import create_entry
from knowledge.services.reactions import add_bookmark, cast_vote, remove_bookmark
from knowledge.services.reviews import review_entry
from tests.cast import Cast
from tests.knowledge.services.discussion import LATER, NOW, answered, asked, mistakes, told
from tests.snapshot import every_row

SUBJECTS = (Entry, Challenge, Solution)


def written(cast: Cast, model: type[Any]) -> Any:
    """One of the author's, for everyone to see."""
    author = cast.viewer("author")
    if model is Challenge:
        return asked(cast)
    if model is Solution:
        return answered(cast, asked(cast, "peer"), "author")
    entry = create_entry(author, kind="CONCEPT", title="Caching", body="x", submit=True)
    review_entry(cast.viewer("staff"), entry_id=entry.pk, verdict="APPROVE")
    return entry


def draft(cast: Cast) -> Entry:
    return create_entry(cast.viewer("author"), kind="CONCEPT", title="Draft", body="x")


@pytest.mark.parametrize("model", SUBJECTS)
def test_a_vote_counts_changes_and_is_taken_back(cast: Cast, model: type[Any]) -> None:
    subject = written(cast, model)
    steps = ((Vote.UP, 1, 1), (Vote.UP, 1, None), (Vote.DOWN, -1, -2), (None, 0, 1), (None, 0, None))
    for value, score, adds in steps:
        events = OutboxEvent.objects.count()
        cast_vote(cast.viewer("peer"), model=model, subject_id=subject.pk, value=value, now=LATER)
        subject.refresh_from_db()
        assert subject.score == score
        assert list(Vote.objects.values_list("user_id", "value", "cast_at")) == (
            [] if value is None else [(cast.peer.pk, value, LATER)]
        )
        if adds is None:
            assert OutboxEvent.objects.count() == events
        else:
            assert told() == ("vote.cast", model.__name__, subject.pk, {"adds": adds})


@pytest.mark.parametrize("model", SUBJECTS)
def test_never_on_ones_own(cast: Cast, model: type[Any]) -> None:
    subject = written(cast, model)
    before = every_row()
    for value in (Vote.UP, Vote.DOWN, None):
        with pytest.raises(Forbidden):
            cast_vote(cast.viewer("author"), model=model, subject_id=subject.pk, value=value)
        with pytest.raises(Unauthenticated):
            cast_vote(cast.viewer("anonymous"), model=model, subject_id=subject.pk, value=value)
    assert every_row() == before
    for name in ("peer", "reviewer", "staff"):
        cast_vote(cast.viewer(name), model=model, subject_id=subject.pk, value=Vote.UP)
    subject.refresh_from_db()
    assert subject.score == 3


@pytest.mark.parametrize("model", SUBJECTS)
def test_what_nobody_wrote_is_nobodys_own(cast: Cast, model: type[Any]) -> None:
    subject = written(cast, model)
    model.objects.filter(pk=subject.pk).update(author=None)
    cast_vote(cast.viewer("author"), model=model, subject_id=subject.pk, value=Vote.DOWN)
    subject.refresh_from_db()
    assert subject.score == -1


def test_what_is_not_visible_cannot_be_voted_on_or_kept(cast: Cast) -> None:
    hidden = draft(cast).pk
    before = every_row()
    votable: tuple[tuple[Any, int], ...] = ((Entry, hidden), (Challenge, 0), (Solution, 2**63 - 1))
    for model, pk in votable:
        with pytest.raises(Rejected) as error:
            cast_vote(cast.viewer("peer"), model=model, subject_id=pk, value=Vote.UP)
        assert mistakes(error) == [("subject_id", MistakeCode.NOT_FOUND)]
    for verb in (add_bookmark, remove_bookmark):
        for model, pk in votable[:2]:
            with pytest.raises(Rejected) as error:
                verb(cast.viewer("peer"), model=model, subject_id=pk)
            assert mistakes(error) == [("subject_id", MistakeCode.NOT_FOUND)]
    assert every_row() == before


@pytest.mark.parametrize("model", [Entry, Challenge])
def test_a_bookmark_is_kept_once_by_whoever_is_signed_in(cast: Cast, model: type[Any]) -> None:
    subject = written(cast, model)
    events = OutboxEvent.objects.count()
    for name in ("author", "peer", "reviewer", "staff"):
        assert add_bookmark(cast.viewer(name), model=model, subject_id=subject.pk, now=NOW) == subject
        assert add_bookmark(cast.viewer(name), model=model, subject_id=subject.pk, now=LATER) == subject
    column = model._meta.model_name
    assert list(Bookmark.objects.order_by("pk").values_list("user__username", f"{column}_id", "created_at")) == [
        (name, subject.pk, NOW) for name in ("author", "peer", "reviewer", "staff")
    ]
    for _ in range(2):
        assert remove_bookmark(cast.viewer("peer"), model=model, subject_id=subject.pk) == subject
    assert set(Bookmark.objects.values_list("user__username", flat=True)) == {"author", "reviewer", "staff"}
    before = every_row()
    for verb in (add_bookmark, remove_bookmark):
        with pytest.raises(Unauthenticated):
            verb(cast.viewer("anonymous"), model=model, subject_id=subject.pk)
    assert every_row() == before
    assert OutboxEvent.objects.count() == events


def test_a_draft_can_be_kept_by_its_author(cast: Cast) -> None:
    entry = draft(cast)
    add_bookmark(cast.viewer("author"), model=Entry, subject_id=entry.pk)
    assert Bookmark.objects.get().entry == entry
