"""Digests by mail through the API: retrying, subscribing, and what was sent to whom."""

from typing import Any

import pytest

from knowledge.models import DigestAudience, DigestCadence, DigestDelivery, DigestSubscription, Role, User
from tests.cast import Cast
from tests.client import Client
from tests.schema.changes import DIGEST_RETRY, DIGEST_SUBSCRIBE, DIGEST_UNSUBSCRIBE, payload
from tests.schema.rows import at, delivery, digest, id_of, said, subscription, tag
from tests.schema.selections import DIGEST, MAIL, answer
from tests.tables import row_counts

FAILED = {"status": "FAILED", "failure": "Too much.", "attempts": 3, "started_at": at(7), "finished_at": at(8)}
ON_DEMAND = DigestCadence.ON_DEMAND


# ── digestRetry ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_retry(cast: Cast, api: Client) -> None:
    made = digest("Mine", cadence=ON_DEMAND, requested_by=cast.author, **FAILED)
    api.authorization(cast.peer)
    before = row_counts()
    assert payload(api, cast.peer, DIGEST_RETRY, id=id_of(made)) == {
        "digest": None,
        "errors": [(["input", "id"], "NOT_FOUND")],
        "clientMutationId": None,
    }
    assert row_counts() == before
    assert payload(api, cast.author, DIGEST_RETRY, id=id_of(made), clientMutationId="it") == {
        "digest": {
            "title": "Mine",
            "status": "QUEUED",
            "progress": 0,
            "failure": None,
            "startedAt": None,
            "finishedAt": None,
        },
        "errors": [],
        "clientMutationId": "it",
    }
    again = payload(api, cast.staff, DIGEST_RETRY, id=id_of(made))
    assert (again["digest"], again["errors"]) == (None, [(["input", "id"], "INVALID_STATE")])
    everyones = id_of(digest("Everyone's", status="READY"))
    assert api.run(DIGEST_RETRY, {"input": {"id": everyones}}, as_=cast.author).codes == ["FORBIDDEN"]


# ── digestSubscribe and digestUnsubscribe ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("cadence", ["DAILY", "WEEKLY", "MONTHLY"])
def test_subscribe_again_and_unsubscribe(cast: Cast, api: Client, cadence: str) -> None:
    tag("Python", "py"), tag("Rust")
    first = payload(api, cast.peer, DIGEST_SUBSCRIBE, cadence=cadence, tags=["PY", "rust"], clientMutationId="it")
    made = DigestSubscription.objects.get()
    expected = {
        "id": id_of(made),
        "cadence": cadence,
        "tags": [{"name": "Python"}, {"name": "Rust"}],
        "active": True,
        "pausedReason": None,
        "lastSentAt": None,
    }
    assert first == {"subscription": expected, "errors": [], "clientMutationId": "it"}
    for _ in range(2):
        ended = payload(api, cast.peer, DIGEST_UNSUBSCRIBE, id=id_of(made), clientMutationId="end")
        assert ended == {"subscription": expected | {"active": False}, "errors": [], "clientMutationId": "end"}
    every: tuple[dict[str, Any], ...] = ({}, {"tags": None}, {"tags": []})
    for of_all in every:
        payload(api, cast.peer, DIGEST_SUBSCRIBE, cadence=cadence, tags=["rust"])
        again = payload(api, cast.peer, DIGEST_SUBSCRIBE, cadence=cadence, **of_all)
        assert again["subscription"] == expected | {"tags": []}


def test_subscribing_to_what_there_is_not(cast: Cast, api: Client) -> None:
    api.authorization(cast.peer)
    before = row_counts()
    refused = payload(api, cast.peer, DIGEST_SUBSCRIBE, cadence="ON_DEMAND", tags=["nope"])
    assert refused["subscription"] is None
    assert refused["errors"] == [(["input", "cadence"], "INVALID"), (["input", "tags", "0"], "NOT_FOUND")]
    assert row_counts() == before


