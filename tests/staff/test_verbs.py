"""What staff do on the pages: each verb done, and refused by the service behind it."""

from datetime import timedelta

import pytest

from knowledge.documents.importing import import_document
from knowledge.models import (
    AuditEvent,
    DeliveryStatus,
    Digest,
    DigestStatus,
    Entry,
    OutboxEvent,
    Role,
    Source,
    Tag,
    TagAlias,
    User,
)
from knowledge.services.entries import create_entry
from tests.cast import Cast, viewer_of
from tests.snapshot import every_row
from tests.staff import rows
from tests.staff.visitor import Visitor, hidden, said

KNOWLEDGE = "/admin/knowledge"


def user_page(user: User, verb: str) -> str:
    return f"{KNOWLEDGE}/user/{user.pk}/{verb}/"


def tag_page(tag: Tag, verb: str) -> str:
    return f"{KNOWLEDGE}/tag/{tag.pk}/{verb}/"


def done(visitor: Visitor, address: str, told: str, /, **fields: str) -> None:
    answer = visitor.send(address, fields)
    assert answer.status_code == 302, said(answer)
    assert told in said(visitor.get(answer.headers["Location"]))


def refused(visitor: Visitor, address: str, told: str, /, **fields: str) -> None:
    before = every_row()
    answer = visitor.send(address, fields)
    assert answer.status_code == 200
    assert told in said(answer)
    assert every_row() == before


# ── users ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_role_is_given_and_written_down_with_who_and_where(staff: Visitor, cast: Cast) -> None:
    done(staff, user_page(cast.peer, "role"), "Peer is REVIEWER from their next request on.", role="REVIEWER")
    assert User.objects.get(pk=cast.peer.pk).role == Role.REVIEWER
    event = AuditEvent.objects.get(action="user.role_set")
    assert (event.actor, event.subject_id, event.address, event.detail) == (
        cast.staff,
        cast.peer.pk,
        "127.0.0.1",
        {"before": "CONTRIBUTOR", "after": "REVIEWER"},
    )


def test_somebody_is_deactivated_and_reactivated(staff: Visitor, cast: Cast) -> None:
    done(staff, user_page(cast.peer, "deactivate"), "Peer may not sign in any more; their sessions have ended.")
    assert not User.objects.get(pk=cast.peer.pk).is_active
    done(staff, user_page(cast.peer, "reactivate"), "Peer may sign in again.")
    assert User.objects.get(pk=cast.peer.pk).is_active


@pytest.mark.parametrize(("verb", "fields"), [("role", {"role": "REVIEWER"}), ("deactivate", {}), ("reactivate", {})])
def test_nobody_does_it_to_themselves(staff: Visitor, cast: Cast, verb: str, fields: dict[str, str]) -> None:
    refused(staff, user_page(cast.staff, verb), "You may not do this.", **fields)
    assert "Change role" not in said(staff.get(user_page(cast.staff, "change")))


def test_what_is_no_role_is_refused(staff: Visitor, cast: Cast) -> None:
    refused(staff, user_page(cast.peer, "role"), "is not one of the available choices", role="ROOT")
    refused(staff, user_page(cast.peer, "role"), "This field is required.", role="")


def test_users_are_found_and_narrowed(staff: Visitor, cast: Cast) -> None:
    User.objects.filter(pk=cast.peer.pk).update(email="Peer@Example.org", is_active=False)
    User.objects.filter(pk=cast.author.pk).update(display_name="Ada Lovelace")

    def found(**parameters: str) -> set[str]:
        listed = staff.get(f"{KNOWLEDGE}/user/", **parameters).context["cl"].result_list
        return {user.username for user in listed}

    assert found(q="peer@example") == {"peer"}
    assert found(q="lovelace") == {"author"}
    assert found(q="nobody") == set()
    assert found(role="STAFF") == {"staff"}
    assert found(role="KING") == set()
    assert found(active="no") == {"peer"}
    assert found(active="yes", role="CONTRIBUTOR") == {"author"}


# ── tags ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tag_is_edited_by_the_service(staff: Visitor, cast: Cast) -> None:
    tag = rows.tag("Postgres", "pg")
    fields = {"name": "PostgreSQL", "category": "TECHNOLOGY", "description": "A database.", "aliases": "pg\npsql\n"}
    done(staff, tag_page(tag, "edit"), "The tag is PostgreSQL now.", **fields)
    tag.refresh_from_db()
    assert (tag.name, tag.slug, tag.category, tag.description, tag.revision) == (
        "PostgreSQL",
        "postgresql",
        "TECHNOLOGY",
        "A database.",
        2,
    )
    assert set(TagAlias.objects.filter(tag=tag).values_list("slug", "kind")) == {
        ("postgresql", "CANONICAL"),
        ("postgres", "FORMER"),
        ("pg", "ALIAS"),
        ("psql", "ALIAS"),
    }
    assert OutboxEvent.objects.filter(type="tag.updated", subject_id=tag.pk).count() == 1


