"""The mutations of entries' lives, from their input to their payload, and what a revision tells of itself."""

from typing import Any

import pytest

from knowledge.documents.importing import import_document
from knowledge.models import Entry, EntryRevision, User
from knowledge.services.archive import archive_entry
from knowledge.services.entries import submit_entry, update_entry
from knowledge.services.reviews import review_entry
from tests.cast import Cast
from tests.client import Client
from tests.knowledge.services.stages import LATER, NOW, drafted, proposed, published
from tests.schema.rows import id_of

ASKED = {
    "entryWithdraw": "EntryWithdrawInput entry { status } revision { number state }",
    "revisionDiscard": "RevisionDiscardInput entry { slug viewerDraft { number } } discardedId",
    "entryArchive": "EntryArchiveInput entry { status archiveReason }",
    "entryRestore": "EntryRestoreInput entry { status revision } revision { number state note basedOn }",
    "entryDelete": "EntryDeleteInput deletedId",
    "sourceReview": "SourceReviewInput source { title entries { nodes { status } } } reviewed",
}


def run(api: Client, name: str, as_: User | None, **given: Any) -> Any:
    """The payload."""
    input_type, _, selection = ASKED[name].partition(" ")
    payload = f"{selection} errors {{ path code }} clientMutationId"
    asked = f"mutation($input: {input_type}!) {{ {name}(input: $input) {{ {payload} }} }}"
    return api.run(asked, {"input": given}, as_=as_).data[name]


def done(**values: Any) -> dict[str, Any]:
    return {**values, "errors": [], "clientMutationId": None}


def not_done(api: Client, name: str, as_: User, **given: Any) -> list[tuple[list[str], str]]:
    """The errors; everything else in the payload is null."""
    payload = run(api, name, as_, **given)
    assert {value for key, value in payload.items() if key != "errors"} == {None}
    return [(error["path"], error["code"]) for error in payload["errors"]]


def test_withdraw(cast: Cast, api: Client) -> None:
    entry = drafted(cast.viewer("author"), submit=True)
    assert run(api, "entryWithdraw", cast.author, id=id_of(entry), clientMutationId="mine") == {
        "entry": {"status": "DRAFT"},
        "revision": {"number": 1, "state": "DRAFT"},
        "errors": [],
        "clientMutationId": "mine",
    }
    assert not_done(api, "entryWithdraw", cast.author, id=id_of(entry)) == [(["input", "id"], "INVALID_STATE")]


def test_discard(cast: Cast, api: Client) -> None:
    draft = proposed(cast.viewer("peer"), published(cast), submit=False)
    assert not_done(api, "revisionDiscard", cast.author, id=id_of(draft)) == [(["input", "id"], "NOT_FOUND")]
    assert run(api, "revisionDiscard", cast.peer, id=id_of(draft)) == done(
        entry={"slug": "caching", "viewerDraft": None}, discardedId=id_of(draft)
    )
    draft.refresh_from_db()
    assert draft.state == "DISCARDED"


def test_archive_and_restore(cast: Cast, api: Client) -> None:
    entry = published(cast)
    assert run(api, "entryArchive", cast.reviewer, id=id_of(entry), reason="Old.") == done(
        entry={"status": "ARCHIVED", "archiveReason": "Old."}
    )
    assert not_done(api, "entryArchive", cast.peer, id=id_of(entry)) == [(["input", "id"], "NOT_FOUND")]
    assert run(api, "entryRestore", cast.reviewer, id=id_of(entry), revision=None) == done(
        entry={"status": "PUBLISHED", "revision": 1}, revision=None
    )
    assert run(api, "entryArchive", cast.staff, id=id_of(entry), reason=None) == done(
        entry={"status": "ARCHIVED", "archiveReason": None}
    )
    assert not_done(api, "entryRestore", cast.staff, id=id_of(entry), revision=1) == [
        (["input", "id"], "INVALID_STATE")
    ]


def test_restore_an_earlier_revision(cast: Cast, api: Client) -> None:
    entry = published(cast)
    update_entry(cast.viewer("staff"), entry_id=entry.pk, body="By staff")
    given = {"id": id_of(entry), "revision": 1}
    assert run(api, "entryRestore", cast.peer, **given) == done(
        entry={"status": "PUBLISHED", "revision": 2},
        revision={"number": 3, "state": "PENDING", "note": "Restores revision 1.", "basedOn": 2},
    )
    assert run(api, "entryRestore", cast.staff, **given) == done(
        entry={"status": "PUBLISHED", "revision": 4},
        revision={"number": 4, "state": "APPROVED", "note": "Restores revision 1.", "basedOn": 2},
    )
    assert not_done(api, "entryRestore", cast.author, id=id_of(entry), revision=5) == [
        (["input", "revision"], "NOT_FOUND")
    ]


