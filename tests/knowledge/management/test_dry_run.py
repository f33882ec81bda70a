"""A dry run shows what the real run then does: on the command line and through the API."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from knowledge.documents.exporting import export_documents
from knowledge.documents.importing import import_document
from knowledge.models import Entry
from tests.cast import Cast
from tests.client import Client
from tests.snapshot import every_row

URL = "https://example.com/readme"
FIRST = """# First
## Technologies
- Django: pages
- Redis: fast
## Challenges
- **Challenge:** Mails block Django
  - **Solution:** Hand them to Celery.
- **Challenge:** Nobody knows why tests fail
"""
DOCUMENTS = {
    "new": "# New\n## Tools\n- Git: history\n- Docker\n",
    "matches the one before": "# Next\n## Tools\n- Git: something else\n- Docker\n## Concepts\n- Caching: keep it\n",
    "as it was": FIRST,
    "changed": FIRST.replace("to Celery", "to a worker").replace("Redis: fast", "Redis: very fast\n- Kafka"),
    "the same again": "# New\n## Tools\n- Git: history\n- Docker\n",
    "warns": "# Warns\n## Challenges\n| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |\n",
    "broken": "a\0b",
    "empty": "\n",
    "after it": "# After\n## Tools\n- Docker: again\n",
}


@pytest.fixture
def lived_in(cast: Cast) -> Cast:
    """A base in which the first document was imported, and edited by hand."""
    import_document(cast.viewer("staff"), markdown=FIRST, url=URL)
    Entry.objects.filter(slug="django").update(summary="edited by hand")
    return cast


def told(*arguments: object, **options: Any) -> tuple[list[str], list[str], bool]:
    """What a run tells, without the words that it was a dry one, and whether it failed."""
    out, errors = io.StringIO(), io.StringIO()
    failed = False
    try:
        call_command("import_documents", *map(str, arguments), stdout=out, stderr=errors, **options)
    except CommandError:
        failed = True
    lines = out.getvalue().replace(" (dry run: nothing was kept)", "").splitlines()
    return lines, errors.getvalue().splitlines(), failed


def twice(*arguments: object, **options: Any) -> tuple[list[str], list[str], bool]:
    """What both runs tell alike; only the second one changes anything."""
    before = every_row()
    dry = told(*arguments, dry_run=True, **options)
    assert every_row() == before
    real = told(*arguments, **options)
    assert dry == real
    return real


def test_a_folder(lived_in: Cast, tmp_path: Path) -> None:
    for number, (name, text) in enumerate(DOCUMENTS.items()):
        (tmp_path / f"{number} {name}.md").write_text(text)
    out, errors, failed = twice(tmp_path)
    assert [line.removeprefix(f"{tmp_path}/").split(".md: ")[-1] for line in out] == [
        "“New”: entries 2 new; tags 2 new",
        "“Next”: entries 1 new, 2 matched; tags 1 new",
        "“First”: nothing new",
        "“First”: entries 1 new, 2 matched; tags 1 new; challenges 2 matched; solutions 1 new",
        "“New”: nothing new",
        "“Warns”: nothing new; 1 warning",
        "“After”: entries 1 matched",
        "7 documents imported, 2 refused: entries 4 new, 5 matched; tags 4 new; challenges 2 matched; solutions 1 new.",
    ]
    assert [line.split(": ")[1:3] for line in errors] == [["refused", "INVALID"], ["refused", "REQUIRED"]]
    assert failed
    # And once more, upon all that is there now.
    assert twice(tmp_path)[0][-1].startswith("7 documents imported, 2 refused: ")


def test_a_document_that_came_in_before(lived_in: Cast, tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text(FIRST.replace("pages", "sites").replace("fast", "very fast").replace("to Celery", "to a worker"))
    out, _, failed = twice(file, url=URL)
    assert out[0].removeprefix(f"{file}: ") == (
        "“First”: entries 1 updated; challenges 1 updated; edited by hand 1 kept"
    )
    assert not failed


def test_an_export(lived_in: Cast, tmp_path: Path) -> None:
    export_documents(tmp_path / "export")
    assert twice(tmp_path / "export")[0][-1].endswith("0 refused: nothing new.")
    Entry.objects.all().delete()
    out, errors, failed = twice(tmp_path / "export")
    assert (out[-1].split(": ", 1)[1], errors, failed) == ("entries 2 new, 2 matched.", [], False)


def test_what_other_programs_export(lived_in: Cast, tmp_path: Path) -> None:
    card = {"id": "c", "name": "Django is slow", "desc": "", "labels": [{"name": "Challenge"}], "idList": "l"}
    (tmp_path / "board.json").write_text(json.dumps({"name": "Board", "cards": [card]}))
    with zipfile.ZipFile(tmp_path / "notion.zip", "w") as archive:
        archive.writestr("One 0123456789abcdef0123456789abcdef.md", "# One\n\n## Tools\n- Docker\n- Django\n")
        archive.writestr("Two 0123456789abcdef0123456789abcdee.md", "# Two\n\n## Tools\n- Docker\n")
        archive.writestr("Bad.md", b"a\0b")
    out, errors, failed = twice(tmp_path / "notion.zip", tmp_path / "board.json")
    assert [line.split(": ", 1)[1] for line in out] == [
        "“One”: entries 1 new, 1 matched; tags 1 new",
        "“Two”: entries 1 matched",
        "“Board”: challenges 1 new",
        "entries 1 new, 2 matched; tags 1 new; challenges 1 new.",
    ]
    assert (len(errors), failed) == (1, True)


IMPORT = """mutation ($markdown: String!, $url: String, $dryRun: Boolean) {
  documentImport(input: {markdown: $markdown, url: $url, dryRun: $dryRun}) {
    source { title } errors { path code message }
    report {
      entriesCreated entriesMatched entriesUpdated tagsCreated challengesCreated challengesMatched challengesUpdated
      solutionsCreated kept warnings { line message }
      items { line kind outcome title text tags subject { __typename } }
    }
  }
}"""
CHANGED = FIRST.replace("pages", "sites").replace("fast", "very fast").replace("to Celery", "to a worker")


@pytest.mark.parametrize("name", ["author", "staff"])
@pytest.mark.parametrize(
    ("document", "url"), [*((text, None) for text in DOCUMENTS.values()), (FIRST, URL), (CHANGED, URL)]
)
def test_through_the_api(lived_in: Cast, api: Client, name: str, document: str, url: str | None) -> None:
    person = getattr(lived_in, name)
    given = {"markdown": document, "url": url}
    api.run("{ viewer { id } }", as_=person)
    before = every_row()
    dry = api.run(IMPORT, {**given, "dryRun": True}, as_=person).data["documentImport"]
    assert every_row() == before
    real = api.run(IMPORT, {**given, "dryRun": False}, as_=person).data["documentImport"]
    if real["report"] is not None:
        assert (dry["source"], {item["subject"] is None for item in dry["report"]["items"]} - {True}) == (None, set())
        assert real["source"] is not None
        for item in (*dry["report"]["items"], *real["report"]["items"]):
            del item["subject"]
    assert {**dry, "source": None} == {**real, "source": None}
