"""Reaching for what is somebody else's: by ids, filters, counts, and every verb, in every role."""

import re
from typing import Any

from tests.attacks.attack import Attack, asking, named
from tests.attacks.stage import Stage
from tests.http.server import Reply, asked

IDOR = "ASVS 5.0 V8.2.2"
ROLES = "ASVS 5.0 V8.2.1"
LOGIC = "ASVS 5.0 V2.3"
ORACLE = "CWE-203"
ID = re.compile(r"[A-Z][A-Za-z0-9+/]*=*")
PRIVATE = ("draft", "in_review", "archived", "draft_revision", "in_review_revision", "archived_revision", "proposed",
           "private_digest", "reviewers_digest", "failed_digest", "subscription", "delivery", "session_author", "script_author")  # fmt: skip
# What each may see of those beside their owners.
SHOWN = {
    "reviewer": {"in_review", "archived", "in_review_revision", "archived_revision", "proposed", "reviewers_digest", "source"},
    "staff": {"in_review", "archived", "in_review_revision", "archived_revision", "proposed", "reviewers_digest", "source",
              "private_digest", "failed_digest", "delivery"},
}  # fmt: skip
NODE = "query($it: ID!) { node(id: $it) { __typename id } }"
TOLD = """
    __typename
    ... on Entry { title body revisions { nodes { title } } viewerDraft { body } author { username } }
    ... on EntryRevision { title body note diff } ... on Source { title url } ... on User { username }
    ... on Digest { title text: body sections { title } deliveries { nodes { reason } } } ... on DigestDelivery { reason }
    ... on DigestSubscription { pausedReason } ... on Challenge { title entries { nodes { title } totalCount } }
    ... on Tag { entries { nodes { title body } totalCount } }"""


def by_id(person: str | None, name: str) -> Attack:
    """Asking for something by its id that this person is not to know of."""
    return asking(
        f"{name} by its id, as {person or 'nobody'}", IDOR, NODE, as_=person, it=f"@{name}", data={"node": None}
    )


def everything(person: str | None) -> Attack:
    """Asking for all that there is by its id, at once and at length: no secret may be in it."""

    def send(stage: Stage) -> Reply:
        ids = sorted(filter(ID.fullmatch, stage.scene["ids"].values()))
        return stage.ask(f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ {TOLD} }} }}", {"ids": ids}, as_=person)

    return Attack(f"everything by its id, as {person or 'nobody'}", IDOR, send, as_=person)


def counting(name: str, query: str, root: str, it: Any) -> Attack:
    """A question whose count or silence would tell of what is hidden."""
    return asking(name, ORACLE, query, as_="mallory", it=it, data={root: {"totalCount": 0}})


def verb(
    name: str,
    mutation: str,
    code: str,
    /,
    *,
    as_: str | None = "mallory",
    source: str = IDOR,
    status: int = 200,
    **input_: Any,
) -> Attack:
    """A mutation with this input, of which all that matters are its errors."""
    query = f"mutation($input: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}(input: $input) {{ errors {{ code path message }} }} }}"
    return asking(name, source, query, as_=as_, status=status, code=code, input=input_)


def denied(name: str, query: str, code: str, *, as_: str | None = "mallory", status: int = 200) -> Attack:
    """A read that is not for this person."""
    return asking(name, ROLES, query, as_=as_, status=status, code=code)


