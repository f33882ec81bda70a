"""What people leave out or put elsewhere: spaces, levels, empty lines, and what stands beneath a document's end."""

import pytest

from knowledge.documents import parse_document
from knowledge.documents.report import report_on_document

BARE = [("Late buses", None), ("Lost tickets", None)]
SOLVED = [("Late buses", "Chains"), ("Lost tickets", "Pockets")]


def pairs(text: str) -> list[tuple[str, str | None]]:
    """Challenges and solutions, as the report tells them."""
    return [(told["challenge"], told["solution"]) for told in report_on_document(parse_document(text))["challenges"]]


CASES = {
    "cases on the level of their section": (
        (
            "# Depot\n\n## Challenges\n\n## Late buses\n**Problem:** Snow.\n**Solution:** Chains.\n\n"
            "## Unclear requirements\n**Problem:** Two maps.\n**Solution:** One map.\n\n## Best practices\n- Look\n"
        ),
        [("Late buses: Snow.", "Chains."), ("Unclear requirements: Two maps.", "One map.")],
    ),
    "but not where the section has its own": (
        "# Depot\n\n## Challenges\n- Heat: Shade.\n\n## Late buses\n**Problem:** Snow.\n**Solution:** Chains.\n",
        [("Heat", "Shade.")],
    ),
    "nor what tells none": ("# Depot\n\n## Challenges\n\n## Setup\n**Note:** Snow.\n\n## Fleet\nTen buses.\n", []),
    "their solutions under a question": (
        "## Challenges\n- Late buses\n- Lost tickets\n\n### How I overcame them\n- Chains\n- Pockets\n",
        SOLVED,
    ),
    "more solutions than challenges": (
        "## Challenges\n- Late buses\n- Lost tickets\n\n## Solutions\n- Chains\n- Salt\n- Pockets\n",
        BARE,
    ),
    "fewer solutions": ("## Challenges\n- Late buses\n- Lost tickets\n\n**Solutions:**\n- Chains\n", BARE),
    "decimal numbers": (
        "## Challenges\n4.1 **Late buses.** Chains.\n4.2 **Lost tickets.** Pockets.\n",
        [("Late buses", "Chains."), ("Lost tickets", "Pockets.")],
    ),
    "no space after a bullet": ("## Challenges\n-Late buses: Chains\n-Lost tickets: Pockets\n", SOLVED),
    "a title right under a list": (
        "Depot\nChallenges:\n- Late buses - we fitted chains\nBest practices:\n- Look out\n",
        [("Late buses", "we fitted chains")],
    ),
    "a text right under a numbered title": (
        "1. TECHNOLOGIES\n- Python\n\n2. CHALLENGES\nChallenge 1: Late buses\nSolution: Chains\n\n3. SUMMARY\nF.\n",
        SOLVED[:1],
    ),
    "a rule right under a case": (
        (
            "## Challenges\n**Challenge:** Late buses\n**Solution:** Chains\n---\n"
            "**Challenge:** Lost tickets\n**Solution:** Pockets\n---\n"
        ),
        SOLVED,
    ),
    "a rule right under a sentence": (
        "## Challenges\n### Late buses\nSnow fell. We fitted chains.\n---\n",
        [("Late buses", "Snow fell. We fitted chains.")],
    ),
    "but not under a title": ("Challenges\n---\n- **Late buses**: Chains\n", SOLVED[:1]),
    "an outline that is quoted as a whole": (
        (
            "> Depot\n>\n>     Challenges\n>         Late buses\n>             Problem: Snow\n"
            ">             Solution: Chains\n>     Concepts\n>         Caching\n"
        ),
        [("Late buses: Snow", "Chains")],
    ),
}


@pytest.mark.parametrize(("text", "found"), CASES.values(), ids=CASES)
def test_cases(text: str, found: list[tuple[str, str | None]]) -> None:
    assert pairs(text) == found


