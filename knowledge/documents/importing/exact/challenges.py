"""A challenge with its solutions."""

from collections import Counter
from collections.abc import Sequence

from django.db.models import QuerySet

from knowledge.documents.exact.values import ExactChallenge, ExactSolution
from knowledge.documents.importing.exact.bringing import Bringing
from knowledge.documents.importing.report import Outcome
from knowledge.events import EventType
from knowledge.models import (
    Challenge,
    ChallengeSlug,
    ChallengeStatus,
    ChallengeTag,
    Entry,
    EntryChallenge,
    Solution,
)
from knowledge.policy import VISIBLE, acceptable_solutions, closable_challenges, editable_challenges
from knowledge.services import revisions, tags
from knowledge.services.alike import make_recognisable
from knowledge.services.naming import insert_named
from knowledge.services.solutions import accept
from knowledge.text import render_markdown, title_key


def bring_challenge(bringing: Bringing, told: ExactChallenge) -> None:
    """Makes the challenge where there is none; one that is there gets the solutions and entries that it lacks."""
    known = tags.lookup(told.tags)
    challenge = _there(bringing, told)
    if challenge is None:
        challenge, outcome = _make(bringing, told), Outcome.CREATED
    else:
        outcome = _complete(bringing, challenge, told, {tag.pk for tag in known.values()})
    accepted = next((solution.body for solution in told.solutions if solution.accepted), "")
    names = (tag.name for tag in challenge.tags.order_by("slug"))
    bringing.note(outcome, challenge, accepted, names)


def _there(bringing: Bringing, told: ExactChallenge) -> Challenge | None:
    """The challenge at this address; else, where the address can't be had, one that says just the same."""
    seen = Challenge.objects.filter(VISIBLE[Challenge](bringing.viewer))
    at_address = seen.filter(slug=told.slug).first() or seen.filter(former_slugs__slug=told.slug).first()
    if at_address is not None or (bringing.restores and not ChallengeSlug.objects.filter(slug=told.slug).exists()):
        return at_address
    alike = seen.filter(title_key=title_key(told.title), title=told.title, body=told.body)
    return alike.order_by("pk").first()


def _make(bringing: Bringing, told: ExactChallenge) -> Challenge:
    carried = bringing.resolved(told.tags)
    entries = _locked(_entries(bringing, told))
    solved = any(solution.accepted for solution in told.solutions)
    challenge = Challenge(
        slug=told.slug if bringing.restores else "",
        title=told.title,
        body=told.body,
        body_html=render_markdown(told.body),
        difficulty=told.difficulty,
        author_id=bringing.author_id,
        status=ChallengeStatus.SOLVED if solved else ChallengeStatus.OPEN,
        solved_at=bringing.at(told.solved or bringing.now) if solved else None,
        created_at=bringing.at(told.created),
        updated_at=bringing.at(told.updated),
    )
    make_recognisable(challenge)
    insert_named(Challenge, [challenge])
    closed = told.status == ChallengeStatus.CLOSED and _may_close(bringing, challenge)
    if closed:
        challenge.status, challenge.close_reason = ChallengeStatus.CLOSED, told.close_reason
        challenge.save(update_fields=["status", "close_reason"])
    ChallengeTag.objects.bulk_create(ChallengeTag(challenge=challenge, tag=tag) for tag in carried)
    revisions.link(entries, challenge)
    bringing.tell(EventType.CHALLENGE_CREATED, challenge)
    solutions = [_unsaved(bringing, challenge, solution, accepted=solution.accepted) for solution in told.solutions]
    _insert(bringing, challenge, solutions)
    for solution in solutions:
        if solution.is_accepted:
            bringing.tell(EventType.CHALLENGE_SOLVED, challenge, solution=solution.pk)
    if closed:
        bringing.tell(EventType.CHALLENGE_CLOSED, challenge)
    return challenge