READS = [
    *(by_id(person, name) for person in (None, "mallory") for name in (*PRIVATE, "source")),
    *(by_id(person, name) for person in ("reviewer", "staff") for name in PRIVATE if name not in SHOWN[person]),
    *(everything(person) for person in (None, "mallory", "peer", "reviewer", "staff")),
    denied("all users, as a contributor", "{ users { nodes { username } } }", "FORBIDDEN"),
    denied("all users, as nobody", "{ users { nodes { username } } }", "UNAUTHENTICATED", as_=None, status=401),
    denied("the audit trail, as a contributor", "{ auditEvents { nodes { action address detail } } }", "FORBIDDEN"),
    denied("the audit trail, as a reviewer", "{ auditEvents { nodes { action address detail } } }", "FORBIDDEN", as_="reviewer"),
    denied("the audit trail, as nobody", "{ auditEvents { nodes { action } } }", "UNAUTHENTICATED", as_=None, status=401),
    asking("the queue of reviews, as a contributor", ROLES, "{ viewer { reviewQueue { nodes { title } } } }", data={"viewer": {"reviewQueue": {"nodes": []}}}),
    asking("another's role and state", ROLES, '{ user(username: "staff") { role isActive } }', data={"user": {"role": None, "isActive": None}}),
    asking("a digest's deliveries", ROLES, "query($it: ID!) { digest(id: $it) { deliveries { nodes { reason } } } }", it="@digest", data={"digest": {"deliveries": None}}),
    asking("a draft by its slug", IDOR, 'query { entry(slug: "xqdraft-slug") { id } }', data={"entry": None}),
    counting("drafts by their state", 'query($it: [EntryStatus!]) { entries(where: {status: $it, author: "author"}) { totalCount } }', "entries", ["DRAFT", "IN_REVIEW", "ARCHIVED"]),
    counting("drafts by what is not", "query($it: EntryWhere) { entries(where: $it) { totalCount } }", "entries", {"NOT": {"kind": ["TOOL", "CONCEPT", "GUIDE", "LEARNING", "TECHNOLOGY", "BEST_PRACTICE"]}}),
    asking("a draft by its words", ORACLE, '{ search(query: "xqdraft") { totalCount suggestion } }', as_=None, data={"search": {"totalCount": 0, "suggestion": None}}),
    counting("a draft by the beginning of a word", 'query($it: String) { entries(where: {text: $it, author: "author"}) { totalCount } }', "entries", "xqd"),
    asking("a draft by the spelling of a word", ORACLE, '{ search(query: "xqdraff") { totalCount suggestion } }', data={"search": {"totalCount": 0, "suggestion": None}}),
    asking("the number of a tag's drafts", ORACLE, '{ tag(slug: "common") { entryCount } }', as_=None, data={"tag": {"entryCount": 1}}),
    asking("a digest that is not ready, by its state", ORACLE, "{ digests(where: {status: [FAILED, QUEUED]}) { totalCount } }", data={"digests": {"totalCount": 0}}),
]  # fmt: skip
SIGNED = [
    verb(f"{mutation}, as nobody", mutation, "UNAUTHENTICATED", as_=None, source=ROLES, status=status, **input_)
    for mutation, status, input_ in (
        ("entryCreate", 401, {"kind": "TOOL", "title": "A", "body": "B"}),
        ("entryDelete", 401, {"id": "@entry"}),
        ("challengeCreate", 401, {"title": "A", "body": "B"}),
        ("tagCreate", 401, {"name": "A"}),
        ("voteCast", 401, {"subjectId": "@entry", "vote": "UP"}),
        ("documentImport", 401, {"markdown": "# A"}),
        ("digestRequest", 401, {"windowStart": "2026-01-01T00:00:00Z", "windowEnd": "2026-01-02T00:00:00Z"}),
        ("userSetRole", 401, {"id": "@user_mallory", "role": "STAFF"}),
    )
]
OTHERS: dict[str, Any] = {"entryUpdate": {"title": "Mine"}, "entrySubmit": {}, "entryWithdraw": {}, "entryDelete": {}}
INVISIBLE = [
    *(
        verb(f"{mutation} of another's draft", mutation, "NOT_FOUND", id="@draft", **more)
        for mutation, more in OTHERS.items()
    ),
    verb("entryReview of a draft, as a reviewer", "entryReview", "NOT_FOUND", as_="reviewer", id="@draft", verdict="APPROVE"),
    verb("discarding another's revision", "revisionDiscard", "NOT_FOUND", id="@draft_revision"),
    verb("voting for what is hidden", "voteCast", "NOT_FOUND", subjectId="@draft", vote="UP"),
    verb("keeping what is hidden", "bookmarkAdd", "NOT_FOUND", subjectId="@draft"),
    verb("hanging a hidden entry on a question", "challengeCreate", "NOT_FOUND", title="Which?", body="This?", entryIds=["@draft"]),
    verb("ending another's subscription", "digestUnsubscribe", "NOT_FOUND", id="@subscription"),
    verb("trying another's digest again", "digestRetry", "NOT_FOUND", id="@failed_digest"),
]  # fmt: skip
FORBIDDEN = [
    verb("deleting what is published", "entryDelete", "FORBIDDEN", id="@entry"),
    verb("archiving", "entryArchive", "FORBIDDEN", source=ROLES, id="@entry"),
    verb("restoring what one cannot see", "entryRestore", "NOT_FOUND", id="@archived"),
    verb("approving, as a contributor", "entryReview", "FORBIDDEN", source=ROLES, id="@waiting", verdict="APPROVE"),
    verb("changing another's question", "challengeUpdate", "FORBIDDEN", id="@challenge", title="Mine"),
    verb("closing another's question", "challengeClose", "FORBIDDEN", id="@challenge"),
    verb("deleting another's question", "challengeDelete", "FORBIDDEN", id="@challenge"),
    verb("changing another's answer", "solutionUpdate", "FORBIDDEN", id="@solution", body="Mine"),
    verb("deleting another's answer", "solutionDelete", "FORBIDDEN", id="@solution"),
    verb("accepting an answer to another's question", "solutionAccept", "FORBIDDEN", id="@solution"),
    verb("renaming a tag", "tagUpdate", "FORBIDDEN", source=ROLES, id="@tag", name="Mine"),
    verb("merging tags", "tagMerge", "FORBIDDEN", source=ROLES, sourceIds=["@other"], targetId="@tag"),
    verb("deleting a tag", "tagDelete", "FORBIDDEN", source=ROLES, id="@other"),
    verb("reviewing a document", "sourceReview", "FORBIDDEN", source=ROLES, id="@public_source", verdict="APPROVE"),
    verb("making oneself staff", "userSetRole", "FORBIDDEN", source=ROLES, id="@user_mallory", role="STAFF"),
    verb("making oneself staff, as a reviewer", "userSetRole", "FORBIDDEN", as_="reviewer", source=ROLES, id="@user_reviewer", role="STAFF"),
    verb("locking staff out", "userDeactivate", "FORBIDDEN", as_="reviewer", source=ROLES, id="@user_staff"),
    verb("letting somebody in again", "userReactivate", "FORBIDDEN", as_="reviewer", source=ROLES, id="@user_gone"),
]  # fmt: skip
STATES = [
    verb("submitting what is submitted", "entrySubmit", "INVALID_STATE", source=LOGIC, id="@waiting"),
    verb("withdrawing what is a draft", "entryWithdraw", "INVALID_STATE", source=LOGIC, id="@own"),
    verb("restoring what is published", "entryRestore", "INVALID_STATE", as_="reviewer", source=LOGIC, id="@entry"),
    verb("approving what was withdrawn", "entryReview", "INVALID_STATE", as_="reviewer", source=LOGIC, id="@archived", verdict="APPROVE"),
    verb("reopening what is open", "challengeReopen", "INVALID_STATE", as_="reviewer", source=LOGIC, id="@challenge"),
    verb("changing on top of what never was", "entryUpdate", "CONFLICT", source=LOGIC, id="@entry", expectedRevision=99, title="Mine"),
    verb("merging a tag into itself", "tagMerge", "INVALID", as_="reviewer", source=LOGIC, sourceIds=["@tag"], targetId="@tag"),
    verb("staff that unmakes itself", "userSetRole", "FORBIDDEN", as_="staff", source=LOGIC, id="@user_staff", role="CONTRIBUTOR"),
    verb("staff that locks itself out", "userDeactivate", "FORBIDDEN", as_="staff", source=LOGIC, id="@user_staff"),
    verb("a digest that ends before it begins", "digestRequest", "INVALID", source=LOGIC, windowStart="2026-02-01T00:00:00Z", windowEnd="2026-01-01T00:00:00Z"),
]  # fmt: skip


def _page(name: str, path: str) -> Attack:
    """A page that anybody may ask for, about what not everybody may see."""
    return Attack(name, IDOR, lambda stage: stage.exchange(asked(named(stage, path))), 404)


PAGES = [
    _page("the page of a private digest", "/digests/@private_number"),
    _page("the page of a digest beyond all numbers", "/digests/99999999999999999999999999"),
]
ATTACKS = [*READS, *SIGNED, *INVISIBLE, *FORBIDDEN, *STATES, *PAGES]
