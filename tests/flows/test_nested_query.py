"""What an SPA asks for at once: tags with entries, authors, sources, challenges and solutions, by one statement."""

from typing import Any

import pytest

from knowledge.models import EntryKind
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import at, challenge, entry, solution, source, tag

NESTED = """{
  tags(first: 10, orderBy: {field: ENTRY_COUNT, direction: DESC}) {
    nodes {
      name entryCount
      entries(first: 3) { nodes { title kind author { username } sources(first: 2) { nodes { title } } } }
      challenges(first: 3) {
        nodes {
          title status acceptedSolution { body }
          solutions(first: 2) { nodes { body author { username } } }
        }
      }
    }
  }
}"""


def subject(cast: Cast, number: int, entries: int) -> None:
    """A tag with so many entries, each with three sources, and a challenge with three solutions."""
    carried = tag(f"Tag {number:02}")
    made = [
        entry(
            f"Entry {number:02}-{each:02}",
            carried,
            author=cast.author,
            kind=EntryKind.TOOL,
            published_at=at(each),
        )
        for each in range(entries)
    ]
    for each in range(3):
        source(f"Document {number:02}-{each}", *made, imported_at=at(each))
    asked = challenge(f"Challenge {number:02}", carried)
    solution(asked, "Good", author=cast.peer, score=1)
    solution(asked, "Better", author=cast.author, is_accepted=True)
    solution(asked, "Bad", score=-1)


def answered(number: int, entries: int) -> dict[str, Any]:
    documents = [{"title": f"Document {number:02}-{each}"} for each in (2, 1)]
    return {
        "name": f"Tag {number:02}",
        "entryCount": entries,
        "entries": {
            "nodes": [
                {
                    "title": f"Entry {number:02}-{each:02}",
                    "kind": "TOOL",
                    "author": {"username": "author"},
                    "sources": {"nodes": documents},
                }
                for each in reversed(range(max(0, entries - 3), entries))
            ]
        },
        "challenges": {
            "nodes": [
                {
                    "title": f"Challenge {number:02}",
                    "status": "SOLVED",
                    "acceptedSolution": {"body": "Better"},
                    "solutions": {
                        "nodes": [
                            {"body": "Better", "author": {"username": "author"}},
                            {"body": "Good", "author": {"username": "peer"}},
                        ]
                    },
                }
            ]
        },
    }


def test_one_tag_with_one_entry_takes_one_statement(cast: Cast, api: Client) -> None:
    subject(cast, 0, entries=1)
    answer = api.run(NESTED)
    assert answer.data == {"tags": {"nodes": [answered(0, entries=1)]}}
    assert answer.statements == 1


def test_many_tags_with_many_entries_take_one_statement(cast: Cast, api: Client) -> None:
    subject(cast, 0, entries=50)
    for number in range(1, 13):
        subject(cast, number, entries=4 if number == 7 else 1)
    answer = api.run(NESTED)
    numbers = [0, 7, 12, 11, 10, 9, 8, 6, 5, 4]
    assert [answered(number, entries={0: 50, 7: 4}.get(number, 1)) for number in numbers] == answer.data["tags"][
        "nodes"
    ]
    assert answer.statements == 1


@pytest.mark.parametrize("name", ["author", "peer", "reviewer", "staff"])
def test_who_is_signed_in_costs_one_statement_more(cast: Cast, api: Client, name: str) -> None:
    subject(cast, 0, entries=2)
    who = getattr(cast, name)
    api.authorization(who)
    answer = api.run(NESTED, as_=who)
    assert answer.data == {"tags": {"nodes": [answered(0, entries=2)]}}
    assert answer.statements == 2