def test_solutions_that_cannot_be_matched_are_a_warning() -> None:
    document = parse_document("## Challenges\n- Late buses\n- Lost tickets\n\n## Solutions\n- Chains\n")
    assert [(warning.line, warning.message) for warning in document.warnings] == [
        (5, "This was not understood as a challenge.")
    ]


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("| Challenge | What made it hard |\n|--|--|\n| Late buses | Snow |\n", [("Late buses: Snow", None)]),
        ("| Challenge | Lesson |\n|--|--|\n| Late buses | Leave early |\n", [("Late buses", None)]),
        ("| Challenge | What I changed |\n|--|--|\n| Late buses | Chains |\n", [("Late buses", "Chains")]),
        (
            "| Challenge | My approach | What I learned |\n|--|--|--|\n| Late buses | Chains | Leave early |\n",
            [("Late buses", "Chains")],
        ),
        ("| Endpoint | Answer |\n|--|--|\n| /late | 200 |\n", []),
        ("| Hill | Valley |\n|--|--|\n| Late buses | Chains |\n", [("Late buses", "Chains")]),
    ],
)
def test_tables_without_a_column_of_solutions(table: str, found: list[tuple[str, str | None]]) -> None:
    assert pairs(f"## Challenges\n\n{table}") == found


@pytest.mark.parametrize(
    "text",
    [
        "## Challenge lifecycle\n- **Draft**: hidden\n- **Open**: shown\n",
        "## Challenges API\n- Listing: all of them\n",
        "## Challenges\n- `GET /challenges/` – all\n- `POST /challenges/` – a new one\n",
        "## Problems solved\n- Drivers lose their keys\n",
        "## Key takeaways from the challenges\n- Leave early\n",
        "## Challenges and benefits\n\n### Benefits\n- Fewer fines\n",
    ],
)
def test_a_programs_own_challenges_are_nobodys(text: str) -> None:
    assert pairs(f"# Fleet\n\n{text}") == []


FOOTERS = ("*Made with care by Ann Lee*", "**Author:** Ann Lee  \n**Depot:** North", "© Ann Lee", "_Last seen: May_")


@pytest.mark.parametrize(
    ("line", "is_farewell"),
    [
        ("Thank you for reading", True),
        ("🙌 Good luck to the next cohort!", True),
        ("Thanks!", True),
        ("Thanks to caching, ask the base less.", False),
        ("Good names save comments.", False),
    ],
)
def test_a_farewell_at_the_end_is_no_practice(line: str, is_farewell: bool) -> None:
    said = "Best practices\n\nWrite tests first.\n\nName things well.\n\n" + line
    expected = 2 if is_farewell else 3
    assert len(parse_document("# Notes\n\n## " + said).best_practices) == expected


@pytest.mark.parametrize("footer", FOOTERS)
@pytest.mark.parametrize(
    "body",
    [
        "## Challenges\n- Late buses: Chains",
        "## Challenges\n\n| Challenge | Solution |\n|--|--|\n| Late buses | Chains |",
        "## Technologies\n- Python\n- Django",
        "## Concepts\n### Caching\n- near\n\n### Queues\n- far",
        "## Best practices\n- Look out\n- Slow down",
    ],
)
def test_what_stands_beneath_the_last_rule_belongs_to_no_section(body: str, footer: str) -> None:
    alone, closed = parse_document(f"# Depot\n\n{body}\n"), parse_document(f"# Depot\n\n{body}\n\n---\n\n{footer}\n")
    assert closed == alone


def test_nor_does_a_last_line_in_emphasis() -> None:
    text = "# Depot\n\n## Best practices\n- Look out\n"
    assert parse_document(f"{text}\n*Made with care*\n") == parse_document(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "## Challenges\n\n**Late buses**\n\nChains.\n\n---\n\n**Lost tickets**\n\nPockets.\n",
            [("Late buses", "Chains."), ("Lost tickets", "Pockets.")],
        ),
        (
            "## Challenges\n- Late buses: Chains\n\n---\n\n**Challenge:** Lost tickets\n**Solution:** Pockets\n",
            SOLVED,
        ),
    ],
)
def test_a_rule_between_cases_closes_nothing(text: str, found: list[tuple[str, str | None]]) -> None:
    assert pairs(f"# Depot\n\n{text}") == found