def test_an_edit_of_what_was_changed_meanwhile_is_refused(staff: Visitor, cast: Cast) -> None:
    tag = rows.tag("Redis")
    stale = {"name": "Valkey", "category": "TOOL", "expected_revision": "1"}
    Tag.objects.filter(pk=tag.pk).update(revision=2)
    refused(staff, tag_page(tag, "edit"), "You expected 1, but it is 2 by now.", **stale)


def test_mistakes_stand_beside_their_fields(staff: Visitor, cast: Cast) -> None:
    tag = rows.tag("Redis")
    rows.tag("Valkey", "kv")
    fields = {"name": "Valkey", "category": "TOOL", "aliases": "cache\nkv"}
    address = tag_page(tag, "edit")
    refused(staff, address, "This leads to the tag Valkey.", **fields)
    errors = staff.send(address, fields).context["form"].errors
    assert errors == {"name": ["This leads to the tag Valkey."], "aliases": ["No. 2: This leads to the tag Valkey."]}


def test_a_merge_is_shown_first_and_done_then(staff: Visitor, cast: Cast) -> None:
    create_entry(viewer_of(cast.staff), kind="TOOL", title="Cache", body="It.", tags=["Redis DB", "redis-server"])
    target = rows.tag("Redis")
    address = tag_page(target, "merge")
    before = every_row()
    preview = staff.send(address, {"names": "redis-db\nRedis Server"})
    assert preview.status_code == 200
    assert "Redis DB, redis-server would become Redis; 1 entries and 0 challenges would carry it instead." in said(
        preview
    )
    assert every_row() == before
    answer = staff.http.post(address, hidden(preview))
    assert "Merged into Redis: 1 entries and 0 challenges carry it instead." in said(
        staff.get(answer.headers["Location"])
    )
    assert list(Tag.objects.values_list("name", flat=True)) == ["Redis"]
    assert Entry.objects.get().tags.get() == target
    assert AuditEvent.objects.filter(action="tag.merged", actor=cast.staff).count() == 1


def test_what_cannot_be_merged_is_refused(staff: Visitor, cast: Cast) -> None:
    target, other = rows.tag("Redis"), rows.tag("Valkey")
    address = tag_page(target, "merge")
    refused(staff, address, "No. 2: There is no such tag.", names="Valkey\nNothing")
    refused(staff, address, "A tag cannot be merged into itself.", names="redis")
    refused(staff, address, "This field is required.", names="")
    # Found by a preview, gone since; and what no preview would carry.
    key = other.pk
    other.delete()
    refused(staff, address, "There is no such tag.", names="Valkey", found=str(key), confirmed="yes")
    refused(staff, address, "Enter a valid value.", names="Valkey", found="1; DROP", confirmed="yes")
    refused(staff, address, "Name at least one tag to merge.", names="Valkey", found="", confirmed="yes")
    refused(staff, address, "There is no such tag.", names="Valkey", found="9" * 18, confirmed="yes")


def test_a_tag_that_nothing_carries_is_deleted_and_no_other(staff: Visitor, cast: Cast) -> None:
    create_entry(viewer_of(cast.author), kind="TOOL", title="Cache", body="It.", tags=["Redis"])
    carried, free = Tag.objects.get(), rows.tag("Valkey")
    refused(staff, tag_page(carried, "remove"), "Something carries this tag; it can be merged.")
    done(staff, tag_page(free, "remove"), "The tag Valkey is gone.")
    assert list(Tag.objects.all()) == [carried]


def test_tags_are_found_by_their_aliases(staff: Visitor, cast: Cast) -> None:
    tag = rows.tag("Kubernetes", "k8s")
    rows.tag("Docker")
    listed = staff.get(f"{KNOWLEDGE}/tag/", q="k8").context["cl"].result_list
    assert list(listed) == [tag]
    assert "k8s" in said(staff.get(tag_page(tag, "change")))


