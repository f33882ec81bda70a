"""What is counted beside rows is what is there, after a storm of writes of many at once."""

from collections.abc import Callable
from random import Random

import pytest
from django.db import connection
from django.db.models import Count, F, Model, Q, Sum
from django.db.models.functions import Coalesce

from knowledge.errors import KnowledgeError
from knowledge.models import (
    Challenge,
    ChallengeTag,
    Entry,
    EntryChallenge,
    EntryStatus,
    EntryTag,
    Solution,
    Tag,
    Tally,
    TallyOf,
    Vote,
)
from knowledge.policy import Viewer
from knowledge.services.archive import archive_entry, delete_entry, restore_entry
from knowledge.services.challenges import create_challenge, delete_challenge
from knowledge.services.entries import create_entry, update_entry
from knowledge.services.merging import merge_tags
from knowledge.services.reactions import cast_vote
from knowledge.services.reviews import review_entry
from knowledge.services.solutions import create_solution, delete_solution
from knowledge.tallies import ENOUGH, fold
from tests.cast import Cast, make_cast
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 6
WRITES = 25
TAGS = [f"Tag {number}" for number in range(8)]


@pytest.fixture
def people() -> Cast:
    return make_cast()


def one_of(chosen: Random, model: type[Model]) -> int:
    """The key of any row; of one that is not there, where there is none."""
    keys = list(model._default_manager.values_list("pk", flat=True))
    return chosen.choice(keys) if keys else 0


def published(person: Viewer, staff: Viewer, title: str, tags: list[str]) -> object:
    made = create_entry(person, submit=True, kind="TOOL", title=title, body="It.", tags=tags)
    return review_entry(staff, entry_id=made.pk, verdict="APPROVE")


def answered(person: Viewer, staff: Viewer, challenge_id: int) -> object:
    made = create_solution(person, challenge_id=challenge_id, body="So.")
    return cast_vote(staff, model=Solution, subject_id=made.pk, value=Vote.UP)


def write(chosen: Random, person: Viewer, staff: Viewer) -> object:
    """What chance says. Tags are merged more rarely, or few would be left."""
    tags, title = chosen.sample(TAGS, 3), f"It {chosen.random()}"
    entry, challenge = one_of(chosen, Entry), one_of(chosen, Challenge)
    vote = chosen.choice([Vote.UP, Vote.DOWN, None])
    ways: list[tuple[int, Callable[[], object]]] = [
        (4, lambda: published(person, staff, title, tags)),
        (2, lambda: update_entry(staff, entry_id=entry, tags=tags)),
        (2, lambda: archive_entry(staff, entry_id=entry)),
        (2, lambda: restore_entry(staff, entry_id=entry)),
        (2, lambda: cast_vote(staff, model=Entry, subject_id=entry, value=vote)),
        (3, lambda: create_challenge(person, title=title, body="How?", tags=tags)),
        (3, lambda: answered(person, staff, challenge)),
        (1, lambda: delete_solution(staff, solution_id=one_of(chosen, Solution))),
        (1, lambda: delete_challenge(staff, challenge_id=challenge)),
        (1, lambda: delete_entry(person, entry_id=entry)),
        (1, lambda: merge_tags(staff, source_ids=[one_of(chosen, Tag)], target_id=one_of(chosen, Tag))),
    ]
    (way,) = chosen.choices([way for _, way in ways], [weight for weight, _ in ways])
    return way()


def writer(people: Cast, seed: int) -> Callable[[], int]:
    """Writes one thing after the other; answers how many were not refused."""
    chosen = Random(seed)  # noqa: S311 - to repeat

    def run() -> int:
        done = 0
        for _ in range(WRITES):
            try:
                write(chosen, people.viewer(chosen.choice(["author", "peer"])), people.viewer("staff"))
                done += 1
            except KnowledgeError:
                continue
        return done

    return run


def tallied() -> dict[str, int]:
    return dict(Tally.objects.values_list("of").annotate(Sum("number")))


def fold_often() -> None:
    for _ in range(20):
        fold()


def test_counts_scores_and_copied_times_are_right_after_a_storm_of_writes(people: Cast) -> None:
    outcomes = at_once([writer(people, seed) for seed in range(WRITERS)])

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert sum(each for each in outcomes if isinstance(each, int)) > WRITERS * WRITES / 4
    assert Entry.objects.filter(status=EntryStatus.PUBLISHED).exists()

    numbers = {
        TallyOf.ENTRIES: Entry.objects.filter(status=EntryStatus.PUBLISHED).count(),
        TallyOf.CHALLENGES: Challenge.objects.count(),
    }
    assert tallied() == numbers
    parts = Tally.objects.count()
    at_once([fold_often] * 3)
    assert Tally.objects.count() <= ENOUGH < parts
    assert tallied() == numbers

    shown = Count("entries", filter=Q(entries__status=EntryStatus.PUBLISHED), distinct=True)
    counted = Tag.objects.annotate(shown=shown, asked=Count("challenges", distinct=True))
    assert list(counted.exclude(entry_count=F("shown"), challenge_count=F("asked")).values()) == []
    for model in (Entry, Solution):
        scored = model._default_manager.annotate(sum=Coalesce(Sum("votes__value"), 0))
        assert list(scored.exclude(score=F("sum")).values_list("pk", "score", "sum")) == []
    with connection.cursor() as cursor:
        cursor.execute("""SELECT id FROM knowledge_entry e WHERE tag_ids <> ARRAY(
            SELECT tag_id FROM knowledge_entrytag WHERE entry_id = e.id ORDER BY tag_id)""")
        assert cursor.fetchall() == []
    # `exclude` would leave out what is null on both sides.
    links = EntryTag.objects.values_list("entry_published_at", "entry__published_at")
    assert [link for link in links if link[0] != link[1]] == []
    asked = ChallengeTag.objects.values_list("challenge_created_at", "challenge__created_at")
    assert [link for link in asked if link[0] != link[1]] == []
    both = EntryChallenge.objects.values_list(
        "entry_published_at", "entry__published_at", "challenge_created_at", "challenge__created_at"
    )
    assert [link for link in both if link[0] != link[1] or link[2] != link[3]] == []
