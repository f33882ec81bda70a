"""What looks like knowledge and is not understood: never a guess, never silence."""

import pytest

from knowledge.documents import parse_document

NOTHING = "Nothing could be read under “{}”."
COLUMNS = "A table without a column of challenges and one of solutions."
CASE = "This was not understood as a challenge."
LABELS = "Of these labels none is known as a challenge's or a solution's."
MAYBE = "This may be a challenge; it stands in no section on challenges."
STORY = " ".join(["In that week nothing worked, and nobody knew why it did not."] * 5)


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("## Technologies\n\nWe chose what the others had chosen before us.\n", [(1, NOTHING.format("Technologies"))]),
        ("## Tools\n\n```\npip install x\n```\n", [(1, NOTHING.format("Tools"))]),
        ("## Key concepts\n\nTBD\n\n## Overview\n", [(1, NOTHING.format("Key concepts"))]),
        ("## Best practices\n\n- [Your practice here]\n", [(1, NOTHING.format("Best practices"))]),
        ("## Challenges\n\n| Metric | Before | After |\n|--|--|--|\n| p95 | 4 s | 1 s |\n", [(3, COLUMNS)]),
        ("## Challenges\n\n| Week |\n|--|\n| Three |\n", [(3, COLUMNS)]),
        (f"## Challenges\n\n- Slow pages: an index\n- {STORY}\n", [(4, CASE)]),
        ("## Challenges\n\n- Goal: 50 miles\n- Prize: a cup\n- Goal: 90 miles\n- Prize: a coin\n", [(3, LABELS)]),
        (
            "## Challenges\n\n### Payments\n- Docker: a\n- Git: b\n\n### Orders\n- Docker: c\n- Git: d\n",
            [(3, LABELS)],
        ),
        (f"## Challenges\n\n{STORY}\n", [(1, NOTHING.format("Challenges"))]),
        ("## Challenges\n\nI had two. The first was payments: it lied.\n", [(1, NOTHING.format("Challenges"))]),
        ("# App\n\n### Issue: No start\n\n**Solution:** Start it.\n", [(3, MAYBE)]),
        ("# App\n\n- **Bug:** No start\n  - **Fix:** Start it.\n", [(3, MAYBE)]),
        ("## Technologies\n\n## Challenges\n\n## Best practices\n", []),
        ("# App\n\n| Problem | Solution |\n|--|--|\n| No start | Start it |\n", []),
    ],
)
def test_each_has_its_line(text: str, warnings: list[tuple[int, str]]) -> None:
    document = parse_document(text)
    assert [(warning.line, warning.message) for warning in document.warnings] == warnings
    found = (document.technologies, document.tools, document.concepts, document.best_practices, document.learnings)
    assert not any(found)
    assert [challenge.title for challenge in document.challenges] == (["Slow pages"] if "an index" in text else [])
