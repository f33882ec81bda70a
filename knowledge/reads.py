"""What is read: conditions and orders over rows that the API offers.

Every function takes its values as numbers and texts or as expressions that stand for them, so that a condition can be
compiled once and bound later. Scopes are not here: `knowledge.policy` has them, and whoever lists rows adds them.
"""

from __future__ import annotations

from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower

from knowledge.models import (
    Bookmark,
    ChallengeSource,
    ChallengeTag,
    Entry,
    EntrySource,
    EntryTag,
    RefreshToken,
    Solution,
    TagAlias,
    TagAliasKind,
    User,
    Vote,
)
from knowledge.models.search import Folded
from knowledge.models.tags import LISTED

# ── conditions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def has_username(name: Any) -> Q:
    """The user of that name, in whatever case; as the unique index has it."""
    return Q(Equal(Lower("username"), Lower(name)))


def user_starts_with(prefix: Any) -> Q:
    """Users of whom the username or the name that is shown starts with the prefix, in whatever case."""
    lowered = Lower(prefix)
    return Q(StartsWith(Lower("username"), lowered)) | Q(StartsWith(Lower("display_name"), lowered))


def done_by(name: Any) -> Q:
    """Deeds of the person of that name, in whatever case."""
    return Q(actor_id=_person(name))


def written_by(name: Any) -> Q:
    """Rows whose author has that name, in whatever case."""
    return Q(author_id=_person(name))


def _person(name: Any) -> Coalesce:
    # Their id, not whether they are the author: so it is looked up once, and their rows by an index. Nobody's is no id,
    # and not null: what is not by nobody is everything.
    return Coalesce(Subquery(User.objects.filter(has_username(name)).values("pk")[:1]), 0)


def solution_has_any_tag(slugs: Any) -> Q:
    """Solutions to challenges that carry at least one tag to which one of the slugs leads."""
    return Q(Exists(_carried_by_challenge(slugs)))


def solution_has_all_tags(slugs: Any) -> Q:
    """Solutions to challenges that carry, for every slug, the tag to which it leads. The slugs are distinct."""
    return _has_all(_carried_by_challenge(slugs), "challenge_id", slugs)


def _carried_by_challenge(slugs: Any) -> QuerySet[ChallengeTag]:
    return ChallengeTag.objects.filter(challenge_id=OuterRef("challenge_id"), tag__names__slug__any=slugs)


def challenge_has_solutions(wanted: Any) -> Q:
    """Challenges that have a solution, or (where `wanted` is false) have none."""
    return Q(Equal(Exists(Solution.objects.filter(challenge_id=OuterRef("pk"))), wanted))


def change_has_any_tag(slugs: Any) -> Q:
    """Changes of what carries at least one tag to which one of the slugs leads; a solution has its challenge's tags."""
    entry = EntryTag.objects.filter(entry_id=OuterRef("entry_key"), tag__names__slug__any=slugs)
    challenge = ChallengeTag.objects.filter(challenge_id=OuterRef("challenge_key"), tag__names__slug__any=slugs)
    solution = ChallengeTag.objects.filter(
        challenge__solutions__pk=OuterRef("solution_key"), tag__names__slug__any=slugs
    )
    return Q(Exists(entry)) | Q(Exists(challenge)) | Q(Exists(solution))


def tag_is_used(wanted: Any) -> Q:
    """Tags that a published entry or a challenge carries, or (where `wanted` is false) that none does."""
    used = ExpressionWrapper(Q(entry_count__gt=0) | Q(challenge_count__gt=0), output_field=BooleanField())
    return Q(Equal(used, wanted))


def tag_starts_with(prefix: Any) -> Q:
    """Tags of which the name or an alias starts with the prefix, in whatever case, with accents or without."""
    named = TagAlias.objects.filter(~Q(kind=TagAliasKind.FORMER), StartsWith(Folded("name"), Folded(prefix)))
    return Q(Exists(named.filter(tag_id=OuterRef("pk"))))


def session_is_open(now: Any) -> Q:
    """Sessions that have not ended, and can still be refreshed."""
    live = RefreshToken.objects.filter(session_id=OuterRef("pk"), used_at=None, expires_at__gt=now)
    return Q(Exists(live), ended_at=None, token_version=F("user__token_version"))


# ── expressions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def vote_of(user_id: Any, subject: str) -> Subquery:
    """UP, DOWN or null: the user's vote on the row, which is a `subject` (entry, challenge, solution)."""
    votes = Vote.objects.filter(**{f"{subject}_id": OuterRef("pk")}, user_id=user_id)
    word = Case(When(value=Vote.UP, then=Value("UP")), default=Value("DOWN"), output_field=CharField())
    return Subquery(votes.annotate(word=word).values("word"))


def bookmarked_by(user_id: Any, subject: str) -> Exists:
    """Whether the user keeps the row, which is a `subject` (entry, challenge)."""
    kept = Q(**{f"{subject}_id": OuterRef("pk")}, user_id=user_id)
    return Exists(Bookmark.objects.filter(kept))


def entries_of_source(entries: Q) -> Coalesce:
    """How many entries, of those that meet the condition, the source names."""
    named = EntrySource.objects.filter(source_id=OuterRef("pk"), entry__in=Entry.objects.filter(entries))
    return _number(named, "source_id")


def challenges_of_source() -> Coalesce:
    """How many challenges the source tells of."""
    return _number(ChallengeSource.objects.filter(source_id=OuterRef("pk")), "source_id")


def aliases() -> QuerySet[Any, Any]:
    """The other names of a tag, which is the outer row: column `name`, by slug."""
    named = TagAlias.objects.filter(tag_id=OuterRef("pk"), kind__in=LISTED)
    return named.order_by("slug").values("name")


def _has_all(carried: QuerySet[Any, Any], group: str, slugs: Any) -> Q:
    matched = carried.order_by().values(group).annotate(matched=Count("tag__names__slug", distinct=True))
    number = Coalesce(Subquery(matched.values("matched")), 0)
    return Q(Equal(number, Func(slugs, template="cardinality(%(expressions)s::text[])", output_field=IntegerField())))


def listed_aliases(tag_id: int) -> list[str]:
    """The other names of a tag, by slug."""
    named = TagAlias.objects.filter(tag_id=tag_id, kind__in=LISTED)
    return list(named.order_by("slug").values_list("name", flat=True))


def _number(rows: QuerySet[Any, Any], group: str) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values(group).annotate(number=Count("pk")).values("number")), 0)


class Equal(Func):
    """Whether two expressions are equal."""

    template = "(%(expressions)s)"
    arg_joiner = " = "
    output_field = BooleanField()


class StartsWith(Func):
    """Whether a text starts with another."""

    template = "(%(expressions)s)"
    arg_joiner = " ^@ "
    output_field = BooleanField()
