"""A zip archive from elsewhere, looked at before anything of it is unpacked, and unpacked only into memory."""

import io
import re
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from knowledge.documents.errors import ArchiveRefused, ArchiveTooLarge
from knowledge.text import normal

ARCHIVE_MOST: Final = 100_000_000
UNPACKED_MOST: Final = 500_000_000
MEMBERS_MOST: Final = 20_000
# Text shrinks to a fifth, tables to a twentieth; a bomb to a thousandth.
RATIO_MOST: Final = 100
# Below this a high ratio does no harm.
RATIO_FROM: Final = 1_000_000

_ENTRY: Final = b"PK\x01\x02"
_ENCRYPTED: Final = 0x1 | 0x40
_UTF8: Final = 0x800
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_NESTED: Final = re.compile(r"\.(?:zip|7z|rar|tar|t?gz|bz2|xz|zst)$", re.IGNORECASE)
_BROKEN: Final = (BadZipFile, ValueError, NotImplementedError, EOFError, OverflowError, RuntimeError)


class Archive:
    """An open archive that was looked at: each member's name, and what it holds."""

    def __init__(self, opened: ZipFile, members: dict[str, ZipInfo]) -> None:
        self._opened = opened
        self._members = members

    def names(self) -> list[str]:
        """The members' names, folders left out, sorted."""
        return sorted(self._members)

    def read(self, name: str, most: int) -> bytes:
        """What a member holds, or as much of it as shows that it has more than `most` bytes. Raises ArchiveRefused."""
        with _told_as_refusals(), self._opened.open(self._members[name]) as file:
            return file.read(most + 1)


@contextmanager
def opened(data: bytes) -> Iterator[Archive]:
    """The archive, all of whose members may be read. Raises ArchiveRefused and ArchiveTooLarge."""
    if len(data) > ARCHIVE_MOST:
        raise ArchiveTooLarge(f"it has more than {ARCHIVE_MOST:,} bytes")
    # Counted before the library makes an object of each.
    if data.count(_ENTRY) > MEMBERS_MOST:
        raise ArchiveTooLarge(f"it has more than {MEMBERS_MOST:,} members")
    with _told_as_refusals():
        archive = ZipFile(io.BytesIO(data))
    with archive:
        yield Archive(archive, _checked(archive.infolist(), len(data)))


@contextmanager
def _told_as_refusals() -> Iterator[None]:
    try:
        yield
    except (*_BROKEN, struct.error, zlib.error) as error:
        if isinstance(error, ArchiveRefused):
            raise
        raise ArchiveRefused("it is no zip archive, or is damaged") from None


def _checked(infos: list[ZipInfo], size: int) -> dict[str, ZipInfo]:
    members: dict[str, ZipInfo] = {}
    seen: set[str] = set()
    for info in infos:
        name = _name(info)
        _refuse_harm(info, name)
        key = normal("NFC", name).casefold()
        if key in seen:
            raise ArchiveRefused(f"it has two members called {name}")
        seen.add(key)
        if not info.is_dir():
            members[name] = info
    unpacked = sum(info.file_size for info in infos)
    if unpacked > UNPACKED_MOST:
        raise ArchiveTooLarge(f"it would unpack to more than {UNPACKED_MOST:,} bytes")
    if unpacked > RATIO_FROM and unpacked > RATIO_MOST * size:
        raise ArchiveTooLarge(f"it would unpack to more than {RATIO_MOST} times its size")
    return members


def _name(info: ZipInfo) -> str:
    """The member's name. Where the archive does not say in which encoding it is, it is UTF-8 or refused."""
    name = info.orig_filename
    if info.flag_bits & _UTF8 or name.isascii():
        return name
    try:
        return name.encode("cp437").decode()
    except UnicodeError:
        raise ArchiveRefused("a member's name is not in UTF-8") from None


def _refuse_harm(info: ZipInfo, name: str) -> None:
    shown = "".join(char if char.isprintable() else "?" for char in name[:100])
    parts = name.removesuffix("/").split("/")
    if any(not char.isprintable() for char in name):
        raise ArchiveRefused(f"a member's name has control characters: {shown}")
    if name.startswith("/") or "\\" in name or _DRIVE.match(name) or {"..", ".", ""} & set(parts):
        raise ArchiveRefused(f"a member's name leads out of it: {shown}")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArchiveRefused(f"it holds a link or a device: {shown}")
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveRefused(f"it is encrypted: {shown}")
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise ArchiveRefused(f"it is packed in a way that no export has: {shown}")
    if _NESTED.search(name):
        raise ArchiveRefused(f"it holds another archive: {shown}. Unpack it, and name the inner one")
    if info.file_size > RATIO_FROM and info.file_size > RATIO_MOST * info.compress_size:
        raise ArchiveTooLarge(f"{shown} would unpack to more than {RATIO_MOST} times its size")
