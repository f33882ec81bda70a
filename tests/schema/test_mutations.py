"""Challenges, solutions and digests; and what all mutations have in common."""

from typing import Any

import pytest

from knowledge.models import Challenge, Digest, Entry, EntryStatus, OutboxEvent, Solution
from tests.cast import Cast
from tests.client import Client
from tests.schema.changes import (
    CHALLENGE_CREATE,
    CONTENT,
    DIGEST_REQUEST,
    ENTRY_CREATE,
    ENTRY_REVIEW,
    ENTRY_SUBMIT,
    ENTRY_UPDATE,
    SOLUTION_ACCEPT,
    SOLUTION_CREATE,
    payload,
)
from tests.schema.rows import at, challenge, entry, id_of, said, solution, tag
from tests.tables import row_counts

MAKERS = [
    (ENTRY_CREATE, CONTENT, {"title": "Another"}, Entry),
    (CHALLENGE_CREATE, {"title": "Why?", "body": "Because."}, {"body": "Another."}, Challenge),
    (
        DIGEST_REQUEST,
        {"windowStart": said(at(0)), "windowEnd": said(at(7))},
        {"windowEnd": said(at(6))},
        Digest,
    ),
]


@pytest.mark.parametrize(("mutation", "given", "other", "model"), MAKERS, ids=["entry", "challenge", "digest"])
def test_the_same_key_makes_it_once(
    cast: Cast, api: Client, mutation: str, given: dict[str, Any], other: dict[str, Any], model: Any
) -> None:
    first = payload(api, cast.author, mutation, **given, idempotencyKey="once", clientMutationId="1")
    before = row_counts()
    again = payload(api, cast.author, mutation, **given, idempotencyKey="once", clientMutationId="2")
    assert again == first | {"clientMutationId": "2"}
    changed = payload(api, cast.author, mutation, **(given | other), idempotencyKey="once")
    assert changed["errors"] == [(["input", "idempotencyKey"], "CONFLICT")]
    assert row_counts() == before
    payload(api, cast.author, mutation, **given, idempotencyKey="twice")
    payload(api, cast.peer, mutation, **given, idempotencyKey="once")
    payload(api, cast.author, mutation, **given)
    assert model.objects.count() == 4


def test_the_same_key_makes_a_solution_once(cast: Cast, api: Client) -> None:
    why = challenge("Why")
    for _ in range(2):
        made = payload(api, cast.author, SOLUTION_CREATE, challengeId=id_of(why), body="So.", idempotencyKey="once")
        assert made["solution"]["body"] == "So."
    assert Solution.objects.count() == 1


# ── challenges ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_challenge_create(cast: Cast, api: Client) -> None:
    about, hidden = entry("About it"), entry("Hidden", author=cast.peer, status=EntryStatus.DRAFT)
    given = {"title": "Why?", "body": "*So*", "tags": ["Locks"], "clientMutationId": "it"}
    made = payload(api, cast.author, CHALLENGE_CREATE, **given, difficulty="ADVANCED", entryIds=[id_of(about)])
    assert made == {
        "challenge": {
            "title": "Why?",
            "body": "*So*",
            "bodyHtml": "<p><em>So</em></p>\n",
            "difficulty": "ADVANCED",
            "status": "OPEN",
            "tags": [{"name": "Locks"}],
            "entries": {"nodes": [{"title": "About it"}]},
            "author": {"username": "author"},
            "viewerCanAccept": True,
        },
        "errors": [],
        "clientMutationId": "it",
    }
    assert payload(api, cast.author, CHALLENGE_CREATE, **given)["challenge"]["difficulty"] == "INTERMEDIATE"
    refused = payload(
        api, cast.author, CHALLENGE_CREATE, title="", body="", tags=["x"] * 11, entryIds=[id_of(about), id_of(hidden)]
    )
    assert refused["errors"] == [
        (["input", "title"], "REQUIRED"),
        (["input", "body"], "REQUIRED"),
        (["input", "tags"], "TOO_MANY"),
        (["input", "entryIds", "1"], "NOT_FOUND"),
    ]


