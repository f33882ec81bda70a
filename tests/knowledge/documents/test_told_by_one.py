"""Headings that announce nothing by a topic's own word, but by what somebody says of it; and places held for later."""

import pytest

from knowledge.documents import Document, parse_document
from knowledge.documents.topics import Topic, topic_of


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Problems I ran into", Topic.CHALLENGES),
        ("Hard bits and how we dealt with them", Topic.CHALLENGES),
        ("Where I got stuck", Topic.CHALLENGES),
        ("What was hard", Topic.CHALLENGES),
        ("What I found tricky", Topic.CHALLENGES),
        ("How errors are handled", None),
        ("Hard mode", None),
        ("What the depot sells", None),
        ("What I found", None),
        ("Rules I live by", Topic.PRACTICES),
        ("Golden rules", Topic.PRACTICES),
        ("Good habits", Topic.PRACTICES),
        ("Habits", None),
        ("Validation rules", None),
        ("Password guidelines", None),
        ("Key lessons", Topic.LEARNINGS),
        ("Lessons", None),
        ("Architecture & Design Concepts", Topic.CONCEPTS),
        ("Concepts of a depot that sells tickets", Topic.CONCEPTS),
        ("A depot that sells tickets, maps and concepts", None),
    ],
)
def test_topics(title: str, topic: Topic | None) -> None:
    assert topic_of(title) is topic


@pytest.mark.parametrize(
    "text",
    [
        "To be added at the end",
        "*Coming soon...*",
        "🚧 Work in progress",
        "TBD",
        "TODO",
        "More will be documented as we go",
        "This section is yet to be filled",
        "Will be updated soon",
    ],
)
@pytest.mark.parametrize("bullet", ["", "- ", "- [ ] "])
@pytest.mark.parametrize("title", ["Challenges & Solutions", "Best Practices", "Technologies", "Concepts"])
def test_a_promise_is_nothing_that_was_written(title: str, bullet: str, text: str) -> None:
    found = parse_document(f"# Depot\n\n## {title}\n{bullet}{text}\n")
    assert (found.challenges, found.best_practices, found.technologies, found.concepts) == ((), (), (), ())
    assert len(found.warnings) == 1


@pytest.mark.parametrize("text", ["To be updated, read the changes", "Todo lists help", "Coming soon is no date"])
def test_what_only_opens_like_a_promise_is_a_practice(text: str) -> None:
    found: Document = parse_document(f"# Depot\n\n## Best Practices\n- {text}\n")
    assert [practice.sentence for practice in found.best_practices] == [text]


@pytest.mark.parametrize(
    ("sentence", "title", "solution"),
    [
        ("Late buses (in winter), solved by fitting chains.", "Late buses (in winter)", "solved by fitting chains."),
        ("Late buses; I fixed it with chains", "Late buses", "I fixed it with chains"),
        ("Late buses, and we overcame that through chains", "Late buses", "we overcame that through chains"),
        ("Buses fixed by nobody", "Buses fixed by nobody", None),
        ("Buses, unsolved by chains", "Buses, unsolved by chains", None),
        ("Late buses, solved", "Late buses, solved", None),
    ],
)
def test_a_sentence_that_closes_with_what_helped(sentence: str, title: str, solution: str | None) -> None:
    (challenge,) = parse_document(f"# Depot\n\n## Challenges\n- {sentence}\n").challenges
    assert (challenge.title, challenge.body, challenge.solution) == (title, "", solution)


@pytest.mark.parametrize(
    ("row", "concepts"),
    [
        ("Table design, queues & caching", ["Table design", "queues", "caching"]),
        ("Table design, queues and caching", ["Table design", "queues", "caching"]),
        ("Tables, queues, caching", ["Tables", "queues", "caching"]),
        ("Tables, Roles & Permissions", ["Tables", "Roles & Permissions"]),
        ("Tables & chairs, roles & rights", []),
        ("Painted tables, keys and maps.", []),
        ("First tables, then keys, then sleep", []),
        ("Tables, keys", []),
    ],
)
def test_concepts_in_a_row(row: str, concepts: list[str]) -> None:
    assert [named.name for named in parse_document(f"# Depot\n\n## Concepts\n{row}\n").concepts] == concepts
