"""The same knowledge in every form: what is found does not depend on how it was written down.

Each form is one way of writing a section. All forms of one section are crossed with the ways of heading it; the other
sections keep to one form, so that what one section is read as shows in the others too.
"""

from collections.abc import Callable

import pytest

from knowledge.documents import parse_document
from knowledge.documents.report import report_on_document

PAIRS = (
    ("Overdue reminders", "Nobody heard of a book that was late", "Sent a letter from a nightly job"),
    ("Lost cards", "A card was lent to two readers", "Gave each card a number of its own"),
    ("Cold reading room", "The heating went off at noon", "Bought a timer that knows the hours"),
)
TECHNOLOGIES = (("Python", "for the catalogue"), ("Django", "for the desk"), ("PostgreSQL", "for the shelves"))
CONCEPTS = (
    ("Catalogue Design", "what a card says"),
    ("Lending Queues", "who comes next"),
    ("Shelf Caching", "what is near"),
)
PRACTICES = ("Count the books twice", "Write the date on every card", "Ask before you throw away")

Lines = list[str]
ByTitle = [(title, solution) for title, _, solution in PAIRS]
ByProblem = [(problem, solution) for _, problem, solution in PAIRS]
InFull = [(f"{title}: {problem}", solution) for title, problem, solution in PAIRS]
Form = tuple[Callable[[], Lines], list[tuple[str, str]]]


def _each(*lines: str) -> Callable[[], Lines]:
    """Lines for each pair, with {n}, {t}itle, {p}roblem and {s}olution in them."""
    return lambda: [
        line.format(n=number, t=title, p=problem, s=solution)
        for number, (title, problem, solution) in enumerate(PAIRS, 1)
        for line in lines
    ]


def _table(head: str, row: str, rule: str | None = "|---|---|") -> Callable[[], Lines]:
    return lambda: [head, *([rule] if rule else []), *_each(row)()]


CHALLENGES: dict[str, Form] = {
    "table": (_table("| Challenge | Solution |", "| {t} | {s} |"), ByTitle),
    "table without a rule": (_table("| Challenge | Solution |", "| {t} | {s} |", None), ByTitle),
    "table with a rule too short": (_table("| Challenge | Solution |", "| {t} | {s} |", "|---|"), ByTitle),
    "table without borders": (_table("Challenge | Solution", "{t} | {s}", None), ByTitle),
    "columns of tabs": (_table("#\tChallenge\tSolution", "{n}\t{t}\t{s}", None), ByTitle),
    "continuation lines": (_each("- **Challenge:** {p}  ", "  **Solution:** {s}", ""), ByProblem),
    "nested": (_each("* Challenge: {p}", "    * Solution: {s}"), ByProblem),
    "nested in a title": (_each("- **{t}**", "  - *Problem:* {p}", "  - *Fix:* {s}"), InFull),
    "title beside its labels": (_each("- **{t}**", "- Challenge: {p}", "- Solution: {s}", ""), InFull),
    "headings and fields": (_each("### {n}. {t}", "**Problem:** {p}", "", "**Solution:** {s}", ""), InFull),
    "headings of problems": (
        _each("### Problem #{n}: {t}", "**The Problem:** {p}", "", "**The Solution:** {s}", ""),
        InFull,
    ),
    "headings and text": (_each("### Challenge {n}: {t}", "", "{s}", ""), ByTitle),
    "headings of parts": (_each("### {t}", "{p}", "", "#### Solution", "{s}", ""), InFull),
    "problem and solution headings": (_each("### ❌ Challenge: {p}", "### ✅ Solution: {s}", ""), ByProblem),
    "labels alone": (_each("**Challenge**", "{p}", "", "**Solution**", "{s}", ""), ByProblem),
    "labels in HTML": (_each("<b>Challenge {n}:</b> {p} <br>", "<b>Solution:</b> {s} <br><br>"), ByProblem),
    "labels in one line": (_each("- Challenge – {p} | Solution – {s}"), ByProblem),
    "aside between": (_each("- **Challenge:** {p} **Impact:** long faces **Solution:** {s}"), ByProblem),
    "brackets": (_each("{n}. {p}. (Solution: {s})"), [(f"{problem}.", solution) for problem, solution in ByProblem]),
    "arrows": (_each("- {p} -> {s}"), ByProblem),
    "name and description": (_each("- **{t}** — {s}"), ByTitle),
    "title and lines": (_each("- {t}", "  {s}.", ""), [(title, f"{solution}.") for title, solution in ByTitle]),
    "bold and paragraph": (_each("**{t}**", "", "{s}", ""), ByTitle),
    "marks": (_each("### 🔴 {t}", "{p}", "", "✅ {s}", ""), InFull),
    "mark in an item": (_each("{n}. {t}", "   {p}", "   ✅ {s}", ""), [(f"{t}: {p}", s) for t, p, s in PAIRS]),
    "quoted": (_each("> **Challenge:** {p}", ">", "> **Solution:** {s}", ""), ByProblem),
    "two lists": (
        lambda: ["**Challenges:**", "", *_each("- {p}")(), "", "**Solutions:**", "", *_each("- {s}")()],
        ByProblem,
    ),
    "cells with breaks": (
        lambda: [
            "<table><tr><th>Challenge</th><th>Solution</th></tr>",
            *_each("<tr><td>{t}<br>{p}</td><td>{s}</td></tr>")(),
            "</table>",
        ],
        [(f"{title} {problem}", solution) for title, problem, solution in PAIRS],
    ),
}