def test_unsubscribing_somebody_else(cast: Cast, api: Client) -> None:
    made = subscription(cast.author)
    for other in (cast.peer, cast.reviewer, cast.staff):
        refused = payload(api, other, DIGEST_UNSUBSCRIBE, id=id_of(made))
        assert (refused["subscription"], refused["errors"]) == (None, [(["input", "id"], "NOT_FOUND")])
    assert api.run(DIGEST_UNSUBSCRIBE, {"input": {"id": id_of(cast.author)}}, as_=cast.author).codes == [
        "BAD_USER_INPUT"
    ]
    made.refresh_from_db()
    assert made.active


@pytest.mark.parametrize(
    ("mutation", "given"),
    [
        (DIGEST_RETRY, {"id": "RGlnZXN0OjE="}),
        (DIGEST_SUBSCRIBE, {"cadence": "DAILY"}),
        (DIGEST_UNSUBSCRIBE, {"id": "RGlnZXN0U3Vic2NyaXB0aW9uOjE="}),
    ],
)
def test_nobody_may(api: Client, db: None, mutation: str, given: dict[str, Any]) -> None:
    refused = api.run(mutation, {"input": given})
    assert (refused.status, refused.codes, refused.statements) == (401, ["UNAUTHENTICATED"], 0)


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_subscriptions_and_deliveries_of_the_viewer(cast: Cast, api: Client) -> None:
    python = tag("Python")
    week, today = digest("A week", status="READY"), digest("A day", status="READY", cadence=DigestCadence.DAILY)
    on = subscription(cast.author, python, last_sent_at=at(8))
    off = subscription(cast.author, cadence=DigestCadence.DAILY, active=False, paused_reason="Mail came back.")
    sent = delivery(week, cast.author, status="SENT", attempts=2, sent_at=at(9), created_at=at(8))
    skipped = delivery(today, cast.author, status="SKIPPED", reason="Nothing new.", created_at=at(9))
    delivery(week, cast.peer)
    assert answer(api, MAIL, cast.author) == {
        "digestSubscriptions": [
            {
                "id": id_of(on),
                "cadence": "WEEKLY",
                "tags": [{"name": "Python"}],
                "active": True,
                "pausedReason": None,
                "lastSentAt": said(at(8)),
            },
            {
                "id": id_of(off),
                "cadence": "DAILY",
                "tags": [],
                "active": False,
                "pausedReason": "Mail came back.",
                "lastSentAt": None,
            },
        ],
        "deliveries": {
            "totalCount": 2,
            "nodes": [
                {
                    "id": id_of(skipped),
                    "digest": {"title": "A day"},
                    "recipient": {"username": "author"},
                    "status": "SKIPPED",
                    "attempts": 0,
                    "reason": "Nothing new.",
                    "sentAt": None,
                },
                {
                    "id": id_of(sent),
                    "digest": {"title": "A week"},
                    "recipient": {"username": "author"},
                    "status": "SENT",
                    "attempts": 2,
                    "reason": "",
                    "sentAt": said(at(9)),
                },
            ],
        },
    }
    peers = answer(api, MAIL, cast.peer)
    assert (peers["digestSubscriptions"], peers["deliveries"]["totalCount"]) == ([], 1)
    # Staff's own, too: what was sent to others stands at the digest.
    assert answer(api, MAIL, cast.staff) == {"digestSubscriptions": [], "deliveries": {"totalCount": 0, "nodes": []}}


def test_a_delivery_of_what_one_may_no_longer_see_is_not_there(cast: Cast, api: Client) -> None:
    sent = delivery(digest("Reviewers'", status="READY", audience=DigestAudience.REVIEWERS), cast.reviewer)
    node = "query($id: ID!) { node(id: $id) { ... on DigestDelivery { digest { title } } } }"
    assert answer(api, node, cast.reviewer, id=id_of(sent)) == {"digest": {"title": "Reviewers'"}}
    assert answer(api, MAIL, cast.reviewer)["deliveries"]["totalCount"] == 1
    User.objects.filter(pk=cast.reviewer.pk).update(role=Role.CONTRIBUTOR)
    assert answer(api, node, cast.reviewer, id=id_of(sent)) is None
    assert answer(api, MAIL, cast.reviewer)["deliveries"] == {"totalCount": 0, "nodes": []}


