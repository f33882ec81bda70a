"""Front matter: YAML between two lines of three hyphens, at the head of a document.

Read event by event, never through YAML's own construction of objects: aliases (with which a few lines grow to
billions), tags (which name types to make) and nesting beyond what an export has are refused where they begin. Every
scalar is text; whoever asks for a value says what it must be.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from knowledge.documents.errors import DocumentTooLong, MalformedExport

FRONT_MOST: Final = 256_000
NODES_MOST: Final = 10_000
DEPTH_MOST: Final = 4

_FENCE: Final = "---\n"
# The C parser where it is built in: libyaml's events, which need no recursion.
_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Final[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

Node = str | list[Any] | dict[str, Any]


def with_front(fields: Mapping[str, Any], body: str) -> str:
    """The document: the fields in their order, those that are empty left out, then the body as it is."""
    said = {name: value for name, value in fields.items() if value not in ("", None, [], ())}
    front = yaml.dump(said, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10 * FRONT_MOST)
    return f"{_FENCE}{front}{_FENCE}\n{body}\n"


def front_and_body(text: str) -> tuple[dict[str, Any], str, int]:
    """The fields, the body as it was written, and the line on which the body begins.

    Raises MalformedExport, and DocumentTooLong where the front matter is longer than any that is written.
    """
    end = text.find(f"\n{_FENCE}", len(_FENCE) - 1)
    if end < 0 and text.endswith("\n---"):
        end = len(text) - len("\n---")
    if end < 0:
        raise MalformedExport("its front matter does not end", 1)
    front = text[len(_FENCE) : end + 1]
    if len(front) > FRONT_MOST:
        raise DocumentTooLong(FRONT_MOST, "characters of front matter")
    rest = text[end + 1 + len(_FENCE) :]
    lines = text.count("\n", 0, end) + 3
    body = rest.removeprefix("\n")
    return _mapping(front), body.removesuffix("\n"), lines + len(rest) - len(body)


def _mapping(front: str) -> dict[str, Any]:
    reader = _Reader(yaml.parse(front, Loader=_Loader))
    try:
        root = reader.document()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise MalformedExport("its front matter is no YAML", line) from None
    except (yaml.YAMLError, UnicodeError):
        raise MalformedExport("its front matter is no YAML", 1) from None
    if not isinstance(root, dict):
        raise MalformedExport("its front matter is no mapping", 2)
    return root


@dataclass(slots=True)
class _Reader:
    """Builds plain values from events, as deep and as many as are allowed."""

    events: Iterator[Any]
    nodes: int = 0
    line: int = field(default=1)

    def document(self) -> Node:
        """The one document."""
        for expected in (yaml.StreamStartEvent, yaml.DocumentStartEvent):
            if not isinstance(self._next(), expected):
                raise MalformedExport("its front matter is empty", 2)
        root = self._node(self._next(), depth=1)
        self._next()
        if not isinstance(self._next(), yaml.StreamEndEvent):
            raise MalformedExport("its front matter holds more than one document", self.line)
        return root

    def _next(self) -> Any:
        event = next(self.events)
        self.line = event.start_mark.line + 2
        return event

    def _node(self, event: Any, *, depth: int) -> Node:
        self.nodes += 1
        if self.nodes > NODES_MOST:
            raise MalformedExport(f"its front matter holds more than {NODES_MOST:,} values", self.line)
        if depth > DEPTH_MOST:
            raise MalformedExport("its front matter is nested too deeply", self.line)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise MalformedExport("its front matter has anchors or aliases", self.line)
        if getattr(event, "tag", None) is not None:
            raise MalformedExport("its front matter names types", self.line)
        if isinstance(event, yaml.ScalarEvent):
            return str(event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(depth)
        return self._dict(depth)

    def _list(self, depth: int) -> list[Any]:
        items = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, depth=depth + 1))
        return items

    def _dict(self, depth: int) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            name = self._node(event, depth=depth + 1)
            if not isinstance(name, str) or name in fields:
                raise MalformedExport("its front matter names a field twice, or by something else than text", self.line)
            fields[name] = self._node(self._next(), depth=depth + 1)
        return fields
