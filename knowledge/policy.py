"""Who may: each permission is a Q over rows, declared once.

Lists, nested relations, counts, search, digests, `node` and writes all start from these, so a forbidden row cannot be
loaded. A scope takes a viewer and answers the rows that are theirs to see or to change; `knowledge.access` tells the
two apart for writes: not visible is as if it did not exist, visible but not allowed is Forbidden.

A viewer's id may be an expression instead of a number: the planner compiles a scope once per role and binds the id
later. So a scope may compare the id in the database, and only the role in Python.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Final

from django.db.models import Exists, Expression, Model, OuterRef, Q

from knowledge.errors import Forbidden, Unauthenticated
from knowledge.events import EventType
from knowledge.models import (
    AuditEvent,
    Bookmark,
    Challenge,
    ChallengeSource,
    ChallengeStatus,
    Change,
    Digest,
    DigestAudience,
    DigestCadence,
    DigestDelivery,
    DigestItem,
    DigestSection,
    DigestStatus,
    DigestSubscription,
    Entry,
    EntryRevision,
    EntrySource,
    EntryStatus,
    MergeConflict,
    PersonalAccessToken,
    RevisionState,
    Role,
    Session,
    Solution,
    Source,
    Tag,
    User,
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking. `id` and `role` are None for an anonymous reader; `session_id` is the sign-in it came with.

    A script comes with a token of its own and no session; `reads_only` where its token is good for no more. `address`
    tells from where, for the audit trail; it is no part of who somebody is.
    """

    id: int | Expression | None = None
    role: Role | None = None
    session_id: int | None = None
    reads_only: bool = False
    address: str = field(default="", compare=False)

    @property
    def signed_in(self) -> bool:
        """Whether somebody is."""
        return self.role is not None

    @property
    def reviews(self) -> bool:
        """Whether this is a reviewer or staff."""
        return self.role in {Role.REVIEWER, Role.STAFF}

    @property
    def staff(self) -> bool:
        """Whether this is staff."""
        return self.role == Role.STAFF


ANONYMOUS: Final = Viewer()
# Whoever holds the machine: may what staff may, and is no user.
COMMAND_LINE: Final = Viewer(role=Role.STAFF)

Scope = Callable[[Viewer], Q]

EVERY_ROW: Final = Q()
# Not `pk__in=[]`: Django answers that without SQL, and a plan needs SQL.
NO_ROW: Final = Q(pk__isnull=True)


def everything(viewer: Viewer) -> Q:
    """For everyone to see."""
    return EVERY_ROW


def staff_only(viewer: Viewer) -> Q:
    """For staff alone."""
    return EVERY_ROW if viewer.staff else NO_ROW


# ── who may see ─────────────────────────────────────────────────────────────────────────────────────────────────────


def visible_entries(viewer: Viewer) -> Q:
    """Published ones; one's own; for reviewers also what is in review or archived."""
    shown = {EntryStatus.PUBLISHED}
    if viewer.reviews:
        shown |= {EntryStatus.IN_REVIEW, EntryStatus.ARCHIVED}
    return _either(_in("status", shown), _own(viewer, "author_id"))


def visible_revisions(viewer: Viewer) -> Q:
    """Of a visible entry: the approved one; one's own; for who may edit those shown before; for reviewers what waits.

    So a draft is its author's alone, and what was taken out of a text is not public.
    """
    states = {RevisionState.APPROVED}
    if viewer.signed_in:
        states |= {RevisionState.SUPERSEDED}
    if viewer.reviews:
        states |= {RevisionState.PENDING, RevisionState.CHANGES_REQUESTED}
    entry = Exists(Entry.objects.filter(visible_entries(viewer), pk=OuterRef("entry_id")))
    return Q(entry) & _either(_in("state", states), _own(viewer, "author_id"))


def visible_conflicts(viewer: Viewer) -> Q:
    """Those of visible revisions: what stands in their way is shown, and so visible too."""
    return Q(Exists(EntryRevision.objects.filter(visible_revisions(viewer), pk=OuterRef("revision_id"))))


def comparable_revisions(viewer: Viewer) -> Q:
    """Those that may be compared with the one before: for all who are signed in, who may see that one too."""
    return EVERY_ROW if viewer.signed_in else NO_ROW


def visible_sources(viewer: Viewer) -> Q:
    """Those of which something is visible, one's own, and for staff all."""
    if viewer.staff:
        return EVERY_ROW
    entries = EntrySource.objects.filter(
        Exists(Entry.objects.filter(visible_entries(viewer), pk=OuterRef("entry_id"))), source_id=OuterRef("pk")
    )
    challenges = ChallengeSource.objects.filter(source_id=OuterRef("pk"))
    return _either(Q(Exists(entries)), Q(Exists(challenges)), _own(viewer, "imported_by_id"))


