"""A zip archive is read, or refused before anything of it is unpacked."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents.errors import ArchiveRefused, ArchiveTooLarge, DocumentError
from knowledge.documents.foreign import archive
from knowledge.documents.foreign.archive import opened


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packed) as made:
        for name, data in members:
            made.writestr(name, data)
    return file.getvalue()


def names(data: bytes) -> list[str]:
    with opened(data) as read:
        return read.names()


def test_members_are_read_by_name() -> None:
    data = zipped(("b.md", b"two"), ("é/a.md", b"one"), ("folder/", b""))
    with opened(data) as read:
        assert read.names() == ["b.md", "é/a.md"]
        assert read.read("é/a.md", 100) == b"one"
        assert read.read("b.md", 2) == b"two"


def renamed(name: str, to: bytes) -> bytes:
    """An archive whose one member has a name that the library would not write."""
    data = zipped((name, b"a"))
    assert len(name.encode()) == len(to)
    return data.replace(name.encode(), to)


def test_a_name_without_a_mark_is_utf_8() -> None:
    assert names(renamed("a12.md", "aé.md".encode())) == ["aé.md"]


def linked(mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("a.md")
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def flagged(flag: int) -> bytes:
    """An archive whose one member has a flag set, in both of its headers."""
    data = bytearray(zipped(("a.md", b"a")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", flag)
    return bytes(data)


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")  # the library warns of what the test makes
@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: zipped(("../a.md", b"a")), "leads out of it"),
        (lambda: zipped(("a/../../b.md", b"a")), "leads out of it"),
        (lambda: zipped(("/etc/a.md", b"a")), "leads out of it"),
        (lambda: zipped(("C:/a.md", b"a")), "leads out of it"),
        (lambda: zipped(("a\\..\\b.md", b"a")), "leads out of it"),
        (lambda: zipped(("a//b.md", b"a")), "leads out of it"),
        (lambda: zipped(("./b.md", b"a")), "leads out of it"),
        (lambda: renamed("a1.md", b"a\0.md"), "control characters"),
        (lambda: zipped(("a\x1b[2J.md", b"a")), "control characters"),
        (lambda: zipped(("a\u202egnp.md", b"a")), "control characters"),
        (lambda: renamed("a1.md", b"a\xff.md"), "not in UTF-8"),
        (lambda: zipped((linked(stat.S_IFLNK | 0o777), b"/etc/passwd")), "a link or a device"),
        (lambda: zipped((linked(stat.S_IFCHR | 0o777), b"")), "a link or a device"),
        (lambda: flagged(1), "encrypted"),
        (lambda: zipped(("a.md", b"a"), packed=zipfile.ZIP_BZIP2), "packed in a way"),
        (lambda: zipped(("a.md", b"a"), packed=zipfile.ZIP_LZMA), "packed in a way"),
        (lambda: zipped(("Part-1.zip", zipped(("a.md", b"a")))), "another archive"),
        (lambda: zipped(("a.tar.GZ", b"")), "another archive"),
        (lambda: zipped(("a.md", b"a"), ("a.md", b"b")), "two members called a.md"),
        (lambda: zipped(("é.md", b"a"), ("E\u0301.md", b"b")), "two members called"),
        (lambda: b"", "no zip archive"),
        (lambda: b"PK\x05\x06" + b"\xff" * 18, "no zip archive"),
        (lambda: zipped(("a.md", b"a"))[:-30], "no zip archive"),
        (lambda: b"# Markdown", "no zip archive"),
    ],
)
def test_what_could_do_harm_is_refused(make: Callable[[], bytes], why: str) -> None:
    with pytest.raises(ArchiveRefused, match=why) as error:
        names(make())
    assert error.value.code == "INVALID"


def test_bombs_are_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    small = zipped(("a.md", b"a"), ("b.md", b"b"))
    bombs = {
        "100 times its size": zipped(("a.md", b"\0" * 2_000_000)),
        "unpack to more than 100 times": zipped(*((f"{number}.md", b"a" * 900_000) for number in range(9))),
    }
    for why, bomb in bombs.items():
        with pytest.raises(ArchiveTooLarge, match=why) as error:
            names(bomb)
        assert error.value.code == "TOO_LONG"
    for limit, why in (("ARCHIVE_MOST", "bytes"), ("MEMBERS_MOST", "members"), ("UNPACKED_MOST", "unpack to more")):
        with monkeypatch.context() as patched:
            patched.setattr(archive, limit, 1)
            with pytest.raises(ArchiveTooLarge, match=why):
                names(small)


def test_members_are_counted_before_they_are_made_objects_of(monkeypatch: pytest.MonkeyPatch) -> None:
    data = zipped(*((f"{number}.md", b"") for number in range(11)))
    monkeypatch.setattr(archive, "MEMBERS_MOST", 10)
    monkeypatch.setattr(archive, "ZipFile", None)
    with pytest.raises(ArchiveTooLarge, match="members"):
        names(data)


def test_a_member_that_lies_of_its_length_is_refused_when_read() -> None:
    data = bytearray(zipped(("a.md", b"hello"), packed=zipfile.ZIP_STORED))
    data[data.index(b"hello")] = ord("j")
    with opened(bytes(data)) as read, pytest.raises(ArchiveRefused, match="damaged"):
        read.read("a.md", 100)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_it_is_it_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(zipped(("a.md", b"hello" * 20), ("b/c.csv", b"a,b\n")))
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)):
        whole[place] = data.draw(st.integers(0, 255))
    try:
        with opened(bytes(whole)) as read:
            for name in read.names():
                assert len(read.read(name, 1_000)) <= 1_001
    except DocumentError as error:
        assert error.code in {"INVALID", "TOO_LONG"}  # noqa: PT017 - one that is read is as good
