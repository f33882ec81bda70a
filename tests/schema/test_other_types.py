"""People, sources and digests as each of the cast sees them: the exact answer, and one statement."""

from typing import Any

from knowledge.models import DigestAudience, DigestCadence, DigestStatus, EntryStatus, PersonalAccessToken, User
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import at, challenge, digest, entry, id_of, said, section, source, tag
from tests.schema.selections import DIGEST, SOURCE, USER, VIEWER, answer


def test_user(cast: Cast, api: Client) -> None:
    entry("Theirs", author=cast.author)
    challenge("Theirs", author=cast.author)
    User.objects.filter(pk=cast.author.pk).update(bio="Learns.", joined_at=at(-9), email="author@example.org")
    for_everyone = {
        "id": id_of(cast.author),
        "username": "author",
        "displayName": "Author",
        "bio": "Learns.",
        "joinedAt": said(at(-9)),
        "role": None,
        "isActive": None,
        "entries": {"totalCount": 1},
        "challenges": {"totalCount": 1},
        "solutions": {"totalCount": 0},
    }
    known = {"role": "CONTRIBUTOR", "isActive": True}
    seen: dict[User | None, Any] = {
        None: {},
        cast.author: known,
        cast.peer: {},
        cast.reviewer: {},
        cast.staff: known,
    }
    for viewer, other in seen.items():
        assert answer(api, USER, viewer, name="AUTHOR") == for_everyone | other
    assert answer(api, USER, name="nobody") is None


def test_viewer(cast: Cast, api: Client) -> None:
    User.objects.filter(pk=cast.author.pk).update(
        email="author@example.org", email_confirmed_at=at(0), time_zone="Africa/Nairobi"
    )
    entry("Mine", author=cast.author, status=EntryStatus.DRAFT)
    for title, by, days in (("Later", cast.author, 2), ("Sooner", cast.staff, 1), ("Own", cast.reviewer, 0)):
        waiting = entry(title, author=by, status=EntryStatus.IN_REVIEW)
        waiting.revisions.update(submitted_at=at(days))
    expected = {
        "id": id_of(cast.author),
        "user": {"username": "author"},
        "email": "author@example.org",
        "emailVerified": True,
        "timeZone": "Africa/Nairobi",
        "role": "CONTRIBUTOR",
        "entries": {"totalCount": 2},
        "reviewQueue": {"nodes": []},
        "bookmarks": {"nodes": []},
        "sessions": [{"userAgent": "tests", "isCurrent": True}],
        "personalAccessTokens": [],
    }
    assert answer(api, VIEWER, cast.author) == expected
    assert answer(api, VIEWER) is None
    queues = {cast.peer: [], cast.reviewer: ["Sooner", "Later"], cast.staff: ["Own", "Sooner", "Later"]}
    for viewer, titles in queues.items():
        found = answer(api, VIEWER, viewer)
        assert [each["title"] for each in found["reviewQueue"]["nodes"]] == titles
        assert (found["user"], found["emailVerified"]) == ({"username": viewer.username}, False)


def test_scripts_tokens_are_the_newest_first(cast: Cast, api: Client) -> None:
    # Made in another order, and named in neither: by key or by name they would stand otherwise.
    for name, days in (("c", 2), ("b", 3), ("a", 1)):
        PersonalAccessToken.objects.create(
            user=cast.author, name=name, scope="READ", token_hash=name.encode(), hint="hint", created_at=at(days)
        )
    found = answer(api, "{ viewer { personalAccessTokens { name } } }", cast.author)
    assert found == {"personalAccessTokens": [{"name": "b"}, {"name": "c"}, {"name": "a"}]}


def test_source(cast: Cast, api: Client) -> None:
    shown, hidden = entry("Shown"), entry("Hidden", author=cast.peer, status=EntryStatus.DRAFT)
    document = source(
        "A document", shown, hidden, challenge("Why"), url="https://example.org/a.md", imported_by=cast.reviewer
    )
    expected = {
        "id": id_of(document),
        "title": "A document",
        "url": "https://example.org/a.md",
        "importedBy": {"username": "reviewer"},
        "importedAt": said(at(0)),
        "entries": {"nodes": [{"title": "Shown"}]},
        "challenges": {"nodes": [{"title": "Why"}]},
    }
    assert answer(api, SOURCE, id=id_of(document)) == expected
    both = {"entries": {"nodes": [{"title": "Shown"}, {"title": "Hidden"}]}}
    assert answer(api, SOURCE, cast.peer, id=id_of(document)) == expected | both


