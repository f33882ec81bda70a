from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.errors import Forbidden, MistakeCode, Rejected, Unauthenticated
from knowledge.models import (
    AuditEvent,
    ChallengeTag,
    Digest,
    DigestItem,
    DigestSubscription,
    EntryStatus,
    EntryTag,
    OutboxEvent,
    RevisionState,
    RevisionTag,
    Tag,
    TagAlias,
)
from knowledge.services.merging import merge_tags
from knowledge.services.tags import lookup
from knowledge.services.vocabulary import update_tag
from tests.cast import Cast
from tests.schema.rows import challenge, digest, entry, revision, section, tag
from tests.snapshot import every_row

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def mistakes_of(refused: pytest.ExceptionInfo[Rejected]) -> list[tuple[tuple[str, ...], MistakeCode]]:
    return [(mistake.path, mistake.code) for mistake in refused.value.mistakes]


@pytest.fixture
def reviewer(cast: Cast) -> Any:
    return cast.viewer("reviewer")


@pytest.fixture
def spellings(cast: Cast) -> dict[str, Tag]:
    """Three spellings of one thing, carried by all that can carry a tag; another tag beside them."""
    made = {
        "target": tag("PostgreSQL", "pgsql"),
        "one": tag("Postgres", "pg"),
        "other": tag("Postgre"),
        "beside": tag("Django"),
    }
    target, one, other, beside = made.values()
    entry("Of one", one, beside)
    entry("Of both", one, other)
    entry("Of all", one, target)
    entry("Of the target", target)
    entry("In review", other, status=EntryStatus.IN_REVIEW)
    entry("Somebody's draft", one, author=cast.author, status=EntryStatus.DRAFT)
    revision(entry("Proposed"), 2, RevisionState.PENDING, one, target)
    challenge("C one", one)
    challenge("C both", other, target)
    return made


def carried(through: Any, name: str) -> list[tuple[str, str]]:
    return sorted(through.objects.values_list(f"{name}__title", "tag__slug"))


@pytest.mark.parametrize("name", ["reviewer", "staff"])
def test_everything_moves_once(cast: Cast, spellings: dict[str, Tag], name: str) -> None:
    target, one, other, _ = spellings.values()
    merger = merge_tags(cast.viewer(name), source_ids=[one.pk, other.pk], target_id=target.pk, now=NOW)
    assert (merger.tag, merger.moved_entries, merger.moved_challenges) == (target, 4, 2)
    assert carried(EntryTag, "entry") == [
        ("In review", "postgresql"),
        ("Of all", "postgresql"),
        ("Of both", "postgresql"),
        ("Of one", "django"),
        ("Of one", "postgresql"),
        ("Of the target", "postgresql"),
        ("Somebody's draft", "postgresql"),
    ]
    assert carried(RevisionTag, "revision") == [("Proposed", "postgresql")]
    assert carried(ChallengeTag, "challenge") == [("C both", "postgresql"), ("C one", "postgresql")]
    assert list(Tag.objects.order_by("slug").values_list("slug", "entry_count", "challenge_count", "revision")) == [
        ("django", 1, 0, 1),
        ("postgresql", 4, 2, 2),
    ]
    [event] = OutboxEvent.objects.all()
    assert (event.type, event.subject_id, event.payload) == ("tag.merged", target.pk, {"merged": [one.pk, other.pk]})
    assert Tag.objects.get(pk=target.pk).updated_at == NOW
    [audited] = AuditEvent.objects.all()
    assert (audited.action, audited.actor_id, audited.subject_id, audited.at) == (
        "tag.merged",
        cast.viewer(name).id,
        target.pk,
        NOW,
    )
    assert audited.detail == {
        "merged": [
            {"id": one.pk, "name": "Postgres", "slug": "postgres"},
            {"id": other.pk, "name": "Postgre", "slug": "postgre"},
        ]
    }


def test_the_names_of_what_was_merged_lead_to_the_target(spellings: dict[str, Tag], reviewer: Any) -> None:
    target, one, *_ = spellings.values()
    update_tag(reviewer, tag_id=one.pk, name="Post-Gres")
    merge_tags(reviewer, source_ids=[one.pk], target_id=target.pk)
    names = {row.slug: (row.name, row.kind) for row in TagAlias.objects.filter(tag=target)}
    assert names == {
        "postgresql": ("PostgreSQL", "CANONICAL"),
        "pgsql": ("pgsql", "ALIAS"),
        "post-gres": ("Post-Gres", "FORMER_ALIAS"),
        "postgres": ("Postgres", "FORMER"),
        "pg": ("pg", "ALIAS"),
    }
    assert set(lookup(["post-gres", "Postgres", "PG"]).values()) == {target}
    update_tag(reviewer, tag_id=target.pk, aliases=[])
    assert lookup(["post-gres", "Postgres", "PG", "pgsql"]) == {"post-gres": target, "Postgres": target}


