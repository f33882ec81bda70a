"""Challenges that several documents, or one in two places, tell of in nearly the same words."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.documents.importing import import_document
from knowledge.models import Challenge, ChallengeSource, Solution, TagCategory
from knowledge.policy import COMMAND_LINE
from knowledge.services.challenges import close_challenge, create_challenge, update_challenge
from knowledge.services.tags import resolve_all
from knowledge.text import gist_of
from tests.cast import Cast
from tests.effort import effort
from tests.knowledge.documents.importing.given import NOW, URL, outcomes, taken
from tests.snapshot import every_row

FIRST = "# A\n## Challenges\n- **Challenge:** Nightly imports lock the orders table\n  - **Solution:** Celery\n"
SECOND = (
    "# B\n## Challenges\n\n- **Challenge:** Nightly bulk imports locking the orders table\n  - **Solution:** A queue\n"
)
WARNING = "This was taken for the challenge “Nightly imports lock the orders table”, told in nearly the same words."


def told(markdown: str) -> str:
    return f"# C\n## Technologies\n- Django\n## Challenges\n{markdown}"


def test_a_second_learner_adds_a_source_and_a_solution(cast: Cast) -> None:
    source, _ = taken(cast.viewer("staff"), FIRST)
    other, report = taken(cast.viewer("author"), SECOND)
    challenge = Challenge.objects.get()
    assert (challenge.title, challenge.status) == ("Nightly imports lock the orders table", "SOLVED")
    assert list(Solution.objects.order_by("pk").values_list("body", "is_accepted", "author")) == [
        ("Celery", True, cast.staff.pk),
        ("A queue", False, cast.author.pk),
    ]
    assert list(ChallengeSource.objects.order_by("pk").values_list("source", "line", "solution__body")) == [
        (source.pk, 3, "Celery"),
        (other.pk, 4, "A queue"),
    ]
    assert outcomes(report) == {"Nightly bulk imports locking the orders table": "MATCHED"}
    assert report.items[0].subject == challenge
    assert [(warning.line, warning.message) for warning in report.warnings] == [(4, WARNING)]


def test_again_it_changes_nothing_and_a_change_is_kept(cast: Cast) -> None:
    taken(cast.viewer("staff"), FIRST)
    taken(cast.viewer("author"), SECOND, url=URL)
    before = every_row()
    _, same = taken(cast.viewer("author"), SECOND, url=URL)
    assert (outcomes(same), every_row()) == ({"Nightly bulk imports locking the orders table": "UNCHANGED"}, before)
    assert same.items[0].subject == Challenge.objects.get()
    _, more = taken(cast.viewer("author"), f"{SECOND}\n## Overview\nMore.\n", url=URL)
    assert outcomes(more) == {"Nightly bulk imports locking the orders table": "UNCHANGED"}
    _, other = taken(cast.viewer("author"), SECOND.replace("A queue", "Two queues"), url=URL)
    assert outcomes(other) == {"Nightly bulk imports locking the orders table": "KEPT"}
    assert list(Solution.objects.order_by("pk").values_list("body", flat=True)) == ["Celery", "A queue"]


def test_a_dry_run_tells_what_it_would_be_taken_for(cast: Cast) -> None:
    taken(cast.viewer("staff"), FIRST)
    before = every_row()
    _, dry = import_document(cast.viewer("author"), markdown=SECOND, dry_run=True, now=NOW)
    assert ([warning.message for warning in dry.warnings], every_row()) == ([WARNING], before)
    assert (dry.challenges_matched, dry.challenges_created, dry.solutions_created) == (1, 0, 1)


@pytest.mark.parametrize(
    ("there", "here", "count"),
    [
        ("Cannot connect to Redis", "Cannot connect to RabbitMQ", 2),
        ("Slow writes to the large cache", "Slow writes to the large django cache", 2),
        ("Slow writes to the large cache", "Slow writes to the large local cache", 1),
        ("Users can log in after a reset", "Users cannot log in after a reset", 2),
    ],
)
def test_names_and_negations_tell_challenges_apart(cast: Cast, there: str, here: str, count: int) -> None:
    create_challenge(cast.viewer("author"), title=there, body=there)
    taken(markdown=told(f"- **Challenge:** {here}\n"))
    assert Challenge.objects.count() == count


def test_a_technologys_other_name_tells_challenges_apart_as_well(cast: Cast) -> None:
    tag = resolve_all({"PostgreSQL": TagCategory.TECHNOLOGY}, now=NOW).tags["PostgreSQL"]
    tag.names.create(slug="pg", name="pg")
    create_challenge(cast.viewer("author"), title="Slow writes to the large table", body="Slow!")
    taken(markdown="## Challenges\n- **Challenge:** Slow writes to the large pg table\n")
    assert Challenge.objects.count() == 2


def test_one_by_hand_is_met_and_a_closed_one_is_not(cast: Cast) -> None:
    challenge = create_challenge(
        cast.viewer("author"), title="Nightly imports lock the orders table", body="The imports lock it."
    )
    taken(markdown=SECOND)
    assert Challenge.objects.get().solutions.get().body == "A queue"
    close_challenge(cast.viewer("staff"), challenge_id=challenge.pk)
    _, report = taken(markdown=SECOND.replace("locking", "locking all").replace("# B", "# C"))
    assert outcomes(report) == {"Nightly bulk imports locking all the orders table": "CREATED"}


def test_whoever_writes_a_challenge_keeps_what_it_is_about(cast: Cast) -> None:
    viewer = cast.viewer("staff")
    asked = create_challenge(viewer, title="Slow pages", body="No index.")
    update_challenge(viewer, challenge_id=asked.pk, title="Slow reports")
    taken(viewer, told("- **Challenge:** Lost jobs\n"), url=URL)
    taken(viewer, told("- **Challenge:** Lost jobs\n  - **Problem:** Late acks.\n"), url=URL)
    kept = {challenge.title: challenge.gist for challenge in Challenge.objects.all()}
    assert kept == {"Slow reports": ["slow", "report", "not", "index"], "Lost jobs": ["lost", "job", "lat", "ack"]}
    assert all(each.gist == list(gist_of(each.title, each.body).stems) for each in Challenge.objects.all())


def test_a_document_that_words_its_challenge_better_renames_it(cast: Cast) -> None:
    taken(cast.viewer("author"), FIRST, url=URL)
    better = FIRST.replace("Nightly imports lock the orders table", "Nightly imports lock all other orders tables")
    _, report = taken(cast.viewer("author"), better, url=URL)
    assert outcomes(report) == {"Nightly imports lock all other orders tables": "UPDATED"}
    challenge = Challenge.objects.get()
    assert (challenge.title, challenge.slug, challenge.revision) == (
        "Nightly imports lock all other orders tables",
        "nightly-imports-lock-all-other-orders-tables",
        2,
    )
    assert challenge.former_slugs.get().slug == "nightly-imports-lock-the-orders-table"
    before = every_row()
    taken(cast.viewer("author"), better, url=URL)
    assert every_row() == before


def test_what_a_document_tells_twice_is_one_challenge_with_both_solutions(cast: Cast) -> None:
    text = told(
        "- **Challenge:** Nightly imports lock the orders table\n  - **Solution:** Celery\n\n"
        "| Challenge | Solution |\n|--|--|\n"
        "| Nightly bulk imports locking the orders table | A queue |\n"
        "| Nightly imports lock the orders table | Celery. |\n"
        "| Nightly imports do not lock the orders table | Why? |\n"
    )
    _, report = taken(cast.viewer("author"), text)
    assert list(Challenge.objects.order_by("pk").values_list("title", "solutions__body")) == [
        ("Nightly imports lock the orders table", "Celery\n\nA queue"),
        ("Nightly imports do not lock the orders table", "Why?"),
    ]
    same = "This was taken for the challenge of line 5, told in the same words or nearly so."
    assert [(warning.line, warning.message) for warning in report.warnings] == [(10, same), (11, same)]
    before = every_row()
    _, again = taken(cast.viewer("author"), text)
    assert (again.warnings, every_row()) == (report.warnings, before)


def test_work_does_not_grow_with_what_is_alike(cast: Cast) -> None:
    def imported(already: int) -> tuple[int, int]:
        Challenge.objects.all().delete()
        Challenge.objects.bulk_create(
            Challenge(
                title=f"Nightly imports lock orders table {number}",
                slug=f"s-{already}-{number}",
                gist=["nightly", "import", "lock", "order", "table", str(number)],
            )
            for number in range(already)
        )
        with CaptureQueriesContext(connection) as captured, effort() as spent:
            import_document(COMMAND_LINE, markdown=FIRST.replace("# A", f"# {already}"), now=NOW)
        assert Challenge.objects.count() == already + 1
        return len(captured), spent.calls

    few, many = imported(30), imported(600)
    assert many[0] == few[0]
    assert many[1] < few[1] * 1.2
