"""Nothing leaks: every path of the schema to depth four, for each of the cast, over rows that they may not all see."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps import apps

from knowledge.models import (
    Bookmark,
    Challenge,
    Digest,
    DigestAudience,
    DigestCadence,
    DigestStatus,
    Entry,
    EntryRevision,
    EntryStatus,
    EntryTag,
    MergeConflict,
    RevisionState,
    Tag,
    User,
)
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import (
    challenge,
    delivery,
    digest,
    entry,
    id_of,
    revision,
    section,
    solution,
    source,
    subscription,
    tag,
)
from tests.schema.walk import PROBED, SHALLOW, Walk, roots, walks

EVERYONE = frozenset({"author", "peer", "reviewer", "staff", "anonymous"})
SIGNED_IN = EVERYONE - {"anonymous"}
REVIEWING = frozenset({"reviewer", "staff"})
DEPTH = 4
# How many rows a page has, by how deep it lies: enough to hold everything that the rows below relate.
SIZES = (10, 4, 3, 2)


@dataclass
class Library:
    """Rows, and for every text or id that is not everyone's: whose it is."""

    secrets: dict[str, frozenset[str]] = field(default_factory=dict)

    def secret(self, row: Any, *words: str, to: frozenset[str] = frozenset()) -> Any:
        """Notes that the row's id and the words are for these alone."""
        self.secrets[f'"{id_of(row)}"'] = to
        self.secrets.update(dict.fromkeys(words, to))
        return row

    def entry(self, author: User, status: EntryStatus, *tags: Tag, challenges: tuple[Challenge, ...]) -> Entry:
        """An entry that not everyone may see, with its only revision."""
        name = f"{status.lower()}-of-{author.username}"
        to = frozenset({author.username}) | (frozenset() if status == EntryStatus.DRAFT else REVIEWING)
        words = {"title": f"Tq{name}", "slug": f"sq{name}", "summary": f"Uq{name}", "body": f"Bq{name}"}
        made: Entry = self.secret(
            entry(**words, author=author, status=status, challenges=challenges), *words.values(), to=to
        )
        self.secret(made.revisions.get(), to=to)
        for each in tags:
            EntryTag.objects.create(entry=made, tag=each)
        return made


@pytest.fixture
def library(cast: Cast) -> Library:
    """One tag, challenge and source that everything hangs on, and entries, revisions and digests of every sort."""
    held = Library()
    common = tag("Common")
    asked = challenge("Asked", common, author=cast.author)
    solution(asked, "Solved", author=cast.peer, is_accepted=True)
    shown = entry("Shown", common, author=cast.author, challenges=(asked,))
    rows = [
        held.entry(getattr(cast, name), status, common, challenges=(asked,))
        for status in (EntryStatus.DRAFT, EntryStatus.IN_REVIEW, EntryStatus.ARCHIVED)
        for name in ("author", "peer")
    ]
    # Kept by everyone, so that what each is shown of it depends on nothing but the scope.
    for user in User.objects.all():
        Bookmark.objects.bulk_create([Bookmark(user=user, entry=row) for row in (shown, *rows)])
        Bookmark.objects.create(user=user, challenge=asked)
    nobody: frozenset[str] = frozenset()
    for number, name, state, others in (
        (2, "peer", RevisionState.PENDING, REVIEWING),
        (3, "author", RevisionState.DRAFT, nobody),
        (4, "staff", RevisionState.DISCARDED, nobody),
        (5, "staff", RevisionState.SUPERSEDED, SIGNED_IN),
    ):
        prefixes = {"title": "Rq", "note": "Nq", "review_comment": "Cq", "body": "Vq", "diff": "Eq"}
        texts = {column: f"{prefix}{number}" for column, prefix in prefixes.items()}
        proposed = revision(shown, number, state, common, author=getattr(cast, name), **texts)
        MergeConflict.objects.create(revision=proposed, base=1, shown=6, merged=f"Mq{number}", is_clean=True)
        held.secret(proposed, *texts.values(), f"Mq{number}", to=others | {name})
    shown.revisions.filter(number=1).update(diff="Eq of what is shown")
    held.secrets["Eq of what is shown"] = SIGNED_IN

    source("Document", shown, asked, *rows, imported_by=cast.staff)
    hidden = source("Dq draft", rows[0], url="https://example.org/dq-url", imported_by=cast.reviewer)
    held.secret(hidden, "Dq draft", "dq-url", to=frozenset({"author", "reviewer", "staff"}))

    everyones = digest("Everyone's", common, status=DigestStatus.READY)
    section(everyones, "NEW_ENTRIES", *({"entry": row} for row in (shown, *rows)))
    ready = {"status": DigestStatus.READY, "requested_by": cast.author}
    sorts: tuple[tuple[str, set[str], dict[str, Any]], ...] = (
        ("Gq asked for", {"author", "staff"}, {"cadence": DigestCadence.ON_DEMAND, **ready}),
        ("Gq for reviewers", {*REVIEWING}, {"audience": DigestAudience.REVIEWERS, "status": DigestStatus.READY}),
        ("Gq unready", {"staff"}, {"cadence": DigestCadence.DAILY}),
    )
    for title, to, fields in sorts:
        made_digest = held.secret(digest(title, common, **fields), title, to=frozenset(to))
        section(made_digest, "NEW_ENTRIES", {"headline": f"{title}: headline", "entry": shown})
    for user in (cast.author, cast.reviewer, cast.staff):
        name = user.username
        reason, paused = f"Sq{name}", f"Pq{name}"
        mailed = delivery(everyones, user, status="SKIPPED", reason=reason)
        held.secret(mailed, reason, to=frozenset({name, "staff"}))
        wanted = subscription(user, common, active=False, paused_reason=paused)
        held.secret(wanted, paused, to=frozenset({name}))
    unseen = delivery(Digest.objects.get(title="Gq unready"), cast.author, status="FAILED", reason="Fq")
    held.secret(unseen, "Fq", to=frozenset({"staff"}))
    User.objects.update(email="zq@example.org")
    held.secrets["zq@example.org"] = frozenset()
    return held