def test_delete(cast: Cast, api: Client) -> None:
    entry, waiting = drafted(cast.viewer("author")), drafted(cast.viewer("author"), submit=True)
    assert run(api, "entryDelete", cast.author, id=id_of(entry)) == done(deletedId=id_of(entry))
    assert not_done(api, "entryDelete", cast.author, id=id_of(entry)) == [(["input", "id"], "NOT_FOUND")]
    assert not_done(api, "entryDelete", cast.author, id=id_of(waiting)) == [(["input", "id"], "INVALID_STATE")]
    assert Entry.objects.get() == waiting


def test_source_review(cast: Cast, api: Client) -> None:
    source, _ = import_document(cast.viewer("author"), markdown="# Mine\n\n## Tools\n- Git\n- Make\n", now=NOW)
    assert source is not None
    given = {"id": id_of(source), "verdict": "REQUEST_CHANGES"}
    assert not_done(api, "sourceReview", cast.reviewer, **given) == [(["input", "comment"], "REQUIRED")]
    assert run(api, "sourceReview", cast.reviewer, id=id_of(source), verdict="APPROVE", comment=None) == done(
        source={"title": "Mine", "entries": {"nodes": [{"status": "PUBLISHED"}] * 2}}, reviewed=2
    )


def test_source_sent_back(cast: Cast, api: Client) -> None:
    source, _ = import_document(cast.viewer("author"), markdown="# Mine\n\n## Tools\n- Git\n- Make\n", now=NOW)
    assert source is not None
    given = {"id": id_of(source), "verdict": "REQUEST_CHANGES", "comment": "Say more."}
    # A draft is its author's alone, and so then is the document.
    assert run(api, "sourceReview", cast.reviewer, **given) == done(source=None, reviewed=2)
    assert set(Entry.objects.values_list("status", flat=True)) == {"DRAFT"}
    assert set(EntryRevision.objects.values_list("state", "review_comment")) == {("CHANGES_REQUESTED", "Say more.")}


def test_who_may_bring_back_what_was_archived(cast: Cast, api: Client) -> None:
    entry = published(cast)
    Entry.objects.filter(pk=entry.pk).update(status="ARCHIVED")
    asked = "mutation($input: EntryRestoreInput!) { entryRestore(input: $input) { errors { code } } }"
    given = {"input": {"id": id_of(entry)}}
    assert api.run(asked, given, as_=cast.author).codes == ["FORBIDDEN"]
    assert api.run(asked, given).codes == ["UNAUTHENTICATED"]
    assert not_done(api, "entryRestore", cast.peer, id=id_of(entry)) == [(["input", "id"], "NOT_FOUND")]
    assert Entry.objects.get().status == "ARCHIVED"


@pytest.mark.parametrize("name", ["entryArchive", "entryDelete"])
def test_what_is_visible_and_not_allowed_is_forbidden(cast: Cast, api: Client, name: str) -> None:
    input_type, _, _ = ASKED[name].partition(" ")
    asked = f"mutation($input: {input_type}!) {{ {name}(input: $input) {{ errors {{ code }} }} }}"
    answer = api.run(asked, {"input": {"id": id_of(published(cast))}}, as_=cast.peer)
    assert (answer.codes, answer.body["data"]) == (["FORBIDDEN"], None)
    assert api.run(asked, {"input": {"id": id_of(Entry.objects.get())}}).codes == ["UNAUTHENTICATED"]


# ── what a revision tells ───────────────────────────────────────────────────────────────────────────────────────────

HISTORY = """query($id: ID!) { entry(id: $id) { revisions { nodes {
  number state basedOn diff conflict { base shown merged clean }
} } viewerDraft { number conflict { shown } } } }"""


