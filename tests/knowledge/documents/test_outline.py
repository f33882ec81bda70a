from typing import Any

import pytest

from knowledge.documents.markdown import MarkdownReader
from knowledge.documents.outline import Section, outline_of
from knowledge.documents.topics import Topic, topic_of


def tree(text: str) -> list[Any]:
    return branch(outline_of(MarkdownReader().read(text)))[1]


def branch(section: Section) -> tuple[Any, list[Any]]:
    topic = section.topic.value if section.topic else None
    return (section.title, topic, len(section.blocks)), [branch(child) for child in section.sections]


@pytest.mark.parametrize(
    ("title", "within", "topic"),
    [
        ("🛠️ Key Technologies Covered", None, Topic.TECHNOLOGIES),
        ("Tech Stack", None, Topic.TECHNOLOGIES),
        ("Full-Stack Journey", None, None),
        ("Technologies & Concepts", None, Topic.TECHNOLOGIES),
        ("Tools We Use", None, Topic.TOOLS),
        ("Collaboration & Productivity", Topic.TECHNOLOGIES, Topic.TOOLS),
        ("Collaboration", None, Topic.OTHER),
        ("Important Backend Concepts", None, Topic.CONCEPTS),
        ("Design Patterns", Topic.LEARNINGS, Topic.CONCEPTS),
        ("Design Patterns", None, None),
        ("Best Practices & Personal Takeaways", None, Topic.PRACTICES),
        ("Security Best Practices", Topic.CONCEPTS, Topic.CONCEPTS),
        ("Best Practices", Topic.CHALLENGES, Topic.PRACTICES),
        ("Database Concepts", Topic.CHALLENGES, Topic.CHALLENGES),
        ("What I Learned", None, Topic.LEARNINGS),
        ("Challenges, Solutions & Lessons Learned", None, Topic.CHALLENGES),
        ("Problems and Solutions", None, Topic.CHALLENGES),
        ("Issues Encountered", None, Topic.CHALLENGES),
        ("Problem Statement", None, None),
        ("Project Overview", None, Topic.OTHER),
        ("Databases", Topic.TECHNOLOGIES, Topic.TECHNOLOGIES),
        ("Features", Topic.TECHNOLOGIES, Topic.TECHNOLOGIES),
        ("Modern tooling (Vite, Jest, Expo, Babel)", None, None),
        ("🎉", None, None),
        ("Technologys i learnt", None, Topic.TECHNOLOGIES),
        ("What I used", None, Topic.TECHNOLOGIES),
        ("What the service used", None, None),
        ("Ideas I understand now", None, Topic.CONCEPTS),
        ("The hard parts", None, Topic.CHALLENGES),
        ("Spare parts", None, None),
        ("What I keep with me", None, Topic.PRACTICES),
        ("What the cache keeps", None, None),
        ("Things I do in every project now", None, Topic.PRACTICES),
        ("Things to do in every project", None, Topic.OTHER),
        ("What I would tell my younger self", None, Topic.PRACTICES),
        ("Habits that stayed", None, Topic.PRACTICES),
        ("Lessons", Topic.CONCEPTS, Topic.LEARNINGS),
        ("Lessons", None, None),
        ("Thank you", Topic.PRACTICES, Topic.OTHER),
        ("About me", Topic.PRACTICES, Topic.OTHER),
    ],
)
def test_topics(title: str, within: Topic | None, topic: Topic | None) -> None:
    assert topic_of(title, within) is topic


def test_headings_nest_by_level() -> None:
    assert tree("# Notes\na\n## Technologies\n### Databases\n- b\n## Licence\nc\n") == [
        (
            ("Notes", None, 1),
            [
                (("Technologies", "technologies", 0), [(("Databases", "technologies", 1), [])]),
                (("Licence", None, 1), []),
            ],
        )
    ]


def test_a_title_is_no_topic() -> None:
    assert tree("# Django Technologies for Everyone\n")[0][0] == ("Django Technologies for Everyone", None, 0)


def test_an_empty_heading_with_a_colon_goes_on_in_the_next() -> None:
    assert tree("# Notes\n### Technologies:\n### Python, Django\n### Concepts:\n### Caching\n") == [
        (
            ("Notes", None, 0),
            [
                (("Technologies:", "technologies", 0), [(("Python, Django", "technologies", 0), [])]),
                (("Concepts:", "concepts", 0), [(("Caching", "concepts", 0), [])]),
            ],
        )
    ]


def test_bold_lines_are_headings_but_labels_are_not() -> None:
    assert tree("## Notes\n\n**Challenges**\n\n**1. Slow pages**\n**Problem:**\nno index\n\n**Tools:**\n- Git\n") == [
        (
            ("Notes", None, 0),
            [(("Challenges", "challenges", 0), [(("Slow pages", "challenges", 3), [])])],
        )
    ]


def test_topics_before_enumerations_are_headings() -> None:
    assert tree("# Notes\n**Technologies:** Python, Django\n**Time:** a week\n\n- more\n") == [
        (("Notes", None, 2), [(("Technologies", "technologies", 1), [])])
    ]


def test_topics_before_lists_are_headings() -> None:
    assert tree("# Notes\n## Learned\nBest practices:\n- a\n\nHere are some:\n- b\n")[0][1] == [
        (("Learned", "learnings", 0), [(("Best practices:", "practices", 3), [])])
    ]


def test_a_document_without_markdown_has_headings_too() -> None:
    text = (
        "My Notes\n\nOverview\nTechnologies\nChallenges faced\nGoals\n\n"
        "1. Technologies\n\nPython: a language.\n\n2. Challenges faced\n\nSlow Pages\nSolution: an index.\n"
    )
    assert tree(text) == [
        (("Technologies", "technologies", 1), []),
        (("Challenges faced", "challenges", 1), []),
    ]


def test_one_list_may_be_the_whole_document() -> None:
    assert tree("- **Technologies**\n  - Git\n- **Concepts:**\n  - Caching\n") == [
        (("Technologies", "technologies", 1), []),
        (("Concepts:", "concepts", 1), []),
    ]
