import pytest

from knowledge.documents import parse_document
from tests.knowledge.documents.practices import practices


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("- Write **small** tests.", [("Write small tests.", "", 2)], id="sentence"),
        pytest.param("1. ✅ Write tests", [("Write tests", "", 2)], id="decorated"),
        pytest.param("- **Tests**: write them", [("Tests", "write them", 2)], id="title"),
        pytest.param("- Clean code: keep it small", [("Clean code", "keep it small", 2)], id="title by its colon"),
        pytest.param("- Cache — but not for long", [("Cache — but not for long", "", 2)], id="a dash in a sentence"),
        pytest.param("- **Test early**\n  It pays off.", [("Test early", "It pays off.", 2)], id="text beneath"),
        pytest.param("- Wrapped by\n  an editor", [("Wrapped by an editor", "", 2)], id="wrapped"),
        pytest.param("- **Code**\n  - Small\n  - Clear", [("Small", "", 3), ("Clear", "", 4)], id="nested"),
        pytest.param("### Code\n- Small\n### Data\n- Typed", [("Small", "", 3), ("Typed", "", 5)], id="by headings"),
        pytest.param("### Test early\nIt pays off.", [("Test early", "It pays off.", 2)], id="heading and text"),
        pytest.param("I learned:\n\n**Test** – often\n", [("Test", "often", 4)], id="paragraphs with titles"),
        pytest.param("Some are:\n\nTest.\n\nReview.\n", [("Test.", "", 4), ("Review.", "", 6)], id="paragraphs"),
        pytest.param("Test often.\nReview all.\n", [("Test often.", "", 2), ("Review all.", "", 3)], id="lines"),
        pytest.param("- Test\n\nThis is what I learned.\n", [("Test", "", 2)], id="a list and its epilogue"),
        pytest.param("| Practice | Why |\n|--|--|\n| Test | Calm |", [("Test", "Calm", 4)], id="table"),
        pytest.param("- [List your practices]", [], id="placeholder"),
        pytest.param(
            "**Test early.**\nIt pays off.\n\n**Review.**\nIt teaches.\nIt binds.",
            [("Test early", "It pays off.", 2), ("Review", "It teaches. It binds.", 5)],
            id="sentences in bold and their texts",
        ),
        pytest.param("**Best practice 2:** Test", [("Test", "", 2)], id="counted"),
        pytest.param("- Practice: Test.\n  Takeaway: Calm.", [("Test", "Takeaway: Calm.", 2)], id="announced"),
        pytest.param("- Practice 1\n  Test", [("Test", "", 2)], id="counted, with its text beneath"),
        pytest.param("### Rule 1: Test\nIt pays off.", [("Test", "It pays off.", 2)], id="counted in headings"),
        pytest.param("### Rule 1\nTest.\n### Rule 2\n", [("Test.", "", 2)], id="headings that only count"),
        pytest.param("- Practice daily: it helps", [("Practice daily", "it helps", 2)], id="a title with the word"),
    ],
)
def test_practices(text: str, found: list[tuple[str, str, int]]) -> None:
    assert practices(text) == found


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("- Test\n  - Why: calm\n  - How: daily\n- Ask\n  - Why: calm\n  - How: daily", (2, 5), id="items"),
        pytest.param("### Test\n- Why: calm\n- How: daily\n### Ask\n- Why: calm\n- How: daily", (2, 5), id="headings"),
        pytest.param("Test.\nWhy: calm\nHow: daily\nAsk.\nWhy: calm\nHow: daily", (2, 5), id="a paragraph"),
        pytest.param("Test.\nWhy: calm\nHow: daily\n\nAsk.\nWhy: calm\nHow: daily", (2, 6), id="paragraphs"),
    ],
)
def test_reasons_stay_with_what_they_are_given_for(text: str, lines: tuple[int, int]) -> None:
    assert practices(text) == [("Test", "Why: calm How: daily", lines[0]), ("Ask", "Why: calm How: daily", lines[1])]


def test_but_practices_are_no_reasons() -> None:
    assert practices("- Code\n  - Why: calm\n  - Keep it small") == [("Why", "calm", 3), ("Keep it small", "", 4)]
    assert practices("Lesson: test.\nLesson: ask.") == [("Lesson: test.", "", 2), ("Lesson: ask.", "", 3)]


def test_takeaways_are_practices_and_learnings_are_not() -> None:
    document = parse_document("## What I Learned\n- Caching pays\n## Takeaways\n- Test early\n")
    assert [named.name for named in document.learnings] == ["Caching pays"]
    assert [named.name for named in document.best_practices] == ["Test early"]


def test_a_practice_as_one_text() -> None:
    document = parse_document("## Best Practices\n- **Tests**: write them\n- Review\n")
    assert [named.sentence for named in document.best_practices] == ["Tests: write them", "Review"]
