"""Files into the knowledge base, one transaction each, with a line told of each."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.core.management.base import CommandError, OutputWrapper

from knowledge.documents.importing import Report, import_document
from knowledge.documents.source import MAX_BYTES
from knowledge.errors import Rejected
from knowledge.models import Role, Source, User
from knowledge.policy import COMMAND_LINE, Viewer

STANDARD_INPUT: Final = Path("-")

_SUFFIXES: Final = frozenset({".md", ".markdown", ".txt"})


@dataclass(slots=True)
class Intake:
    """Imports files and counts what came of them. What is refused is told on `errors`, and the rest goes in."""

    out: OutputWrapper
    errors: OutputWrapper
    dry_run: bool = False
    refused: int = 0
    reports: list[Report] = field(default_factory=list)

    def take(self, path: Path, viewer: Viewer, *, url: str | None = None) -> None:
        """Imports one file; `-` is standard input."""
        try:
            data = _read(path)
            source, report = import_document(viewer, markdown=data, url=url, dry_run=self.dry_run)
        except OSError as error:
            self._refuse(path, f"NOT_FOUND: {error.strerror}")
        except Rejected as rejection:
            self._refuse(path, "; ".join(f"{mistake.code}: {mistake.message}" for mistake in rejection.mistakes))
        else:
            self.reports.append(report)
            self._tell(path, source, report)

    def sum_up(self) -> None:
        """Tells the totals."""
        count = len(self.reports)
        self.out.write(
            f"{_number(count, 'document')} imported{' (dry run: nothing was kept)' if self.dry_run else ''}, "
            f"{self.refused} refused: {_in_words(self.reports)}."
        )

    def _tell(self, path: Path, source: Source | None, report: Report) -> None:
        title = f" “{source.title}”:" if source else ""
        warnings = f"; {_number(len(report.warnings), 'warning')}" if report.warnings else ""
        self.out.write(f"{path}:{title} {_in_words([report])}{warnings}")

    def _refuse(self, path: Path, why: str) -> None:
        self.refused += 1
        self.errors.write(f"{path}: refused: {why}")


def documents_in(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those beneath the folders named that look like documents, in order of their names."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = (file for file in path.rglob("*") if file.suffix.lower() in _SUFFIXES and file.is_file())
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


def _read(path: Path) -> bytes:
    """What is in the file, or as much of it as shows that it is too long."""
    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "node_modules" for part in path.parts)


def _in_words(reports: Iterable[Report]) -> str:
    """What came in, without what did not: "entries 3 new, 1 matched; tags 2 new"."""
    reports = list(reports)
    counts = {
        ("entries", "new"): sum(report.entries_created for report in reports),
        ("entries", "matched"): sum(report.entries_matched for report in reports),
        ("entries", "updated"): sum(report.entries_updated for report in reports),
        ("tags", "new"): sum(report.tags_created for report in reports),
        ("challenges", "new"): sum(report.challenges_created for report in reports),
        ("challenges", "matched"): sum(report.challenges_matched for report in reports),
        ("challenges", "updated"): sum(report.challenges_updated for report in reports),
        ("solutions", "new"): sum(report.solutions_created for report in reports),
        ("edited by hand", "kept"): sum(report.kept for report in reports),
    }
    told: dict[str, list[str]] = {}
    for (noun, what), count in counts.items():
        if count:
            told.setdefault(noun, []).append(f"{count} {what}")
    return "; ".join(f"{noun} {', '.join(parts)}" for noun, parts in told.items()) or "nothing new"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
