"""Challenges and their solutions: matched with those that are there, or made into new ones."""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q

from knowledge.documents.importing.found import FoundChallenge, digest
from knowledge.documents.importing.report import ImportItem, ItemKind, Outcome
from knowledge.documents.importing.work import Work
from knowledge.events import EventType
from knowledge.models import Challenge, ChallengeSource, ChallengeStatus, ChallengeTag, Solution
from knowledge.policy import acceptable_solutions
from knowledge.services.naming import insert_named
from knowledge.services.solutions import accept
from knowledge.text import folded, render_markdown


class ChallengeImport:
    """The challenges of one document. Its steps are run in the order in which they stand here."""

    def __init__(self, work: Work, found: Sequence[FoundChallenge]) -> None:
        self.work = work
        self.found = found
        self.items: list[ImportItem] = []
        self.solutions_created = 0
        rows = ChallengeSource.objects.filter(source=work.source).select_related("solution")
        self._rows = {row.challenge_id: row for row in rows}
        self._new: list[tuple[Challenge, FoundChallenge]] = []
        self._met: list[tuple[Challenge, FoundChallenge]] = []

    def decide(self) -> None:
        """Locks the challenges that are concerned, and tells new ones from those that are there."""
        known = Q(title_key__in=[found.key for found in self.found]) | Q(pk__in=list(self._rows))
        challenges = Challenge.objects.select_for_update(no_key=True).filter(known).order_by("pk")
        there = _There(challenges.prefetch_related("solutions"), self._rows)
        for found in self.found:
            challenge = there.take(found)
            if challenge is None:
                self._new.append((self._unsaved(found), found))
            else:
                self._met.append((challenge, found))

    def insert(self) -> None:
        """Saves the new challenges."""
        insert_named(Challenge, [challenge for challenge, _ in self._new])

    def tag_ids(self) -> set[int]:
        """The tags whose counts will change."""
        return {tag.pk for _, found in self._new for tag in self.work.carried(found.tags)}

    def finish(self) -> None:
        """Saves what hangs on the new challenges, what is said anew of others, and where each was told of."""
        self._finish_new()
        pks = [challenge.pk for challenge, _ in self._met]
        others = ChallengeSource.objects.filter(challenge__in=pks).exclude(source=self.work.source)
        shared = set(others.values_list("challenge_id", flat=True))
        for challenge, found in self._met:
            row = self._rows.get(challenge.pk)
            if row is None:
                outcome = self._match(challenge, found)
            else:
                outcome = self._meet_again(challenge, row, found, shared=challenge.pk in shared)
            self._note(found, outcome, challenge)

    def _unsaved(self, found: FoundChallenge) -> Challenge:
        now = self.work.now
        return Challenge(
            title=found.title,
            title_key=found.key,
            body=found.body,
            body_html=render_markdown(found.body),
            author_id=self.work.author_id,
            status=ChallengeStatus.SOLVED if found.solution else ChallengeStatus.OPEN,
            solved_at=now if found.solution else None,
            created_at=now,
            updated_at=now,
        )

    def _finish_new(self) -> None:
        ChallengeTag.objects.bulk_create(
            ChallengeTag(challenge=challenge, tag=tag)
            for challenge, found in self._new
            for tag in self.work.carried(found.tags)
        )
        solutions = {
            challenge.pk: self._unsaved_solution(challenge, found, is_accepted=True)
            for challenge, found in self._new
            if found.solution
        }
        Solution.objects.bulk_create(solutions.values())
        ChallengeSource.objects.bulk_create(
            self._citation(challenge, found, solutions.get(challenge.pk)) for challenge, found in self._new
        )
        self.solutions_created += len(solutions)
        for challenge, found in self._new:
            self._note(found, Outcome.CREATED, challenge)
            self.work.tell(EventType.CHALLENGE_CREATED, challenge)
            if solution := solutions.get(challenge.pk):
                self.work.tell(EventType.SOLUTION_CREATED, solution, challenge=challenge.pk)
                self.work.tell(EventType.CHALLENGE_SOLVED, challenge, solution=solution.pk)

    def _match(self, challenge: Challenge, found: FoundChallenge) -> Outcome:
        words = folded(found.solution)
        is_new = all(folded(solution.body) != words for solution in challenge.solutions.all())
        solution = self._answer(challenge, found) if is_new else None
        self._citation(challenge, found, solution).save()
        return Outcome.MATCHED

    def _meet_again(
        self, challenge: Challenge, row: ChallengeSource, found: FoundChallenge, *, shared: bool
    ) -> Outcome:
        outcome = self._compare(challenge, row, found, shared=shared)
        if outcome is Outcome.UPDATED:
            self._revise(challenge, row, found)
        if outcome is Outcome.UPDATED or row.line != found.line:
            row.line = found.line
            row.save(update_fields=["line", "written", "solution"])
        return outcome

    def _compare(self, challenge: Challenge, row: ChallengeSource, found: FoundChallenge, *, shared: bool) -> Outcome:
        solution = row.solution.body if row.solution else ""
        says_the_same = (challenge.body, solution) == (found.body, found.solution or solution)
        if bytes(row.written) == found.digest or says_the_same:
            return Outcome.UNCHANGED
        edited = digest(challenge.title, challenge.body, solution) != bytes(row.written)
        return Outcome.KEPT if edited or shared else Outcome.UPDATED

    def _revise(self, challenge: Challenge, row: ChallengeSource, found: FoundChallenge) -> None:
        if challenge.body != found.body:
            _rewrite(challenge, found.body, self.work)
            self.work.tell(EventType.CHALLENGE_UPDATED, challenge)
        if row.solution is None:
            row.solution = self._answer(challenge, found)
        elif found.solution and row.solution.body != found.solution:
            _rewrite(row.solution, found.solution, self.work)
            self.work.tell(EventType.SOLUTION_UPDATED, row.solution, challenge=challenge.pk)
        row.written = digest(challenge.title, challenge.body, row.solution.body if row.solution else "")

    def _answer(self, challenge: Challenge, found: FoundChallenge) -> Solution | None:
        """The document's solution added to a challenge that is there, and accepted where the importer may."""
        if not found.solution or challenge.status == ChallengeStatus.CLOSED:
            return None
        solution = self._unsaved_solution(challenge, found, is_accepted=False)
        solution.save()
        self.solutions_created += 1
        self.work.tell(EventType.SOLUTION_CREATED, solution, challenge=challenge.pk)
        may_accept = Solution.objects.filter(acceptable_solutions(self.work.viewer), pk=solution.pk).exists()
        if challenge.status == ChallengeStatus.OPEN and may_accept:
            accept(solution, now=self.work.now)
        return solution

    def _unsaved_solution(self, challenge: Challenge, found: FoundChallenge, *, is_accepted: bool) -> Solution:
        return Solution(
            challenge=challenge,
            body=found.solution,
            body_html=render_markdown(found.solution),
            author_id=self.work.author_id,
            is_accepted=is_accepted,
            created_at=self.work.now,
            updated_at=self.work.now,
        )

    def _citation(self, challenge: Challenge, found: FoundChallenge, solution: Solution | None) -> ChallengeSource:
        return ChallengeSource(
            source=self.work.source, challenge=challenge, solution=solution, line=found.line, written=found.digest
        )

    def _note(self, found: FoundChallenge, outcome: Outcome, challenge: Challenge) -> None:
        self.items.append(challenge_item(self.work, found, outcome, challenge))


