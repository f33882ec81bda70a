"""Challenges and their solutions: matched with those that are there, or made into new ones."""

from collections.abc import Iterable, Sequence

from django.db.models import Q

from knowledge.documents.document import ParseWarning
from knowledge.documents.importing.found import FoundChallenge, digest
from knowledge.documents.importing.report import ImportItem, ItemKind, Outcome
from knowledge.documents.importing.told import Told
from knowledge.documents.importing.work import Work
from knowledge.events import EventType
from knowledge.models import Challenge, ChallengeSource, ChallengeStatus, ChallengeTag, Solution
from knowledge.policy import VISIBLE, acceptable_solutions
from knowledge.services.alike import RECOGNISED_BY, make_recognisable, told_already
from knowledge.services.naming import insert_named, rename
from knowledge.services.solutions import accept
from knowledge.text import folded, render_markdown


class ChallengeImport:
    """The challenges of one document. Its steps are run in the order in which they stand here."""

    def __init__(self, work: Work, found: Sequence[FoundChallenge]) -> None:
        self.work = work
        self.found = found
        self.items: list[ImportItem] = []
        self.warnings: list[ParseWarning] = []
        self.solutions_created = 0
        rows = ChallengeSource.objects.filter(source=work.source).select_related("solution")
        self._rows = {row.challenge_id: row for row in rows}
        self._new: list[tuple[Challenge, FoundChallenge]] = []
        self._met: list[tuple[Challenge, FoundChallenge, Outcome]] = []
        self._alike: set[int] = set()
        self._retold: set[int] = set()

    def decide(self) -> None:
        """Locks the challenges that are concerned, and tells new ones from those that are there."""
        alike = told_already([found.gist for found in self.found], best=self._rows)
        known = Q(title_key__in=[found.key for found in self.found]) | Q(pk__in=[pk for pk in alike if pk])
        concerned = known & VISIBLE[Challenge](self.work.viewer) | Q(pk__in=list(self._rows))
        challenges = Challenge.objects.select_for_update(no_key=True).filter(concerned).order_by("pk")
        there = Told(challenges.prefetch_related("solutions"), self._rows)
        exactly = [there.take(found) for found in self.found]
        met: list[tuple[Challenge, FoundChallenge]] = []
        for found, known_one, pk in zip(self.found, exactly, alike, strict=True):
            if challenge := known_one or there.take_alike(found, pk):
                met.append((challenge, found))
                self._alike |= set() if known_one else {challenge.pk}
            else:
                self._new.append((self._unsaved(found), found))
        shared = self._shared(met)
        self._met = [(challenge, found, self._outcome(challenge, found, shared)) for challenge, found in met]

    def insert(self) -> None:
        """Saves the new challenges, and the titles that are other ones now."""
        insert_named(Challenge, [challenge for challenge, _ in self._new])
        for challenge, found, outcome in self._met:
            if outcome is Outcome.UPDATED and (challenge.title, challenge.body) != (found.title, found.body):
                self._retold.add(challenge.pk)
                if challenge.title != found.title:
                    rename(challenge, found.title)

    def tag_ids(self) -> set[int]:
        """The tags whose counts will change."""
        return {tag.pk for _, found in self._new for tag in self.work.carried(found.tags)}

    def finish(self) -> None:
        """Saves what hangs on the new challenges, what is said anew of others, and where each was told of."""
        self._finish_new()
        for challenge, found, outcome in self._met:
            if outcome is Outcome.MATCHED:
                self._match(challenge, found)
            else:
                self._meet_again(challenge, self._rows[challenge.pk], found, outcome)
            self._note(found, outcome, challenge)

    def _shared(self, met: Iterable[tuple[Challenge, FoundChallenge]]) -> set[int]:
        """Those that another document told of as well."""
        pks = [challenge.pk for challenge, _ in met]
        others = ChallengeSource.objects.filter(challenge__in=pks).exclude(source=self.work.source)
        return set(others.values_list("challenge_id", flat=True))

    def _outcome(self, challenge: Challenge, found: FoundChallenge, shared: set[int]) -> Outcome:
        row = self._rows.get(challenge.pk)
        return self._compare(challenge, row, found, shared=challenge.pk in shared) if row else Outcome.MATCHED

    def _unsaved(self, found: FoundChallenge) -> Challenge:
        now = self.work.now
        challenge = Challenge(
            title=found.title,
            body=found.body,
            body_html=render_markdown(found.body),
            author_id=self.work.author_id,
            status=ChallengeStatus.SOLVED if found.solution else ChallengeStatus.OPEN,
            solved_at=now if found.solution else None,
            created_at=now,
            updated_at=now,
        )
        make_recognisable(challenge)
        return challenge

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

    def _match(self, challenge: Challenge, found: FoundChallenge) -> None:
        words = folded(found.solution)
        is_new = all(folded(solution.body) != words for solution in challenge.solutions.all())
        solution = self._answer(challenge, found) if is_new else None
        self._citation(challenge, found, solution).save()
        if challenge.pk in self._alike:
            message = f"This was taken for the challenge “{challenge.title}”, told in nearly the same words."
            self.warnings.append(ParseWarning(found.line, message))

    def _meet_again(self, challenge: Challenge, row: ChallengeSource, found: FoundChallenge, outcome: Outcome) -> None:
        if outcome is Outcome.UPDATED:
            self._revise(challenge, row, found)
        if outcome is Outcome.UPDATED or row.line != found.line:
            row.line = found.line
            row.save(update_fields=["line", "written", "solution"])

    def _compare(self, challenge: Challenge, row: ChallengeSource, found: FoundChallenge, *, shared: bool) -> Outcome:
        solution = row.solution.body if row.solution else ""
        retold = (challenge.title, challenge.body) != (found.title, found.body)
        if bytes(row.written) == found.digest or not (retold or solution != (found.solution or solution)):
            return Outcome.UNCHANGED
        edited = digest(challenge.title, challenge.body, solution) != bytes(row.written)
        # Of a challenge that others tell of too, the document's own solution is its own still.
        return Outcome.KEPT if edited or (shared and retold) else Outcome.UPDATED

    def _revise(self, challenge: Challenge, row: ChallengeSource, found: FoundChallenge) -> None:
        if challenge.pk in self._retold:
            challenge.body = found.body
            make_recognisable(challenge)
            _rewrite(challenge, found.body, self.work, fields=RECOGNISED_BY)
            self.work.tell(EventType.CHALLENGE_UPDATED, challenge)
        if row.solution is None:
            row.solution = self._answer(challenge, found)
        elif found.solution and row.solution.body != found.solution:
            _rewrite(row.solution, found.solution, self.work, fields=())
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


def challenge_item(work: Work, found: FoundChallenge, outcome: Outcome, subject: Challenge | None) -> ImportItem:
    """The report's line on a challenge."""
    tags = work.tag_names(found.tags)
    return ImportItem(found.line, ItemKind.CHALLENGE, outcome, found.title, found.solution, tags, subject)


def _rewrite(row: Challenge | Solution, body: str, work: Work, *, fields: Iterable[str]) -> None:
    row.body, row.body_html = body, render_markdown(body)
    row.revision += 1
    row.updated_at = work.now
    row.save(update_fields=["body", "body_html", "revision", "updated_at", *fields])
