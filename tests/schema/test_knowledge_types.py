"""Entries, revisions, challenges, solutions and tags as each of the cast sees them: the exact answer, one statement."""

from typing import Any

import pytest

from knowledge.models import Bookmark, Challenge, Entry, EntryStatus, MergeConflict, RevisionState, Tag, User, Vote
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import at, challenge, entry, id_of, revision, said, solution, source, tag
from tests.schema.selections import CHALLENGE, ENTRY, REVISION, SOLUTION, TAG, answer


@pytest.fixture
def python(db: None) -> Tag:
    return tag("Python", "py", "Python 3", description="A language.", category="TECHNOLOGY", revision=4)


@pytest.fixture
def locks(cast: Cast, python: Tag) -> Challenge:
    """Asked by the author, solved by the peer."""
    made = challenge(
        "Why do locks hang?",
        python,
        author=cast.author,
        body="They *do*.",
        body_html="<p>They <em>do</em>.</p>",
        difficulty="ADVANCED",
        revision=3,
        updated_at=at(1),
    )
    solution(made, "Order them.", author=cast.peer, is_accepted=True)
    solution(made, "Wait.")
    made.refresh_from_db()
    return made


@pytest.fixture
def generators(cast: Cast, python: Tag, locks: Challenge) -> Entry:
    """By the author, with a second revision of the peer's beside it."""
    made = entry(
        "Generators",
        python,
        tag("Iteration"),
        author=cast.author,
        challenges=(locks,),
        kind="TECHNOLOGY",
        summary='Lazy "iteration".',
        body="Some **body**.",
        body_html="<p>Some <strong>body</strong>.</p>",
        reading_minutes=3,
        resources=[{"title": "Docs", "url": "https://example.org/é"}, {"title": "More", "url": "http://example.org/"}],
        created_at=at(-2),
        updated_at=at(2),
        published_at=at(0.000001),
    )
    revision(
        made,
        2,
        RevisionState.CHANGES_REQUESTED,
        python,
        author=cast.peer,
        version=5,
        based_on=1,
        title="Generators, again",
        summary="Lazier.",
        body="Other.",
        body_html="<p>Other.</p>",
        resources=[{"title": "Docs", "url": "https://example.org/"}],
        note="Better?",
        reviewer=cast.reviewer,
        review_comment="No.",
        diff="--- revision 1\n+++ revision 2\n",
        created_at=at(3),
        reviewed_at=at(4),
    )
    entry("Coroutines", python)
    source("A document", made, locks, url="https://example.org/a.md", imported_by=cast.reviewer)
    for user, value in ((cast.peer, Vote.UP), (cast.reviewer, Vote.UP), (cast.staff, Vote.DOWN)):
        Vote.objects.create(user=user, entry=made, value=value)
    Bookmark.objects.create(user=cast.peer, entry=made)
    made.refresh_from_db()
    return made


def test_entry(cast: Cast, api: Client, generators: Entry) -> None:
    for_everyone = {
        "id": id_of(generators),
        "slug": "generators",
        "kind": "TECHNOLOGY",
        "status": "PUBLISHED",
        "title": "Generators",
        "summary": 'Lazy "iteration".',
        "body": "Some **body**.",
        "bodyHtml": "<p>Some <strong>body</strong>.</p>",
        "readingMinutes": 3,
        "resources": [
            {"title": "Docs", "url": "https://example.org/é"},
            {"title": "More", "url": "http://example.org/"},
        ],
        "author": {"username": "author"},
        "tags": [{"name": "Iteration"}, {"name": "Python"}],
        "challenges": {"totalCount": 1},
        "sources": {"totalCount": 1},
        "sourceCount": 1,
        "related": [{"title": "Coroutines"}],
        "revision": 1,
        "viewerDraft": None,
        "archiveReason": None,
        "revisions": {"nodes": [{"number": 1}]},
        "score": 1,
        "createdAt": "2026-02-28T12:00:00.000000Z",
        "updatedAt": "2026-03-04T12:00:00.000000Z",
        "publishedAt": "2026-03-02T12:00:00.086400Z",
        "viewerCanUpdate": False,
        "viewerActions": [],
        "viewerVote": None,
        "viewerHasBookmarked": False,
    }
    both = {"nodes": [{"number": 2}, {"number": 1}]}
    seen: dict[User | None, Any] = {
        None: {},
        cast.author: {"viewerCanUpdate": True, "viewerActions": ["UPDATE"]},
        cast.peer: {
            "viewerCanUpdate": True,
            "viewerActions": ["UPDATE", "SUBMIT", "DISCARD"],
            "viewerVote": "UP",
            "viewerHasBookmarked": True,
            "viewerDraft": {"number": 2},
            "revisions": both,
        },
        cast.reviewer: {
            "viewerCanUpdate": True,
            "viewerActions": ["UPDATE", "ARCHIVE"],
            "viewerVote": "UP",
            "revisions": both,
        },
        cast.staff: {
            "viewerCanUpdate": True,
            "viewerActions": ["UPDATE", "ARCHIVE"],
            "viewerVote": "DOWN",
            "revisions": both,
        },
    }
    for viewer, other in seen.items():
        assert answer(api, ENTRY, viewer, id=id_of(generators)) == for_everyone | other


