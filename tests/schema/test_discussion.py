"""Challenges and solutions as they are changed through the API: what each field does, and what each payload holds."""

from typing import Any

import pytest

from knowledge.models import Challenge, ChallengeStatus, EntryStatus, Solution, User
from tests.cast import Cast
from tests.client import Client, Result
from tests.schema.rows import at, challenge, entry, id_of, said, solution, tag
from tests.tables import row_counts

CHALLENGE = """challenge {
  slug title body difficulty tags { slug } entries { nodes { title } } status closeReason solvedAt revision
}"""
RETURNS = {
    "challengeUpdate": CHALLENGE,
    "challengeClose": CHALLENGE,
    "challengeReopen": CHALLENGE,
    "challengeDelete": "deletedId",
    "solutionUpdate": "solution { body bodyHtml revision }",
    "solutionDelete": f"deletedId {CHALLENGE}",
    "solutionUnaccept": f"solution {{ isAccepted }} {CHALLENGE}",
}


def sent(api: Client, verb: str, as_: User | None, **given: Any) -> Result:
    asked = f"""mutation($input: {verb[0].upper()}{verb[1:]}Input!) {{
      {verb}(input: $input) {{ {RETURNS[verb]} errors {{ path code }} clientMutationId }}
    }}"""
    return api.run(asked, {"input": {**given, "clientMutationId": "mine"}}, as_=as_)


def done(api: Client, verb: str, as_: User | None, **given: Any) -> dict[str, Any]:
    """The payload of what was done, without what every payload has."""
    payload = dict(sent(api, verb, as_, **given).data[verb])
    assert (payload.pop("errors"), payload.pop("clientMutationId")) == ([], "mine")
    return payload


def refused(api: Client, verb: str, as_: User | None, **given: Any) -> list[tuple[list[str], str]]:
    """Path and code of what was to be mended; the payload holds nothing else, and nothing was changed."""
    if as_ is not None:
        api.authorization(as_)
    before = row_counts()
    payload = dict(sent(api, verb, as_, **given).data[verb])
    errors = payload.pop("errors")
    assert payload.pop("clientMutationId") == "mine"
    assert (set(payload.values()), row_counts()) == ({None}, before)
    return [(error["path"], error["code"]) for error in errors]


@pytest.fixture
def locks(cast: Cast) -> Challenge:
    """Asked by the author, answered by the peer."""
    made = challenge("Why do locks hang?", tag("SQL"), author=cast.author, body="They do.", difficulty="ADVANCED")
    entry("Locking", challenges=(made,))
    solution(made, "Order them.", author=cast.peer)
    return made


@pytest.fixture
def order(locks: Challenge) -> Solution:
    """The peer's solution to it."""
    return locks.solutions.get()


AS_IT_IS = {
    "slug": "why-do-locks-hang",
    "title": "Why do locks hang?",
    "body": "They do.",
    "difficulty": "ADVANCED",
    "tags": [{"slug": "sql"}],
    "entries": {"nodes": [{"title": "Locking"}]},
    "status": "OPEN",
    "closeReason": None,
    "solvedAt": None,
    "revision": 1,
}


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ({}, {}),
        ({"title": "Locks"}, {"title": "Locks", "slug": "locks"}),
        ({"body": "Often."}, {"body": "Often."}),
        ({"difficulty": "BEGINNER"}, {"difficulty": "BEGINNER"}),
        ({"tags": ["SQL", "Threads"]}, {"tags": [{"slug": "sql"}, {"slug": "threads"}]}),
        ({"tags": []}, {"tags": []}),
        ({"tags": None}, {"tags": []}),
        ({"entryIds": []}, {"entries": {"nodes": []}}),
        ({"entryIds": None}, {"entries": {"nodes": []}}),
        ({"expectedRevision": 1}, {}),
        ({"expectedRevision": None}, {}),
    ],
)
def test_update(cast: Cast, api: Client, locks: Challenge, given: dict[str, Any], becomes: dict[str, Any]) -> None:
    answer = done(api, "challengeUpdate", cast.author, id=id_of(locks), **given)
    assert answer == {"challenge": {**AS_IT_IS, "revision": 2, **becomes}}


def test_update_of_entries(cast: Cast, api: Client, locks: Challenge) -> None:
    answer = done(api, "challengeUpdate", cast.author, id=id_of(locks), entryIds=[id_of(entry("Threads"))])
    assert answer["challenge"]["entries"] == {"nodes": [{"title": "Threads"}]}