def _complete(bringing: Bringing, there: Challenge, told: ExactChallenge, carried: set[int]) -> Outcome:
    entries = _locked(_unlinked(bringing, there, told))
    challenge = Challenge.objects.select_for_update().get(pk=there.pk)
    lacking, differ = _compared(bringing, challenge, told)
    added = _answer(bringing, challenge, lacking)
    if entries:
        revisions.link(entries, challenge)
        bringing.tell(EventType.CHALLENGE_UPDATED, challenge)
    said = (challenge.title, challenge.body, challenge.difficulty, set(challenge.tags.values_list("pk", flat=True)))
    if differ or said != (told.title, told.body, told.difficulty, carried):
        return Outcome.KEPT
    return Outcome.UPDATED if added or entries else Outcome.UNCHANGED


def _compared(bringing: Bringing, challenge: Challenge, told: ExactChallenge) -> tuple[Sequence[ExactSolution], bool]:
    """The solutions that it lacks, and whether one that it has says something else by now."""
    there = list(challenge.solutions.all())
    copies = Counter(solution.body for solution in there)
    missing = [each for each in told.solutions if copies[each.body] < each.copy]
    if not bringing.restores:
        return missing, False
    # One of the same time that was changed after what is told here is that one, edited by hand.
    edited = {
        each for each in missing if any(s.created_at == each.created and s.updated_at > each.updated for s in there)
    }
    return [each for each in missing if each not in edited], bool(edited)


def _answer(bringing: Bringing, challenge: Challenge, lacking: Sequence[ExactSolution]) -> bool:
    """Adds solutions; where one was accepted and the challenge is open, it is accepted if the importer may."""
    if lacking and challenge.status == ChallengeStatus.CLOSED and not bringing.restores:
        bringing.warn("The challenge is closed: its solutions were left out.")
        return False
    solutions = [_unsaved(bringing, challenge, each, accepted=False) for each in lacking]
    _insert(bringing, challenge, solutions)
    for solution, each in zip(solutions, lacking, strict=True):
        if each.accepted and challenge.status == ChallengeStatus.OPEN and _may_accept(bringing, solution):
            accept(solution, now=bringing.now)
    return bool(solutions)


def _insert(bringing: Bringing, challenge: Challenge, solutions: Sequence[Solution]) -> None:
    Solution.objects.bulk_create(solutions)
    bringing.solutions_created += len(solutions)
    for solution in solutions:
        bringing.tell(EventType.SOLUTION_CREATED, solution, challenge=challenge.pk)


def _unsaved(bringing: Bringing, challenge: Challenge, told: ExactSolution, *, accepted: bool) -> Solution:
    return Solution(
        challenge=challenge,
        body=told.body,
        body_html=render_markdown(told.body),
        author_id=bringing.author_id,
        is_accepted=accepted,
        created_at=bringing.at(told.created),
        updated_at=bringing.at(told.updated),
    )


def _entries(bringing: Bringing, told: ExactChallenge) -> QuerySet[Entry]:
    """The entries named that the importer may see; tells of those that are not there."""
    entries = Entry.objects.filter(VISIBLE[Entry](bringing.viewer), slug__in=told.entries)
    there = set(entries.values_list("slug", flat=True))
    for slug in told.entries:
        if slug not in there:
            bringing.warn(f"There is no entry “{slug}” here: the challenge was not put to it.")
    return entries


def _unlinked(bringing: Bringing, challenge: Challenge, told: ExactChallenge) -> QuerySet[Entry]:
    """Those to which the challenge does not belong yet, where the importer may put it to them."""
    own = Challenge.objects.filter(editable_challenges(bringing.viewer), pk=challenge.pk).exists()
    if not (bringing.restores or own):
        return Entry.objects.none()
    linked = EntryChallenge.objects.filter(challenge=challenge).values("entry")
    return _entries(bringing, told).exclude(pk__in=linked)


def _locked(entries: QuerySet[Entry]) -> list[Entry]:
    return list(entries.select_for_update().order_by("pk"))


def _may_close(bringing: Bringing, challenge: Challenge) -> bool:
    return Challenge.objects.filter(closable_challenges(bringing.viewer), pk=challenge.pk).exists()


def _may_accept(bringing: Bringing, solution: Solution) -> bool:
    return Solution.objects.filter(acceptable_solutions(bringing.viewer), pk=solution.pk).exists()
