import pytest

from knowledge.documents import Named, ParseWarning, parse_document


def technologies(text: str) -> list[tuple[str, str, int]]:
    return [(named.name, named.text, named.line) for named in parse_document("## Technologies\n" + text).technologies]


def concepts(text: str) -> list[tuple[str, str, int]]:
    return [(named.name, named.text, named.line) for named in parse_document("## Key Concepts\n" + text).concepts]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("- **Docker** – containers", [("Docker", "containers", 2)], id="lead and dash"),
        pytest.param("* 🐳 **Docker:** containers", [("Docker", "containers", 2)], id="lead with its colon"),
        pytest.param("1. Docker: containers", [("Docker", "containers", 2)], id="colon"),
        pytest.param("- Docker → containers", [("Docker", "containers", 2)], id="arrow"),
        pytest.param("- Docker\tcontainers", [("Docker", "containers", 2)], id="tab"),
        pytest.param(
            "- **Docker**\n  containers\n  - small", [("Docker", "containers\n- small", 2)], id="lines beneath"
        ),
        pytest.param("- **Celery** and **RabbitMQ**: jobs", [("Celery and RabbitMQ", "jobs", 2)], id="two leads"),
        pytest.param("- Docker\n- CI/CD", [("Docker", "", 2), ("CI/CD", "", 3)], id="names alone"),
        pytest.param("- `Redis` for caching", [("Redis", "", 2)], id="purpose"),
        pytest.param(
            "**Data:** PostgreSQL, Redis\n**Deployment:** Docker",
            [("PostgreSQL", "", 2), ("Redis", "", 2), ("Docker", "", 3)],
            id="lines of categories",
        ),
        pytest.param("- **Python & Django** for APIs", [("Python & Django", "", 2)], id="purpose with capitals"),
        pytest.param("- **Docker**, the usual one", [("Docker", "the usual one", 2)], id="a name and a comma"),
        pytest.param("- **Django**, **Redis**", [("Django", "", 2), ("Redis", "", 2)], id="two names and a comma"),
        pytest.param(
            "Using Python 3, Django, and Redis I built it, with Pytest, Tox & Ruff beside.",
            [(n, "", 2) for n in ("Python 3", "Django", "Redis", "Pytest", "Tox", "Ruff")],
            id="names in a sentence",
        ),
        pytest.param("I met Jane, who lives in Accra, and Kofi.", [], id="a sentence without names in a row"),
        pytest.param(
            "- Django\n\n**Implementation process**\n1. Design the schema\n2. Add tests",
            [("Django", "", 2)],
            id="another matter beneath a list",
        ),
        pytest.param(
            "- Django\n\n### Celery\n- I used it to send mails later",
            [("Django", "", 2), ("Celery", "- I used it to send mails later", 4)],
            id="one more name beneath a list",
        ),
        pytest.param("- Building small images with Docker", [], id="a sentence names nothing"),
        pytest.param("- [Your tools here]", [], id="a placeholder"),
        pytest.param("Python, Django and more\n", [], id="prose"),
        pytest.param("Python, Django, Docker", [(n, "", 2) for n in ("Python", "Django", "Docker")], id="enumeration"),
        pytest.param(
            "<kbd>Python</kbd> <kbd>Django 5</kbd> <kbd>Redis</kbd>",
            [(n, "", 2) for n in ("Python", "Django 5", "Redis")],
            id="keys",
        ),
        pytest.param(
            "Press <kbd>A</kbd> <kbd>B</kbd> <kbd>C</kbd> to see all that there is to see", [], id="keys to press"
        ),
        pytest.param("Python\nDjango", [("Python", "", 2), ("Django", "", 3)], id="a name a line"),
        pytest.param(
            "Docker: containers\nGit: versions", [("Docker", "containers", 2), ("Git", "versions", 3)], id="lines"
        ),
        pytest.param(
            "- **Databases:** PostgreSQL, Redis (cache, queue)\n- **Containers:** Docker for deployment",
            [("PostgreSQL", "", 2), ("Redis (cache, queue)", "", 2), ("Docker", "", 3)],
            id="categories with their members",
        ),
        pytest.param(
            "- **PostgreSQL:** Relational database\n- **Docker:** Containerization",
            [("PostgreSQL", "Relational database", 2), ("Docker", "Containerization", 3)],
            id="names with their kinds",
        ),
        pytest.param(
            "- **Data**\n  - PostgreSQL\n  - Redis\n- **Git**\n  - used for every single change",
            [("PostgreSQL", "", 3), ("Redis", "", 4), ("Git", "- used for every single change", 5)],
            id="members nested in categories",
        ),
        pytest.param(
            "### Data\n- PostgreSQL\n- Redis\n### Deployment\n- **Docker** – containers",
            [("PostgreSQL", "", 3), ("Redis", "", 4), ("Docker", "containers", 6)],
            id="headings over names",
        ),
        pytest.param(
            "### Redis\n- Keeps what is dear to compute\n### Docker\nRuns the same everywhere",
            [("Redis", "- Keeps what is dear to compute", 2), ("Docker", "Runs the same everywhere", 4)],
            id="headings that are names",
        ),
        pytest.param("### Redis\n### Docker", [("Redis", "", 2), ("Docker", "", 3)], id="headings alone"),
        pytest.param(
            "| Area | Technologies |\n|--|--|\n| Data | PostgreSQL, Redis |",
            [("PostgreSQL", "", 4), ("Redis", "", 4)],
            id="table of categories",
        ),
        pytest.param(
            "| Technology | Purpose |\n|--|--|\n| Redis | Caching |", [("Redis", "Caching", 4)], id="table of names"
        ),
    ],
)
def test_technologies(text: str, found: list[tuple[str, str, int]]) -> None:
    assert technologies(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("- **Caching**: Redis, Memcached", [("Caching", "Redis, Memcached", 2)], id="no members"),
        pytest.param("- **Caching**\n  - Redis", [("Caching", "- Redis", 2)], id="details nested"),
        pytest.param("### Caching\n- **Redis**: fast", [("Caching", "- Redis: fast", 2)], id="headings are names"),
        pytest.param("### Backend concepts\n- Caching", [("Caching", "", 3)], id="headings that only group"),
        pytest.param(
            "**Indexing** speeds up reads.\n\n**Async I/O** lets one thread\nwait.",
            [("Indexing", "speeds up reads.", 2), ("Async I/O", "lets one thread wait.", 4)],
            id="names that open sentences",
        ),
        pytest.param(
            "- **Indexing** speeds up reads\n  - not writes\n- **Queues** put work off",
            [("Indexing", "speeds up reads\n- not writes", 2), ("Queues", "put work off", 4)],
            id="items that are sentences",
        ),
        pytest.param(
            "- **REST** with Django views\n- **Query** plans and indexes",
            [("REST with Django views", "", 2), ("Query plans and indexes", "", 3)],
            id="names of which a part is bold",
        ),
        pytest.param(
            "- **Caching**, to save work\n- **Queues**",
            [("Caching", "to save work", 2), ("Queues", "", 3)],
            id="a purpose",
        ),
        pytest.param("- Caching and what to keep in it", [("Caching and what to keep in it", "", 2)], id="long names"),
    ],
)
def test_concepts(text: str, found: list[tuple[str, str, int]]) -> None:
    assert concepts(text) == found


