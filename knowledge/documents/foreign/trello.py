"""A Trello board, exported as JSON: its cards with a label for challenges become challenges.

A card's name is the challenge, its description tells more; its checklists, and then its comments from the first to the
last, are what solved it. Closed cards and lists, and templates, are left out. As "line" stands the card's number among
all cards of the file.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

import orjson

from knowledge.documents.document import Challenge, Document, ParseWarning
from knowledge.documents.errors import DocumentTooLong, DocumentTooRich, MalformedBoard
from knowledge.documents.foreign.plain import plain_text
from knowledge.documents.topics import Topic, topic_of
from knowledge.text import normal

BOARD_MOST: Final = 50_000_000
CARDS_MOST: Final = 2_000
# Of what one card says: more is no challenge that anybody reads.
TEXT_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Board:
    """What a board holds, and its address where it tells one."""

    document: Document
    url: str | None


def read_board(data: bytes, *, label: str | None = None) -> Board:
    """The board's challenges: the cards whose label is called `label`, or else announces challenges.

    Raises DocumentTooLong, DocumentTooRich and MalformedBoard.
    """
    if len(data) > BOARD_MOST:
        raise DocumentTooLong(BOARD_MOST, "bytes")
    try:
        board = _Fields(orjson.loads(data), "")
    except orjson.JSONDecodeError:
        raise MalformedBoard("it is no JSON, or nested too deeply") from None
    challenges = tuple(_challenges(board, label))
    if len(challenges) > CARDS_MOST:
        raise DocumentTooRich(CARDS_MOST)
    warnings = () if challenges else (ParseWarning(1, _none_with(label)),)
    document = Document(title=board.text("name"), challenges=challenges, warnings=warnings)
    return Board(document, board.text("url", "") or board.text("shortUrl", "") or None)


def _none_with(label: str | None) -> str:
    if label is None:
        return "No open card has a label that announces challenges; --label names another."
    return f"No open card has the label “{label}”."


class _Fields:
    """An object of the file, each of whose fields is asked for as what it must be."""

    def __init__(self, value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise MalformedBoard("is no object" if place else "it is no object", place)
        self._value: Mapping[str, Any] = value
        self._place = place

    def text(self, name: str, default: str | None = None) -> str:
        value = self._value.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise MalformedBoard("is no text", f"{self._place}{name}")
        return normal("NFC", value)

    def flag(self, name: str) -> bool:
        value = self._value.get(name) or False
        if not isinstance(value, bool):
            raise MalformedBoard("is neither true nor false", f"{self._place}{name}")
        return value

    def part(self, name: str) -> "_Fields":
        return _Fields(self._value.get(name), f"{self._place}{name}.")

    def parts(self, name: str) -> Iterator["_Fields"]:
        value = self._value.get(name, [])
        if not isinstance(value, list):
            raise MalformedBoard("is no list", f"{self._place}{name}")
        for number, item in enumerate(value, 1):
            yield _Fields(item, f"{self._place}{name}[{number}].")


def _challenges(board: _Fields, label: str | None) -> Iterator[Challenge]:
    closed = {each.text("id") for each in board.parts("lists") if each.flag("closed")}
    checklists = _checklists(board)
    comments = _comments(board)
    for number, card in enumerate(board.parts("cards"), 1):
        if card.flag("closed") or card.flag("isTemplate") or card.text("idList", "") in closed:
            continue
        title = _line(card.text("name"))
        if title and any(_announces(each.text("name", ""), label) for each in card.parts("labels")):
            key = card.text("id")
            # Only now made plain: of most cards nobody wants to know.
            said = (*checklists[key], *(plain_text(comment).strip() for comment in comments[key]))
            solution = "\n\n".join(part for part in said if part)[:TEXT_MOST]
            body = plain_text(card.text("desc", "")[:TEXT_MOST])
            yield Challenge(title, body, solution.strip() or None, number)


def _announces(name: str, label: str | None) -> bool:
    if label is not None:
        return name.casefold() == label.casefold()
    return topic_of(name) is Topic.CHALLENGES


def _checklists(board: _Fields) -> dict[str, list[str]]:
    """Each card's checklists, as their names and lists of what is to be done, by the card's id."""
    found: dict[str, list[str]] = defaultdict(list)
    for checklist in board.parts("checklists"):
        items = (f"- {_line(item.text('name'))}" for item in checklist.parts("checkItems"))
        said = "\n".join([_line(checklist.text("name", "")), *items]).strip()
        found[checklist.text("idCard", "")] += [said] if said else []
    return found


def _comments(board: _Fields) -> dict[str, list[str]]:
    """Each card's comments from the first to the last, by the card's id."""
    found: list[tuple[str, str, str]] = []
    for action in board.parts("actions"):
        if action.text("type", "") == "commentCard":
            data = action.part("data")
            found.append((action.text("date", ""), data.part("card").text("id"), data.text("text", "")[:TEXT_MOST]))
    by_card: dict[str, list[str]] = defaultdict(list)
    for _, card, said in sorted(found, key=itemgetter(0)):
        by_card[card].append(said)
    return by_card


def _line(text: str) -> str:
    return " ".join(plain_text(text[:TEXT_MOST]).split())
