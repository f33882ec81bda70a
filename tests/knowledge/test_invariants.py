"""What the database itself refuses, and what it keeps right, whoever writes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Model

from knowledge.models import (
    AuditEvent,
    Bookmark,
    Challenge,
    ChallengeStatus,
    ChallengeTag,
    Digest,
    DigestDelivery,
    DigestItem,
    DigestSection,
    DigestSubscription,
    Entry,
    EntryRevision,
    EntrySource,
    EntryStatus,
    EntryTag,
    IdempotencyKey,
    OutboxEvent,
    PersonalAccessToken,
    RefreshToken,
    Session,
    Solution,
    Source,
    Tag,
    TagAlias,
    User,
    Vote,
)
from tests.cast import Cast

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
HASH = b"\x01" * 32


def make_entry(slug: str = "django", **fields: Any) -> Entry:
    """An entry with its first revision, PUBLISHED unless said otherwise."""
    status = fields.setdefault("status", EntryStatus.PUBLISHED)
    if status in {EntryStatus.PUBLISHED, EntryStatus.ARCHIVED}:
        fields.setdefault("published_at", NOW)
    entry = Entry.objects.create(**{"slug": slug, "kind": "TECHNOLOGY", "title": slug.title(), **fields})
    EntryRevision.objects.create(entry=entry, number=1, kind="TECHNOLOGY", title=entry.title, state="APPROVED")
    return entry


def make_challenge(slug: str = "slow-queries", **fields: Any) -> Challenge:
    """An open challenge."""
    return Challenge.objects.create(**{"slug": slug, "title": slug, **fields})


def settle(change: Callable[[], Any] | None = None) -> None:
    """Makes the change, and checks now what is checked at commit."""
    with transaction.atomic():
        if change:
            change()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def digest_of(**fields: Any) -> Digest:
    """A digest of a day, unsaved."""
    return Digest(
        **{
            "title": "A day",
            "cadence": "DAILY",
            "window_start": NOW,
            "window_end": NOW + timedelta(days=1),
            **fields,
        }
    )


# Each row is refused by the constraint named; what it needs beside itself is made from the cast.
REFUSED: dict[str, Callable[[Cast], list[Model]]] = {
    "user_username_unique": lambda cast: [User(username="AUTHOR")],
    "user_username_not_blank": lambda cast: [User(username=" ")],
    "user_role_known": lambda cast: [User(username="zoe", role="KING")],
    "user_bio_length": lambda cast: [User(username="zoe", bio="x" * 2001)],
    "user_confirmed_email_unique": lambda cast: [
        User(username="zoe", email="A@x.org", email_confirmed_at=NOW),
        User(username="kim", email="a@X.org", email_confirmed_at=NOW),
    ],
    "session_end_has_reason": lambda cast: [Session(user=cast.author, ended_at=NOW)],
    "personal_access_token_scope_known": lambda cast: [
        PersonalAccessToken(user=cast.author, name="ci", scope="ALL", token_hash=HASH, hint="abcd")
    ],
    "personal_access_token_name_unique": lambda cast: [
        PersonalAccessToken(user=cast.author, name="ci", scope="READ", token_hash=bytes([n]) * 32, hint="abcd")
        for n in (1, 2)
    ],
    "audit_event_subject_whole": lambda cast: [AuditEvent(action="x", subject_type="Entry")],
    "tag_name_not_blank": lambda cast: [Tag(name=" ", slug="x")],
    "tag_category_known": lambda cast: [Tag(name="x", slug="x", category="FRUIT")],
    "tag_description_length": lambda cast: [Tag(name="x", slug="x", description="x" * 1001)],
    "knowledge_tag_slug_key": lambda cast: [Tag(name="A", slug="a"), Tag(name="B", slug="a")],
    "entry_title_not_blank": lambda cast: [Entry(slug="x", kind="TOOL", title=" ")],
    "entry_kind_known": lambda cast: [Entry(slug="x", kind="FRUIT", title="x")],
    "entry_body_length": lambda cast: [Entry(slug="x", kind="TOOL", title="x", body="x" * 100_001)],
    "entry_published_at_when_published": lambda cast: [Entry(slug="x", kind="TOOL", title="x", status="PUBLISHED")],
    "entry_reading_minutes_positive": lambda cast: [Entry(slug="x", kind="TOOL", title="x", reading_minutes=0)],
    "revision_number_once": lambda cast: [
        EntryRevision(entry=make_entry(), number=1, kind="TOOL", title="x", state="DRAFT")
    ],
    "revision_one_shown": lambda cast: [
        EntryRevision(entry=make_entry(), number=2, kind="TOOL", title="x", state="APPROVED")
    ],
    "revision_one_open_a_person": lambda cast: [
        EntryRevision(entry=entry, number=number, kind="TOOL", title="x", author=cast.author)
        for entry in [make_entry()]
        for number in (2, 3)
    ],
    "revision_based_on_earlier": lambda cast: [
        EntryRevision(entry=make_entry(), number=2, based_on=2, kind="TOOL", title="x")
    ],
    "revision_pending_was_submitted": lambda cast: [
        EntryRevision(entry=make_entry(), number=2, kind="TOOL", title="x", state="PENDING")
    ],
    "challenge_solved_has_time": lambda cast: [Challenge(slug="x", title="x", status="SOLVED")],
    "challenge_open_is_neither_solved_nor_closed": lambda cast: [Challenge(slug="x", title="x", close_reason="x")],
    "challenge_difficulty_known": lambda cast: [Challenge(slug="x", title="x", difficulty="MILD")],
    "solution_body_not_blank": lambda cast: [Solution(challenge=make_challenge(), body="\n")],
    "solution_one_accepted": lambda cast: [
        Solution(challenge=challenge, body="x", is_accepted=True)
        for challenge in [make_challenge(status="CLOSED")]
        for _ in range(2)
    ],
    "vote_one_subject": lambda cast: [
        Vote(user=cast.author, entry=make_entry(), challenge=make_challenge(), value=1),
    ],
    "vote_up_or_down": lambda cast: [Vote(user=cast.author, entry=make_entry(), value=2)],
    "vote_once_entry": lambda cast: [
        Vote(user=cast.author, entry=entry, value=value) for entry in [make_entry()] for value in (1, -1)
    ],
    "bookmark_one_subject": lambda cast: [Bookmark(user=cast.author)],
    "bookmark_once_challenge": lambda cast: [
        Bookmark(user=cast.author, challenge=challenge) for challenge in [make_challenge()] for _ in range(2)
    ],
    "source_url_once": lambda cast: [
        Source(title="x", url="https://x.org", content_hash=bytes([n]) * 32) for n in (1, 2)
    ],
    "source_text_once_each": lambda cast: [Source(title="x", content_hash=HASH) for _ in range(2)],
    "digest_window_not_empty": lambda cast: [digest_of(window_end=NOW)],
    "digest_window_once": lambda cast: [digest_of(), digest_of()],
    "digest_progress_in_percent": lambda cast: [digest_of(progress=101)],
    "digest_ready_is_whole": lambda cast: [digest_of(status="READY", progress=100, finished_at=NOW)],
    "digest_running_has_lease": lambda cast: [digest_of(status="RUNNING")],
    "digest_failed_says_why": lambda cast: [digest_of(status="FAILED")],
    "digest_subscription_cadence": lambda cast: [DigestSubscription(user=cast.author, cadence="ON_DEMAND")],
    "digest_subscription_once": lambda cast: [
        DigestSubscription(user=cast.author, cadence="DAILY", active=active) for active in (True, False)
    ],
    "digest_subscription_paused": lambda cast: [
        DigestSubscription(user=cast.author, cadence="DAILY", paused_reason="bounced")
    ],
    "idempotency_key_once": lambda cast: [
        IdempotencyKey(user=cast.author, operation="create_entry", key="k", request_hash=HASH) for _ in range(2)
    ],
    "outbox_event_type_not_blank": lambda cast: [OutboxEvent(type="", subject_type="Entry", subject_id=1)],
}


@pytest.mark.parametrize("constraint", REFUSED)
def test_refuses(constraint: str, cast: Cast) -> None:
    *accepted, refused = REFUSED[constraint](cast)
    for row in accepted:
        row.save()
    with pytest.raises(IntegrityError, match=f'"{constraint}"'), transaction.atomic():
        refused.save()


def test_accepts_on_demand_digests_of_one_window_and_deliveries_once(cast: Cast) -> None:
    for _ in range(2):
        digest_of(cadence="ON_DEMAND").save()
    digest = digest_of()
    digest.save()
    subscription = DigestSubscription.objects.create(user=cast.author, cadence="DAILY")
    window = {"window_start": digest.window_start, "window_end": digest.window_end}
    delivery = {"digest": digest, "subscription": subscription, "recipient": cast.author, **window}
    DigestDelivery.objects.create(message_id="<1@x>", **delivery)
    with pytest.raises(IntegrityError, match="digest_delivery_once"), transaction.atomic():
        DigestDelivery.objects.create(message_id="<2@x>", **delivery)
    with pytest.raises(IntegrityError, match="digest_delivery_sent_has_time"), transaction.atomic():
        DigestDelivery.objects.update(status="SENT")
    with pytest.raises(IntegrityError, match="digest_delivery_says_why"), transaction.atomic():
        DigestDelivery.objects.update(status="FAILED")
    section = DigestSection.objects.create(digest=digest, position=1, kind="NEW_ENTRIES", title="New")
    tag = Tag.objects.create(name="Django", slug="django")
    with pytest.raises(IntegrityError, match="digest_item_one_subject"), transaction.atomic():
        DigestItem.objects.create(section=section, position=1, headline="x", reason="x", tag=tag, entry=make_entry("x"))


def test_one_live_refresh_token_a_session(cast: Cast) -> None:
    session = Session.objects.create(user=cast.author)
    expiry = NOW + timedelta(days=9999)
    RefreshToken.objects.create(session=session, token_hash=b"a" * 32, expires_at=expiry, used_at=NOW)
    RefreshToken.objects.create(session=session, token_hash=b"b" * 32, expires_at=expiry)
    with pytest.raises(IntegrityError, match="refresh_token_one_live_a_session"), transaction.atomic():
        RefreshToken.objects.create(session=session, token_hash=b"c" * 32, expires_at=expiry)


def test_the_audit_trail_cannot_be_changed(cast: Cast) -> None:
    AuditEvent.objects.create(action="role.changed", actor=cast.staff)
    for change in (lambda: AuditEvent.objects.update(action="nothing"), lambda: AuditEvent.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert list(AuditEvent.objects.values_list("action", flat=True)) == ["role.changed"]


# ── what triggers keep ──────────────────────────────────────────────────────────────────────────────────────────────


def test_every_slug_of_a_tag_leads_to_it_and_to_no_other(db: None) -> None:
    tag = Tag.objects.create(name="PostgreSQL", slug="postgresql")
    TagAlias.objects.create(tag=tag, slug="postgres", name="Postgres")
    tag.slug, tag.name = "postgre-sql", "Postgre SQL"
    tag.save()
    assert set(tag.names.values_list("slug", "name", "kind")) == {
        ("postgresql", "PostgreSQL", "FORMER"),
        ("postgres", "Postgres", "ALIAS"),
        ("postgre-sql", "Postgre SQL", "CANONICAL"),
    }
    for taken in ("postgres", "postgresql"):
        with pytest.raises(IntegrityError, match="slug"), transaction.atomic():
            Tag.objects.create(name="Other", slug=taken)
    tag.slug, tag.name = "postgresql", "PostgreSQL"
    tag.save()
    assert set(tag.names.values_list("slug", "kind")) == {
        ("postgresql", "CANONICAL"),
        ("postgres", "ALIAS"),
        ("postgre-sql", "FORMER"),
    }


def test_former_slugs_lead_on_until_they_are_taken_again(db: None) -> None:
    entry, challenge = make_entry("first"), make_challenge("first")
    Entry.objects.update(slug="second")
    Challenge.objects.update(slug="second")
    assert list(entry.former_slugs.values_list("slug", flat=True)) == ["first"]
    assert list(challenge.former_slugs.values_list("slug", flat=True)) == ["first"]
    Entry.objects.update(slug="first")
    assert list(entry.former_slugs.values_list("slug", flat=True)) == ["second"]


def test_tags_count_published_entries_and_all_challenges(db: None) -> None:
    tag, other = (Tag.objects.create(name=name, slug=name) for name in ("a", "b"))
    shown, draft, challenge = make_entry("shown"), make_entry("draft", status="DRAFT"), make_challenge()
    EntryTag.objects.bulk_create([EntryTag(entry=e, tag=t) for e in (shown, draft) for t in (tag, other)])
    ChallengeTag.objects.create(challenge=challenge, tag=tag)

    def counts() -> list[tuple[int, int]]:
        return list(Tag.objects.order_by("slug").values_list("entry_count", "challenge_count"))

    assert counts() == [(1, 1), (1, 0)]
    Entry.objects.filter(pk=draft.pk).update(status="PUBLISHED", published_at=NOW)
    assert counts() == [(2, 1), (2, 0)]
    Entry.objects.filter(pk=shown.pk).update(status="ARCHIVED")
    assert counts() == [(1, 1), (1, 0)]
    EntryTag.objects.filter(tag=other).delete()
    assert counts() == [(1, 1), (0, 0)]
    challenge.delete()
    draft.refresh_from_db()
    draft.delete()
    assert counts() == [(0, 0), (0, 0)]
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        EntryTag.objects.update(tag=other)


def test_scores_and_source_counts_follow(cast: Cast) -> None:
    entry, challenge = make_entry(), make_challenge()
    solution = Solution.objects.create(challenge=challenge, body="x")
    subjects: list[tuple[str, Any]] = [("entry", entry), ("challenge", challenge), ("solution", solution)]
    for name, subject in subjects:
        Vote.objects.create(user=cast.author, value=1, **{name: subject})
        vote = Vote.objects.create(user=cast.peer, value=1, **{name: subject})
        subject.refresh_from_db()
        assert subject.score == 2
        Vote.objects.filter(pk=vote.pk).update(value=-1)
        subject.refresh_from_db()
        assert subject.score == 0
        vote.delete()
        subject.refresh_from_db()
        assert subject.score == 1
    source = Source.objects.create(title="x", content_hash=HASH)
    named = EntrySource.objects.create(source=source, entry=entry, kind="TECHNOLOGY", line=1, written=HASH)
    entry.refresh_from_db()
    assert entry.source_count == 1
    named.delete()
    entry.refresh_from_db()
    assert entry.source_count == 0


def test_solved_means_that_a_solution_is_accepted(db: None) -> None:
    challenge = make_challenge()
    solution = Solution.objects.create(challenge=challenge, body="x")
    settle()
    for change in (
        lambda: Challenge.objects.update(status=ChallengeStatus.SOLVED, solved_at=NOW),
        lambda: Solution.objects.update(is_accepted=True),
    ):
        with pytest.raises(IntegrityError, match="accepted solution"):
            settle(change)
    Solution.objects.update(is_accepted=True)
    Challenge.objects.update(status=ChallengeStatus.SOLVED, solved_at=NOW)
    settle()
    with pytest.raises(IntegrityError, match="accepted solution"):
        settle(solution.delete)
    Challenge.objects.update(status=ChallengeStatus.CLOSED)
    settle()


def test_an_entry_shows_a_revision_of_its_own(db: None) -> None:
    make_entry()
    settle()
    with pytest.raises(IntegrityError, match="entry_shows_its_revision"):
        settle(lambda: Entry.objects.update(revision=2))


def test_the_drawing_is_of_these_models(db: None) -> None:
    call_command("write_erd", check=True)
