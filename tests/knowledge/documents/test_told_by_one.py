"""Headings that announce nothing by a topic's own word, but by what somebody says of it; and places held for later."""

import pytest

from knowledge.documents import Document, parse_document
from knowledge.documents.report import report_on_document
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
        ("War stories", Topic.CHALLENGES),
        ("Stories", None),
        ("🏗️ Built with", Topic.TECHNOLOGIES),
        ("What it was built with", Topic.TECHNOLOGIES),
        ("Built with love", None),
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


@pytest.mark.parametrize("title", ["# Project Depot", "PROJECT DEPOT", "# About the collaboration", "# Depot"])
@pytest.mark.parametrize(
    "lines",
    [
        "**Technologies:** Python, Django\n\n**Concepts:** Queues, Caching",
        "Technologies: Python, Django\nConcepts: Queues, Caching",
        "> **Technologies** — Python, Django\n\n> **Concepts** – Queues, Caching",
        "## Technologies: Python, Django\n\n## Concepts: Queues, Caching",
        "### **Technologies:** Python, Django\n\n### Concepts: Queues, Caching",
    ],
)
def test_a_title_says_nothing_of_the_names_beneath_it(title: str, lines: str) -> None:
    found = parse_document(f"{title}\n\n{lines}\n")
    assert [named.name for named in found.technologies] == ["Python", "Django"]
    assert [named.name for named in found.concepts] == ["Queues", "Caching"]


def test_but_an_overview_after_it_does() -> None:
    found = parse_document("# Depot\n\n## Project overview\n\n**Technologies:** Python, Django\n")
    assert found.technologies == ()


def test_a_heading_within_challenges_keeps_what_it_says() -> None:
    text = "## Challenges\n### Late buses\n**Solution:** Chains.\n\n### Tools: Python, Django\nThey were late.\n"
    assert [challenge.title for challenge in parse_document(text).challenges] == ["Late buses"]


@pytest.mark.parametrize(
    ("line", "concepts"),
    [
        ("Concepts: Tables, queues, load tests", ["Tables", "queues", "load tests"]),
        ("Concepts: tables, queues", []),
        ("Concepts: what we use, how, why", []),
    ],
)
def test_small_concepts_in_a_heading(line: str, concepts: list[str]) -> None:
    assert [named.name for named in parse_document(f"# Depot\n\n### {line}\n").concepts] == concepts


@pytest.mark.parametrize(
    ("line", "solution"),
    [
        ("[⬆ Back to top](#depot)", "Chains."),
        ('<p align="right">(<a href="#depot">back to top</a>)</p>', "Chains."),
        ("**[Back to Table of Contents](#contents)**", "Chains."),
        ("[To the depot](#depot)", "Chains. To the depot"),
        ("Back to the top", "Chains. Back to the top"),
    ],
)
def test_a_way_back_belongs_to_no_section(line: str, solution: str) -> None:
    text = f"# Depot\n\n## Challenges\n### Late buses\n**Solution:** Chains.\n\n{line}\n\n## Licence\nMIT\n"
    (told,) = report_on_document(parse_document(text))["challenges"]
    assert " ".join(told["solution"].split()) == solution


PLAIN = "Technologies\nPython\nDjango\n\nChallenges\n\nChallenge: Late buses\nSolution: Chains\n"


@pytest.mark.parametrize(
    ("text", "technologies", "challenges"),
    [
        (PLAIN, ["Python", "Django"], ["Late buses"]),
        (f"{PLAIN}\n## License\nMIT\n", ["Python", "Django"], ["Late buses"]),
        (f"# Depot\n\n{PLAIN}\n## Contact\nAnn\n", ["Python", "Django"], ["Late buses"]),
        (f"# Depot\n\n## Buses\n\n{PLAIN}\n## Contact\nAnn\n", [], ["Late buses"]),
    ],
)
def test_a_last_heading_leaves_the_titles_above_it(text: str, technologies: list[str], challenges: list[str]) -> None:
    found = parse_document(text)
    assert [named.name for named in found.technologies] == technologies
    assert [challenge.title for challenge in found.challenges] == challenges
