"""A Trello board: cards with a label for challenges, and what hangs on them."""

import json
from typing import Any

import pytest

from knowledge.documents.document import Challenge
from knowledge.documents.errors import DocumentError
from knowledge.documents.foreign import trello
from knowledge.documents.foreign.trello import read_board


def card(name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "desc": "", "idList": "open", "labels": [{"name": "Challenge"}], **fields}


def comment(on: str, text: str, date: str) -> dict[str, Any]:
    return {"type": "commentCard", "date": date, "data": {"text": text, "card": {"id": on}}}


BOARD: dict[str, Any] = {
    "name": "Backend year",
    "url": "https://trello.com/b/abc/backend-year",
    "lists": [{"id": "open", "name": "Doing", "closed": False}, {"id": "gone", "name": "Old", "closed": True}],
    "labels": [{"id": "x", "name": "Challenge", "color": "red"}],
    "cards": [
        card("Buy milk", labels=[]),
        card("**Slow** page", desc="Ten seconds, says `curl`.\n\n- on [staging](https://example.com)\n  - and here"),
        card("Archived", closed=True),
        card("In an archived list", idList="gone"),
        card("A template", isTemplate=True),
        card("Nobody knows", labels=[{"name": "Urgent"}, {"name": "🔥 Challenges"}]),
    ],
    "checklists": [
        {
            "id": "k",
            "idCard": "**Slow** page",
            "name": "Steps",
            "checkItems": [{"name": "Add an *index*", "state": "complete"}, {"name": "Measure", "state": "incomplete"}],
        }
    ],
    "actions": [
        comment("**Slow** page", "Then it was fast.", "2026-05-02T00:00:00.000Z"),
        comment("**Slow** page", "We looked first.\n\n```sql\nEXPLAIN\n```", "2026-05-01T00:00:00.000Z"),
        {"type": "updateCard", "date": "2026-05-01T00:00:00.000Z", "data": {}},
    ],
}


def read(board: Any, **options: Any) -> tuple[Challenge, ...]:
    return read_board(json.dumps(board).encode(), **options).document.challenges


def test_a_board_is_a_document_of_its_challenges() -> None:
    board = read_board(json.dumps(BOARD).encode())
    assert (board.document.title, board.url) == ("Backend year", "https://trello.com/b/abc/backend-year")
    assert board.document.challenges == (
        Challenge(
            "Slow page",
            "Ten seconds, says curl.\n- on staging\n  - and here",
            "Steps\n- Add an index\n- Measure\n\nWe looked first.\nEXPLAIN\n\nThen it was fast.",
            2,
        ),
        Challenge("Nobody knows", "", None, 6),
    )
    assert board.document.warnings == ()


def test_another_label_can_be_named() -> None:
    assert [each.title for each in read(BOARD, label="urgent")] == ["Nobody knows"]


@pytest.mark.parametrize("label", [None, "Trouble"])
def test_a_board_without_challenges_says_so(label: str | None) -> None:
    cards = {**BOARD, "cards": [card("Buy milk", labels=[{"name": "Home"}])]}
    board = read_board(json.dumps(cards).encode(), label=label)
    (warning,) = board.document.warnings
    assert ("--label" if label is None else label) in warning.message


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no JSON"),
        (b"[]", "no object"),
        (b"null", "no object"),
        (b"[" * 1_000_000, "no JSON, or nested too deeply"),
        (b'{"a":' * 100_000, "no JSON, or nested too deeply"),
        (b'{"name": NaN}', "no JSON"),
        (b'{"name": "\xff"}', "no JSON"),
        (b'{"name": "\\ud800"}', "no JSON"),
        (b"{}", "name is no text"),
        (b'{"name": 1}', "name is no text"),
        (b'{"name": "a", "cards": {}}', "cards is no list"),
        (b'{"name": "a", "cards": [1]}', r"cards\[1\]. is no object"),
        (b'{"name": "a", "cards": [{"closed": "yes"}]}', r"cards\[1\].closed is neither true nor false"),
        (b'{"name": "a", "cards": [{"name": "b", "labels": [{"name": []}]}]}', r"labels\[1\].name is no text"),
        (b'{"name": "a", "cards": [{"name": "b", "labels": [{"name": "Challenge"}]}]}', r"cards\[1\].id is no text"),
        (b'{"name": "a", "actions": [{"type": "commentCard", "data": 1}]}', r"actions\[1\].data. is no object"),
        (b'{"name": "a", "checklists": [{"checkItems": [{"name": 1}]}]}', r"checkItems\[1\].name is no text"),
        (b'{"name": "a", "lists": "all"}', "lists is no list"),
    ],
)
def test_what_is_no_board_is_refused_with_its_place(data: bytes, why: str) -> None:
    with pytest.raises(DocumentError, match=why) as error:
        read_board(data)
    assert error.value.code == "INVALID"


def test_there_is_an_end_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trello, "CARDS_MOST", 1)
    with pytest.raises(DocumentError, match="more than 1 things") as error:
        read(BOARD)
    assert error.value.code == "TOO_MANY"
    monkeypatch.setattr(trello, "BOARD_MOST", 10)
    with pytest.raises(DocumentError, match="more than 10 bytes") as error:
        read(BOARD)
    assert error.value.code == "TOO_LONG"


def test_a_card_says_as_much_as_anybody_reads() -> None:
    (challenge,) = read({"name": "a", "cards": [card("n " * 50_000, desc="> " * 500_000 + "deep")]})
    assert len(challenge.title) <= trello.TEXT_MOST
    assert len(challenge.body) <= trello.TEXT_MOST