def test_knowledge_beneath_the_last_rule_is_read() -> None:
    document = parse_document("# Depot\n\n## Notes\n- Ten buses\n\n---\n\n**Technologies:** Python, Django\n")
    assert [named.name for named in document.technologies] == ["Python", "Django"]


@pytest.mark.parametrize(
    ("text", "technologies", "concepts"),
    [
        ("## Technologies\n### Languages\n- Python\n### Tools\n- Git\n- Docker\n", ["Python", "Git", "Docker"], []),
        (
            "## Technologies\n- **Python**\n  - async code\n- **Django**\n  - signals\n- **Docker**\n  - tiny ones\n",
            ["Python", "Django", "Docker"],
            [],
        ),
        ("## Technologies\n-Python\n-Django\n", ["Python", "Django"], []),
        ("## Technologies\n➡️ Python – core\n➡️ Django – web\n", ["Python", "Django"], []),
        ("## Concepts\nRouting, data fetching, testing, auth.\n", [], ["Routing", "data fetching", "testing", "auth"]),
        ("## Concepts\nFirst tables, then keys, then sleep, then coffee.\n", [], []),
    ],
)
def test_names(text: str, technologies: list[str], concepts: list[str]) -> None:
    document = parse_document(f"# Depot\n\n{text}")
    assert [named.name for named in document.technologies] == technologies
    assert [named.name for named in document.concepts] == concepts


def test_options_stay_as_they_are_in_code() -> None:
    (told,) = parse_document(
        "## Challenges\n- Late buses\n\n  **Solution:**\n\n  ```\n  -fast\n  -far\n  ```\n"
    ).challenges
    assert told.solution == "```\n-fast\n-far\n```"


def test_topics_nested_in_learnings_are_sections() -> None:
    found = parse_document(
        "- Overview\n  - A depot\n- Major learnings\n  - Key technologies\n    - Python\n  - Concepts\n    - Queues\n"
        "  - Patience\n- Best practices\n  - Look twice\n"
    )
    kinds = (found.technologies, found.concepts, found.learnings, found.best_practices)
    assert [[named.name for named in kind] for kind in kinds] == [["Python"], ["Queues"], ["Patience"], ["Look twice"]]


def test_a_full_stop_closes_a_row_of_concepts() -> None:
    found = parse_document("# Depot\n\nTechnologies: Python, Django.\nConcepts learned: tables, queues, caching.\n")
    assert [named.name for named in found.technologies] == ["Python", "Django"]
    assert [named.name for named in found.concepts] == ["tables", "queues", "caching"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            "- **Challenge** Late buses in winter\n- **Solution** fitted new chains\n",
            [("Late buses in winter", "fitted new chains")],
            id="no colon after bold words",
        ),
        pytest.param(
            "- **Problem** solving on the road\n- **Challenge** 3\n",
            [("Problem solving on the road", None), ("Challenge 3", None)],
            id="but where they are part of what is said",
        ),
        pytest.param(
            "Challenge: Late buses\nWhy it was hard: Snow\nHow I dealt with it: Chains\n",
            [("Late buses", "Chains")],
            id="why it was hard",
        ),
        pytest.param(
            "Challenge: Late buses\nWhat made this hard: Snow\nHow I dealt with it: Chains\n",
            [("Late buses: Snow", "Chains")],
            id="what made it hard",
        ),
        pytest.param(
            "### Why buses were late\nI fitted chains.\n### What made noise\nI oiled doors.\n",
            [("Why buses were late", "I fitted chains."), ("What made noise", "I oiled doors.")],
            id="titles that only sound so",
        ),
    ],
)
def test_labels_of_cases(text: str, found: list[tuple[str, str | None]]) -> None:
    assert pairs(f"# Depot\n\n## Challenges\n{text}") == found
