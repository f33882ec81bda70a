"""Holds the answer to a walk (tests.schema.walk) against the oracle: every row, count, id and text in it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from graphql import GraphQLField, GraphQLObjectType, get_named_type, is_composite_type

from knowledge.models import Entry
from tests.schema.marked_rows import Marks
from tests.schema.oracle import CLOSED, LEADING, RANKED, TOLD, Eyes
from tests.schema.rows import id_of
from tests.schema.walk import CORE, OF_MEMBER, is_connection, is_list

EMBEDDED = {"Entry.resources", "EntryRevision.resources"}
NAMELESS = {"DigestSection", "DigestItem", "MergeConflict"}


@dataclass
class Judge:
    """Judges answers to one of the cast. `sizes` is of pages, by how deep they lie; what was looked up is kept."""

    eyes: Eyes
    marks: Marks
    sizes: Mapping[int, int]
    kept: dict[Any, Any] = field(default_factory=dict)
    cursors: list[str] = field(default_factory=list)

    def texts(self, text: str) -> None:
        """No text is of a row or a column that is not for these eyes."""
        cursors = " ".join(base64.b64decode(cursor).decode() for cursor in self.cursors)
        self.cursors.clear()
        told = list(self.marks.found(f"{text} {cursors}"))
        leaks = [(mark, row, column) for mark, row, column in told if not self._knows(row, column)]
        assert leaks == [], self.eyes.name

    def asked(self, answer: Any, row: Model) -> None:
        """What a root answers that was asked for this row."""
        shown = [row] if self.sees(row) else []
        self._single(answer, shown, 1)

    def root(self, name: str, answer: Any, rows: list[Any] | None = None) -> None:
        """What a root answers that is asked for nothing in particular; with `rows`, only for these."""
        assert CORE.query_type is not None
        definition = CORE.query_type.fields[name]
        shown = self._led(f"Query.{name}", None) if rows is None else rows
        self._leading(definition, answer, shown, 1)

    def sees(self, row: Model) -> bool:
        """Whether these eyes may see the row."""
        return bool(self._once(("sees", type(row), row.pk), lambda: self.eyes.see(row)))

    def _knows(self, row: Model, column: str) -> bool:
        return bool(self._once(("knows", type(row), row.pk, column), lambda: self.eyes.know(row, column)))

    def _led(self, path: str, row: Any) -> list[Any]:
        """The rows to which a field leads these eyes."""
        key = (path, row and row.pk)
        found: list[Any] = self._once(key, lambda: [each for each in LEADING[path](self.eyes, row) if self.sees(each)])
        return found

    def _once(self, key: Any, look_up: Callable[[], Any]) -> Any:
        if key not in self.kept:
            self.kept[key] = look_up()
        return self.kept[key]

    def _object(self, answer: dict[str, Any], row: Any, level: int) -> None:
        """An object and what is below it."""
        of = CORE.type_map[answer["__typename"]]
        assert isinstance(of, GraphQLObjectType)
        for key, value in answer.items():
            name = key.removeprefix(of.name + OF_MEMBER)
            path = f"{of.name}.{name}"
            if name == "__typename" or path in EMBEDDED:
                continue
            definition = of.fields[name]
            if name == "id":
                assert value == id_of(row), path
            elif path in TOLD:
                assert value == self._once((path, row.pk), lambda p=path: TOLD[p](self.eyes, row)), path  # type: ignore[misc]
            elif path in CLOSED and CLOSED[path](self.eyes, row):
                assert value is None, path
            elif path == RANKED:
                self._ranked(value, row, level)
            elif is_composite_type(get_named_type(definition.type)):
                self._leading(definition, value, self._led(path, row), level + 1)

    def _leading(self, definition: GraphQLField, answer: Any, rows: list[Any], level: int) -> None:
        """What a field leads to: these rows, and no others."""
        if is_connection(definition):
            self._page(answer, rows, level)
        elif is_list(definition):
            assert len(answer) == len(rows)
            self._each(answer, rows, level)
        else:
            self._single(answer, rows, level)

    def _single(self, answer: Any, rows: list[Any], level: int) -> None:
        assert (answer is None) == (rows == [])
        self._each([] if answer is None else [answer], rows, level)

    def _page(self, answer: dict[str, Any], rows: list[Any], level: int) -> None:
        size = self.sizes[level]
        ids = [id_in(node) for node in answer["nodes"]]
        assert answer["totalCount"] == len(rows)
        assert len(set(ids)) == len(ids) == min(len(rows), size)
        if "edges" in answer:
            assert answer["pageInfo"]["hasNextPage"] == (len(rows) > size)
            assert ids == [id_in(edge["node"]) for edge in answer["edges"]]
            self.cursors += [edge["cursor"] for edge in answer["edges"]]
        self._each(answer["nodes"], rows, level)

    def _ranked(self, answer: list[Any], row: Any, level: int) -> None:
        published = self._once("published", lambda: list(Entry.objects.filter(status="PUBLISHED")))
        assert len(answer) <= self.sizes[level + 1]
        self._each(answer, [each for each in published if each != row], level + 1)

    def _each(self, answers: list[Any], rows: list[Any], level: int) -> None:
        """Each answer is of one of the rows."""
        if answers and answers[0]["__typename"] in NAMELESS:
            for answer, row in zip(answers, rows, strict=True):
                self._object(answer, row, level)
            return
        by_id = {id_of(row): row for row in rows}
        for answer in answers:
            assert id_in(answer) in by_id, f"{self.eyes.name} sees {answer}"
            self._object(answer, by_id[id_in(answer)], level)


def id_in(answer: dict[str, Any]) -> str:
    """The id of an object in an answer."""
    found: str = answer.get("id") or answer[f"{answer['__typename']}{OF_MEMBER}id"]
    return found