class _There:
    """The challenges that are there, each to be found once."""

    def __init__(self, challenges: Iterable[Challenge], rows: Mapping[int, ChallengeSource]) -> None:
        self._by_words: dict[bytes, list[Challenge]] = {}
        self._by_title: dict[str, list[Challenge]] = {}
        self._by_text: dict[tuple[str, str], list[Challenge]] = {}
        self._taken: set[int] = set()
        for challenge in challenges:
            if row := rows.get(challenge.pk):
                self._by_words.setdefault(bytes(row.written), []).append(challenge)
                self._by_title.setdefault(challenge.title_key, []).append(challenge)
            self._by_text.setdefault((challenge.title_key, folded(challenge.body)), []).append(challenge)

    def take(self, found: FoundChallenge) -> Challenge | None:
        """The one that this document told of in these words, or under this title; else one of title and text."""
        candidates = (
            *self._by_words.get(found.digest, ()),
            *self._by_title.get(found.key, ()),
            *self._by_text.get((found.key, found.text_key), ()),
        )
        challenge = next((each for each in candidates if each.pk not in self._taken), None)
        if challenge is not None:
            self._taken.add(challenge.pk)
        return challenge


def challenge_item(work: Work, found: FoundChallenge, outcome: Outcome, subject: Challenge | None) -> ImportItem:
    """The report's line on a challenge."""
    tags = work.tag_names(found.tags)
    return ImportItem(found.line, ItemKind.CHALLENGE, outcome, found.title, found.solution, tags, subject)


def _rewrite(row: Challenge | Solution, body: str, work: Work) -> None:
    row.body, row.body_html = body, render_markdown(body)
    row.revision += 1
    row.updated_at = work.now
    row.save(update_fields=["body", "body_html", "revision", "updated_at"])
