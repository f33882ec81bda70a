"""Who may: each permission is a Q over rows, declared once.

Lists, nested relations, counts, search, digests, `node` and writes all start from these, so a forbidden row cannot be
loaded. A scope takes a viewer and answers the rows that are theirs to see or to change; `knowledge.access` tells the
two apart for writes: not visible is as if it did not exist, visible but not allowed is Forbidden.

A viewer's id may be an expression instead of a number: the planner compiles a scope once per role and binds the id
later. So a scope may compare the id in the database, and only the role in Python.

viewer.py        who is asking
scopes.py        what scopes are made of
entries.py, discussion.py, vocabulary.py, sources.py, digests.py, people.py, changes.py   a scope for each thing done
requirements.py  who may do what at all, before any row is looked at
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.db.models import Model

from knowledge.models import (
    AuditEvent,
    Bookmark,
    Challenge,
    Change,
    Digest,
    DigestDelivery,
    DigestItem,
    DigestSection,
    DigestSubscription,
    Entry,
    EntryRevision,
    MergeConflict,
    PersonalAccessToken,
    Session,
    Solution,
    Source,
    Tag,
    User,
)
from knowledge.policy.changes import visible_changes
from knowledge.policy.digests import (
    retryable_digests,
    sees_all_deliveries,
    visible_deliveries,
    visible_digest_items,
    visible_digest_sections,
    visible_digests,
)
from knowledge.policy.discussion import (
    acceptable_solutions,
    answerable_challenges,
    closable_challenges,
    decidable_challenges,
    deletable_challenges,
    deletable_solutions,
    editable_challenges,
    editable_solutions,
    others_rows,
)
from knowledge.policy.entries import (
    comparable_revisions,
    editable_entries,
    own_entries,
    own_revisions,
    publishes_own_edits,
    reviewable_revisions,
    visible_conflicts,
    visible_entries,
    visible_revisions,
    visible_unpublished,
    waiting_revisions,
)
from knowledge.policy.people import manageable_users
from knowledge.policy.requirements import (
    public,
    require_command_line,
    require_reviewer,
    require_session,
    require_signed_in,
    require_staff,
    require_writing,
)
from knowledge.policy.scopes import EVERY_ROW, NO_ROW, Scope, everything, own_rows, reviewers_only, staff_only
from knowledge.policy.sources import (
    publishes_imports,
    require_importer,
    require_restorer,
    restores_exports,
    updatable_sources,
    visible_sources,
)
from knowledge.policy.viewer import ANONYMOUS, COMMAND_LINE, Viewer
from knowledge.policy.vocabulary import editable_tags

__all__ = [
    "ANONYMOUS",
    "COMMAND_LINE",
    "EVERY_ROW",
    "NO_ROW",
    "VISIBLE",
    "Scope",
    "Viewer",
    "acceptable_solutions",
    "answerable_challenges",
    "closable_challenges",
    "comparable_revisions",
    "decidable_challenges",
    "deletable_challenges",
    "deletable_solutions",
    "editable_challenges",
    "editable_entries",
    "editable_solutions",
    "editable_tags",
    "everything",
    "manageable_users",
    "others_rows",
    "own_entries",
    "own_revisions",
    "own_rows",
    "public",
    "publishes_imports",
    "publishes_own_edits",
    "require_command_line",
    "require_importer",
    "require_restorer",
    "require_reviewer",
    "require_session",
    "require_signed_in",
    "require_staff",
    "require_writing",
    "restores_exports",
    "retryable_digests",
    "reviewable_revisions",
    "reviewers_only",
    "sees_all_deliveries",
    "staff_only",
    "updatable_sources",
    "visible_changes",
    "visible_conflicts",
    "visible_deliveries",
    "visible_digest_items",
    "visible_digest_sections",
    "visible_digests",
    "visible_entries",
    "visible_revisions",
    "visible_sources",
    "visible_unpublished",
    "waiting_revisions",
]

VISIBLE: Final[Mapping[type[Model], Scope]] = MappingProxyType(
    {
        AuditEvent: staff_only,
        Bookmark: own_rows,
        Challenge: everything,
        Change: visible_changes,
        Digest: visible_digests,
        DigestDelivery: visible_deliveries,
        DigestItem: visible_digest_items,
        DigestSection: visible_digest_sections,
        DigestSubscription: own_rows,
        Entry: visible_entries,
        EntryRevision: visible_revisions,
        MergeConflict: visible_conflicts,
        PersonalAccessToken: own_rows,
        Session: own_rows,
        Solution: everything,
        Source: visible_sources,
        Tag: everything,
        User: everything,
    }
)
