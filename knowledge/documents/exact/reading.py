"""A document of an export as the value that it was written from; anything else is refused."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from knowledge.documents.errors import (
    DocumentHasNul,
    DocumentTooLong,
    DocumentTooRich,
    MalformedExport,
    UndecodableDocument,
)
from knowledge.documents.exact.front import front_and_body
from knowledge.documents.exact.values import (
    Exact,
    ExactAbout,
    ExactChallenge,
    ExactEntry,
    ExactResource,
    ExactSolution,
    ExactSource,
    ExactTag,
    Told,
)
from knowledge.documents.exact.writing import DEFAULT_BOUNDARY, TABLE_HEAD, VERSION, parted
from knowledge.documents.source import MAX_BYTES

THINGS_MOST: Final = 2_000

_MARK: Final = "---\nnexus:"
_BOM: Final = "\ufeff"
_SLUG: Final = re.compile(r"[-A-Za-z0-9_]{1,220}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_ROW: Final = re.compile(
    r"\| ([0-9]{1,9}) \| ([A-Z_]{1,16}) \| \[([-A-Za-z0-9_]{1,220})\]\([^()\s|]*\)"
    r" \| ([0-9a-f]{64}) \| ([0-9a-f]{64})? \|"
)


def exact_text(data: str | bytes) -> str | None:
    r"""The text of a document that says that an export wrote it, with `\n` as its only line ending; None for others.

    It has no limit of lines: reading it costs what its bytes cost. Raises DocumentTooLong, DocumentHasNul and
    UndecodableDocument.
    """
    head = data[: len(_MARK) + 5]
    shown = head.decode("utf-8", "replace") if isinstance(head, bytes) else head
    if not _with_newlines(shown).startswith(_MARK):
        return None
    if len(data) > MAX_BYTES or (isinstance(data, str) and len(data.encode("utf-8", "replace")) > MAX_BYTES):
        raise DocumentTooLong(MAX_BYTES, "bytes")
    try:
        text = data.decode() if isinstance(data, bytes) else data.encode().decode()
    except UnicodeDecodeError as error:
        raise UndecodableDocument(error.start) from None
    except UnicodeEncodeError as error:
        raise UndecodableDocument(len(data[: error.start].encode())) from None  # type: ignore[union-attr]  # a str
    nul = text.find("\0")
    if nul >= 0:
        raise DocumentHasNul(text.count("\n", 0, nul) + 1)
    return _with_newlines(text)


def read_exact(text: str) -> Exact:
    """What the document holds. Raises MalformedExport, DocumentTooLong and DocumentTooRich."""
    front, body, line = front_and_body(text)
    fields = _Fields(front)
    version = fields.text("nexus")
    if version != VERSION:
        raise MalformedExport("in a format of another version", 2)
    kind = fields.text("document")
    read = _READERS.get(kind)
    if read is None:
        raise MalformedExport("it is no kind of document that exports have", 3)
    value = read(fields, body, line)
    fields.all_read()
    return value


def _with_newlines(text: str) -> str:
    return text.removeprefix(_BOM).replace("\r\n", "\n").replace("\r", "\n")


@dataclass(slots=True)
class _Fields:
    """Fields of front matter, each asked for as what it must be; those that nobody asked for are refused."""

    fields: Mapping[str, Any]
    within: str = ""
    asked: set[str] = field(default_factory=set)

    def text(self, name: str, default: str | None = None, *, like: re.Pattern[str] | None = None) -> str:
        """A text; without a default it must be there."""
        value = self._take(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise self._wrong(name, "is missing" if value is None else "is no text")
        if like is not None and not like.fullmatch(value):
            raise self._wrong(name, "is not as it must be")
        return value

    def texts(self, name: str, *, like: re.Pattern[str] | None = None) -> tuple[str, ...]:
        """A list of texts, empty where it is not there."""
        value = self._take(name)
        items = [] if value is None else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise self._wrong(name, "is no list of texts")
        if like is not None and not all(like.fullmatch(item) for item in items):
            raise self._wrong(name, "holds what it must not")
        return tuple(items)

    def parts(self, name: str) -> list["_Fields"]:
        """A list of fields beneath, empty where it is not there."""
        value = self._take(name)
        items = [] if value is None else value
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise self._wrong(name, "is no list of mappings")
        return [_Fields(item, f"{name} {number}: ") for number, item in enumerate(items, 1)]

    def part(self, name: str) -> "_Fields":
        """Fields beneath."""
        value = self._take(name)
        if not isinstance(value, dict):
            raise self._wrong(name, "is no mapping")
        return _Fields(value, f"{name}: ")

    def number(self, name: str, default: int) -> int:
        """A whole number from 1 on."""
        return max(1, int(self.text(name, str(default), like=_NUMBER)))

    def maybe_time(self, name: str) -> datetime | None:
        """A moment in UTC, None where it is not there."""
        value = self.text(name, "")
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value)
            return None if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self._wrong(name, "is no time") from None

    def time(self, name: str) -> datetime:
        """A moment in UTC; must be there."""
        moment = self.maybe_time(name)
        if moment is None:
            raise self._wrong(name, "is missing, or has no time zone")
        return moment

    def all_read(self) -> None:
        """Refuses what nobody asked for."""
        for name in self.fields:
            if name not in self.asked:
                raise self._wrong(name, "is not known")

    def _take(self, name: str) -> Any:
        self.asked.add(name)
        return self.fields.get(name)

    def _wrong(self, name: str, how: str) -> MalformedExport:
        return MalformedExport(f"the field “{self.within}{name[:40]}” {how}", 1)


def _tag(fields: _Fields, body: str, line: int) -> ExactTag:
    return ExactTag(
        fields.text("slug", like=_SLUG), fields.text("name"), fields.text("category"), body, fields.texts("aliases")
    )


def _entry(fields: _Fields, body: str, line: int) -> ExactEntry:
    return ExactEntry(
        slug=fields.text("slug", like=_SLUG),
        kind=fields.text("kind"),
        title=fields.text("title"),
        summary=fields.text("summary", ""),
        body=body,
        tags=fields.texts("tags", like=_SLUG),
        resources=tuple(_resource(part) for part in fields.parts("resources")),
        created=fields.time("created"),
        updated=fields.time("updated"),
        published=fields.time("published"),
    )


def _resource(fields: _Fields) -> ExactResource:
    resource = ExactResource(fields.text("title"), fields.text("url"))
    fields.all_read()
    return resource


def _challenge(fields: _Fields, body: str, line: int) -> ExactChallenge:
    parts = fields.parts("solutions")
    if len(parts) > THINGS_MOST:
        raise DocumentTooRich(THINGS_MOST)
    boundary = fields.text("boundary", DEFAULT_BOUNDARY)
    bodies = body.split(parted(boundary), len(parts)) if parts else [body]
    if len(bodies) != len(parts) + 1 or any(parted(boundary) in each for each in bodies):
        raise MalformedExport("it does not hold as many solutions as its front matter lists", line)
    return ExactChallenge(
        slug=fields.text("slug", like=_SLUG),
        title=fields.text("title"),
        body=bodies[0],
        difficulty=fields.text("difficulty"),
        status=fields.text("status"),
        close_reason=fields.text("close_reason", ""),
        tags=fields.texts("tags", like=_SLUG),
        entries=fields.texts("entries", like=_SLUG),
        solutions=tuple(_solution(part, said) for part, said in zip(parts, bodies[1:], strict=True)),
        created=fields.time("created"),
        updated=fields.time("updated"),
        solved=fields.maybe_time("solved"),
    )


def _solution(fields: _Fields, body: str) -> ExactSolution:
    solution = ExactSolution(
        body=body,
        accepted=fields.text("accepted", "no", like=re.compile("yes|no")) == "yes",
        copy=fields.number("copy", 1),
        created=fields.time("created"),
        updated=fields.time("updated"),
    )
    fields.all_read()
    return solution


def _source(fields: _Fields, body: str, line: int) -> ExactSource:
    rows = body.removeprefix(TABLE_HEAD).removeprefix("\n").split("\n")
    if not body.startswith(TABLE_HEAD):
        raise MalformedExport("it has no table of what the source names", line)
    first = line + TABLE_HEAD.count("\n") + 1
    told = tuple(_told(row, at) for at, row in enumerate(rows, first) if row.strip())
    if len(told) > THINGS_MOST:
        raise DocumentTooRich(THINGS_MOST)
    return ExactSource(
        title=fields.text("title"),
        url=fields.text("url", "") or None,
        text_hash=fields.text("text_hash", like=_HASH),
        copy=fields.number("copy", 1),
        imported=fields.time("imported"),
        updated=fields.time("updated"),
        told=told,
    )


def _told(row: str, at: int) -> Told:
    match = _ROW.fullmatch(row)
    if match is None:
        raise MalformedExport("a row of its table is not as it must be", at)
    line, kind, slug, written, solution = match.groups()
    return Told(int(line), kind, slug, written, solution or "", at)


def _about(fields: _Fields, body: str, line: int) -> ExactAbout:
    counts = fields.part("counts")
    numbers = tuple((name, int(counts.text(name, like=_NUMBER))) for name in counts.fields)
    return ExactAbout(fields.text("content_hash", like=_HASH), numbers)


_READERS: Final[Mapping[str, Callable[[_Fields, str, int], Exact]]] = {
    "tag": _tag,
    "entry": _entry,
    "challenge": _challenge,
    "source": _source,
    "export": _about,
}
