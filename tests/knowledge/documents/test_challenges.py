import pytest

from knowledge.documents import Challenge, ParseWarning, parse_document

SLOW = ("Slow pages", "", "An index")
LOST = ("Lost jobs", "", "Late acks")


def challenges(text: str, heading: str = "## Challenges & Solutions\n") -> list[tuple[str, str, str | None, int]]:
    return [(c.title, c.body, c.solution, c.line) for c in parse_document(heading + text).challenges]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(
            "| Challenge | Solution |\n|--|--|\n| **Slow pages** | An `index` |\n| ⚠️ Lost jobs | Late acks |",
            (4, 5),
            id="table",
        ),
        pytest.param(
            "| # | Issue | How I solved it | Result |\n|--|--|--|--|\n| 1 | Slow pages | An index | Fast |\n"
            "| 2 | Lost jobs | Late acks | Safe |",
            (4, 5),
            id="table with more columns",
        ),
        pytest.param("|X|Y|\n|--|--|\n|Slow pages|An index|\n|Lost jobs|Late acks|", (4, 5), id="table of two columns"),
        pytest.param(
            "<table><tr><th>Challenge</th><th>Solution</th></tr>\n<tr><td>Slow pages</td><td>An index</td></tr>\n"
            "<tr><td>Lost jobs</td><td>Late acks</td></tr></table>",
            (3, 4),
            id="HTML table",
        ),
        pytest.param("* Slow pages\tAn index\nLost jobs\tLate acks", (2, 3), id="table that lost its borders"),
        pytest.param(
            "- **Challenge:** Slow pages\n  **Solution:** An index\n"
            "\n- **Challenge**: Lost jobs\n  **Solution**: Late acks",
            (2, 5),
            id="labels on lines of an item",
        ),
        pytest.param(
            "- **Challenge:** Slow pages\n  - ✅ **Solution:** An index\n"
            "- **Challenge:** Lost jobs\n  - Fix: Late acks",
            (2, 4),
            id="labels nested",
        ),
        pytest.param(
            "- Challenge 1: Slow pages\n- Solution: An index\n- Challenge 2: Lost jobs\n- Solution: Late acks",
            (2, 4),
            id="labels side by side",
        ),
        pytest.param(
            "❌ **Challenge**: Slow pages\n✅ **Solution**: An index\n"
            "\n❌ **Challenge**: Lost jobs\n✅ **Solution**: Late acks",
            (2, 5),
            id="labels in paragraphs",
        ),
        pytest.param(
            "> **Challenge:** Slow pages\n>\n> **Solution:** An index\n"
            "\n> **Challenge:** Lost jobs\n> **Solution:** Late acks",
            (2, 6),
            id="block quotes",
        ),
        pytest.param(
            "1. Slow pages – Solution: An index\n2. Lost jobs - Solution: Late acks", (2, 3), id="label within the line"
        ),
        pytest.param(
            "### Challenge 1: Slow pages\n**Solution:**\nAn index\n"
            "### 2. Lost jobs\n**Solution Implemented:**\nLate acks",
            (2, 5),
            id="heading and label",
        ),
        pytest.param(
            "### Slow pages\n#### Solution\nAn index\n### Lost jobs\n#### Solution\nLate acks",
            (2, 5),
            id="headings only",
        ),
        pytest.param(
            "### Challenge: Slow pages\n### Solution: An index\n### Challenge: Lost jobs\n### Solution: Late acks",
            (2, 4),
            id="headings of one level",
        ),
        pytest.param("- **Slow pages:** An index\n- **Lost jobs** – Late acks", (2, 3), id="title and text"),
        pytest.param(
            "- **Slow pages**\n  An index\n- **Lost jobs**:\n  Late acks", (2, 4), id="title and line beneath"
        ),
        pytest.param("- Slow pages\n  - An index\n- Lost jobs\n  - Late acks", (2, 4), id="nested without labels"),
        pytest.param("### Slow pages\nAn index\n### Lost jobs\nLate acks", (2, 4), id="heading and text"),
        pytest.param("**Slow pages**\n\nAn index\n\n**Lost jobs**\n\nLate acks", (2, 6), id="bold line and text"),
        pytest.param("**Slow pages:** An index\n\n**Lost jobs:** Late acks", (2, 4), id="paragraphs with titles"),
        pytest.param("- **Slow pages** → An index\n- Lost jobs => Late acks", (2, 3), id="arrows"),
        pytest.param(
            "**Challenges:**\n- Slow pages\n- Lost jobs\n\n**Solutions:**\n- An index\n- Late acks",
            (3, 4),
            id="two lists",
        ),
        pytest.param(
            "### Backend\n- **Slow pages**: An index\n### Broker\n- **Lost jobs**: Late acks",
            (3, 5),
            id="headings that group",
        ),
        pytest.param(
            "### Performance\n- Slow pages\n  - Solution: An index\n"
            "  - Tools: psql\n- Lost jobs\n  - Solution: Late acks\n"
            "  - Architecture: queues",
            (3, 6),
            id="labels of other parts",
        ),
        pytest.param(
            "**Ouch:** Slow pages\n**Bandage:** An index\n\n**Ouch:** Lost jobs\n**Bandage:** Late acks",
            (2, 5),
            id="unforeseen labels",
        ),
        pytest.param(
            "- Challenge: Slow pages\n- Bandage: An index\n- Challenge: Lost jobs\n- Bandage: Late acks",
            (2, 4),
            id="a known and an unforeseen label in turn",
        ),
        pytest.param(
            "1️⃣ **Slow pages**\n➡️ Solution: An index\n\n2️⃣ **Lost jobs**\n➡️ Solution: Late acks", (2, 5), id="keycaps"
        ),
    ],
)
def test_ways_of_writing_two_challenges(text: str, lines: tuple[int, int]) -> None:
    assert challenges(text) == [(*SLOW, lines[0]), (*LOST, lines[1])]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "| Challenge | Description | Solution |\n|-|-|-|\n| Slow pages | No index | Added it |", id="table"
        ),
        pytest.param("### 1. Slow pages\n**Problem:** No index\n**Cause:** Haste\n**Fix:** Added it", id="heading"),
        pytest.param("- **Slow pages**\n  *Challenge:* No index\n  *Solution:* Added it", id="item"),
        pytest.param("1) **Slow pages**\n- What I saw: No index\n- What I did: Added it", id="number and bullets"),
        pytest.param("- Challenge: Slow pages\n  - Problem: No index\n  - Solution: Added it", id="labels"),
        pytest.param("Slow pages: No index Solution: Added it", id="one line"),
        pytest.param(
            "### Slow pages\n#### Problem\nNo index\n#### Resolution\nAdded it\n#### Result\nFast", id="headings"
        ),
    ],
)
def test_a_challenge_with_title_and_problem(text: str) -> None:
    (found,) = challenges(text)
    assert found[:3] == ("Slow pages", "No index", "Added it")