def test_solution_create(cast: Cast, api: Client) -> None:
    why = challenge("Why?")
    made = payload(api, cast.peer, SOLUTION_CREATE, challengeId=id_of(why), body="*So*", clientMutationId="it")
    assert made == {
        "solution": {
            "body": "*So*",
            "bodyHtml": "<p><em>So</em></p>\n",
            "isAccepted": False,
            "author": {"username": "peer"},
        },
        "challenge": {"title": "Why?", "solutions": {"totalCount": 1}},
        "errors": [],
        "clientMutationId": "it",
    }
    closed = challenge("Closed", status="CLOSED")
    for given, expected in (
        ({"challengeId": id_of(why), "body": " "}, (["input", "body"], "REQUIRED")),
        ({"challengeId": id_of(closed), "body": "So"}, (["input", "challengeId"], "INVALID_STATE")),
        ({"challengeId": "Q2hhbGxlbmdlOjk5OTk5OTk=", "body": "So"}, (["input", "challengeId"], "NOT_FOUND")),
    ):
        refused = payload(api, cast.peer, SOLUTION_CREATE, **given)
        assert (refused["solution"], refused["challenge"], refused["errors"]) == (None, None, [expected])


def test_solution_accept(cast: Cast, api: Client) -> None:
    why = challenge("Why?", author=cast.author)
    first, second = solution(why, "First", author=cast.peer), solution(why, "Second", author=cast.author)
    assert api.run(SOLUTION_ACCEPT, {"input": {"id": id_of(first)}}, as_=cast.peer).codes == ["FORBIDDEN"]
    for who, which in ((cast.author, first), (cast.reviewer, second), (cast.staff, first)):
        answered = payload(api, who, SOLUTION_ACCEPT, id=id_of(which), clientMutationId="it")
        assert answered["solution"] == {"body": which.body, "isAccepted": True}
        assert answered["challenge"]["status"] == "SOLVED"
        assert answered["challenge"]["acceptedSolution"] == {"body": which.body}
        assert (answered["errors"], answered["clientMutationId"]) == ([], "it")
        assert list(why.solutions.filter(is_accepted=True)) == [which]
    nowhere = payload(api, cast.staff, SOLUTION_ACCEPT, id="U29sdXRpb246OTk5OTk5")
    assert nowhere["errors"] == [(["input", "id"], "NOT_FOUND")]


# ── digestRequest ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_digest_request_answers_at_once(cast: Cast, api: Client) -> None:
    tag("Python", "py")
    given = {"windowStart": "2026-03-02T01:00:00+01:00", "windowEnd": "2026-03-09T00:00:00Z"}
    answered = payload(api, cast.peer, DIGEST_REQUEST, **given, tags=["PY"], title="Mine", clientMutationId="it")
    assert answered == {
        "digest": {
            "title": "Mine",
            "status": "QUEUED",
            "cadence": "ON_DEMAND",
            "audience": "EVERYONE",
            "windowStart": "2026-03-02T00:00:00.000000Z",
            "windowEnd": "2026-03-09T00:00:00.000000Z",
            "tags": [{"slug": "python"}],
            "requestedBy": {"username": "peer"},
            "progress": 0,
            "body": None,
        },
        "errors": [],
        "clientMutationId": "it",
    }
    assert list(OutboxEvent.objects.values_list("type", "published_at")) == [("digest.requested", None)]
    unnamed = payload(api, cast.peer, DIGEST_REQUEST, **given)["digest"]
    assert unnamed["title"].startswith("Digest, ")
    assert unnamed["tags"] == []


# ── several in one document, and payloads ───────────────────────────────────────────────────────────────────────────


def test_mutations_are_run_one_after_the_other(cast: Cast, api: Client) -> None:
    asked = """mutation($a: ChallengeCreateInput!, $b: ChallengeCreateInput!) {
      first: challengeCreate(input: $a) { ...P }
      refused: challengeCreate(input: {title: "", body: "b"}) { ...P }
      second: challengeCreate(input: $b) { ...P __typename challenge { __typename ... on Node { __typename id } } }
    }
    fragment P on ChallengeCreatePayload { challenge { title } errors { code } }"""
    answer = api.run(asked, {"a": {"title": "One", "body": "b"}, "b": {"title": "Two", "body": "b"}}, as_=cast.author)
    second = Challenge.objects.get(title="Two")
    assert answer.data == {
        "first": {"challenge": {"title": "One"}, "errors": []},
        "refused": {"challenge": None, "errors": [{"code": "REQUIRED"}]},
        "second": {
            "challenge": {"title": "Two", "__typename": "Challenge", "id": id_of(second)},
            "errors": [],
            "__typename": "ChallengeCreatePayload",
        },
    }
    assert list(answer.data) == ["first", "refused", "second"]