def visible_digests(viewer: Viewer) -> Q:
    """Ready periodic ones for everyone or for reviewers, those on demand for who asked, all for staff."""
    if viewer.staff:
        return EVERY_ROW
    audiences = {DigestAudience.EVERYONE} | ({DigestAudience.REVIEWERS} if viewer.reviews else set())
    periodic = Q(status=DigestStatus.READY) & _in("audience", audiences) & ~Q(cadence=DigestCadence.ON_DEMAND)
    return _either(periodic, _own(viewer, "requested_by_id"))


def visible_digest_sections(viewer: Viewer) -> Q:
    """Those of visible digests."""
    return Q(Exists(Digest.objects.filter(visible_digests(viewer), pk=OuterRef("digest_id"))))


def visible_digest_items(viewer: Viewer) -> Q:
    """Those of visible digests."""
    sections = DigestSection.objects.filter(visible_digest_sections(viewer), pk=OuterRef("section_id"))
    return Q(Exists(sections))


def own_rows(viewer: Viewer) -> Q:
    """What belongs to the viewer alone."""
    return _own(viewer, "user_id")


def sees_all_deliveries(viewer: Viewer) -> bool:
    """Whether the viewer may know what was sent to others."""
    return viewer.staff


def visible_deliveries(viewer: Viewer) -> Q:
    """One's own of digests that one may see still; for staff all."""
    if sees_all_deliveries(viewer):
        return EVERY_ROW
    digest = Exists(Digest.objects.filter(visible_digests(viewer), pk=OuterRef("digest_id")))
    return _own(viewer, "recipient_id") & Q(digest)


def visible_changes(viewer: Viewer) -> Q:
    """Those whose subject is visible; and that an entry was archived, which takes it out of view."""
    subjects: tuple[tuple[type[Model], str], ...] = (
        (Entry, "entry_key"),
        (Challenge, "challenge_key"),
        (Solution, "solution_key"),
    )
    visible = (
        Q(Exists(model._default_manager.filter(VISIBLE[model](viewer), pk=OuterRef(key)))) for model, key in subjects
    )
    return _either(*visible, Q(type=EventType.ENTRY_ARCHIVED))


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

# ── who may change ──────────────────────────────────────────────────────────────────────────────────────────────────


def editable_entries(viewer: Viewer) -> Q:
    """One's own unpublished ones; published ones for all who are signed in (as a proposed revision)."""
    if not viewer.signed_in:
        return NO_ROW
    unpublished = _in("status", {EntryStatus.DRAFT, EntryStatus.IN_REVIEW}) & _own(viewer, "author_id")
    return unpublished | Q(status=EntryStatus.PUBLISHED)


def matchable_entries(viewer: Viewer) -> Q:
    """Those that an import may find by their name: all but drafts of others.

    It may find what waits for a review unseen, or else two documents would make two entries of one name.
    """
    return ~Q(status=EntryStatus.DRAFT) | _own(viewer, "author_id")


def own_entries(viewer: Viewer) -> Q:
    """Those that one wrote first."""
    return _own(viewer, "author_id")


def own_revisions(viewer: Viewer) -> Q:
    """Those that one wrote."""
    return _own(viewer, "author_id")


def reviewers_only(viewer: Viewer) -> Q:
    """For reviewers and staff."""
    return EVERY_ROW if viewer.reviews else NO_ROW


def reviewable_revisions(viewer: Viewer) -> Q:
    """For reviewers those that others handed in; staff may review their own."""
    if not viewer.reviews:
        return NO_ROW
    return EVERY_ROW if viewer.staff else ~_own(viewer, "author_id") | Q(author_id=None)


def waiting_revisions(viewer: Viewer) -> Q:
    """What the viewer may approve or send back now: reviewable, handed in, of an entry that is not archived."""
    return reviewable_revisions(viewer) & Q(state=RevisionState.PENDING) & ~Q(entry__status=EntryStatus.ARCHIVED)


def editable_challenges(viewer: Viewer) -> Q:
    """One's own."""
    return _own(viewer, "author_id")


def closable_challenges(viewer: Viewer) -> Q:
    """For reviewers all; whoever may close may reopen."""
    return EVERY_ROW if viewer.reviews else NO_ROW


def deletable_challenges(viewer: Viewer) -> Q:
    """One's own while nobody else answered; for reviewers all."""
    if viewer.reviews:
        return EVERY_ROW
    answers = Solution.objects.filter(others_rows(viewer), challenge_id=OuterRef("pk"))
    return _own(viewer, "author_id") & ~Q(Exists(answers))