def test_tools_of_working_together_are_apart() -> None:
    document = parse_document("## Technologies & Tools\n### Backend\n- Django\n### Collaboration\n- Trello / Notion\n")
    assert document.technologies == (Named("Django", "", 3),)
    assert document.tools == (Named("Trello / Notion", "", 5),)


def test_a_name_counts_once() -> None:
    document = parse_document("## Technologies\n- Docker: first\n- docker: second\n")
    assert document.technologies == (Named("Docker", "first", 2),)


def test_prose_is_a_warning() -> None:
    document = parse_document("# Notes\n\n## Technologies\nI learned a lot about them.\n")
    assert document.warnings == (ParseWarning(3, "Nothing could be read under “Technologies”."),)


def test_an_empty_section_is_none() -> None:
    assert parse_document("# Notes\n\n## Technologies\n\n## Licence\n").warnings == ()


def test_pictures_are_names_where_nothing_else_is_said() -> None:
    pictures = "## Technologies\n\n![Python](a.svg) [![Django](b.svg)](https://example.com)\n![Redis](c.svg)\n"
    found = parse_document(pictures).technologies
    assert [(named.name, named.line) for named in found] == [("Python", 3), ("Django", 3), ("Redis", 4)]
    assert [named.name for named in parse_document(pictures + "\n- Docker\n").technologies] == ["Docker"]
    assert parse_document("## Concepts\n\n![Python](a.svg) ![Django](b.svg)\n").concepts == ()


def test_a_picture_that_names_nothing_is_a_warning() -> None:
    document = parse_document("# Notes\n\n## Technologies\n\n![How it all fits together](x.svg)\n")
    assert (document.technologies, [warning.line for warning in document.warnings]) == ((), [3])


def test_a_line_each_is_enough() -> None:
    document = parse_document(
        "# Notes\n**Technologies:** Python, Django\n\n**Tools:** Git, Trello\n\n**Concepts:** Caching, Queues\n"
    )
    assert document.technologies == (Named("Python", "", 2), Named("Django", "", 2))
    assert document.tools == (Named("Git", "", 4), Named("Trello", "", 4))
    assert document.concepts == (Named("Caching", "", 6), Named("Queues", "", 6))
