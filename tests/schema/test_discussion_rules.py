"""Who may do what in a discussion, and when: every verb by everyone in every state, as the rules say and as we say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from knowledge.errors import Forbidden, Rejected, Unauthenticated
from knowledge.models import Challenge, ChallengeStatus, Solution, User, Vote
from knowledge.policy import Viewer
from knowledge.services import challenges, reactions, solutions
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import at, challenge, id_of, solution

EVERYONE = ("author", "peer", "reviewer", "staff", "anonymous")
SIGNED_IN = {"author", "peer", "reviewer", "staff"}
REVIEWERS = {"reviewer", "staff"}
STATES = ("UNANSWERED", "OPEN", "SOLVED", "CLOSED", "CLOSED AND SOLVED")
CLOSED = {"CLOSED", "CLOSED AND SOLVED"}
ANY = set(STATES)


@dataclass(frozen=True)
class Scene:
    """The author's challenge and the peer's solution to it; the latter is not there where nobody answered."""

    challenge: Challenge
    solution: Solution | None


@dataclass(frozen=True)
class Rule:
    """Who may, and in which states; `does` is the verb."""

    does: Callable[[Viewer, Scene], Any]
    who: set[str]
    when: set[str]
    needs_solution: bool = False


def of_challenge(verb: Callable[..., Any], **given: Any) -> Callable[[Viewer, Scene], Any]:
    return lambda viewer, scene: verb(viewer, challenge_id=scene.challenge.pk, **given)


def of_solution(verb: Callable[..., Any], **given: Any) -> Callable[[Viewer, Scene], Any]:
    return lambda viewer, scene: verb(viewer, solution_id=scene.solution.pk if scene.solution else 0, **given)


def on(kind: str, verb: Callable[..., Any], **given: Any) -> Callable[[Viewer, Scene], Any]:
    return lambda viewer, scene: verb(
        viewer, model=type(getattr(scene, kind)), subject_id=getattr(scene, kind).pk, **given
    )


RULES: Mapping[str, Rule] = {
    "update": Rule(of_challenge(challenges.update_challenge, body="New."), {"author"}, ANY),
    "close": Rule(of_challenge(challenges.close_challenge), REVIEWERS, ANY - CLOSED),
    "reopen": Rule(of_challenge(challenges.reopen_challenge), REVIEWERS, CLOSED),
    "delete": Rule(of_challenge(challenges.delete_challenge), REVIEWERS, ANY),
    "answer": Rule(of_challenge(solutions.create_solution, body="Wait."), SIGNED_IN, ANY - CLOSED),
    "accept": Rule(of_solution(solutions.accept_solution), {"author"} | REVIEWERS, ANY - CLOSED, needs_solution=True),
    "unaccept": Rule(of_solution(solutions.unaccept_solution), {"author"} | REVIEWERS, {"SOLVED"}, needs_solution=True),
    "update solution": Rule(of_solution(solutions.update_solution, body="New."), {"peer"}, ANY, needs_solution=True),
    "delete solution": Rule(of_solution(solutions.delete_solution), {"peer"} | REVIEWERS, ANY, needs_solution=True),
    "vote": Rule(on("challenge", reactions.cast_vote, value=Vote.UP), {"peer"} | REVIEWERS, ANY),
    "vote on solution": Rule(
        on("solution", reactions.cast_vote, value=Vote.UP), {"author"} | REVIEWERS, ANY, needs_solution=True
    ),
    "bookmark": Rule(on("challenge", reactions.add_bookmark), SIGNED_IN, ANY),
}


def scene_of(cast: Cast, state: str) -> Scene:
    status = ChallengeStatus.CLOSED if state in CLOSED else ChallengeStatus.OPEN
    made = challenge(f"Why {state}?", author=cast.author, status=status)
    if state == "UNANSWERED":
        return Scene(made, None)
    answer = solution(made, "Because.", author=cast.peer, is_accepted=state == "SOLVED")
    if state == "CLOSED AND SOLVED":
        Solution.objects.filter(pk=answer.pk).update(is_accepted=True)
        Challenge.objects.filter(pk=made.pk).update(solved_at=at(1))
    return Scene(made, answer)


def outcome(does: Callable[[], Any]) -> str:
    """What comes of it; nothing stays."""
    try:
        with transaction.atomic():
            does()
            transaction.set_rollback(True)
    except Unauthenticated:
        return "UNAUTHENTICATED"
    except Forbidden:
        return "FORBIDDEN"
    except Rejected as rejected:
        return rejected.mistakes[0].code.value
    return "DONE"


def expected(verb: str, name: str, state: str) -> str:
    rule = RULES[verb]
    if name == "anonymous":
        return "UNAUTHENTICATED"
    if verb == "delete" and name == "author":
        return "DONE" if state == "UNANSWERED" else "FORBIDDEN"
    if name not in rule.who:
        return "FORBIDDEN"
    return "DONE" if state in rule.when else "INVALID_STATE"


def possible(state: str) -> list[str]:
    return [verb for verb, rule in RULES.items() if not (rule.needs_solution and state == "UNANSWERED")]


@pytest.mark.parametrize("state", STATES)
def test_every_verb_by_everyone(cast: Cast, state: str) -> None:
    scene = scene_of(cast, state)
    found = {
        (verb, name): outcome(partial(RULES[verb].does, cast.viewer(name), scene))
        for verb in possible(state)
        for name in EVERYONE
    }
    assert found == {(verb, name): expected(verb, name, state) for verb in possible(state) for name in EVERYONE}


@pytest.mark.parametrize("state", STATES)
def test_what_a_viewer_is_told_they_can_is_what_they_can(cast: Cast, api: Client, state: str) -> None:
    scene = scene_of(cast, state)
    asked = """query($id: ID!) { challenge(id: $id) {
      viewerCanUpdate viewerCanAccept solutions { nodes { viewerCanUpdate } }
    } }"""
    for name in EVERYONE:
        user: User | None = None if name == "anonymous" else getattr(cast, name)

        def can(verb: str, name: str = name) -> bool:
            return outcome(partial(RULES[verb].does, cast.viewer(name), scene)) == "DONE"

        answers = [{"viewerCanUpdate": can("update solution")}] if scene.solution else []
        accepts = can("accept") if scene.solution else name in {"author", *REVIEWERS}
        assert api.run(asked, {"id": id_of(scene.challenge)}, as_=user).data == {
            "challenge": {
                "viewerCanUpdate": can("update"),
                "viewerCanAccept": accepts,
                "solutions": {"nodes": answers},
            }
        }


MUTATIONS = {
    "challengeUpdate": 'body: "New."',
    "challengeClose": "",
    "challengeReopen": "",
    "challengeDelete": "",
    "solutionUpdate": 'body: "New."',
    "solutionDelete": "",
    "solutionUnaccept": "",
}


@pytest.mark.parametrize("verb", MUTATIONS)
def test_the_api_refuses_who_may_not(cast: Cast, api: Client, verb: str) -> None:
    """On a challenge of nobody's, with a solution of nobody's, contributors may do none of these."""
    made = challenge("Why?")
    subject = made if verb.startswith("challenge") else solution(made, "Because.")
    asked = f"mutation($id: ID!) {{ {verb}(input: {{id: $id, {MUTATIONS[verb]}}}) {{ errors {{ code }} }} }}"
    assert api.run(asked, {"id": id_of(subject)}, as_=cast.peer).codes == ["FORBIDDEN"]
    assert api.run(asked, {"id": id_of(subject)}).codes == ["UNAUTHENTICATED"]
    other = id_of(cast.peer)
    assert api.run(asked, {"id": other}, as_=cast.peer).codes == ["BAD_USER_INPUT"]