@pytest.mark.parametrize(
    ("type_name", "seeing"), [("DigestDelivery", {"author", "staff"}), ("DigestSubscription", {"author"})]
)
def test_as_nodes_they_are_for_whom_they_concern(cast: Cast, api: Client, type_name: str, seeing: set[str]) -> None:
    made = subscription(cast.author)
    delivery(digest("A week", status="READY"), cast.author)
    key = id_of(made if type_name == "DigestSubscription" else DigestDelivery.objects.get())
    people: dict[str, User | None] = {name: getattr(cast, name) for name in ("author", "peer", "reviewer", "staff")}
    seen = {
        name: answer(api, "query($id: ID!) { node(id: $id) { __typename id } }", user, id=key)
        for name, user in {**people, "anonymous": None}.items()
    }
    expected = {"__typename": type_name, "id": key}
    assert seen == {name: expected if name in seeing else None for name in seen}


def test_deliveries_of_a_digest_are_for_staff(cast: Cast, api: Client) -> None:
    made = digest("A week", status="READY", requested_by=cast.author)
    delivery(made, cast.author, created_at=at(8))
    delivery(made, cast.peer, created_at=at(9))
    delivery(digest("A day", status="READY", cadence=DigestCadence.DAILY), cast.reviewer)
    for viewer in (None, cast.author, cast.peer, cast.reviewer):
        assert answer(api, DIGEST, viewer, id=id_of(made))["deliveries"] is None
    assert answer(api, DIGEST, cast.staff, id=id_of(made))["deliveries"] == {
        "totalCount": 2,
        "nodes": [{"recipient": {"username": "peer"}}, {"recipient": {"username": "author"}}],
    }


def test_what_is_null_for_a_role_reads_no_row(cast: Cast, api: Client) -> None:
    digest("A week", status="READY")
    asked = "{ digests { nodes { of: deliveries(first: 1) { totalCount edges { cursor } } } } }"
    for viewer, null in ((None, True), (cast.reviewer, True), (cast.staff, False)):
        result = api.run(asked, as_=viewer)
        found = result.data["digests"]["nodes"]
        assert found == [{"of": None if null else {"totalCount": 0, "edges": []}}]
        assert ("knowledge_digestdelivery" in " ".join(result.sql)) is not null


def test_a_payload_has_null_for_a_role_as_well(cast: Cast, api: Client) -> None:
    made = digest("Mine", cadence=ON_DEMAND, requested_by=cast.author, **FAILED)
    retry = """mutation($input: DigestRetryInput!) { digestRetry(input: $input) {
      digest { title deliveries { totalCount } } } }"""
    for viewer, deliveries in ((cast.author, None), (cast.staff, {"totalCount": 0})):
        type(made).objects.filter(pk=made.pk).update(status="FAILED", failure="Too much.")
        answered = api.run(retry, {"input": {"id": id_of(made)}}, as_=viewer).data["digestRetry"]
        assert answered == {"digest": {"title": "Mine", "deliveries": deliveries}}


def test_pages_of_deliveries(cast: Cast, api: Client) -> None:
    for day, cadence in enumerate((DigestCadence.DAILY, DigestCadence.WEEKLY, DigestCadence.MONTHLY)):
        delivery(digest(cadence, status="READY", cadence=cadence), cast.author, created_at=at(8 + day))
    asked = """query($after: String) { viewer { deliveries(first: 2, after: $after) {
      edges { cursor node { digest { title } } } pageInfo { hasNextPage endCursor } } } }"""
    titles: list[str] = []
    cursor = None
    while True:
        page = answer(api, asked, cast.author, after=cursor)["deliveries"]
        titles += [edge["node"]["digest"]["title"] for edge in page["edges"]]
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert titles == ["MONTHLY", "WEEKLY", "DAILY"]
