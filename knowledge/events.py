"""What may be told of a change: the types of outbox events. Each is named subject.verb, in the past tense."""

from enum import StrEnum


class EventType(StrEnum):
    """The type of an event, and its routing key on the exchange `nexus.events`."""

    ENTRY_CREATED = "entry.created"
    ENTRY_UPDATED = "entry.updated"
    ENTRY_SUBMITTED = "entry.submitted"
    ENTRY_PUBLISHED = "entry.published"
    ENTRY_CHANGES_REQUESTED = "entry.changes_requested"
    ENTRY_ARCHIVED = "entry.archived"
    CHALLENGE_CREATED = "challenge.created"
    CHALLENGE_UPDATED = "challenge.updated"
    CHALLENGE_SOLVED = "challenge.solved"
    SOLUTION_CREATED = "solution.created"
    SOLUTION_UPDATED = "solution.updated"
    TAG_CREATED = "tag.created"
    DOCUMENT_IMPORTED = "document.imported"
    DIGEST_REQUESTED = "digest.requested"
    DIGEST_STALLED = "digest.stalled"
    DIGEST_READY = "digest.ready"
    DIGEST_FAILED = "digest.failed"
    USER_REGISTERED = "user.registered"
