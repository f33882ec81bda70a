"""A plan as a tree for people: field, need, row set, order, filter, page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_argument_values,
    get_named_type,
)

from schema.planner.needs import Connection, Embedded, Key, Links, Many, Need, One, OneOf, Ranked, Search, Value

if TYPE_CHECKING:
    from schema.planner.compile import Compiler

Groups = Mapping[str, list[FieldNode]]
HEADINGS = ("field", "need", "rows", "order", "filter", "page")
GAP = "  "
PAGE = ("first", "after", "last", "before")


@dataclass(frozen=True, slots=True)
class Line:
    """A field of the plan. What it does not have is empty; values that a caller sent are never in it."""

    field: str
    need: str = ""
    rows: str = ""
    order: str = ""
    filter: str = ""
    page: str = ""


def tree(compiler: Compiler, groups: Groups, needs: Mapping[str, Need]) -> str:
    """The tree of a query's root fields, in aligned columns."""
    root = compiler.schema.query_type
    lines = [Line(*HEADINGS), *(_fields(compiler, root, needs, groups, 0) if root else ())]
    cells = [astuple(line) for line in lines]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    # A column that nothing stands in is left out.
    used = [place for place, width in enumerate(widths) if any(row[place] for row in cells[1:]) and width]
    return "\n".join(GAP.join(row[place].ljust(widths[place]) for place in used).rstrip() for row in cells)


def _fields(
    compiler: Compiler, of: GraphQLObjectType, needs: Mapping[str, Need], groups: Groups, depth: int
) -> Iterator[Line]:
    for key, group in groups.items():
        name = group[0].name.value
        need = needs.get(name)
        definition = of.fields.get(name)
        yield _line(compiler, GAP * depth + (name if key == name else f"{key}: {name}"), need, definition, group)
        if definition is not None:
            yield from _below(compiler, get_named_type(definition.type), group, depth + 1)


def _below(compiler: Compiler, of: Any, group: list[FieldNode], depth: int) -> Iterator[Line]:
    if isinstance(of, GraphQLObjectType):
        yield from _fields(compiler, of, _needs(compiler, of), compiler.selected(of, group), depth)
    elif isinstance(of, GraphQLInterfaceType | GraphQLUnionType):
        for each in compiler.schema.get_possible_types(of):
            if selected := compiler.selected(each, group):
                yield Line(f"{GAP * depth}... on {each.name}")
                yield from _fields(compiler, each, _needs(compiler, each), selected, depth + 1)


def _needs(compiler: Compiler, of: GraphQLObjectType) -> Mapping[str, Need]:
    declared = compiler.catalogue.types.get(of.name)
    return declared.fields if declared else {}


def _line(
    compiler: Compiler, shown: str, need: Need | None, definition: GraphQLField | None, group: list[FieldNode]
) -> Line:
    if need is None or definition is None:
        return Line(shown)
    given = get_argument_values(definition, group[0], compiler.variables) if definition.args else {}
    return Line(
        shown,
        f"{type(need).__name__} {_target(need)}".rstrip(),
        _rows(need),
        _order(need, given),
        ", ".join(_conditions(given.get("where"))),
        ", ".join(name for name in PAGE if given.get(name) is not None),
    )


def _target(need: Need) -> str:
    match need:
        case Value(of=of):
            return of if isinstance(of, str) else "expression"
        case Connection(type=Links() as links):
            return f"{links.model.__name__} to {_target(links.to)}"
        case OneOf(columns=columns):
            return " | ".join(columns)
        case Search(searched=searched):
            return " | ".join(each.type for each in searched)
        case Key() | One() | Many() | Connection() | Ranked() | Embedded():
            return str(need.type)
        case _:
            return ""


def _rows(need: Need) -> str:
    match = getattr(need, "match", {})
    ties = [f"{path} = outer {column}" for path, column in match.items()]
    if isinstance(need, OneOf):
        ties = [f"pk = outer {column}" for column in need.columns.values()]
    return " and ".join(ties)


def _order(need: Need, given: Mapping[str, Any]) -> str:
    if isinstance(need, Many):
        return ", ".join(need.order)
    if isinstance(need, Search):
        return "rank DESC"
    if not isinstance(need, Connection):
        return ""
    asked = [(item["field"].value, item["direction"].value) for item in given.get("order_by") or ()]
    return ", ".join(f"{name} {direction}" for name, direction in asked or need.default or need.listing.default)


def _conditions(where: Mapping[str, Any] | None) -> Iterator[str]:
    """What a filter looks at; its values stay out."""
    for name, value in (where or {}).items():
        if name in {"AND", "OR"} and value:
            yield f" {name} ".join(f"({', '.join(_conditions(part))})" for part in value)
        elif name == "NOT" and value:
            yield f"NOT ({', '.join(_conditions(value))})"
        elif value is not None:
            yield name
