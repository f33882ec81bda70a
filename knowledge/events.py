"""What may be told of a change: the types of outbox events, and the deeds of the audit trail.

Each is named subject.verb, in the past tense.
"""

from enum import StrEnum


class EventType(StrEnum):
    """The type of an event, and its routing key on the exchange `nexus.events`."""

    ENTRY_CREATED = "entry.created"
    ENTRY_UPDATED = "entry.updated"
    ENTRY_SUBMITTED = "entry.submitted"
    ENTRY_PUBLISHED = "entry.published"
    ENTRY_CHANGES_REQUESTED = "entry.changes_requested"
    ENTRY_WITHDRAWN = "entry.withdrawn"
    ENTRY_ARCHIVED = "entry.archived"
    ENTRY_RESTORED = "entry.restored"
    ENTRY_DELETED = "entry.deleted"
    REVISION_DISCARDED = "revision.discarded"
    CHALLENGE_CREATED = "challenge.created"
    CHALLENGE_UPDATED = "challenge.updated"
    CHALLENGE_SOLVED = "challenge.solved"
    CHALLENGE_CLOSED = "challenge.closed"
    CHALLENGE_REOPENED = "challenge.reopened"
    CHALLENGE_DELETED = "challenge.deleted"
    SOLUTION_CREATED = "solution.created"
    SOLUTION_UPDATED = "solution.updated"
    SOLUTION_DELETED = "solution.deleted"
    VOTE_CAST = "vote.cast"
    TAG_CREATED = "tag.created"
    TAG_UPDATED = "tag.updated"
    TAG_MERGED = "tag.merged"
    TAG_DELETED = "tag.deleted"
    DOCUMENT_IMPORTED = "document.imported"
    DIGEST_REQUESTED = "digest.requested"
    DIGEST_STALLED = "digest.stalled"
    DIGEST_READY = "digest.ready"
    DIGEST_FAILED = "digest.failed"
    DELIVERY_SENT = "delivery.sent"
    DELIVERY_SKIPPED = "delivery.skipped"
    DELIVERY_FAILED = "delivery.failed"
    SUBSCRIPTION_PAUSED = "subscription.paused"
    USER_REGISTERED = "user.registered"
    USER_UPDATED = "user.updated"
    USER_ROLE_SET = "user.role_set"
    USER_DEACTIVATED = "user.deactivated"
    USER_REACTIVATED = "user.reactivated"
    LINK_ASKED = "link.asked"


class AuditAction(StrEnum):
    """What somebody did that staff may look up later."""

    ENTRY_APPROVED = "entry.approved"
    ENTRY_CHANGES_REQUESTED = "entry.changes_requested"
    ENTRY_ARCHIVED = "entry.archived"
    ENTRY_RESTORED = "entry.restored"
    ENTRY_DELETED = "entry.deleted"
    REVISION_DISCARDED = "revision.discarded"
    SOURCE_REVIEWED = "source.reviewed"
    CHALLENGE_CLOSED = "challenge.closed"
    CHALLENGE_REOPENED = "challenge.reopened"
    CHALLENGE_DELETED = "challenge.deleted"
    SOLUTION_DELETED = "solution.deleted"
    TAG_MERGED = "tag.merged"
    TAG_DELETED = "tag.deleted"
    SIGNED_IN = "user.signed_in"
    SIGN_IN_FAILED = "user.sign_in_failed"
    SIGN_IN_BLOCKED = "user.sign_in_blocked"
    SESSION_ENDED = "user.session_ended"
    SESSIONS_ENDED = "user.sessions_ended"
    EMAIL_CHANGED = "user.email_changed"
    EMAIL_CONFIRMED = "user.email_confirmed"
    USER_ROLE_SET = "user.role_set"
    USER_DEACTIVATED = "user.deactivated"
    USER_REACTIVATED = "user.reactivated"
    STAFF_APPOINTED = "staff.appointed"
    PASSWORD_CHANGED = "user.password_changed"  # noqa: S105 - a deed, not a password
    PASSWORD_RESET = "user.password_reset"  # noqa: S105 - as above
    TOKEN_CREATED = "user.token_created"  # noqa: S105 - as above
    TOKEN_REVOKED = "user.token_revoked"  # noqa: S105 - as above
