"""Every mutation of knowledge with a whole payload, and how it is sent in the tests."""

from typing import Any

from knowledge.models import User
from tests.client import Client

ENTRY_CREATE = """mutation($input: EntryCreateInput!) { entryCreate(input: $input) {
  entry {
    kind title summary body bodyHtml tags { name category } resources { title url } challenges { nodes { title } }
    status slug readingMinutes author { username } viewerDraft { number state }
  }
  errors { path code message } clientMutationId
} }"""
ENTRY_UPDATE = """mutation($input: EntryUpdateInput!) { entryUpdate(input: $input) {
  entry { title status revision }
  revision {
    number version basedOn state kind title summary body bodyHtml tags { name } resources { title url } note
    author { username }
  }
  errors { path code } clientMutationId
} }"""
ENTRY_SUBMIT = """mutation($input: EntrySubmitInput!) { entrySubmit(input: $input) {
  entry { status } revision { state note } errors { path code } clientMutationId
} }"""
ENTRY_REVIEW = """mutation($input: EntryReviewInput!) { entryReview(input: $input) {
  entry { title status revision } revision { number state reviewComment reviewer { username } }
  errors { path code } clientMutationId
} }"""
CHALLENGE_CREATE = """mutation($input: ChallengeCreateInput!) { challengeCreate(input: $input) {
  challenge {
    title body bodyHtml difficulty status tags { name } entries { nodes { title } } author { username } viewerCanAccept
  }
  errors { path code } clientMutationId
} }"""
SOLUTION_CREATE = """mutation($input: SolutionCreateInput!) { solutionCreate(input: $input) {
  solution { body bodyHtml isAccepted author { username } }
  challenge { title solutions { totalCount } }
  errors { path code } clientMutationId
} }"""
SOLUTION_ACCEPT = """mutation($input: SolutionAcceptInput!) { solutionAccept(input: $input) {
  solution { body isAccepted } challenge { status acceptedSolution { body } solvedAt }
  errors { path code } clientMutationId
} }"""
DIGEST_REQUEST = """mutation($input: DigestRequestInput!) { digestRequest(input: $input) {
  digest { title status cadence audience windowStart windowEnd tags { slug } requestedBy { username } progress body }
  errors { path code } clientMutationId
} }"""
DIGEST_RETRY = """mutation($input: DigestRetryInput!) { digestRetry(input: $input) {
  digest { title status progress failure startedAt finishedAt } errors { path code } clientMutationId
} }"""
SUBSCRIPTION = "{ id cadence tags { name } active pausedReason lastSentAt }"
DIGEST_SUBSCRIBE = f"""mutation($input: DigestSubscribeInput!) {{ digestSubscribe(input: $input) {{
  subscription {SUBSCRIPTION} errors {{ path code }} clientMutationId
}} }}"""
DIGEST_UNSUBSCRIBE = f"""mutation($input: DigestUnsubscribeInput!) {{ digestUnsubscribe(input: $input) {{
  subscription {SUBSCRIPTION} errors {{ path code }} clientMutationId
}} }}"""
CONTENT = {"kind": "TOOL", "title": "Make", "body": "Builds *things*."}


def payload(api: Client, who: User, mutation: str, **given: Any) -> dict[str, Any]:
    """The payload, with its errors as pairs of path and code."""
    (answered,) = api.run(mutation, {"input": given}, as_=who).data.values()
    answered["errors"] = [(error["path"], error["code"]) for error in answered["errors"]]
    found: dict[str, Any] = answered
    return found