def answerable_challenges(viewer: Viewer) -> Q:
    """Those that are not closed, for all who are signed in."""
    return ~Q(status=ChallengeStatus.CLOSED) if viewer.signed_in else NO_ROW


def decidable_challenges(viewer: Viewer) -> Q:
    """Those of which the viewer may accept a solution, or take that back: not closed; one's own, for reviewers all."""
    return ~Q(status=ChallengeStatus.CLOSED) & _asked_by(viewer, "author_id")


def acceptable_solutions(viewer: Viewer) -> Q:
    """Those to one's own challenge; for reviewers all. The challenge must not be closed: see decidable_challenges."""
    return _asked_by(viewer, "challenge__author_id")


def editable_solutions(viewer: Viewer) -> Q:
    """One's own."""
    return _own(viewer, "author_id")


def deletable_solutions(viewer: Viewer) -> Q:
    """One's own; for reviewers all."""
    return EVERY_ROW if viewer.reviews else _own(viewer, "author_id")


def others_rows(viewer: Viewer) -> Q:
    """What somebody else wrote, or nobody known: what the viewer may vote on."""
    return ~_own(viewer, "author_id") | Q(author_id=None) if viewer.signed_in else NO_ROW


def editable_tags(viewer: Viewer) -> Q:
    """All of them, for reviewers: to rename, to merge, to delete."""
    return EVERY_ROW if viewer.reviews else NO_ROW


def updatable_sources(viewer: Viewer) -> Q:
    """Those that one imported first; for staff all."""
    return EVERY_ROW if viewer.staff else _own(viewer, "imported_by_id")


def retryable_digests(viewer: Viewer) -> Q:
    """Those that one asked for; for staff all. They must have failed."""
    return EVERY_ROW if viewer.staff else _own(viewer, "requested_by_id")


def manageable_users(viewer: Viewer) -> Q:
    """For staff everybody but themselves."""
    return ~_own(viewer, "pk") if viewer.staff else NO_ROW


def public(viewer: Viewer) -> None:
    """Everyone may; said where nothing else is required, so that nothing is forgotten."""


def require_signed_in(viewer: Viewer) -> int:
    """The viewer's id; raises Unauthenticated when there is none."""
    if not isinstance(viewer.id, int):
        raise Unauthenticated
    return viewer.id


def require_writing(viewer: Viewer) -> None:
    """Raises Forbidden when the viewer came with a token that only reads."""
    if viewer.reads_only:
        raise Forbidden("This token may only read.")


def require_session(viewer: Viewer) -> tuple[int, int]:
    """The ids of the viewer and of their session.

    Raises Unauthenticated, and Forbidden for a script: what guards an account is not for scripts to change.
    """
    viewer_id = require_signed_in(viewer)
    if viewer.session_id is None:
        raise Forbidden("Sign in to do this; a personal access token is not enough.")
    return viewer_id, viewer.session_id


def require_reviewer(viewer: Viewer) -> int:
    """The viewer's id; raises Unauthenticated or Forbidden when this is no reviewer."""
    viewer_id = require_signed_in(viewer)
    if not viewer.reviews:
        raise Forbidden("Only reviewers and staff may do this.")
    return viewer_id


def require_staff(viewer: Viewer) -> int:
    """The viewer's id; raises Unauthenticated or Forbidden when this is no staff."""
    viewer_id = require_signed_in(viewer)
    if not viewer.staff:
        raise Forbidden("Only staff may do this.")
    return viewer_id


def require_importer(viewer: Viewer) -> int | None:
    """Whose the imported knowledge will be: the viewer's id, None on the command line; raises Unauthenticated."""
    return None if viewer == COMMAND_LINE else require_signed_in(viewer)


def publishes_own_edits(viewer: Viewer) -> bool:
    """Whether an edit of what is published shows at once, without a review."""
    return viewer.staff


def publishes_imports(viewer: Viewer) -> bool:
    """Whether what this viewer imports shows at once, without a review."""
    return viewer.reviews


def _own(viewer: Viewer, field: str) -> Q:
    return Q(**{field: viewer.id}) if viewer.id is not None else NO_ROW


def _asked_by(viewer: Viewer, author: str) -> Q:
    """What belongs to a challenge that the viewer asked; for reviewers to any."""
    return EVERY_ROW if viewer.reviews else _own(viewer, author)


def _either(*scopes: Q) -> Q:
    """Any of them. NO_ROW is left out: a condition that is never true would still keep an index from being used."""
    chosen = [scope for scope in scopes if scope is not NO_ROW]
    return reduce(or_, chosen) if chosen else NO_ROW


def _in(field: str, values: Iterable[str]) -> Q:
    """The field is one of the values; sorted, so that one viewer's scope is always the same SQL."""
    return Q(**{f"{field}__in": sorted(values)})