def test_a_payload_is_read_with_the_viewers_eyes_by_one_statement_a_field(cast: Cast, api: Client) -> None:
    why = challenge("Why?", author=cast.author)
    entry("Hidden", author=cast.peer, status=EntryStatus.DRAFT, challenges=(why,))
    asked = """mutation($input: SolutionCreateInput!, $first: Int) { solutionCreate(input: $input) {
      solution { body challenge { entries(first: $first) { nodes { title } totalCount } } }
      challenge { entries(first: $first) {
        edges { cursor node { title author { username } } } pageInfo { hasNextPage }
      } }
    } }"""
    shown = [entry(f"Shown {number}", author=cast.peer, challenges=(why,)) for number in range(3)]
    counts = []
    for first in (1, 3):
        given = {"input": {"challengeId": id_of(why), "body": "So."}, "first": first}
        answer = api.run(asked, given, as_=cast.author)
        counts.append(answer.statements)
        found = answer.data["solutionCreate"]
        titles = [each.title for each in reversed(shown)][:first]
        assert [node["title"] for node in found["solution"]["challenge"]["entries"]["nodes"]] == titles
        assert found["solution"]["challenge"]["entries"]["totalCount"] == 3
        assert [edge["node"]["title"] for edge in found["challenge"]["entries"]["edges"]] == titles
        assert found["challenge"]["entries"]["pageInfo"]["hasNextPage"] is (first == 1)
    assert counts[0] == counts[1]


def test_a_payloads_plan_is_shared_by_rows_and_viewers(cast: Cast, api: Client) -> None:
    made = []
    for who in (cast.author, cast.peer, cast.author):
        given = {"title": f"By {who.username}", "body": "b"}
        made.append(payload(api, who, CHALLENGE_CREATE, **given)["challenge"])
    assert [each["author"]["username"] for each in made] == ["author", "peer", "author"]
    assert [each["title"] for each in made] == ["By author", "By peer", "By author"]


@pytest.mark.parametrize(
    ("mutation", "given"),
    [
        (ENTRY_CREATE, CONTENT),
        (CHALLENGE_CREATE, {"title": "a", "body": "b"}),
        (SOLUTION_CREATE, {"challengeId": "Q2hhbGxlbmdlOjE=", "body": "b"}),
        (SOLUTION_ACCEPT, {"id": "U29sdXRpb246MQ=="}),
        (ENTRY_UPDATE, {"id": "RW50cnk6MQ=="}),
        (ENTRY_SUBMIT, {"id": "RW50cnk6MQ=="}),
        (ENTRY_REVIEW, {"id": "RW50cnk6MQ==", "verdict": "APPROVE"}),
        (DIGEST_REQUEST, {"windowStart": said(at(0)), "windowEnd": said(at(1))}),
    ],
)
def test_nobody_may_change_anything(api: Client, db: None, mutation: str, given: dict[str, Any]) -> None:
    before = row_counts()
    answer = api.run(mutation, {"input": given})
    assert (answer.status, answer.codes, answer.statements) == (401, ["UNAUTHENTICATED"], 0)
    assert row_counts() == before


@pytest.mark.parametrize(
    ("selection", "variables"),
    [
        ("challenge { solutions(first: 0) { nodes { id } } }", {}),
        ("challenge { solutions(first: $n) { nodes { id } } }", {"n": 101}),
        ("challenge { solutions(first: 1, last: 1) { totalCount } }", {}),
        ('challenge { entries(after: "garbage") { nodes { id } } }', {}),
        ('challenge { author { entries(where: {text: "a\\u0000"}) { totalCount } } }', {}),
        ("challenge { id @skip(if: $on) }", {"on": None}),
    ],
)
def test_what_a_payload_cannot_be_asked_for_is_refused_before_anything_is_made(
    cast: Cast, api: Client, selection: str, variables: dict[str, Any]
) -> None:
    api.authorization(cast.author)
    before = row_counts()
    query = f"""mutation($n: Int, $on: Boolean = true) {{
      challengeCreate(input: {{title: "Why?", body: "So."}}) {{
        {selection} errors {{ code @include(if: $on) }} also: challenge {{ solutions(first: $n) {{ totalCount }} }}
      }}
    }}"""
    answer = api.run(query, variables, as_=cast.author)
    assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])
    assert "data" not in answer.body
    assert row_counts() == before