@pytest.mark.parametrize(
    "text",
    [
        "- {}\n  - Ouch: {}\n  - Bandage: {}\n",
        "### {}\n**Ouch:** {}\n\n**Bandage:** {}\n",
        "### {}\n#### Ouch\n{}\n#### Bandage\n{}\n",
        "### {}\n*Ouch:* {}\n*Because:* haste\n*Bandage:* {}\n",
        "### {}\n- Problem: {}\n- Cause: haste\n- Bandage: {}\n",
        "### {}\n- Ouch: {}\n- Solution: {}\n- Result: calm\n",
    ],
)
def test_labels_that_nobody_foresaw_are_known_by_their_repetition(text: str) -> None:
    both = text.format("Slow pages", "No index", "Added it") + text.format("Lost jobs", "Early acks", "Late acks")
    assert [found[:3] for found in challenges(both)] == [
        ("Slow pages", "No index", "Added it"),
        ("Lost jobs", "Early acks", "Late acks"),
    ]


@pytest.mark.parametrize("areas", [("Backend", "Frontend"), ("Week 1", "Week 2")])
def test_the_same_titles_under_headings_of_areas_are_challenges_of_their_own(areas: tuple[str, str]) -> None:
    text = "- **Testing:** Factories\n- **Deployment:** Scripts\n"
    assert challenges("".join(f"### {area}\n{text}" for area in areas)) == [
        ("Testing", "", "Factories", 3),
        ("Deployment", "", "Scripts", 4),
        ("Testing", "", "Factories", 6),
        ("Deployment", "", "Scripts", 7),
    ]