def test_an_old_slug_leads_to_the_challenge(cast: Cast, api: Client, locks: Challenge) -> None:
    done(api, "challengeUpdate", cast.author, id=id_of(locks), title="Locks")
    asked = "query($slug: String!) { challenge(slug: $slug) { id slug } }"
    for slug in ("why-do-locks-hang", "locks"):
        assert api.run(asked, {"slug": slug}).data == {"challenge": {"id": id_of(locks), "slug": "locks"}}


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        (
            {"title": None, "body": None, "difficulty": None},
            [("title", "REQUIRED"), ("body", "REQUIRED"), ("difficulty", "REQUIRED")],
        ),
        ({"title": "", "body": " "}, [("title", "REQUIRED"), ("body", "REQUIRED")]),
        ({"title": "t" * 201, "body": "b" * 100_001}, [("title", "TOO_LONG"), ("body", "TOO_LONG")]),
        ({"tags": [str(number) for number in range(11)]}, [("tags", "TOO_MANY")]),
        ({"expectedRevision": 2}, [("expectedRevision", "CONFLICT")]),
    ],
)
def test_updates_that_are_refused(
    cast: Cast, api: Client, locks: Challenge, given: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    told = refused(api, "challengeUpdate", cast.author, id=id_of(locks), **given)
    assert told == [(["input", name], code) for name, code in errors]


def test_an_update_with_an_entry_that_is_not_visible(cast: Cast, api: Client, locks: Challenge) -> None:
    hidden = entry("Hidden", author=cast.peer, status=EntryStatus.DRAFT)
    told = refused(api, "challengeUpdate", cast.author, id=id_of(locks), entryIds=[id_of(hidden)])
    assert told == [(["input", "entryIds", "0"], "NOT_FOUND")]


def test_close_and_reopen(cast: Cast, api: Client, locks: Challenge) -> None:
    closed = {**AS_IT_IS, "status": "CLOSED", "closeReason": "Asked before."}
    given = {"id": id_of(locks), "reason": "Asked before."}
    assert done(api, "challengeClose", cast.reviewer, **given) == {"challenge": closed}
    assert refused(api, "challengeClose", cast.reviewer, **given) == [(["input", "id"], "INVALID_STATE")]
    assert done(api, "challengeReopen", cast.reviewer, id=id_of(locks)) == {"challenge": AS_IT_IS}
    assert refused(api, "challengeReopen", cast.reviewer, id=id_of(locks)) == [(["input", "id"], "INVALID_STATE")]


@pytest.mark.parametrize("verb", ["challengeClose", "challengeDelete", "solutionDelete"])
def test_a_reason_is_not_needed_and_has_a_length(cast: Cast, api: Client, locks: Challenge, verb: str) -> None:
    of = id_of(locks if verb.startswith("challenge") else locks.solutions.get())
    assert refused(api, verb, cast.staff, id=of, reason="r" * 501) == [(["input", "reason"], "TOO_LONG")]
    answer = done(api, verb, cast.staff, id=of, reason=None)
    assert answer.get("deletedId", of) == of


def test_delete_challenge(cast: Cast, api: Client, locks: Challenge) -> None:
    assert sent(api, "challengeDelete", cast.author, id=id_of(locks)).codes == ["FORBIDDEN"]
    assert done(api, "challengeDelete", cast.reviewer, id=id_of(locks)) == {"deletedId": id_of(locks)}
    assert refused(api, "challengeDelete", cast.reviewer, id=id_of(locks)) == [(["input", "id"], "NOT_FOUND")]
    assert api.run("query($id: ID!) { node(id: $id) { id } }", {"id": id_of(locks)}).data == {"node": None}
    assert not Solution.objects.exists()


def test_update_solution(cast: Cast, api: Client, order: Solution) -> None:
    given = {"id": id_of(order), "body": "*Sort* them.", "expectedRevision": 1}
    changed = {"body": "*Sort* them.", "bodyHtml": "<p><em>Sort</em> them.</p>\n", "revision": 2}
    assert done(api, "solutionUpdate", cast.peer, **given) == {"solution": changed}
    assert refused(api, "solutionUpdate", cast.peer, **given) == [(["input", "expectedRevision"], "CONFLICT")]
    assert refused(api, "solutionUpdate", cast.peer, id=id_of(order), body="") == [(["input", "body"], "REQUIRED")]


def test_taking_the_acceptance_back_and_deleting_the_accepted_one(
    cast: Cast, api: Client, locks: Challenge, order: Solution
) -> None:
    for verb, deleted in (("solutionUnaccept", False), ("solutionDelete", True)):
        Solution.objects.filter(pk=order.pk).update(is_accepted=True)
        Challenge.objects.filter(pk=locks.pk).update(status=ChallengeStatus.SOLVED, solved_at=at(1))
        asked = "query($id: ID!) { challenge(id: $id) { status solvedAt } }"
        solved = {"challenge": {"status": "SOLVED", "solvedAt": said(at(1))}}
        assert api.run(asked, {"id": id_of(locks)}).data == solved
        answer = done(api, verb, cast.reviewer, id=id_of(order))
        what = {"deletedId": id_of(order)} if deleted else {"solution": {"isAccepted": False}}
        assert answer == {"challenge": AS_IT_IS, **what}
    assert refused(api, "solutionUnaccept", cast.author, id=id_of(order)) == [(["input", "id"], "NOT_FOUND")]
