"""What viewers are told that they may do is what the services let them do: every action, role and state."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Any

import pytest
from django.db import transaction

from knowledge.actions import EntryAction
from knowledge.errors import KnowledgeError
from knowledge.models import OPEN_STATES, Entry, EntryRevision, Role, User
from knowledge.policy import Viewer
from knowledge.services.archive import archive_entry, delete_entry, restore_entry
from knowledge.services.entries import discard_revision, submit_entry, update_entry, withdraw_entry
from knowledge.services.reviews import review_entry
from tests.cast import Cast
from tests.client import Client
from tests.knowledge.services.stages import drafted, proposed, published
from tests.schema.rows import id_of

ASKED = "query($id: ID!) { entry(id: $id) { viewerActions } }"
VIEWERS = ("author", "peer", "reviewer", "staff", "anonymous")


def as_contributor(cast: Cast, name: str) -> Viewer:
    """The person before they got their role: so reviewers and staff have drafts and wait for reviews too."""
    user: User = getattr(cast, name)
    return Viewer(user.pk, Role.CONTRIBUTOR)


# ── the states ──────────────────────────────────────────────────────────────────────────────────────────────────────

Making = Callable[[Cast], Entry]


def new(cast: Cast, *, whose: str, state: str) -> Entry:
    entry = drafted(as_contributor(cast, whose), submit=state != "DRAFT")
    if state == "CHANGES_REQUESTED":
        _send_back(entry, 1)
    return entry


def shown(cast: Cast, *, whose: str, state: str | None, moved: bool, archived: bool) -> Entry:
    entry = published(cast)
    if state is not None:
        person = as_contributor(cast, whose)
        revision = proposed(person, entry, submit=state in {"PENDING", "CHANGES_REQUESTED"})
        if state == "CHANGES_REQUESTED":
            _send_back(entry, revision.number)
        if state == "DISCARDED":
            discard_revision(person, revision_id=revision.pk)
    if moved:
        update_entry(cast.viewer("staff"), entry_id=entry.pk, body="By staff")
    if archived:
        archive_entry(cast.viewer("staff"), entry_id=entry.pk)
    return entry


def _send_back(entry: Entry, number: int) -> None:
    anybody = User.objects.create(username="other", role=Role.STAFF)
    reviewer = Viewer(anybody.pk, Role.STAFF)
    review_entry(reviewer, entry_id=entry.pk, revision=number, verdict="REQUEST_CHANGES", comment="No.")


def _states() -> Iterator[tuple[str, Making]]:
    for whose, begun in product(("author", "reviewer", "staff"), ("DRAFT", "PENDING", "CHANGES_REQUESTED")):
        yield f"new {begun} by {whose}", partial(new, whose=whose, state=begun)
    nobodys: list[tuple[str, str | None]] = [("nobody", None)]
    drafts = product(("author", "peer", "reviewer", "staff"), ("DRAFT", "PENDING", "CHANGES_REQUESTED", "DISCARDED"))
    for (whose, state), moved, archived in product([*nobodys, *drafts], (False, True), (False, True)):
        # Of the rest, what was sent back is as a draft, and what was discarded as nothing.
        if not (archived and moved) and (state in {None, "DRAFT", "PENDING"} or not (archived or moved)):
            name = f"shown, {state} by {whose}" + moved * ", moved" + archived * ", archived"
            yield name, partial(shown, whose=whose, state=state, moved=moved, archived=archived)


STATES: Mapping[str, Making] = dict(_states())

# ── trying ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def tries(entry: Entry, viewer: Viewer) -> dict[EntryAction, list[Callable[[], object]]]:
    """For each action the calls of which one must succeed where it is possible."""
    numbers = list(EntryRevision.objects.filter(entry=entry).values_list("number", flat=True))
    open_ones = EntryRevision.objects.filter(entry=entry, state__in=OPEN_STATES).values_list("pk", flat=True)
    of_entry: dict[str, Any] = {"entry_id": entry.pk}
    review = partial(review_entry, viewer, **of_entry, comment="Read.")
    return {
        EntryAction.UPDATE: [partial(update_entry, viewer, **of_entry, body="Tried")],
        EntryAction.SUBMIT: [partial(submit_entry, viewer, **of_entry)],
        EntryAction.WITHDRAW: [partial(withdraw_entry, viewer, **of_entry)],
        EntryAction.DISCARD: [partial(discard_revision, viewer, revision_id=pk) for pk in open_ones],
        EntryAction.APPROVE: [partial(review, revision=number, verdict="APPROVE") for number in numbers],
        EntryAction.REQUEST_CHANGES: [
            partial(review, revision=number, verdict="REQUEST_CHANGES") for number in numbers
        ],
        EntryAction.ARCHIVE: [partial(archive_entry, viewer, **of_entry)],
        EntryAction.RESTORE: [partial(restore_entry, viewer, **of_entry, revision=n) for n in (None, *numbers)],
        EntryAction.DELETE: [partial(delete_entry, viewer, **of_entry)],
    }


def succeeds(call: Callable[[], object]) -> bool:
    """Whether the service does it; what it did is undone."""
    try:
        with transaction.atomic():
            call()
            transaction.set_rollback(True)
    except KnowledgeError:
        return False
    return True


@pytest.mark.parametrize("state", STATES)
def test_what_is_told_is_what_can_be_done(cast: Cast, api: Client, state: str) -> None:
    entry = STATES[state](cast)
    for name in VIEWERS:
        viewer = cast.viewer(name)
        found = api.run(ASKED, {"id": id_of(entry)}, as_=getattr(cast, name, None)).data["entry"]
        told = found["viewerActions"] if found else []
        possible = [action.value for action, calls in tries(entry, viewer).items() if any(map(succeeds, calls))]
        assert (name, told) == (name, possible)


# What the walk compares, said out loud, so that both cannot be wrong together.
EXPECTED: Mapping[str, Mapping[str, list[str]]] = {
    "new DRAFT by author": {"author": ["UPDATE", "SUBMIT", "DELETE"]},
    "new PENDING by author": {
        "author": ["WITHDRAW"],
        "reviewer": ["APPROVE", "REQUEST_CHANGES"],
        "staff": ["APPROVE", "REQUEST_CHANGES"],
    },
    "new PENDING by reviewer": {"reviewer": ["WITHDRAW"], "staff": ["APPROVE", "REQUEST_CHANGES"]},
    "new PENDING by staff": {
        "reviewer": ["APPROVE", "REQUEST_CHANGES"],
        "staff": ["WITHDRAW", "APPROVE", "REQUEST_CHANGES"],
    },
    "new CHANGES_REQUESTED by author": {"author": ["UPDATE", "SUBMIT", "DELETE"]},
    "shown, None by nobody": {
        "author": ["UPDATE"],
        "peer": ["UPDATE"],
        "reviewer": ["UPDATE", "ARCHIVE"],
        "staff": ["UPDATE", "ARCHIVE"],
    },
    "shown, DRAFT by peer": {
        "author": ["UPDATE"],
        "peer": ["UPDATE", "SUBMIT", "DISCARD"],
        "reviewer": ["UPDATE", "ARCHIVE"],
        "staff": ["UPDATE", "ARCHIVE"],
    },
    "shown, PENDING by peer, moved": {
        "author": ["UPDATE", "RESTORE"],
        "peer": ["WITHDRAW"],
        "reviewer": ["UPDATE", "REQUEST_CHANGES", "ARCHIVE", "RESTORE"],
        "staff": ["UPDATE", "REQUEST_CHANGES", "ARCHIVE", "RESTORE"],
    },
    "shown, PENDING by author, archived": {"reviewer": ["RESTORE"], "staff": ["RESTORE"]},
}


@pytest.mark.parametrize("state", EXPECTED)
def test_what_the_cast_may_do_next(cast: Cast, api: Client, state: str) -> None:
    entry = STATES[state](cast)
    told = {}
    for name in VIEWERS:
        found = api.run(ASKED, {"id": id_of(entry)}, as_=getattr(cast, name, None)).data["entry"]
        if found and found["viewerActions"]:
            told[name] = found["viewerActions"]
    assert told == EXPECTED[state]
