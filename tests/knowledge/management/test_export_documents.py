import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from knowledge.documents.importing import import_document
from knowledge.policy import COMMAND_LINE
from tests.knowledge.documents.exporting.given import empty

DOCUMENT = "# Mine\n## Tools\n- Git: history\n## Challenges\n- Challenge: Slow\n- Solution: Faster\n"


def run(command: str, *arguments: str | Path, **options: bool) -> list[str]:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out, **options)
    return out.getvalue().splitlines()


@pytest.fixture
def mine(db: None) -> None:
    import_document(COMMAND_LINE, markdown=DOCUMENT)


def test_it_tells_what_it_wrote_and_its_hash(mine: None, tmp_path: Path) -> None:
    place = tmp_path / "export"
    (known,) = run("content_hash")
    assert run("export_documents", place) == [
        f"{place}: 1 tags, 1 entries, 1 challenges, 1 solutions, 1 sources.",
        f"content hash {known}",
    ]
    assert f"content_hash: {known}\n" in (place / "about.md").read_text()
    empty()
    assert run("import_documents", place)[-1] == (
        "5 documents imported, 0 refused: entries 1 new, 1 matched; tags 1 new; challenges 1 new, 1 matched; "
        "solutions 1 new."
    )
    assert run("content_hash") == [known]


def test_an_empty_base_is_an_export_too(db: None, tmp_path: Path) -> None:
    run("export_documents", tmp_path / "export")
    assert [path.name for path in (tmp_path / "export").iterdir()] == ["about.md"]
    assert run("import_documents", tmp_path / "export")[-1] == "1 document imported, 0 refused: nothing new."


def test_it_replaces_nothing_but_an_export(mine: None, tmp_path: Path) -> None:
    run("export_documents", tmp_path / "export")
    with pytest.raises(CommandError, match=r"is not empty\. An export goes into a new folder"):
        run("export_documents", tmp_path / "export")
    run("export_documents", tmp_path / "export", replace=True)
    with pytest.raises(CommandError, match="holds no export"):
        run("export_documents", tmp_path, replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


def test_a_place_that_cannot_be_is_told(db: None, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CommandError, match="file/export: "):
        run("export_documents", tmp_path / "file/export")