def test_subscriptions_and_digests_move_too(cast: Cast, spellings: dict[str, Tag], reviewer: Any) -> None:
    target, one, other, beside = spellings.values()
    subscription = DigestSubscription.objects.create(user=cast.author, cadence="DAILY")
    subscription.tags.set([one, target, beside])
    requested = digest("D", one, other)
    item = DigestItem.objects.create(
        section=section(digest("Trends", cadence="DAILY"), "TRENDING_TAGS"),
        position=9,
        headline="Postgres",
        reason="x",
        tag=other,
    )
    merge_tags(reviewer, source_ids=[one.pk, other.pk], target_id=target.pk)
    assert set(subscription.tags.all()) == {target, beside}
    assert set(Digest.objects.get(pk=requested.pk).tags.all()) == {target}
    item.refresh_from_db()
    assert item.tag == target


@pytest.mark.parametrize("sources", [["one"], ["one", "other"], ["beside", "other"]])
def test_a_dry_run_tells_what_the_real_one_does(spellings: dict[str, Tag], reviewer: Any, sources: list[str]) -> None:
    target = spellings["target"].pk
    source_ids = [spellings[name].pk for name in sources]
    before = every_row()
    told = merge_tags(reviewer, source_ids=source_ids, target_id=target, dry_run=True)
    assert every_row() == before
    assert merge_tags(reviewer, source_ids=source_ids, target_id=target) == told


def test_only_reviewers_merge(cast: Cast, spellings: dict[str, Tag]) -> None:
    before = every_row()
    for dry_run in (True, False):
        source_ids, target_id = [spellings["one"].pk], spellings["target"].pk
        for name in ("author", "peer"):
            with pytest.raises(Forbidden):
                merge_tags(cast.viewer(name), source_ids=source_ids, target_id=target_id, dry_run=dry_run)
        with pytest.raises(Unauthenticated):
            merge_tags(cast.viewer("anonymous"), source_ids=source_ids, target_id=target_id, dry_run=dry_run)
    assert every_row() == before


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_cannot_be_merged(spellings: dict[str, Tag], reviewer: Any, *, dry_run: bool) -> None:
    target, one, *_ = (made.pk for made in spellings.values())
    unknown = max(made.pk for made in spellings.values()) + 1
    before = every_row()
    cases: list[tuple[list[int], int, list[tuple[tuple[str, ...], MistakeCode]]]] = [
        ([], target, [(("source_ids",), MistakeCode.REQUIRED)]),
        ([one] * 21, target, [(("source_ids",), MistakeCode.TOO_MANY)]),
        (
            [one, target, one, unknown, 2**63],
            target,
            [
                (("source_ids", "1"), MistakeCode.INVALID),
                (("source_ids", "2"), MistakeCode.DUPLICATE),
                (("source_ids", "3"), MistakeCode.NOT_FOUND),
                (("source_ids", "4"), MistakeCode.NOT_FOUND),
            ],
        ),
        ([one], unknown, [(("target_id",), MistakeCode.NOT_FOUND)]),
    ]
    for source_ids, target_id, expected in cases:
        with pytest.raises(Rejected) as refused:
            merge_tags(reviewer, source_ids=source_ids, target_id=target_id, dry_run=dry_run)
        assert mistakes_of(refused) == expected
    assert every_row() == before


def test_merging_takes_as_many_statements_whatever_is_moved(reviewer: Any) -> None:
    taken = []
    for number in (1, 12):
        sources = [tag(f"S{number}"), tag(f"T{number}")]
        target = tag(f"Target {number}")
        for each in range(number):
            entry(f"E {number} {each}", *sources)
            challenge(f"C {number} {each}", sources[0])
        with CaptureQueriesContext(connection) as captured:
            merge_tags(reviewer, source_ids=[made.pk for made in sources], target_id=target.pk)
        taken.append(len(captured))
    assert taken[0] == taken[1]
