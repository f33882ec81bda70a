"""An export stands in its folder whole, or not at all, and nowhere else."""

from pathlib import Path

import pytest

from knowledge.documents.exporting.folder import FolderInTheWay, new_folder

ABOUT = b"---\nnexus: '1'\ndocument: export\n---\n"


def fill(place: Path, *, replace: bool = False, about: bytes = ABOUT) -> None:
    with new_folder(place, replace=replace) as folder:
        folder.write("about.md", about)
        folder.write("deep/a.md", b"a")


def tree(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


@pytest.mark.parametrize("made", [False, True])
def test_a_new_or_empty_folder_is_filled(tmp_path: Path, made: bool) -> None:
    place = tmp_path / "export"
    if made:
        place.mkdir()
    fill(place)
    assert tree(tmp_path) == ["export", "export/about.md", "export/deep", "export/deep/a.md"]
    assert (place / "about.md").read_bytes() == ABOUT
    assert place.stat().st_mode & 0o777 == 0o755 & ~_umask(tmp_path)


def _umask(tmp_path: Path) -> int:
    other = tmp_path / "other"
    other.mkdir()
    return 0o777 & ~other.stat().st_mode


def test_folders_above_it_are_made(tmp_path: Path) -> None:
    fill(tmp_path / "a/b/export")
    assert (tmp_path / "a/b/export/about.md").exists()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "export"
    place.mkdir()
    (place / "mine.txt").write_text("mine")
    with pytest.raises(FolderInTheWay, match=r"not empty\. An export goes into a new folder"):
        fill(place)
    with pytest.raises(FolderInTheWay, match="holds no export"):
        fill(place, replace=True)
    assert tree(tmp_path) == ["export", "export/mine.txt"]


def test_an_earlier_export_is_replaced_where_that_is_said(tmp_path: Path) -> None:
    place = tmp_path / "export"
    fill(place)
    (place / "old.md").write_text("old")
    with pytest.raises(FolderInTheWay, match="--replace"):
        fill(place)
    assert (place / "old.md").exists()
    fill(place, replace=True, about=ABOUT + b"new")
    assert tree(tmp_path) == ["export", "export/about.md", "export/deep", "export/deep/a.md"]
    assert (place / "about.md").read_bytes() == ABOUT + b"new"


def test_a_file_and_a_link_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    before = tree(tmp_path)
    for name, why in (("file", "is no folder"), ("link", "symbolic link"), ("dangling", "symbolic link")):
        with pytest.raises(FolderInTheWay, match=why):
            fill(tmp_path / name, replace=True)
    assert tree(tmp_path) == before


def test_an_export_whose_mark_is_a_link_is_none(tmp_path: Path) -> None:
    (tmp_path / "about.md").write_bytes(ABOUT)
    place = tmp_path / "mine"
    place.mkdir()
    (place / "about.md").symlink_to(tmp_path / "about.md")
    with pytest.raises(FolderInTheWay, match="holds no export"):
        fill(place, replace=True)


@pytest.mark.parametrize("earlier", [False, True])
def test_what_fails_leaves_everything_as_it_was(tmp_path: Path, earlier: bool) -> None:
    place = tmp_path / "export"
    if earlier:
        fill(place)
    before = tree(tmp_path)
    with pytest.raises(RuntimeError, match="halfway"), new_folder(place, replace=True) as folder:  # noqa: PT012 - the block is what fails
        folder.write("a.md", b"a")
        raise RuntimeError("halfway")
    assert tree(tmp_path) == before


def test_a_folder_that_was_filled_meanwhile_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "export"
    with pytest.raises(FolderInTheWay, match="not empty"), new_folder(place) as folder:  # noqa: PT012 - as above
        folder.write("a.md", b"a")
        place.mkdir()
        (place / "mine.txt").write_text("mine")
    assert tree(tmp_path) == ["export", "export/mine.txt"]


@pytest.mark.parametrize("name", ["../a.md", "/tmp/a.md", "a/../../b.md", "a\\..\\b.md"])  # noqa: S108 - nothing is written
def test_nothing_is_written_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not beneath"), new_folder(tmp_path / "export") as folder:
        folder.write(name, b"a")
    assert tree(tmp_path) == []


def test_no_file_is_written_twice(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError), new_folder(tmp_path / "export") as folder:  # noqa: PT012 - as above
        folder.write("a.md", b"a")
        folder.write("a.md", b"b")
    assert tree(tmp_path) == []