def test_history_as_each_of_the_cast_sees_it(cast: Cast, api: Client) -> None:
    entry = published(cast, body="One.")
    proposed(cast.viewer("peer"), entry, body="One?")
    update_entry(cast.viewer("staff"), entry_id=entry.pk, body="One!")
    diff = "--- revision 1\n+++ revision {}\n@@ -3,4 +3,4 @@\n summary: \n tag: Redis\n \n-One.\n+One{}\n"
    first = {"number": 1, "state": "SUPERSEDED", "basedOn": None, "diff": "", "conflict": None}
    shown = {"number": 3, "state": "APPROVED", "basedOn": 1, "diff": diff.format(3, "!"), "conflict": None}
    conflict = {
        "base": 1,
        "shown": 3,
        "merged": "<<<<<<< shown (revision 3)\nOne!\n=======\nOne?\n>>>>>>> revision 2",
        "clean": False,
    }
    waiting = {"number": 2, "state": "PENDING", "basedOn": 1, "diff": diff.format(2, "?"), "conflict": conflict}
    seen: list[tuple[User | None, list[Any], Any]] = [
        (None, [{**shown, "diff": ""}], None),
        (cast.author, [shown, first], None),
        (cast.peer, [shown, waiting, first], {"number": 2, "conflict": {"shown": 3}}),
        (cast.reviewer, [shown, waiting, first], None),
        (cast.staff, [shown, waiting, first], None),
    ]
    for viewer, nodes, draft in seen:
        answer = api.run(HISTORY, {"id": id_of(entry)}, as_=viewer)
        found = answer.data["entry"]
        by_number = sorted(found["revisions"]["nodes"], key=lambda node: -node["number"])
        assert (viewer, by_number, found["viewerDraft"]) == (viewer, nodes, draft)
        assert answer.statements == (1 if viewer is None else 2)


def test_a_conflict_is_hidden_with_its_revision(cast: Cast, api: Client) -> None:
    entry = published(cast)
    revision = proposed(cast.viewer("peer"), entry, submit=False)
    update_entry(cast.viewer("staff"), entry_id=entry.pk, body="By staff")
    asked = "query($id: ID!) { node(id: $id) { ... on EntryRevision { conflict { shown } } } }"
    seen = {name: api.run(asked, {"id": id_of(revision)}, as_=getattr(cast, name)).data["node"] for name in CAST}
    assert seen == {"author": None, "peer": {"conflict": {"shown": 3}}, "reviewer": None, "staff": None}


CAST = ("author", "peer", "reviewer", "staff")


def test_the_queue_is_oldest_first_and_without_what_cannot_be_reviewed(cast: Cast, api: Client) -> None:
    shown, archived = published(cast, title="Shown"), published(cast, title="Archived")
    proposed(cast.viewer("peer"), archived)
    archive_entry(cast.viewer("staff"), entry_id=archived.pk)
    drafted(cast.viewer("reviewer"), title="By the reviewer", submit=True)
    update_entry(cast.viewer("peer"), entry_id=shown.pk, title="Begun first, handed in last")
    drafted(cast.viewer("author"), title="New", submit=True)
    submit_entry(cast.viewer("peer"), entry_id=shown.pk, note="Please.", now=LATER)
    asked = "{ viewer { reviewQueue { totalCount nodes { title note } } } }"
    queue = {name: api.run(asked, as_=getattr(cast, name)).data["viewer"]["reviewQueue"] for name in CAST}
    both = [{"title": "New", "note": ""}, {"title": "Begun first, handed in last", "note": "Please."}]
    own = [{"title": "By the reviewer", "note": ""}]
    nothing: dict[str, Any] = {"totalCount": 0, "nodes": []}
    assert queue == {
        "author": nothing,
        "peer": nothing,
        "reviewer": {"totalCount": 2, "nodes": both},
        "staff": {"totalCount": 3, "nodes": own + both},
    }


def test_a_verdict_is_told_to_the_author(cast: Cast, api: Client) -> None:
    entry = published(cast)
    proposed(cast.viewer("peer"), entry)
    review_entry(cast.viewer("reviewer"), entry_id=entry.pk, verdict="REQUEST_CHANGES", comment="Say *why*.")
    asked = "query($id: ID!) { entry(id: $id) { viewerDraft { state reviewComment reviewer { username } } } }"
    assert api.run(asked, {"id": id_of(entry)}, as_=cast.peer).data["entry"]["viewerDraft"] == {
        "state": "CHANGES_REQUESTED",
        "reviewComment": "Say *why*.",
        "reviewer": {"username": "reviewer"},
    }
