import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from knowledge.models import Entry, Role, Source, User
from tests.cast import Cast
from tests.snapshot import every_row

DOCUMENT = "# Mine\n## Technologies\n- Django: a\n- Redis: b\n"


def run(*arguments: str | Path, **options: Any) -> tuple[str, str]:
    out, errors = io.StringIO(), io.StringIO()
    call_command("import_documents", *map(str, arguments), stdout=out, stderr=errors, **options)
    return out.getvalue(), errors.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b.md").write_text(DOCUMENT)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.markdown").write_text("## Technologies\n- Redis: c\n")
    (tmp_path / "deep" / "C.TXT").write_text("## Technologies\n- Kafka\n")
    (tmp_path / "code.py").write_text("## Technologies\n- Python\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "x.md").write_text("## Technologies\n- Hidden\n")
    return tmp_path


def test_a_folder_comes_in_whole_with_a_line_for_each_document(folder: Path, cast: Cast) -> None:
    out, errors = run(folder)
    assert out.splitlines() == [
        f"{folder}/b.md: “Mine”: entries 2 new; tags 2 new",
        f"{folder}/deep/C.TXT: “Technologies”: entries 1 new; tags 1 new",
        f"{folder}/deep/a.markdown: “Technologies”: entries 1 matched",
        "3 documents imported, 0 refused: entries 3 new, 1 matched; tags 3 new.",
    ]
    assert errors == ""
    assert set(Entry.objects.values_list("title", "status", "author")) == {
        (title, "PUBLISHED", cast.staff.pk) for title in ("Django", "Redis", "Kafka")
    }


def test_a_second_time_changes_nothing(folder: Path, cast: Cast) -> None:
    run(folder)
    before = every_row()
    out, _ = run(folder)
    assert out.splitlines()[-1] == "3 documents imported, 0 refused: nothing new."
    assert every_row() == before


def test_a_bad_document_is_told_and_the_rest_goes_in(folder: Path, db: None) -> None:
    (folder / "a-broken.md").write_bytes(b"caf\xe9 \xff\xfe")
    (folder / "empty.md").write_text("\n")
    (folder / "nul.md").write_bytes(b"a\0b")
    (folder / "z-huge.md").write_text("a" * 1_000_001)
    out, errors = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("import_documents", folder, folder / "missing.md", stdout=out, stderr=errors)
    assert error.value.returncode == 1
    refusals = [line.removeprefix(f"{folder}/").split(": ")[:3] for line in errors.getvalue().splitlines()]
    assert refusals == [
        ["a-broken.md", "refused", "INVALID"],
        ["empty.md", "refused", "REQUIRED"],
        ["nul.md", "refused", "INVALID"],
        ["z-huge.md", "refused", "TOO_LONG"],
        ["missing.md", "refused", "NOT_FOUND"],
    ]
    assert out.getvalue().splitlines()[-1].startswith("3 documents imported, 5 refused:")
    assert Source.objects.count() == 3


def test_standard_input_with_an_address(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(DOCUMENT.encode())))
    run("-", url="https://example.com/readme")
    assert Source.objects.get().url == "https://example.com/readme"


def test_an_address_is_for_one_document(folder: Path, db: None) -> None:
    with pytest.raises(CommandError, match="--url is for one document"):
        run(folder, url="https://example.com/readme")
    assert Source.objects.count() == 0


def test_a_dry_run_keeps_nothing(folder: Path, cast: Cast) -> None:
    before = every_row()
    out, _ = run(folder, dry_run=True)
    assert out.splitlines() == [
        f"{folder}/b.md: “Mine”: entries 2 new; tags 2 new",
        f"{folder}/deep/C.TXT: “Technologies”: entries 1 new; tags 1 new",
        f"{folder}/deep/a.markdown: “Technologies”: entries 1 matched",
        "3 documents imported (dry run: nothing was kept), 0 refused: entries 3 new, 1 matched; tags 3 new.",
    ]
    assert every_row() == before


def test_a_link_in_a_folder_leads_nowhere(folder: Path, tmp_path_factory: pytest.TempPathFactory, db: None) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "private.md").write_text("## Technologies\n- Private\n")
    (folder / "link.md").symlink_to(elsewhere / "private.md")
    (folder / "links").symlink_to(elsewhere)
    out, errors = run(folder)
    assert out.splitlines()[-1].startswith("3 documents imported, 0 refused")
    assert (errors, Entry.objects.filter(title="Private").count()) == ("", 0)


def test_what_a_name_holds_does_not_reach_the_terminal(tmp_path: Path, db: None) -> None:
    (tmp_path / "a\x1b[2J.md").write_text(DOCUMENT)
    out, _ = run(tmp_path)
    assert out.splitlines()[0].startswith(f"{tmp_path}/a\ufffd[2J.md: ")


def test_whose_it_is(folder: Path, db: None) -> None:
    run(folder / "b.md")
    assert set(Entry.objects.values_list("author", flat=True)) == {None}
    ada = User.objects.create(username="Ada", role=Role.CONTRIBUTOR)
    run(folder / "deep", username="ada")
    assert list(Entry.objects.filter(title="Kafka").values_list("author", "status")) == [(ada.pk, "PUBLISHED")]
    with pytest.raises(CommandError, match="no user called nobody"):
        run(folder, username="nobody")
