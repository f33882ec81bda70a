"""An entry's way from its author's desk to everyone: begun, handed in, sent back, approved; and who sees it when."""

from typing import Any

import pytest

from knowledge.models import Challenge, Entry, EntrySource, OutboxEvent, Source, Tag, User
from tests.cast import PASSWORD, Cast, make_cast
from tests.client import Client
from tests.schema.rows import challenge, id_of, source, tag

EVERYONE = ("author", "peer", "reviewer", "staff", "anonymous")

SIGN_IN = "mutation($name: String!, $password: String!) { tokenAuth(username: $name, password: $password) { token } }"
CREATE = """mutation($input: EntryCreateInput!) {
  entryCreate(input: $input) { entry { id slug status revision } errors { path code } }
}"""
SUBMIT = """mutation($id: ID!) {
  entrySubmit(input: {id: $id}) { entry { status } revision { number state } errors { path code } }
}"""
REVIEW = """mutation($id: ID!, $verdict: ReviewVerdict!, $comment: String) {
  entryReview(input: {id: $id, verdict: $verdict, comment: $comment}) {
    entry { status title } revision { state reviewComment reviewer { username } } errors { path code }
  }
}"""
# Every way that leads to an entry: what is asked, so that nothing but the entry makes the answer anything but empty.
WAYS = {
    "list": "entries { nodes { title slug id } }",
    "count": "entries { totalCount }",
    "by status": "entries(where: {status: [DRAFT, IN_REVIEW, PUBLISHED]}) { edges { node { title } } }",
    "by text": 'entries(where: {text: "quagmire"}) { nodes { title } }',
    "by rank": """entries(where: {text: "quagmire"}, orderBy: {field: RELEVANCE, direction: DESC}) { totalCount }""",
    "by tag": 'entries(where: {tagsAll: ["concurrency"]}) { nodes { title } }',
    "by author": 'entries(where: {author: "AUTHOR"}) { totalCount }',
    "by negation": "entries(where: {NOT: {kind: [TOOL]}}) { nodes { title } }",
    "node": 'node(id: "%(id)s") { id }',
    "nodes": 'nodes(ids: ["%(id)s"]) { id }',
    "by id": 'entry(id: "%(id)s") { title }',
    "by slug": 'entry(slug: "%(slug)s") { title }',
    "tag": 'tag(slug: "concurrency") { entries { nodes { title } } }',
    "tag, counted": 'tag(slug: "concurrency") { entries { totalCount } }',
    "user": 'user(username: "author") { entries { nodes { title } } }',
    "source": 'source(id: "%(source)s") { entries { nodes { title } } }',
    "sources": "sources { nodes { entries { nodes { title } } } }",
    "challenge": 'challenge(id: "%(challenge)s") { entries { nodes { title } } }',
}
ALL_WAYS = set(WAYS)


@pytest.fixture
def people(db: None, api: Client) -> Cast:
    """The cast, signed in by their passwords."""
    people = make_cast(PASSWORD)
    for user in (people.author, people.peer, people.reviewer, people.staff):
        answer = api.run(SIGN_IN, {"name": user.username, "password": PASSWORD})
        api.headers[user.pk] = f"JWT {answer.data['tokenAuth']['token']}"
    return people


@pytest.fixture
def surroundings(people: Cast) -> tuple[Tag, Challenge]:
    return tag("Concurrency"), challenge("Deadlocks", author=people.peer)


def says_something(value: Any) -> bool:
    """Whether a text or a number other than zero stands in the answer, however deep."""
    if isinstance(value, dict | list):
        return any(says_something(item) for item in (value.values() if isinstance(value, dict) else value))
    return bool(value)


def whoever(people: Cast, name: str) -> User | None:
    user: User | None = getattr(people, name, None)
    return user


def ways_open_to(api: Client, people: Cast, made: Entry, document: Source) -> dict[str, set[str]]:
    """By which ways each of the cast finds the entry."""
    ids = {
        "id": id_of(made),
        "slug": made.slug,
        "source": id_of(document),
        "challenge": id_of(Challenge.objects.get()),
    }
    return {
        name: {
            way
            for way, asked in WAYS.items()
            if says_something(api.run(f"{{ {asked % ids} }}", as_=whoever(people, name)).data)
        }
        for name in EVERYONE
    }


def entry_count(api: Client) -> Any:
    return api.run('{ tag(slug: "concurrency") { entryCount } }').data["tag"]["entryCount"]