def test_causes_and_results_solve_nothing() -> None:
    assert challenges("### Slow pages\n- Cause: No index\n- Impact: Sighs\n") == [("Slow pages", "", None, 2)]


def test_a_wrapped_challenge_is_one_sentence() -> None:
    text = "- **Challenge:** Slow\n  pages\n  **Solution:** An index\n"
    assert challenges(text) == [(*SLOW, 2)]


def test_whoever_tells_what_they_did_need_not_announce_a_challenge() -> None:
    case = "### Slow pages\n**Problem:** No index\n**{}:** Added it\n"
    assert [found[:3] for found in challenges(case.format("What I changed"), "## Week three\n")] == [
        ("Slow pages", "No index", "Added it")
    ]
    assert challenges(case.format("Fix"), "## Week three\n") == []


def test_challenge_is_title_and_body() -> None:
    assert Challenge("Slow pages", "No index", None, 1).challenge == "Slow pages: No index"
    assert Challenge("Slow pages", "", None, 1).challenge == "Slow pages"


def test_a_solution_of_several_points_stays_a_list() -> None:
    text = "### Slow pages\n**Solution:**\n- An index\n- **Redis**: a cache\n- **Result**: fast\n"
    assert challenges(text) == [("Slow pages", "", "- An index\n- Redis: a cache", 2)]


def test_a_solution_may_be_code() -> None:
    text = "### Slow pages\n**Solution:**\n```sql\nCREATE INDEX\n```\n"
    assert challenges(text) == [("Slow pages", "", "```\nCREATE INDEX\n```", 2)]


def test_a_challenge_without_a_solution() -> None:
    assert challenges("- Time\n- **Remote** peers\n") == [("Time", "", None, 2), ("Remote peers", "", None, 3)]


def test_an_introduction_is_no_challenge() -> None:
    assert challenges("Here is what I met:\n\n- **Slow pages**: An index\n\nAll of it taught me much.\n") == [
        (*SLOW, 4)
    ]


def test_solutions_under_a_heading_of_their_own() -> None:
    assert challenges("- Slow pages\n- Lost jobs\n## Solutions\n- An index\n- Late acks\n", "## Challenges\n") == [
        (*SLOW, 2),
        (*LOST, 3),
    ]


def test_labelled_challenges_are_read_wherever_they_stand() -> None:
    text = "- **Challenge:** Slow pages\n  - **Solution:** An index\n- Problem: a quiz\n- Solution: 42\n"
    assert challenges(text, "# Journey\n") == [(*SLOW, 2)]


@pytest.mark.parametrize(
    "text",
    [
        "## Problem Statement\nShops need it.\n## Solution\nWe built it.\n",
        "## Key Features\n- **Challenges & Solutions**: both are told\n",
        "## Troubleshooting\n| Problem | Solution |\n|--|--|\n| Port in use | Change it |\n",
        "## Table of Contents\n1. [Challenges](#challenges)\n2. [Solutions](#solutions)\n",
    ],
)
def test_what_only_looks_like_challenges(text: str) -> None:
    assert challenges(text, "# Shop\n") == []


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("It was hard, but I solved all of it.\n", ParseWarning(1, "Nothing could be read under “Challenges”.")),
        ("- [Describe one here]\n", ParseWarning(2, "This was not understood as a challenge.")),
        ("- " + "word " * 40, ParseWarning(2, "This was not understood as a challenge.")),
        (
            "|A|B|C|\n|-|-|-|\n|d|e|f|\n",
            ParseWarning(2, "A table without a column of challenges and one of solutions."),
        ),
    ],
)
def test_what_is_not_understood_is_a_warning(text: str, warning: ParseWarning) -> None:
    document = parse_document("## Challenges\n" + text)
    assert (document.challenges, document.warnings) == ((), (warning,))
