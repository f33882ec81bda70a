"""What is said of what was measured."""

import pytest

from bench.load import Load
from bench.measuring import Measured, Plan, turns
from bench.report import rates, spread
from bench.servers import GRAPHENE, LIMIT, NEXUS, SELDOM, Server

PLAN = Plan(("q1",), rounds=2, seconds=1, connections=2)


def measured(name: str, *answers: int) -> Measured:
    """So many answers in each round of a second; each takes the server a thousandth of a second."""
    loads = [Load(1.0, 0.01, [1.0] * number) for number in answers]
    return Measured(name, "q1", 1.5, loads, [number / 1_000 for number in answers])


@pytest.mark.parametrize(
    ("ratios", "said"),
    [((3, 1, 2), "2.00 (1.00–3.00)"), ((1, 4, 3, 2), "2.50 (1.00–4.00)"), ((0.5,), "0.50 (0.50–0.50)")],
)
def test_ratios_are_told_by_their_median_and_between_which_they_lay(ratios: tuple[float, ...], said: str) -> None:
    assert spread(ratios) == said


def test_nexus_is_compared_with_the_limit_round_by_round() -> None:
    text = rates([measured(NEXUS.name, 50, 90), measured(LIMIT.name, 100, 100)], PLAN, 1_000)

    assert [line for line in text.splitlines() if line.startswith("| ")] == [
        "|  | q1 |",
        "| --- | --: |",
        "| Nexus, one plan a document | 70 |",
        "| the SQL by hand, in a Django view, PREPARE and EXECUTE | 100 |",
        "| Nexus' share of the SQL by hand | 0.70 (0.50–0.90) |",
        "|  | q1 |",
        "| --- | --: |",
        "| Nexus | 1.00 |",
        "| the SQL by hand | 1.00 |",
        "| Nexus' divided by that of the SQL by hand | 1.00 (1.00–1.00) |",
        "|  | q1 |",
        "| --- | --: |",
        "| Nexus | 1.5 |",
        "| the SQL by hand | 1.5 |",
    ]


def test_without_the_limit_nothing_is_compared() -> None:
    text = rates([measured(NEXUS.name, 50, 90), measured(GRAPHENE.name, 5, 9)], PLAN, 1_000)

    assert "share" not in text
    assert "divided" not in text


def test_slow_rivals_are_asked_in_every_fifth_round_and_the_others_there_and_back() -> None:
    found = [(Server(each, ("127.0.0.1", 1), 1), "q1", measured(each.name)) for each in (NEXUS, LIMIT, GRAPHENE)]
    asked = [[server.contestant for server, _, _ in turns(found, number)] for number in range(1, SELDOM + 2)]

    there, back = [NEXUS, LIMIT], [LIMIT, NEXUS]
    assert asked == [[*there, GRAPHENE], back, there, back, there, [GRAPHENE, *back]]