def test_source_of_what_is_invisible(cast: Cast, api: Client) -> None:
    document = source("Unseen", entry("Hidden", author=cast.peer, status=EntryStatus.DRAFT), imported_by=cast.author)
    seen: dict[User | None, Any] = {
        None: False,
        cast.author: True,
        cast.peer: True,
        cast.reviewer: False,
        cast.staff: True,
    }
    for viewer, visible in seen.items():
        assert (answer(api, SOURCE, viewer, id=id_of(document)) is not None) is visible
        assert len(answer(api, "{ sources { nodes { id } } }", viewer)["nodes"]) == visible


def test_digest(cast: Cast, api: Client) -> None:
    python = tag("Python")
    shown, hidden = entry("Shown"), entry("Hidden", author=cast.peer, status=EntryStatus.DRAFT)
    why = challenge("Why")
    made = digest("A week", python, status=DigestStatus.READY, item_count=6, started_at=at(7.5))
    section(made, "OPEN_CHALLENGES", {"challenge": why, "reason": "open for 3 days"}, position=1)
    section(
        made,
        "NEW_ENTRIES",
        {"entry": shown, "excerpt": "In a sentence.", "reason": "new"},
        {"entry": hidden, "reason": "new"},
        {"tag": python, "reason": "new"},
        {"reason": "new"},
        position=0,
    )

    def line(number: int, subject: Any, excerpt: str = "", reason: str = "new") -> dict[str, Any]:
        return {"headline": f"Item {number}", "excerpt": excerpt, "reason": reason, "subject": subject}

    items = [
        line(0, {"__typename": "Entry", "title": "Shown"}, "In a sentence."),
        line(1, None),
        line(2, {"__typename": "Tag", "name": "Python"}),
        line(3, None),
    ]
    asked = line(0, {"__typename": "Challenge", "title": "Why"}, reason="open for 3 days")
    expected = {
        "id": id_of(made),
        "title": "A week",
        "status": "READY",
        "cadence": "WEEKLY",
        "audience": "EVERYONE",
        "windowStart": said(at(0)),
        "windowEnd": said(at(7)),
        "tags": [{"name": "Python"}],
        "requestedBy": None,
        "progress": 100,
        "body": "# It",
        "bodyHtml": "<h1>It</h1>",
        "bodyText": "It",
        "sections": [
            {"kind": "NEW_ENTRIES", "title": "New_Entries", "items": items},
            {"kind": "OPEN_CHALLENGES", "title": "Open_Challenges", "items": [asked]},
        ],
        "itemCount": 6,
        "failure": None,
        "createdAt": said(at(7)),
        "startedAt": said(at(7.5)),
        "finishedAt": said(at(8)),
        "deliveries": None,
    }
    assert answer(api, DIGEST, id=id_of(made)) == expected
    to_its_author = answer(api, DIGEST, cast.peer, id=id_of(made))["sections"][0]["items"][1]
    assert to_its_author == line(1, {"__typename": "Entry", "title": "Hidden"})
    shown.delete()
    assert answer(api, DIGEST, id=id_of(made))["sections"][0]["items"][0] == line(0, None, "In a sentence.")


def test_digests_are_seen_by_whom_they_are_for(cast: Cast, api: Client) -> None:
    ready = DigestStatus.READY
    everyones = digest("Everyone's", status=ready)
    reviewers = digest("Reviewers'", status=ready, audience=DigestAudience.REVIEWERS)
    unready = digest("Unready", cadence=DigestCadence.DAILY)
    asked = digest("Asked", status=ready, cadence=DigestCadence.ON_DEMAND, requested_by=cast.author)
    failed = digest(
        "Failed", status="FAILED", failure="Too much.", cadence=DigestCadence.ON_DEMAND, requested_by=cast.peer
    )
    seen: dict[User | None, Any] = {
        None: {everyones},
        cast.author: {everyones, asked},
        cast.peer: {everyones, failed},
        cast.reviewer: {everyones, reviewers},
        cast.staff: {everyones, reviewers, unready, asked, failed},
    }
    every = (everyones, reviewers, unready, asked, failed)
    for viewer, visible in seen.items():
        listed = answer(api, "{ digests { totalCount nodes { title } } }", viewer)
        assert {each["title"] for each in listed["nodes"]} == {each.title for each in visible}
        assert listed["totalCount"] == len(visible)
        for each in every:
            assert (answer(api, DIGEST, viewer, id=id_of(each)) is not None) is (each in visible)
    own = answer(api, DIGEST, cast.peer, id=id_of(failed))
    assert [own[name] for name in ("status", "failure", "body", "sections", "finishedAt", "requestedBy")] == [
        "FAILED",
        "Too much.",
        None,
        [],
        None,
        {"username": "peer"},
    ]
