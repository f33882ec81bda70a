"""Writing entries: each field of each input does something, and each refusal says where."""

from typing import Any

import pytest

from knowledge.models import Entry, EntryStatus, RevisionState
from tests.cast import Cast
from tests.client import Client
from tests.schema.changes import CONTENT, ENTRY_CREATE, ENTRY_REVIEW, ENTRY_SUBMIT, ENTRY_UPDATE, payload
from tests.schema.rows import challenge, entry, id_of, revision, tag
from tests.tables import row_counts

# ── entryCreate ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_entry_create_writes_everything_that_is_given(cast: Cast, api: Client) -> None:
    why = challenge("Why")
    tag("Build", "builds", category="TOOL")
    made = payload(
        api,
        cast.author,
        ENTRY_CREATE,
        **CONTENT,
        summary="In a sentence.",
        tags=["Builds", "Unix"],
        resources=[{"title": "Manual", "url": "https://example.org/make"}],
        challengeIds=[id_of(why)],
        clientMutationId="mine",
    )
    assert made == {
        "entry": {
            "kind": "TOOL",
            "title": "Make",
            "summary": "In a sentence.",
            "body": "Builds *things*.",
            "bodyHtml": "<p>Builds <em>things</em>.</p>\n",
            "tags": [{"name": "Build", "category": "TOOL"}, {"name": "Unix", "category": "OTHER"}],
            "resources": [{"title": "Manual", "url": "https://example.org/make"}],
            "challenges": {"nodes": [{"title": "Why"}]},
            "status": "DRAFT",
            "slug": "make",
            "readingMinutes": 1,
            "author": {"username": "author"},
            "viewerDraft": {"number": 1, "state": "DRAFT"},
        },
        "errors": [],
        "clientMutationId": "mine",
    }


def test_entry_create_can_hand_in_at_once(cast: Cast, api: Client) -> None:
    for submit, expected in (
        (True, ("IN_REVIEW", "PENDING")),
        (False, ("DRAFT", "DRAFT")),
        (None, ("DRAFT", "DRAFT")),
    ):
        made = payload(api, cast.author, ENTRY_CREATE, **CONTENT, submit=submit)["entry"]
        assert (made["status"], made["viewerDraft"]["state"]) == expected
    assert list(Entry.objects.order_by("pk").values_list("slug", flat=True)) == ["make", "make-2", "make-3"]


def test_null_is_as_if_left_out_where_something_is_made(cast: Cast, api: Client) -> None:
    nothing = dict.fromkeys(("summary", "tags", "resources", "challengeIds", "idempotencyKey", "clientMutationId"))
    made = payload(api, cast.author, ENTRY_CREATE, **CONTENT, **nothing)
    assert (made["errors"], made["clientMutationId"]) == ([], None)
    assert [made["entry"][name] for name in ("summary", "tags", "resources")] == ["", [], []]


# ── entryUpdate ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_entry_update_changes_what_is_given_and_nothing_else(cast: Cast, api: Client) -> None:
    made = entry("Make", tag("Build"), author=cast.author, status=EntryStatus.DRAFT, body="Builds.")
    changes: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"title": "Make 4"}, {"title": "Make 4"}),
        ({"kind": "GUIDE"}, {"kind": "GUIDE"}),
        ({"summary": "In short."}, {"summary": "In short."}),
        ({"body": "*More*"}, {"body": "*More*", "bodyHtml": "<p><em>More</em></p>\n"}),
        ({"tags": ["Unix"]}, {"tags": [{"name": "Unix"}]}),
        (
            {"resources": [{"title": "It", "url": "http://example.org/"}]},
            {"resources": [{"title": "It", "url": "http://example.org/"}]},
        ),
        ({"note": "Please."}, {"note": "Please."}),
        ({"summary": None, "tags": None, "resources": None}, {"summary": "", "tags": [], "resources": []}),
    ]
    before = payload(api, cast.author, ENTRY_UPDATE, id=id_of(made))["revision"]
    for given, changed in changes:
        after = payload(api, cast.author, ENTRY_UPDATE, id=id_of(made), clientMutationId="it", **given)
        assert (after["errors"], after["clientMutationId"]) == ([], "it")
        assert after["revision"] == before | changed | {"version": before["version"] + 1}
        before = after["revision"]


def test_entry_update_links_challenges(cast: Cast, api: Client) -> None:
    made = entry("Make", author=cast.author, status=EntryStatus.DRAFT)
    one, two = challenge("One"), challenge("Two")
    for given in ([id_of(one), id_of(two)], [id_of(two)], [], None):
        assert payload(api, cast.author, ENTRY_UPDATE, id=id_of(made), challengeIds=given)["errors"] == []
        assert {id_of(each) for each in made.challenges.all()} == set(given or [])


def test_what_cannot_be_emptied(cast: Cast, api: Client) -> None:
    made = entry("Make", author=cast.author, status=EntryStatus.DRAFT)
    refused = payload(api, cast.author, ENTRY_UPDATE, id=id_of(made), kind=None, title=None, body=None)
    assert (refused["entry"], refused["revision"]) == (None, None)
    assert refused["errors"] == [(["input", name], "REQUIRED") for name in ("kind", "title", "body")]