def values_of(walk: Walk) -> list[Any]:
    """What a walk from its root begins with: all ids of the rows' type, all slugs, all names."""
    if walk.by is None:
        return [None]
    long = walk.root in PROBED and walk.depth > SHALLOW
    if walk.by == "query":
        # All that may be found carries this tag, or belongs to what does.
        titles = (model.objects.values_list("title", flat=True) for model in (Entry, EntryRevision))
        return ["Common"] if long else [title for each in titles for title in each]
    model: Any = apps.get_model("knowledge", walk.of)
    if walk.by in {"slug", "username"}:
        return list(model.objects.values_list(walk.by, flat=True))
    ids = [id_of(row) for row in model.objects.order_by("pk")]
    return [ids] if walk.by == "ids" else ids[:1] if long else ids


def counted_rightly(value: Any) -> bool:
    """Whether every connection in the answer counts as many rows as it shows, where it shows all."""
    if isinstance(value, list):
        return all(counted_rightly(item) for item in value)
    if not isinstance(value, dict):
        return True
    if "totalCount" in value and not value["pageInfo"]["hasNextPage"] and value["totalCount"] != len(value["nodes"]):
        return False
    return all(counted_rightly(item) for item in value.values())


# Staff's own roots, whose denial is another test's.
STAFFS = {"users", "auditEvents"}
ROWLESS = {"errorCodes", "rateLimit"}


@pytest.mark.usefixtures("any_size")
@pytest.mark.walks
@pytest.mark.parametrize("root", sorted(set(roots()) - STAFFS))
def test_no_path_leads_to_what_is_invisible(cast: Cast, api: Client, library: Library, root: str) -> None:
    people: dict[str, User | None] = {name: getattr(cast, name, None) for name in sorted(EVERYONE)}
    found: dict[str, set[str]] = {name: set() for name in people}
    for signed_in in filter(None, people.values()):
        api.authorization(signed_in)
    for walk in walks(root, DEPTH, SIZES):
        for value in values_of(walk):
            for name, user in people.items():
                answer = api.run(walk.document, None if value is None else {"it": value}, as_=user)
                assert answer.statements == (1 if user is None else 2), walk
                assert counted_rightly(answer.data), walk
                text = json.dumps(answer.data, ensure_ascii=False)
                found[name] |= {secret for secret in library.secrets if secret in text}
    for name in people:
        forbidden = {secret for secret, to in library.secrets.items() if name not in to}
        # A viewer's own address is told to them alone.
        forbidden -= {"zq@example.org"} if root == "viewer" and name != "anonymous" else set()
        assert found[name] & forbidden == set(), name
    # The walk is none that finds nothing, where there are rows to find.
    assert root in ROWLESS or found["author"]