def test_entry_with_nothing_but_what_it_needs(cast: Cast, api: Client) -> None:
    bare = entry("Bare", status=EntryStatus.IN_REVIEW)
    found = answer(api, ENTRY, cast.reviewer, id=id_of(bare))
    assert {
        name: found[name] for name in ("author", "publishedAt", "viewerCanUpdate", "viewerVote", "tags", "resources")
    } == {
        "author": None,
        "publishedAt": None,
        "viewerCanUpdate": False,
        "viewerVote": None,
        "tags": [],
        "resources": [],
    }


def test_archived_entry_says_why(cast: Cast, api: Client) -> None:
    gone = entry("Gone", author=cast.author, status=EntryStatus.ARCHIVED, archive_reason="Outdated.")
    asked = "query($id: ID!) { entry(id: $id) { status archiveReason viewerCanUpdate } }"
    for viewer in (cast.author, cast.reviewer, cast.staff):
        assert answer(api, asked, viewer, id=id_of(gone)) == {
            "status": "ARCHIVED",
            "archiveReason": "Outdated.",
            "viewerCanUpdate": False,
        }
    for stranger in (cast.peer, None):
        assert answer(api, asked, stranger, id=id_of(gone)) is None


def test_revision(cast: Cast, api: Client, generators: Entry) -> None:
    proposed = generators.revisions.get(number=2)
    MergeConflict.objects.create(revision=proposed, base=1, shown=4, merged="Some **body**.\nOther.", is_clean=True)
    expected = {
        "id": id_of(proposed),
        "entry": {"title": "Generators"},
        "number": 2,
        "version": 5,
        "basedOn": 1,
        "state": "CHANGES_REQUESTED",
        "kind": "TECHNOLOGY",
        "title": "Generators, again",
        "summary": "Lazier.",
        "body": "Other.",
        "bodyHtml": "<p>Other.</p>",
        "tags": [{"name": "Python"}],
        "resources": [{"title": "Docs", "url": "https://example.org/"}],
        "author": {"username": "peer"},
        "note": "Better?",
        "reviewer": {"username": "reviewer"},
        "reviewComment": "No.",
        "createdAt": said(at(3)),
        "reviewedAt": said(at(4)),
        "diff": "--- revision 1\n+++ revision 2\n",
        "conflict": {"base": 1, "shown": 4, "merged": "Some **body**.\nOther.", "clean": True},
    }
    for viewer in (cast.peer, cast.reviewer, cast.staff):
        assert answer(api, REVISION, viewer, id=id_of(proposed)) == expected
    for stranger in (cast.author, None):
        assert answer(api, REVISION, stranger, id=id_of(proposed)) is None


def test_tags_of_a_revision_stand_by_name(cast: Cast, api: Client) -> None:
    held = entry("Held", author=cast.author)
    waiting = revision(held, 2, RevisionState.PENDING, tag("c"), tag("A"), tag("b"), author=cast.author)
    asked = "query($id: ID!) { node(id: $id) { ... on EntryRevision { tags { name } } } }"
    found = api.run(asked, {"id": id_of(waiting)}, as_=cast.author).data["node"]
    assert found == {"tags": [{"name": "A"}, {"name": "b"}, {"name": "c"}]}


