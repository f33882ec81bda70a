"""Files into the knowledge base, one transaction each, with a line told of each."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from django.core.management.base import CommandError, OutputWrapper
from django.db import connection, transaction

from knowledge.documents.errors import DocumentError
from knowledge.documents.foreign.archive import ARCHIVE_MOST, opened
from knowledge.documents.foreign.notion import pages_of
from knowledge.documents.foreign.trello import BOARD_MOST, read_board
from knowledge.documents.importing import Report, import_document, import_read, wait_for_turn
from knowledge.documents.source import MAX_BYTES
from knowledge.errors import Rejected
from knowledge.management.progress import Bar
from knowledge.models import Role, Source, User
from knowledge.policy import COMMAND_LINE, Viewer
from knowledge.services.tags import change_names

STANDARD_INPUT: Final = Path("-")
NOTION: Final = ".zip"
TRELLO: Final = ".json"

_SUFFIXES: Final = frozenset({".md", ".markdown", ".txt"})


@dataclass(slots=True)
class Intake:
    """Imports files and counts what came of them. What is refused is told on `errors`, and the rest goes in.

    `label` is what challenges are labelled with on Trello boards; None where the word itself tells.
    """

    out: OutputWrapper
    errors: OutputWrapper
    bar: Bar = field(default_factory=lambda: Bar(None, 0))
    label: str | None = None
    refused: int = 0
    taken: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    is_rehearsal: bool = False

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """What is taken within is imported as ever, each document upon what those before it left; then all is undone.

        Until it ends nobody else imports, or writes what carries tags: they would wait for each other's rows.
        """
        self.is_rehearsal = True
        with transaction.atomic():
            wait_for_turn()
            change_names()
            yield
            transaction.set_rollback(True)

    def take(self, path: Path, viewer: Viewer, *, url: str | None = None) -> None:
        """Imports one file; `-` is standard input. A Notion export is many documents, a Trello board is one."""
        try:
            if path.suffix.lower() == NOTION:
                self._take_notion(path, viewer)
            elif path.suffix.lower() == TRELLO:
                board = read_board(_read(path, BOARD_MOST), label=self.label)
                self._try(path, lambda: import_read(viewer, document=board.document, url=board.url))
            else:
                data = _read(path, MAX_BYTES)
                self._try(path, lambda: import_document(viewer, markdown=data, url=url))
        except OSError as error:
            self._refuse(path, f"NOT_FOUND: {error.strerror}")
        except DocumentError as error:
            self._refuse(path, f"{error.code}: {error}")

    def sum_up(self) -> None:
        """Tells the totals."""
        self.out.write(
            f"{_number(self.taken, 'document')} imported{' (dry run: nothing was kept)' if self.is_rehearsal else ''}, "
            f"{self.refused} refused: {_in_words(self.counts)}."
        )

    def _take_notion(self, path: Path, viewer: Viewer) -> None:
        with opened(_read(path, ARCHIVE_MOST)) as archive:
            for page in pages_of(archive):
                if isinstance(page, tuple):
                    name, error = page
                    self._refuse(path / name, f"{error.code}: {error}")
                else:
                    imported = partial(import_document, viewer, markdown=page.markdown, url=page.url)
                    self._try(path / page.name, imported)

    def _try(self, path: Path, imported: Callable[[], tuple[Source | None, Report]]) -> None:
        """Imports a document in a transaction of its own, and tells what came of it."""
        try:
            with transaction.atomic():
                source, report = imported()
                if self.is_rehearsal:
                    connection.check_constraints()  # what would only be found out by the commit
        except Rejected as rejection:
            self._refuse(path, "; ".join(f"{mistake.code}: {mistake.message}" for mistake in rejection.mistakes))
        else:
            self._note(path, source, report)

    def _note(self, path: Path, source: Source | None, report: Report) -> None:
        counts = _counted(report)
        self.taken += 1
        self.counts.update(counts)
        title = f" “{source.title}”:" if source else ""
        warnings = f"; {_number(len(report.warnings), 'warning')}" if report.warnings else ""
        self.bar.tell(self.out, f"{_shown(path)}:{title} {_in_words(counts)}{warnings}")

    def _refuse(self, path: Path, why: str) -> None:
        self.refused += 1
        self.bar.tell(self.errors, f"{_shown(path)}: refused: {why}")


def documents_in(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those beneath the folders named that look like documents, in order of their names.

    Symbolic links in a folder are left out: they may lead anywhere.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = (file for file in path.rglob("*") if _is_document(file))
        yield from sorted(file for file in inside if not _is_hidden(file.relative_to(path)))


def command_line_viewer(username: str | None) -> Viewer:
    """Whoever runs a command may what staff may; what comes of it is the named user's, or the first staff member's.

    Raises CommandError when there is no user of that name.
    """
    if username is None:
        user = User.objects.filter(role=Role.STAFF).order_by("pk").first()
        return COMMAND_LINE if user is None else acting_for(user)
    try:
        return acting_for(User.objects.get_by_natural_key(username))
    except User.DoesNotExist:
        raise CommandError(f"There is no user called {username}.") from None


def acting_for(user: User) -> Viewer:
    """The command line, writing in the user's name."""
    return Viewer(id=user.pk, role=COMMAND_LINE.role)


def _read(path: Path, most: int) -> bytes:
    """What is in the file, or as much of it as shows that it is too long."""
    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read(most + 1)
    with path.open("rb") as file:
        return file.read(most + 1)


def _is_document(path: Path) -> bool:
    return path.suffix.lower() in _SUFFIXES and path.is_file() and not path.is_symlink()


def _shown(path: Path) -> str:
    """A path as it may go to a terminal: names in archives are anybody's."""
    return "".join(char if char.isprintable() else "\ufffd" for char in str(path))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "node_modules" for part in path.parts)


def _counted(report: Report) -> Counter[tuple[str, str]]:
    """What came in, in the order in which it is told: by what it is and what became of it."""
    return Counter(
        {
            ("entries", "new"): report.entries_created,
            ("entries", "matched"): report.entries_matched,
            ("entries", "updated"): report.entries_updated,
            ("tags", "new"): report.tags_created,
            ("challenges", "new"): report.challenges_created,
            ("challenges", "matched"): report.challenges_matched,
            ("challenges", "updated"): report.challenges_updated,
            ("solutions", "new"): report.solutions_created,
            ("edited by hand", "kept"): report.kept,
        }
    )


def _in_words(counts: Counter[tuple[str, str]]) -> str:
    """What came in, without what did not: "entries 3 new, 1 matched; tags 2 new"."""
    told: dict[str, list[str]] = {}
    for (noun, what), count in counts.items():
        if count:
            told.setdefault(noun, []).append(f"{count} {what}")
    return "; ".join(f"{noun} {', '.join(parts)}" for noun, parts in told.items()) or "nothing new"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