def test_an_update_of_what_was_changed_meanwhile(cast: Cast, api: Client) -> None:
    made = entry("Make", author=cast.author, status=EntryStatus.DRAFT)
    for given, path in (({"expectedVersion": 2}, "expectedVersion"), ({"expectedRevision": 2}, "expectedRevision")):
        refused = payload(api, cast.author, ENTRY_UPDATE, id=id_of(made), title="Other", **given)
        assert refused["errors"] == [(["input", path], "CONFLICT")]
    kept = payload(api, cast.author, ENTRY_UPDATE, id=id_of(made), title="Mine", expectedVersion=1, expectedRevision=1)
    assert (kept["errors"], kept["entry"]["title"], kept["revision"]["version"]) == ([], "Mine", 2)


def test_an_edit_of_what_is_published_stands_beside_it(cast: Cast, api: Client) -> None:
    made = entry("Make", author=cast.author)
    for who in (cast.author, cast.peer, cast.reviewer):
        answered = payload(api, who, ENTRY_UPDATE, id=id_of(made), title=f"By {who.username}")
        assert answered["entry"] == {"title": "Make", "status": "PUBLISHED", "revision": 1}
        assert answered["revision"]["state"] == "DRAFT"
        assert answered["revision"]["basedOn"] == 1
        assert answered["revision"]["author"] == {"username": who.username}
    direct = payload(api, cast.staff, ENTRY_UPDATE, id=id_of(made), title="By staff")
    assert direct["entry"] == {"title": "By staff", "status": "PUBLISHED", "revision": 5}
    assert direct["revision"]["state"] == "APPROVED"


@pytest.mark.parametrize("status", [EntryStatus.DRAFT, EntryStatus.IN_REVIEW])
def test_nobody_else_edits_what_is_not_published(cast: Cast, api: Client, status: EntryStatus) -> None:
    made = entry("Make", author=cast.author, status=status)
    before = row_counts()
    for who in (cast.peer, cast.reviewer, cast.staff):
        answer = api.run(ENTRY_UPDATE, {"input": {"id": id_of(made), "title": "Mine now"}}, as_=who)
        if status == EntryStatus.IN_REVIEW and who != cast.peer:
            assert answer.codes == ["FORBIDDEN"]
        else:
            assert answer.data["entryUpdate"]["errors"] == [{"path": ["input", "id"], "code": "NOT_FOUND"}]
    made.refresh_from_db()
    assert made.title == "Make"
    assert {name: after - before[name] for name, after in row_counts().items() if after != before[name]}.keys() <= {
        "knowledge_session",
        "knowledge_refreshtoken",
    }


# ── entrySubmit, entryReview ────────────────────────────────────────────────────────────────────────────────────────


def test_entry_submit_carries_a_note(cast: Cast, api: Client) -> None:
    made = entry("Make", author=cast.author, status=EntryStatus.DRAFT)
    answered = payload(api, cast.author, ENTRY_SUBMIT, id=id_of(made), note="Please.", clientMutationId="it")
    assert answered == {
        "entry": {"status": "IN_REVIEW"},
        "revision": {"state": "PENDING", "note": "Please."},
        "errors": [],
        "clientMutationId": "it",
    }
    again = payload(api, cast.author, ENTRY_SUBMIT, id=id_of(made))
    assert again["errors"] == [(["input", "id"], "INVALID_STATE")]
    too_long = payload(api, cast.author, ENTRY_SUBMIT, id=id_of(made), note="a" * 501)
    assert too_long["errors"] == [(["input", "note"], "TOO_LONG")]


def test_entry_review_chooses_among_several(cast: Cast, api: Client) -> None:
    made = entry("Make", author=cast.author)
    for number, author in ((2, cast.peer), (3, cast.author)):
        revision(made, number, RevisionState.PENDING, author=author, based_on=1, title=f"Make {number}")
    which = payload(api, cast.reviewer, ENTRY_REVIEW, id=id_of(made), verdict="APPROVE")
    assert which["errors"] == [(["input", "revision"], "REQUIRED")]
    unknown = payload(api, cast.reviewer, ENTRY_REVIEW, id=id_of(made), verdict="APPROVE", revision=9)
    assert unknown["errors"] == [(["input", "revision"], "NOT_FOUND")]
    answered = payload(
        api,
        cast.reviewer,
        ENTRY_REVIEW,
        id=id_of(made),
        verdict="APPROVE",
        revision=3,
        comment="Good.",
        clientMutationId="it",
    )
    assert answered == {
        "entry": {"title": "Make 3", "status": "PUBLISHED", "revision": 3},
        "revision": {
            "number": 3,
            "state": "APPROVED",
            "reviewComment": "Good.",
            "reviewer": {"username": "reviewer"},
        },
        "errors": [],
        "clientMutationId": "it",
    }
    stale = payload(api, cast.reviewer, ENTRY_REVIEW, id=id_of(made), verdict="APPROVE", revision=2)
    assert stale["errors"] == [(["input", "revision"], "CONFLICT")]
    back = payload(api, cast.staff, ENTRY_REVIEW, id=id_of(made), verdict="REQUEST_CHANGES", revision=2, comment="No.")
    assert (back["entry"]["title"], back["revision"]["state"]) == ("Make 3", "CHANGES_REQUESTED")
    done = payload(api, cast.staff, ENTRY_REVIEW, id=id_of(made), verdict="APPROVE")
    assert done["errors"] == [(["input", "id"], "INVALID_STATE")]
