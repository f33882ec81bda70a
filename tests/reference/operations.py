"""Operations made up from the schema: any field, nested, aliased, in fragments, with variables, directives, filters.

A choice is drawn from a `Random` that hypothesis gives, so a failing operation is made smaller, and is the same again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

from schema.schema import schema
from tests.reference.values import Values

CORE = schema.graphql_schema
PAGE = ("first", "last", "after", "before")
DEEPEST = 5
WIDEST = 4
# With those of the leaves that follow, within what a document may have.
MOST_ALIASES = 20
# Root fields that lead to rows, and those of which some answer is always the same.
FOR_STAFF = ("users", "auditEvents")
OTHER_ROOTS = ("rateLimit", "errorCodes", "__typename", "__schema")
Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


@dataclass
class Operation:
    """A document and its variables; which of its operations is run, where it has several.

    `cursors` says which variables take cursors, of the connection at which key.
    """

    text: str
    variables: dict[str, Any]
    cursors: dict[str, str] = field(default_factory=dict)
    name: str | None = None


@dataclass
class Maker:
    """Makes one operation."""

    random: Random
    values: Values
    aliases: int = 0
    declared: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    # The fragments that are written, by the type that they are of; the variables that may stand again, by theirs.
    written_of: dict[str, list[str]] = field(default_factory=dict)
    declared_of: dict[str, list[str]] = field(default_factory=dict)
    # What the field answers with whose arguments are made.
    answered: str = ""

    def chance(self, one_in: float) -> bool:
        """True once in so many times."""
        return self.random.random() < 1 / one_in

    def operation(self) -> Operation:
        """A query of one to three roots."""
        root = CORE.query_type
        assert root is not None
        rows = [name for name in root.fields if name not in OTHER_ROOTS and (name not in FOR_STAFF or self.chance(3))]
        number = self.random.choice((1, 1, 2))
        roots = [self.field(root, self.random.choice(rows), 0, alone=False) for _ in range(number)]
        if self.chance(6):
            roots.append(self.other_root())
        self.random.shuffle(roots)
        names = f"({', '.join(self.declared)})" if self.declared else ""
        parts = [f"query Made{names} {{ {' '.join(roots)} }}", *self.fragments]
        several = self.chance(10)
        if several:
            parts.insert(
                self.random.randint(0, len(parts)), "query Other($v0: Int = 1) { tags(first: $v0) { totalCount } }"
            )
        return Operation(" ".join(parts), self.variables, self.cursors, "Made" if several else None)

    def other_root(self) -> str:
        """What is no row."""
        return self.random.choice(
            (
                "__typename",
                "rateLimit { cost n: nodeCount __typename resetAt }",
                "errorCodes { code retryable description __typename why: fix }",
                "__schema { queryType { name } }",
                '__type(name: "Vote") { kind enumValues { name } }',
            )
        )

    # ── selections ──────────────────────────────────────────────────────────────────────────────────────────────────

    def selection(self, of: Composite, depth: int) -> str:
        """Some fields of a type, in braces."""
        parts = self.fields(of, depth) if isinstance(of, GraphQLObjectType) else self.conditions(of, depth)
        if self.chance(8):
            parts.append("__typename")
        return f"{{ {' '.join(self.wrapped(of, part) for part in parts)} }}"

    def fields(self, of: GraphQLObjectType, depth: int) -> list[str]:
        """Some fields of an object."""
        leaves_only = depth >= DEEPEST or self.aliases >= MOST_ALIASES
        names = [
            name
            for name, each in of.fields.items()
            if not leaves_only or not is_composite_type(get_named_type(each.type))
        ]
        if not names:
            return ["__typename"]
        widest = WIDEST if depth < 3 else 2
        chosen = [self.random.choice(names) for _ in range(self.random.randint(1, widest))]
        if of.name.endswith("Connection") and "nodes" in names and self.chance(2):
            chosen.append("nodes")
        parts = [self.field(of, name, depth, alone=chosen.count(name) == 1) for name in chosen]
        if of.interfaces and self.chance(30):
            parts.append(f"... on {of.interfaces[0].name} {{ id }}")
        if of.name in self.written_of and self.chance(6):
            parts.append(f"...{self.random.choice(self.written_of[of.name])}")
        return parts

    def wrapped(self, of: Composite, part: str) -> str:
        """The part as it is, or in a fragment, now and then in one that is in another."""
        if self.chance(14):
            name = f"F{len(self.fragments)}"
            self.fragments.append(f"fragment {name} on {of.name} {{ {part} }}")
            self.written_of.setdefault(of.name, []).append(name)
            return self.wrapped(of, f"...{name} {self.directive()}")
        if self.chance(14):
            inside = f"...{self.random.choice(('', f' on {of.name}'))} {self.directive()} {{ {part} }}"
            return self.wrapped(of, inside)
        return part

    def conditions(self, of: GraphQLInterfaceType | GraphQLUnionType, depth: int) -> list[str]:
        """Some fields of some of the types that an object may have."""
        possible = list(CORE.get_possible_types(of))
        parts = ["id"] if isinstance(of, GraphQLInterfaceType) and self.chance(2) else []
        chosen = self.random.sample(possible, self.random.randint(0, min(3, len(possible))))
        parts += [
            f"... on {each.name} {self.directive()} {{ {' '.join(self.fields(each, depth))} }}" for each in chosen
        ]
        return parts or ["__typename"]

    def field(self, of: GraphQLObjectType, name: str, depth: int, *, alone: bool) -> str:
        """A field with its arguments and what is asked of it."""
        definition = of.fields[name]
        key = self.alias(alone=alone and not definition.args)
        arguments = self.arguments(definition, key or name, depth)
        named = get_named_type(definition.type)
        called = f"{f'{key}: ' if key else ''}{name}{arguments}"
        if not isinstance(named, Composite):
            return f"{called} {self.directive()}"
        # A connection and its edges are one level of rows.
        deeper = depth + (not named.name.endswith(("Connection", "Edge")))
        asked = f"{called} {self.directive()} {self.selection(named, deeper)}"
        # Asked for twice by one key, it is answered once, with all that is asked of it.
        return f"{asked} {called} {self.directive()} {self.selection(named, deeper)}" if self.chance(12) else asked

    def alias(self, *, alone: bool) -> str:
        """A response key of its own; none where the field's name will do."""
        if (alone and not self.chance(10)) or self.aliases >= MOST_ALIASES + 6:
            return ""
        self.aliases += 1
        return f"k{self.aliases}"

    def directive(self) -> str:
        """Seldom @skip or @include, now and then both."""
        if not self.chance(16):
            return ""
        names = self.random.choice((("skip",), ("include",), ("skip",), ("include",), ("include", "skip")))
        return " ".join(f"@{name}(if: {self.value(GraphQLNonNull(CORE.type_map['Boolean']), 'if')})" for name in names)

    # ── arguments ───────────────────────────────────────────────────────────────────────────────────────────────────

    def arguments(self, definition: GraphQLField, key: str, depth: int) -> str:
        """The arguments in brackets, or nothing."""
        self.answered = get_named_type(definition.type).name
        keys = {"id", "slug"} & set(definition.args)
        keys = keys if self.chance(20) else {self.random.choice(sorted(keys))} if keys else set()
        given = {}
        for name, argument in definition.args.items():
            of_page = name in PAGE and "after" in definition.args
            chosen = name in keys or (name not in {"id", "slug"} and not of_page and self.chance(3))
            if chosen or is_required_argument(argument):
                given[name] = self.value(argument.type, name)
        if "after" in definition.args:
            given.update(self.page(key, depth))
        return f"({', '.join(f'{name}: {value}' for name, value in given.items())})" if given else ""

    def page(self, key: str, depth: int) -> dict[str, str]:
        """Which page: mostly a small one; sometimes from a cursor, seldom one that cannot be."""
        given = {}
        side = self.random.choice(("first", "first", "last"))
        if depth or not self.chance(3):
            size = self.random.choice((1, 1, 2, 2, 3) if depth else (1, 2, 3, 5))
            given[side] = self.maybe_variable("Int", size)
        other = "first" if side == "last" else "last"
        if self.chance(60):
            given[other] = str(self.random.choice((0, -1, 101, 100, "null")))
        if self.chance(3):
            end = "before" if (side == "last") != self.chance(5) else "after"
            name = self.variable("String", self.random.choice((None, Undefined)))
            self.cursors[name] = key
            given[end] = f"${name}"
        elif self.chance(50):
            given[self.random.choice(("after", "before"))] = json.dumps(self.values.bad_cursor(self.random))
        return given

    def value(self, of: GraphQLInputType, name: str) -> str:
        """A value for an argument: written out, or by a variable."""
        drawn = self.drawn(of, name, 0)
        if not self.chance(3):
            return self.written(of, drawn, inside=self.part)
        kind = self.random.randint(0, 9)
        if kind == 0 and isinstance(of, GraphQLNonNull):
            # A default lets a variable that may be null stand where null may not.
            default = self.written(of, drawn)
            given = self.random.choice((Undefined, Undefined, drawn, None))
            return f"${self.variable(str(of.of_type), given, default)}"
        if kind == 1 and not isinstance(of, GraphQLNonNull):
            return f"${self.variable(str(of), self.random.choice((Undefined, None)))}"
        if kind == 2:
            other = self.written(of, self.drawn(of, name, 0))
            return f"${self.variable(str(of), self.random.choice((Undefined, drawn)), other)}"
        if self.chance(3) and (again := self.declared_of.get(str(of))):
            return f"${self.random.choice(again)}"
        if isinstance(drawn, list) and len(drawn) == 1 and self.chance(4):
            # A single value stands for a list of one here, too.
            (drawn,) = drawn
        name = self.variable(str(of), drawn)
        self.declared_of.setdefault(str(of), []).append(name)
        return f"${name}"

    def part(self, of: GraphQLInputType, value: Any) -> str:
        """An item of a list or a field of an object that is written out: seldom by a variable."""
        if not self.chance(10):
            return self.written(of, value, inside=self.part)
        others = (value,) if isinstance(of, GraphQLNonNull) else (value, value, None, Undefined)
        return f"${self.variable(str(of), self.random.choice(others))}"

    def maybe_variable(self, of: str, value: Any) -> str:
        """The value, or a variable that has it."""
        return f"${self.variable(of, value)}" if self.chance(4) else str(value)

    def variable(self, of: str, value: Any, default: str | None = None) -> str:
        """The name of a new variable with that value; Undefined where it is not given."""
        name = f"v{len(self.declared)}"
        self.declared.append(f"${name}: {of}" + (f" = {default}" if default is not None else ""))
        if value is not Undefined:
            self.variables[name] = value
        return name

    def drawn(self, of: GraphQLInputType, name: str, depth: int) -> Any:
        """A value of a type, as JSON has it."""
        if isinstance(of, GraphQLNonNull):
            return self.drawn(of.of_type, name, depth)
        if isinstance(of, GraphQLList):
            return [self.drawn(of.of_type, name, depth) for _ in range(self.random.choice((0, 1, 1, 1, 1, 2)))]
        if isinstance(of, GraphQLInputObjectType):
            return self.object(of, depth)
        if isinstance(of, GraphQLEnumType):
            return self.random.choice(list(of.values))
        assert isinstance(of, GraphQLNamedType)
        return self.values.of(self.random, of.name, name, self.answered)

    def object(self, of: GraphQLInputObjectType, depth: int) -> dict[str, Any]:
        """An input object: what it needs, and some of the rest."""
        drawn = {}
        for name, each in of.fields.items():
            needed = isinstance(each.type, GraphQLNonNull)
            if needed or (self.chance(len(of.fields) / 2 + 1) and (depth < 3 or name not in {"AND", "OR", "NOT"})):
                drawn[name] = None if not needed and self.chance(20) else self.drawn(each.type, name, depth + 1)
        return drawn

    def written(
        self, of: GraphQLInputType, value: Any, *, inside: Callable[[GraphQLInputType, Any], str] | None = None
    ) -> str:
        """A value in GraphQL; `inside` writes what stands in it, where that may be by a variable."""
        inside = inside or self.written
        if value is None:
            return "null"
        if isinstance(of, GraphQLNonNull):
            return self.written(of.of_type, value, inside=inside)
        if isinstance(of, GraphQLList):
            items = [inside(of.of_type, item) for item in value]
            # A single value stands for a list of one.
            return (
                items[0]
                if len(items) == 1 and not items[0].startswith("$") and self.chance(3)
                else f"[{', '.join(items)}]"
            )
        if isinstance(of, GraphQLInputObjectType):
            pairs = (f"{name}: {inside(of.fields[name].type, item)}" for name, item in value.items())
            return f"{{{', '.join(pairs)}}}"
        return str(value) if isinstance(of, GraphQLEnumType) else json.dumps(value)
