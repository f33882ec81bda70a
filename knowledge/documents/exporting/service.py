"""An export of everything that is visible."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import connection, transaction

from knowledge.documents.exact.values import (
    Exact,
    ExactAbout,
    ExactChallenge,
    ExactEntry,
    ExactSource,
    ExactTag,
)
from knowledge.documents.exporting.fingerprint import Fingerprint
from knowledge.documents.exporting.folder import new_folder
from knowledge.documents.exporting.gather import gather
from knowledge.documents.exporting.pages import pages

_PLURALS: Final[dict[type[Exact], str]] = {
    ExactTag: "tags",
    ExactEntry: "entries",
    ExactChallenge: "challenges",
    ExactSource: "sources",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: how many of each, and the hash of the content."""

    tags: int
    entries: int
    challenges: int
    solutions: int
    sources: int
    content_hash: str


def export_documents(folder: Path, *, replace: bool = False) -> Exported:
    """Writes what a visitor who is not signed in sees into the folder, as one moment has it.

    A document each for tags, entries, challenges with their solutions, and sources; the same content gives the same
    bytes. Raises FolderInTheWay.
    """
    content = _Content()
    with new_folder(folder, replace=replace) as files, _one_moment():
        for value in content.read():
            for name, data in pages(value):
                files.write(name, data)
        exported = content.summary()
        for name, data in pages(_about(exported)):
            files.write(name, data)
    return exported


def content_hash() -> str:
    """The hash of what a visitor who is not signed in sees: equal to another's where an export of the two would be."""
    content = _Content()
    with _one_moment():
        for _ in content.read():
            pass
    return content.summary().content_hash


class _Content:
    """All values, counted and hashed as they pass."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._fingerprint = Fingerprint()

    def read(self) -> Iterator[Exact]:
        for value in gather():
            self._counts[_PLURALS[type(value)]] += 1
            self._counts["solutions"] += len(value.solutions) if isinstance(value, ExactChallenge) else 0
            self._fingerprint.add(value)
            yield value

    def summary(self) -> Exported:
        numbers = {name: self._counts[name] for name in (*_PLURALS.values(), "solutions")}
        return Exported(**numbers, content_hash=self._fingerprint.hexdigest())


def _about(exported: Exported) -> ExactAbout:
    names = ("tags", "entries", "challenges", "solutions", "sources")
    return ExactAbout(exported.content_hash, tuple((name, getattr(exported, name)) for name in names))


@contextmanager
def _one_moment() -> Iterator[None]:
    """All that is read is as of one moment, and nothing is written. Inside a transaction, as that one has it."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
