"""Every attack of the tables: the right answer, nothing told, nothing changed, and the server as quick as before."""

from collections import Counter

import pytest

from tests.attacks import access, accounts, admin, documents, forgeries, hashes, requests, stored, streams, values
from tests.attacks.attack import Attack, check
from tests.attacks.stage import Stage

GROUPS = (forgeries, requests, documents, values, hashes, access, accounts, stored, streams, admin)
ATTACKS = [attack for group in GROUPS for attack in group.ATTACKS]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_it_gets_nothing(attacked: Stage, attack: Attack) -> None:
    check(attacked, attack)


def test_what_is_forged_here_would_be_taken_if_it_were_in_order(attacked: Stage) -> None:
    token = forgeries.signed(forgeries.claims(attacked, "staff"))
    answer = attacked.ask(forgeries.WHO, {}, f"Authorization: JWT {token}")
    assert answer.json["data"]["viewer"]["user"] == {"username": "staff"}


def test_no_two_attacks_are_one() -> None:
    assert [name for name, number in Counter(attack.name for attack in ATTACKS).items() if number > 1] == []
    assert len(ATTACKS) >= 100
