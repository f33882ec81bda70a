"""Everything that can be asked of each type that is read, and how it is asked in the tests."""

from typing import Any

from knowledge.models import User
from tests.client import Client

ENTRY = """query($id: ID!) { entry(id: $id) {
  id slug kind status title summary body bodyHtml readingMinutes resources { title url } author { username }
  tags { name } challenges { totalCount } sources { totalCount } sourceCount related { title } revision
  viewerDraft { number } archiveReason revisions { nodes { number } } score createdAt updatedAt publishedAt
  viewerCanUpdate viewerActions viewerVote viewerHasBookmarked
} }"""
REVISION = """query($id: ID!) { node(id: $id) { ... on EntryRevision {
  id entry { title } number version basedOn state kind title summary body bodyHtml tags { name }
  resources { title url } author { username } note reviewer { username } reviewComment createdAt reviewedAt
  diff conflict { base shown merged clean }
} } }"""
CHALLENGE = """query($id: ID!) { challenge(id: $id) {
  id slug title body bodyHtml difficulty status author { username } tags { slug } entries { totalCount }
  solutions { nodes { body } } acceptedSolution { body } sources { totalCount } score revision createdAt updatedAt
  solvedAt closeReason viewerCanUpdate viewerCanAccept viewerVote viewerHasBookmarked
} }"""
SOLUTION = """query($id: ID!) { node(id: $id) { ... on Solution {
  id challenge { title } body bodyHtml author { username } isAccepted score revision createdAt updatedAt
  viewerCanUpdate viewerVote
} } }"""
TAG = """query($id: ID!) { tag(id: $id) {
  id name slug description category aliases entryCount challengeCount revision viewerCanUpdate
  entries { totalCount } challenges { totalCount }
} }"""
USER = """query($name: String!) { user(username: $name) {
  id username displayName bio joinedAt role isActive
  entries { totalCount } challenges { totalCount } solutions { totalCount }
} }"""
VIEWER = """{ viewer {
  id user { username } email emailVerified timeZone role entries { totalCount } reviewQueue { nodes { title } }
  bookmarks { nodes { __typename ... on Entry { title } ... on Challenge { title } } }
  sessions { userAgent isCurrent } personalAccessTokens { name }
} }"""
SOURCE = """query($id: ID!) { source(id: $id) {
  id title url importedBy { username } importedAt entries { nodes { title } } challenges { nodes { title } }
} }"""
DIGEST = """query($id: ID!) { digest(id: $id) {
  id title status cadence audience windowStart windowEnd tags { name } requestedBy { username } progress body bodyHtml
  bodyText sections { kind title items { headline excerpt reason subject {
    __typename ... on Entry { title } ... on Challenge { title } ... on Tag { name }
  } } } itemCount failure createdAt startedAt finishedAt deliveries { totalCount nodes { recipient { username } } }
} }"""
MAIL = """{ viewer {
  digestSubscriptions { id cadence tags { name } active pausedReason lastSentAt }
  deliveries { totalCount nodes { id digest { title } recipient { username } status attempts reason sentAt } }
} }"""
ASKED = (ENTRY, REVISION, CHALLENGE, SOLUTION, TAG, USER, VIEWER, SOURCE, DIGEST, MAIL)
TYPES = (
    "Entry",
    "EntryRevision",
    "MergeConflict",
    "Resource",
    "Challenge",
    "Solution",
    "Tag",
    "User",
    "Viewer",
    "Source",
    "Digest",
    "DigestSection",
    "DigestItem",
    "DigestSubscription",
    "DigestDelivery",
)


def answer(api: Client, asked: str, as_: User | None = None, **variables: Any) -> Any:
    """What the only root answers with, by one statement."""
    if as_ is not None:
        api.authorization(as_)
    result = api.run(asked, variables, as_=as_)
    assert result.statements == (1 if as_ is None else 2)
    (value,) = result.data.values()
    return value
