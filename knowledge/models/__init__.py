"""The data model. docs/erd.md draws it."""

from knowledge.models.challenges import (
    Challenge,
    ChallengeSlug,
    ChallengeStatus,
    ChallengeTag,
    Difficulty,
    Solution,
)
from knowledge.models.changes import Change, ChangeKind
from knowledge.models.digests import (
    DeliveryStatus,
    Digest,
    DigestAudience,
    DigestCadence,
    DigestDelivery,
    DigestItem,
    DigestSection,
    DigestSectionKind,
    DigestStatus,
    DigestSubscription,
    SearchMiss,
)
from knowledge.models.entries import (
    OPEN_STATES,
    Entry,
    EntryChallenge,
    EntryKind,
    EntryRevision,
    EntrySlug,
    EntryStatus,
    EntryTag,
    MergeConflict,
    RevisionChallenge,
    RevisionState,
    RevisionTag,
)
from knowledge.models.links import LinkPurpose, MailedLink
from knowledge.models.lookups import EqualsAny
from knowledge.models.outbox import IdempotencyKey, OutboxEvent
from knowledge.models.people import AuditEvent, PersonalAccessToken, RefreshToken, Role, Session, TokenScope, User
from knowledge.models.reactions import Bookmark, Vote
from knowledge.models.sources import ChallengeSource, EntrySource, Source
from knowledge.models.tags import Tag, TagAlias, TagAliasKind, TagCategory
from knowledge.models.tallies import Tally, TallyOf, number_of

__all__ = [
    "OPEN_STATES",
    "AuditEvent",
    "Bookmark",
    "Challenge",
    "ChallengeSlug",
    "ChallengeSource",
    "ChallengeStatus",
    "ChallengeTag",
    "Change",
    "ChangeKind",
    "DeliveryStatus",
    "Difficulty",
    "Digest",
    "DigestAudience",
    "DigestCadence",
    "DigestDelivery",
    "DigestItem",
    "DigestSection",
    "DigestSectionKind",
    "DigestStatus",
    "DigestSubscription",
    "Entry",
    "EntryChallenge",
    "EntryKind",
    "EntryRevision",
    "EntrySlug",
    "EntrySource",
    "EntryStatus",
    "EntryTag",
    "EqualsAny",
    "IdempotencyKey",
    "LinkPurpose",
    "MailedLink",
    "MergeConflict",
    "OutboxEvent",
    "PersonalAccessToken",
    "RefreshToken",
    "RevisionChallenge",
    "RevisionState",
    "RevisionTag",
    "Role",
    "SearchMiss",
    "Session",
    "Solution",
    "Source",
    "Tag",
    "TagAlias",
    "TagAliasKind",
    "TagCategory",
    "Tally",
    "TallyOf",
    "TokenScope",
    "User",
    "Vote",
    "number_of",
]
