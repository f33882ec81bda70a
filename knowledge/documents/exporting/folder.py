"""Files into a new folder: all of them, or the folder is as it was.

They are written into a folder beside it that nobody else may enter, which takes its place when all is written. Nothing
is written through a symbolic link, and nothing outside.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from knowledge.documents.exact.writing import OPENING
from knowledge.documents.exporting.pages import ABOUT

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_READABLE: Final = 0o644
_ENTERABLE: Final = 0o755


class FolderInTheWay(Exception):
    """Something is at the place of the folder that must not be replaced; the message says what."""


class NewFolder:
    """A folder that is being filled."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, name: str, data: bytes) -> None:
        """Writes a file that is not there yet; `name` is its path beneath the folder. Raises ValueError outside."""
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name:
            raise ValueError(f"{name} is not beneath the folder")
        place = self._root / path
        place.parent.mkdir(mode=_ENTERABLE, parents=True, exist_ok=True)
        with os.fdopen(os.open(place, _NEW, _READABLE), "wb") as file:
            file.write(data)


@contextmanager
def new_folder(place: Path, *, replace: bool = False) -> Iterator[NewFolder]:
    """A folder to fill, which stands at `place` when the block has ended well, and nowhere when it has not.

    Raises FolderInTheWay where something other than an empty folder is there: with `replace`, other than an export.
    """
    parent = place.parent.resolve()
    target = parent / place.name
    _refuse(target, replace=replace)
    parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name[:60]}.", dir=parent))
    try:
        filled = work / "new"
        filled.mkdir(mode=_ENTERABLE)
        yield NewFolder(filled)
        _refuse(target, replace=replace)  # it may have been filled meanwhile
        _put(filled, target, aside=work.with_name(f"{work.name}.old"))
    finally:
        shutil.rmtree(work)


def _put(filled: Path, target: Path, *, aside: Path) -> None:
    """Lets the filled folder stand in the other's place; where that fails, the other one stands there again."""
    if not target.exists():
        filled.rename(target)
        return
    target.rename(aside)
    try:
        filled.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside)


def _refuse(target: Path, *, replace: bool) -> None:
    if not target.name:
        raise FolderInTheWay("That is no place for a new folder.")
    if target.is_symlink():
        raise FolderInTheWay(f"{target} is a symbolic link.")
    if not target.exists():
        return
    if not target.is_dir():
        raise FolderInTheWay(f"{target} is no folder.")
    if not any(target.iterdir()):
        return
    if not replace:
        raise FolderInTheWay(f"{target} is not empty. An export goes into a new folder, or replaces one: --replace.")
    if not _is_export(target):
        raise FolderInTheWay(f"{target} is not empty and holds no export, so it is not replaced.")


def _is_export(folder: Path) -> bool:
    about = folder / ABOUT
    if about.is_symlink() or not about.is_file():
        return False
    with about.open("rb") as file:
        return file.read(len(OPENING) + len("export")) == f"{OPENING}export".encode()