def test_challenge(cast: Cast, api: Client, locks: Challenge, generators: Entry) -> None:
    Vote.objects.create(user=cast.peer, challenge=locks, value=Vote.DOWN)
    Bookmark.objects.create(user=cast.staff, challenge=locks)
    for_everyone = {
        "id": id_of(locks),
        "slug": "why-do-locks-hang",
        "title": "Why do locks hang?",
        "body": "They *do*.",
        "bodyHtml": "<p>They <em>do</em>.</p>",
        "difficulty": "ADVANCED",
        "status": "SOLVED",
        "author": {"username": "author"},
        "tags": [{"slug": "python"}],
        "entries": {"totalCount": 1},
        "solutions": {"nodes": [{"body": "Order them."}, {"body": "Wait."}]},
        "acceptedSolution": {"body": "Order them."},
        "sources": {"totalCount": 1},
        "score": -1,
        "revision": 3,
        "createdAt": said(at(0)),
        "updatedAt": said(at(1)),
        "solvedAt": said(at(0)),
        "closeReason": None,
        "viewerCanUpdate": False,
        "viewerCanAccept": False,
        "viewerVote": None,
        "viewerHasBookmarked": False,
    }
    accepts = {"viewerCanAccept": True}
    seen: dict[User | None, Any] = {
        None: {},
        cast.author: accepts | {"viewerCanUpdate": True},
        cast.peer: {"viewerVote": "DOWN"},
        cast.reviewer: accepts,
        cast.staff: accepts | {"viewerHasBookmarked": True},
    }
    for viewer, other in seen.items():
        assert answer(api, CHALLENGE, viewer, id=id_of(locks)) == for_everyone | other


def test_challenge_of_nobody_that_is_closed(cast: Cast, api: Client) -> None:
    closed = challenge("Closed", status="CLOSED", close_reason="Off topic.")
    found = answer(api, CHALLENGE, cast.peer, id=id_of(closed))
    names = ("status", "closeReason", "author", "acceptedSolution", "solvedAt", "viewerCanUpdate", "viewerCanAccept")
    assert [found[name] for name in names] == ["CLOSED", "Off topic.", None, None, None, False, False]


def test_solution(cast: Cast, api: Client, locks: Challenge) -> None:
    accepted = locks.solutions.get(is_accepted=True)
    Vote.objects.create(user=cast.author, solution=accepted, value=Vote.UP)
    for_everyone = {
        "id": id_of(accepted),
        "challenge": {"title": "Why do locks hang?"},
        "body": "Order them.",
        "bodyHtml": "",
        "author": {"username": "peer"},
        "isAccepted": True,
        "score": 1,
        "revision": 1,
        "createdAt": said(at(0)),
        "updatedAt": said(at(0)),
        "viewerCanUpdate": False,
        "viewerVote": None,
    }
    seen: dict[User | None, Any] = {
        None: {},
        cast.author: {"viewerVote": "UP"},
        cast.peer: {"viewerCanUpdate": True},
        cast.reviewer: {},
        cast.staff: {},
    }
    for viewer, other in seen.items():
        assert answer(api, SOLUTION, viewer, id=id_of(accepted)) == for_everyone | other
    orphan = locks.solutions.get(is_accepted=False)
    assert answer(api, SOLUTION, cast.peer, id=id_of(orphan))["viewerCanUpdate"] is False


def test_tag(cast: Cast, api: Client, python: Tag, generators: Entry) -> None:
    entry("Unseen", python, author=cast.peer, status=EntryStatus.DRAFT)
    expected = {
        "id": id_of(python),
        "name": "Python",
        "slug": "python",
        "description": "A language.",
        "category": "TECHNOLOGY",
        "aliases": ["py", "Python 3"],
        "entryCount": 2,
        "challengeCount": 1,
        "revision": 4,
        "viewerCanUpdate": False,
        "entries": {"totalCount": 2},
        "challenges": {"totalCount": 1},
    }
    seen: dict[User | None, Any] = {
        None: {},
        cast.author: {},
        cast.peer: {"entries": {"totalCount": 3}},
        cast.reviewer: {"viewerCanUpdate": True},
        cast.staff: {"viewerCanUpdate": True},
    }
    for viewer, other in seen.items():
        assert answer(api, TAG, viewer, id=id_of(python)) == expected | other