# ── sources ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_document_is_reviewed_as_a_whole(staff: Visitor, cast: Cast) -> None:
    text = "# Mine\n\n## Technologies\n- Django: a framework\n- Redis: a cache\n"
    source, _ = import_document(viewer_of(cast.author), markdown=text)
    assert source is not None
    address = f"{KNOWLEDGE}/source/{source.pk}/review/"
    row = staff.get(f"{KNOWLEDGE}/source/").context["cl"].result_list[0]
    assert (row.named, row.waiting, row.told) == (2, 2, 0)
    refused(staff, address, "This", verdict="REQUEST_CHANGES", comment="")
    refused(staff, address, "is not one of the available choices", verdict="BURN")
    done(staff, address, "2 entries of “Mine” approved.", verdict="APPROVE")
    assert set(Entry.objects.values_list("status", flat=True)) == {"PUBLISHED"}
    refused(staff, address, "Nothing that this document brought in waits.", verdict="APPROVE")
    assert AuditEvent.objects.filter(action="source.reviewed", actor=cast.staff).count() == 1
    assert Source.objects.get() == source


# ── digests, deliveries, audit ──────────────────────────────────────────────────────────────────────────────────────


def test_a_digest_is_asked_for_once_however_often_its_form_is_sent(staff: Visitor, cast: Cast) -> None:
    rows.tag("Redis", "kv")
    address = f"{KNOWLEDGE}/digest/request/"
    fields = {
        "window_start": "2026-11-01T00:00",
        "window_end": "2026-11-08T00:00",
        "tags": "kv",
        "title": "",
        "idempotency_key": "a-key-of-this-form",
    }
    done(staff, address, "is QUEUED; a worker makes it.", **fields)
    done(staff, address, "is QUEUED; a worker makes it.", **fields)
    digest = Digest.objects.get()
    assert (digest.requested_by, digest.status, digest.tags.get().name) == (cast.staff, "QUEUED", "Redis")
    assert digest.window_end - digest.window_start == timedelta(days=7)
    other = {**fields, "idempotency_key": "another"}
    refused(staff, address, "The window must end after it starts.", **{**other, "window_end": "2026-11-01T00:00"})
    refused(staff, address, "No. 1: There is no such tag.", **{**other, "tags": "nothing"})
    refused(staff, address, "Enter a valid date/time.", **{**other, "window_start": "yesterday"})


def test_a_failed_digest_is_queued_again_and_no_other(staff: Visitor, cast: Cast) -> None:
    failed = rows.digest(1, cast.author)
    address = f"{KNOWLEDGE}/digest/{failed.pk}/retry/"
    assert "The lights went out." in said(staff.get(f"{KNOWLEDGE}/digest/{failed.pk}/change/"))
    done(staff, address, "“Digest 1” is QUEUED again.")
    assert Digest.objects.get().status == DigestStatus.QUEUED
    refused(staff, address, "This digest has not failed.")
    assert "Retry" not in said(staff.get(f"{KNOWLEDGE}/digest/{failed.pk}/change/"))


def test_failed_deliveries_are_listed_with_their_reason(staff: Visitor, cast: Cast) -> None:
    digest = rows.digest(1)
    failed = rows.delivery(digest, cast.peer)
    waiting = rows.delivery(digest, cast.author, DeliveryStatus.PENDING)

    def listed(**parameters: str) -> set[int]:
        return {row.pk for row in staff.get(f"{KNOWLEDGE}/digestdelivery/", **parameters).context["cl"].result_list}

    assert "550 no such mailbox" in said(staff.get(f"{KNOWLEDGE}/digestdelivery/"))
    assert listed() == {failed.pk}
    assert listed(status="any") == {failed.pk, waiting.pk}
    assert listed(status="PENDING") == {waiting.pk}
    assert listed(status="LOST") == set()
    assert "550 no such mailbox" in said(staff.get(f"{KNOWLEDGE}/digestdelivery/{failed.pk}/change/"))


def test_a_failed_delivery_waits_again_and_no_other(staff: Visitor, cast: Cast) -> None:
    failed = rows.delivery(rows.digest(1, status=DigestStatus.FAILED), cast.peer)
    address = f"{KNOWLEDGE}/digestdelivery/{failed.pk}/retry/"
    done(staff, address, "It is PENDING again, and goes out with the next round.")
    failed.refresh_from_db()
    assert failed.status == DeliveryStatus.PENDING
    refused(staff, address, "This delivery has not failed.")
    assert "Retry" not in said(staff.get(f"{KNOWLEDGE}/digestdelivery/{failed.pk}/change/"))


def test_the_audit_trail_is_read_by_action_and_by_person(staff: Visitor, cast: Cast) -> None:
    done(staff, user_page(cast.peer, "deactivate"), "Peer may not sign in any more")

    def listed(**parameters: str) -> list[str]:
        page = staff.get(f"{KNOWLEDGE}/auditevent/", **parameters)
        return [row.action for row in page.context["cl"].result_list]

    assert listed() == ["user.deactivated", "user.signed_in"]
    assert listed(action="user.deactivated") == ["user.deactivated"]
    assert listed(q="STAFF") == ["user.deactivated", "user.signed_in"]
    assert listed(q="peer") == []