NAMES: dict[str, Callable[[tuple[tuple[str, str], ...]], Lines]] = {
    "list": lambda names: [f"- {name}" for name, _ in names],
    "description": lambda names: [f"- **{name}** – {text}" for name, text in names],
    "brackets": lambda names: [f"- **{name}** ({text} of ours)" for name, text in names],
    "emoji": lambda names: [f"🔹 {name} – {text}  " for name, text in names],
    "second line": lambda names: [part for name, text in names for part in (f"- {name}", f"  Used {text}.", "")],
    "headings": lambda names: [part for name, text in names for part in (f"### {name}", f"Used {text}.", "")],
    "table": lambda names: ["| Name | Purpose |", "|---|---|", *(f"| **{name}** | {text} |" for name, text in names)],
    "row": lambda names: [", ".join(name for name, _ in names)],
}

HEADINGS: dict[str, Callable[[int, str], Lines]] = {
    "hashes": lambda _, title: [f"## {title}", ""],
    "tight": lambda _, title: ["", f"##{title}"],
    "emoji": lambda _, title: [f"## 🔑 {title} ✨", ""],
    "numbers": lambda number, title: [f"## {number}. {title}:", ""],
    "underlined numbers": lambda number, title: ["", f"{number}. {title}", "-----", ""],
    "bold": lambda _, title: ["", f"**{title}**", ""],
    "HTML": lambda _, title: ["", f"<h2>{title}</h2>", ""],
}

TITLES = {
    "technologies": ("Key Technologies", "Tech Stack", "Key Techologies Covered"),
    "concepts": ("Backend Concepts", "Concepts That Stayed With Me", "Backend Fundamentals"),
    "challenges": (
        "Challenges & Solutions",
        "Challanges Faced and How I Overcame Them",
        "What Was Hard and How I Solved It",
        "Problem-Solving: Challenges and Solutions",
    ),
    "practices": ("Best Practices", "Best Pratices & Takeaways", "Key Takeaways"),
}


def _document(heading: str, titles: tuple[str, str, str, str], *bodies: Lines) -> str:
    parts = [
        [*HEADINGS[heading](number, title), *body, ""]
        for number, (title, body) in enumerate(zip(titles, bodies, strict=True), 1)
    ]
    return "\n".join(["# The Library", "", *(line for part in parts for line in part)])


def _found(text: str) -> dict[str, list[str] | list[tuple[str, str]]]:
    report = report_on_document(parse_document(text))
    pairs = [(pair["challenge"], pair["solution"]) for pair in report["challenges"]]
    return {kind: report[kind] for kind in ("technologies", "concepts", "best_practices")} | {"challenges": pairs}


def _expected(pairs: list[tuple[str, str]]) -> dict[str, list[str] | list[tuple[str, str]]]:
    return {
        "technologies": [name for name, _ in TECHNOLOGIES],
        "concepts": [name for name, _ in CONCEPTS],
        "best_practices": list(PRACTICES),
        "challenges": pairs,
    }


def _titles(challenges: str = "Challenges & Solutions") -> tuple[str, str, str, str]:
    return (TITLES["technologies"][0], TITLES["concepts"][0], challenges, TITLES["practices"][0])


PLAIN = [f"- {practice}" for practice in PRACTICES]


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("form", CHALLENGES)
def test_challenges(form: str, heading: str) -> None:
    write, pairs = CHALLENGES[form]
    lists = NAMES["list"](TECHNOLOGIES), NAMES["description"](CONCEPTS)
    assert _found(_document(heading, _titles(), *lists, write(), PLAIN)) == _expected(pairs)


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("form", NAMES)
def test_names(form: str, heading: str) -> None:
    write, pairs = CHALLENGES["nested"]
    bodies = NAMES[form](TECHNOLOGIES), NAMES[form](CONCEPTS)
    assert _found(_document(heading, _titles(), *bodies, write(), PLAIN)) == _expected(pairs)


@pytest.mark.parametrize("title", [title for titles in TITLES.values() for title in titles])
def test_titles(title: str) -> None:
    own = tuple(title if title in titles else titles[0] for titles in TITLES.values())
    write, pairs = CHALLENGES["nested"]
    lists = NAMES["list"](TECHNOLOGIES), NAMES["description"](CONCEPTS)
    technologies, concepts, challenges, practices = own
    text = _document("hashes", (technologies, concepts, challenges, practices), *lists, write(), PLAIN)
    assert _found(text) == _expected(pairs)


@pytest.mark.parametrize(
    "troubles",
    [
        "## Troubleshooting\n### Port taken\n**Problem:** it is taken\n**Solution:** use another\n",
        "## Common Issues & Fixes\n- **Issue:** no key\n  **Fix:** copy the example\n",
        "## Common Errors and Solutions\n| Issue | Fix |\n|---|---|\n| no key | copy it |\n",
    ],
)
def test_the_troubles_of_a_manual_are_nobodys(troubles: str) -> None:
    assert _found(f"# The Library\n\n{troubles}")["challenges"] == []


@pytest.mark.parametrize("title", ["Common Issues I Faced and Solved", "Common Challenges and Solutions"])
def test_common_troubles_that_somebody_met_are_theirs(title: str) -> None:
    text = f"# The Library\n\n## {title}\n- **Challenge:** no key\n  **Fix:** copied the example\n"
    assert _found(text)["challenges"] == [("no key", "copied the example")]
