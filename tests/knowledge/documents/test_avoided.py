"""Practices told by their opposite: what nobody should do is never handed on as advice."""

import pytest

from knowledge.documents.avoided import is_on_donts
from tests.knowledge.documents.practices import practices


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Don'ts", True),
        ("❌ Don’t", True),
        ("Things to avoid", True),
        ("What not to do", True),
        ("Common mistakes to avoid", True),
        ("Anti-patterns", True),
        ("Bad practices", True),
        ("Do's and don'ts", False),
        ("Do", False),
        ("Avoid N+1 queries", False),
        ("Patterns", False),
        ("Practices", False),
    ],
)
def test_titles(title: str, *, found: bool) -> None:
    assert is_on_donts(title) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            "### Do\n- Count seats\n### Don't\n- Sell twice\n- Never guess",
            [("Count seats", "", 3), ("Avoid: Sell twice", "", 5), ("Never guess", "", 6)],
            id="headings",
        ),
        pytest.param(
            "**Do:**\n- count seats\n\n**Avoid:**\n- selling twice\n\n**Remember:**\n- buses break",
            [("count seats", "", 3), ("Avoid: selling twice", "", 6), ("buses break", "", 9)],
            id="bold words",
        ),
        pytest.param(
            "- Do:\n  - count seats\n  - look twice\n- Don't:\n  - sell twice\n  - skip checks",
            [
                ("count seats", "", 3),
                ("look twice", "", 4),
                ("Avoid: sell twice", "", 6),
                ("Avoid: skip checks", "", 7),
            ],
            id="nested",
        ),
        pytest.param(
            "| Do | Don't | Why |\n|--|--|--|\n| Count seats | Sell twice | Calm |\n| Look | Never guess | Maps |",
            [("Count seats", "Avoid: Sell twice Calm", 4), ("Look", "Never guess Maps", 5)],
            id="columns",
        ),
        pytest.param(
            "| Before | After |\n|--|--|\n| Paper | Scanners |", [("Scanners", "Avoid: Paper", 4)], id="columns turned"
        ),
        pytest.param("| Bad |\n|--|\n| Paper |", [("Avoid: Paper", "", 4)], id="a column alone"),
        pytest.param(
            "- ❌ Sell twice\n- ✅ Count seats\n- 🚫 No paper",
            [("Avoid: Sell twice", "", 2), ("Count seats", "", 3), ("No paper", "", 4)],
            id="crosses",
        ),
        pytest.param("- ❌ Paper → ✅ Scanners", [("Paper → Scanners", "", 2)], id="a cross and what is better"),
        pytest.param(
            "### 🚫 Sell twice\nIt is rude.\n### ✅ Count seats\nIt is kind.",
            [("Avoid: Sell twice", "It is rude.", 2), ("Count seats", "It is kind.", 4)],
            id="headings with crosses",
        ),
    ],
)
def test_what_is_not_to_be_done(text: str, found: list[tuple[str, str, int]]) -> None:
    assert practices(text) == found