def test_an_entry_is_written_reviewed_and_then_seen_by_everyone(
    api: Client, people: Cast, surroundings: tuple[Tag, Challenge]
) -> None:
    _, deadlocks = surroundings
    content = {
        "kind": "CONCEPT",
        "title": "Quagmire of locks",
        "body": "Always take locks in *one* order.",
        "tags": ["Concurrency"],
        "challengeIds": [id_of(deadlocks)],
    }
    created = api.run(CREATE, {"input": content}, as_=people.author).data["entryCreate"]
    made = Entry.objects.get()
    assert created == {
        "entry": {"id": id_of(made), "slug": "quagmire-of-locks", "status": "DRAFT", "revision": 1},
        "errors": [],
    }
    document = source("Notes", imported_by=None)
    EntrySource.objects.create(source=document, entry=made, kind=made.kind, line=1, written=b"")
    nobody: dict[str, set[str]] = {name: set() for name in EVERYONE}

    assert ways_open_to(api, people, made, document) == nobody | {"author": ALL_WAYS}
    assert entry_count(api) == 0

    submitted = api.run(SUBMIT, {"id": id_of(made)}, as_=people.author).data["entrySubmit"]
    assert submitted == {
        "entry": {"status": "IN_REVIEW"},
        "revision": {"number": 1, "state": "PENDING"},
        "errors": [],
    }
    in_review = nobody | dict.fromkeys(("author", "reviewer", "staff"), ALL_WAYS)
    assert ways_open_to(api, people, made, document) == in_review
    assert entry_count(api) == 0

    reviewed = api.run(REVIEW, {"id": id_of(made), "verdict": "APPROVE"}, as_=people.reviewer).data["entryReview"]
    assert reviewed == {
        "entry": {"status": "PUBLISHED", "title": "Quagmire of locks"},
        "revision": {"state": "APPROVED", "reviewComment": "", "reviewer": {"username": "reviewer"}},
        "errors": [],
    }
    assert ways_open_to(api, people, made, document) == dict.fromkeys(EVERYONE, ALL_WAYS)
    assert entry_count(api) == 1
    assert list(OutboxEvent.objects.filter(subject_type="Entry").order_by("pk").values_list("type", flat=True)) == [
        "entry.created",
        "entry.submitted",
        "entry.published",
    ]


def test_an_entry_sent_back_is_its_authors_alone_again(
    api: Client, people: Cast, surroundings: tuple[Tag, Challenge]
) -> None:
    content = {"kind": "TOOL", "title": "Half done", "body": "So far.", "submit": True}
    api.run(CREATE, {"input": content}, as_=people.author)
    made = Entry.objects.get()
    asked = {"id": id_of(made), "verdict": "REQUEST_CHANGES"}

    wordless = api.run(REVIEW, asked, as_=people.reviewer).data["entryReview"]
    assert wordless == {"entry": None, "revision": None, "errors": [{"path": ["input", "comment"], "code": "REQUIRED"}]}

    reviewed = api.run(REVIEW, asked | {"comment": "Why?"}, as_=people.reviewer).data["entryReview"]
    # It is out of the reviewer's sight now, and so is the entry that the payload would show.
    assert reviewed == {"entry": None, "revision": None, "errors": []}

    own = "{ viewer { entries { nodes { status viewerDraft { state reviewComment reviewer { username } } } } } }"
    assert api.run(own, as_=people.author).data["viewer"]["entries"]["nodes"] == [
        {
            "status": "DRAFT",
            "viewerDraft": {
                "state": "CHANGES_REQUESTED",
                "reviewComment": "Why?",
                "reviewer": {"username": "reviewer"},
            },
        }
    ]
    for name in ("peer", "reviewer", "staff", "anonymous"):
        assert api.run(
            "query($id: ID!) { entry(id: $id) { title } }", {"id": id_of(made)}, as_=whoever(people, name)
        ).data == {"entry": None}


@pytest.mark.parametrize("name", ["peer", "anonymous", "author"])
def test_who_may_not_review_changes_nothing(
    api: Client, people: Cast, surroundings: tuple[Tag, Challenge], name: str
) -> None:
    content = {"kind": "TOOL", "title": "Waiting", "body": "So far.", "submit": True}
    api.run(CREATE, {"input": content}, as_=people.author)
    made = Entry.objects.get()
    answer = api.run(REVIEW, {"id": id_of(made), "verdict": "APPROVE"}, as_=whoever(people, name))
    if name == "peer":
        assert answer.data["entryReview"]["errors"] == [{"path": ["input", "id"], "code": "NOT_FOUND"}]
    else:
        expected = {"anonymous": ("UNAUTHENTICATED", 401), "author": ("FORBIDDEN", 200)}[name]
        assert (answer.codes, answer.status) == ([expected[0]], expected[1])
    made.refresh_from_db()
    assert made.status == "IN_REVIEW"


def test_a_reviewer_does_not_approve_their_own_but_staff_may(api: Client, people: Cast) -> None:
    for user, codes in ((people.reviewer, ["FORBIDDEN"]), (people.staff, [])):
        content = {"kind": "TOOL", "title": f"By {user.username}", "body": "So far.", "submit": True}
        created = api.run(CREATE, {"input": content}, as_=user).data["entryCreate"]["entry"]
        answer = api.run(REVIEW, {"id": created["id"], "verdict": "APPROVE"}, as_=user)
        assert answer.codes == codes
    assert set(Entry.objects.values_list("title", "status")) == {
        ("By reviewer", "IN_REVIEW"),
        ("By staff", "PUBLISHED"),
    }
