"""Three versions of a text merged into one, by the library that Git servers merge with: nothing here touches a disk."""

from dataclasses import dataclass
from typing import Final

from pygit2 import Odb, OdbBackend, Oid, Repository
from pygit2.enums import FileMode, ObjectType
from pygit2.index import IndexEntry

ALONE: Final = 1


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of two changes to one text. It is `clean` when none of them stands in the other's way."""

    text: str
    clean: bool


def merge(base: str, shown: str, proposed: str, *, shown_name: str, proposed_name: str) -> Merged:
    """`base` with the changes of both others.

    Where both changed the same lines, or lines beside each other, in different ways, both stand between conflict
    markers, and the merge is not clean.
    """
    repository = Repository()
    store = Odb()
    store.add_backend(_Memory(), ALONE)
    repository.set_odb(store)
    ancestor, ours, theirs = (
        # Each line has its end, the last one too, so that it is equal to the same line further up.
        IndexEntry(name, repository.create_blob(f"{text}\n".encode()), FileMode.BLOB)
        for name, text in (("base", base), (shown_name, shown), (proposed_name, proposed))
    )
    result = repository.merge_file_from_index(ancestor, ours, theirs)
    return Merged((result.contents or "").removesuffix("\n"), result.automergeable)


class _Memory(OdbBackend):
    """Where the three texts lie while they are merged."""

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[Oid, tuple[int, bytes]] = {}

    def write_cb(self, oid: Oid, data: bytes, kind: ObjectType) -> None:
        self.held[oid] = (kind, data)

    def read_cb(self, oid: Oid) -> tuple[int, bytes]:
        return self.held[oid]

    def exists_cb(self, oid: Oid) -> bool:
        return oid in self.held

    def refresh_cb(self) -> None:
        """There is nothing elsewhere to look for."""
