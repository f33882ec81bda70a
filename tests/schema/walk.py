"""Documents that walk the schema: from a root, every path to a depth, with the texts that stand on the way."""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

from schema.schema import planner, schema

CORE = schema.graphql_schema
TEXTS = {"ID", "String"}
# What members of a union have in common is asked of them under one name.
COMMON = ("id", "title", "slug", "name")
# What a root may be asked by.
NAMING = ("id", "ids", "slug", "username", "query")

# Roots of which each value is tried on short ways alone: the long ones are the same for all that they lead to.
PROBED = ("node", "search")
SHALLOW = 2

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


@dataclass(frozen=True)
class Walk:
    """A document; `by` is the argument of its root that takes the variable `it`, of the type `of`; none where None."""

    root: str
    depth: int
    document: str
    by: str | None = None
    of: str | None = None


def roots() -> dict[str, GraphQLField]:
    """The roots of queries that answer with rows."""
    assert CORE.query_type is not None
    fields = CORE.query_type.fields.items()
    composite = {name: field for name, field in fields if is_composite_type(get_named_type(field.type))}
    return {name: field for name, field in composite.items() if planner.plans_type(row_type(field))}


def walks(root: str, depth: int, sizes: tuple[int, ...]) -> list[Walk]:
    """Each document once: where there is no union on the way, all members make the same."""
    return list(dict.fromkeys(_walks(root, depth, sizes)))


def _walks(root: str, depth: int, sizes: tuple[int, ...]) -> Iterator[Walk]:
    """Every path under the root to the depth, a document for each of its first steps; pages by level have these sizes.

    Fields of one name that differ between a union's members cannot stand in one document, so there is one for each
    member. Where a root takes one of several arguments, the first leads everywhere, and the others to the same rows.
    """
    field = roots()[root]
    named: list[str | None] = [argument for argument in NAMING if argument in field.args]
    first, *others = named or [None]
    for member in members(row_type(field)):
        for branch in leading_on(member) or {"": field}:
            for inner in (None, *(each.name for each in unions_members())):
                way = Way(sizes, member.name, inner)
                yield way.walk(root, field, depth, branch, first)
        for argument in others if root not in PROBED else [first]:
            yield Way(sizes, member.name, None).walk(root, field, SHALLOW, None, argument)


def members(of: Composite) -> list[GraphQLObjectType]:
    """The object types that it may be."""
    return [of] if isinstance(of, GraphQLObjectType) else list(CORE.get_possible_types(of))


def unions_members() -> list[GraphQLObjectType]:
    """The types that are members of unions."""
    unions = [of for of in CORE.type_map.values() if isinstance(of, GraphQLUnionType)]
    return list(dict.fromkeys(each for of in unions for each in of.types))


def row_type(field: GraphQLField) -> Composite:
    """The type of the rows that a field leads to, through a connection."""
    named = get_named_type(field.type)
    if named.name.endswith("Connection"):
        assert isinstance(named, GraphQLObjectType)
        named = get_named_type(named.fields["nodes"].type)
    assert isinstance(named, Composite)
    return named


@dataclass(frozen=True)
class Way:
    """One way through unions: at the root by the member `first`, further down by `inner`, or by none."""

    sizes: tuple[int, ...]
    first: str
    inner: str | None

    def walk(self, root: str, field: GraphQLField, depth: int, branch: str | None, argument: str | None) -> Walk:
        """The document that goes this way from the root, by the argument."""
        given = [f"{argument}: $it"] if argument else []
        head = f"query($it: {field.args[argument].type}) " if argument else ""
        return Walk(
            root, depth, f"{head}{{ {self.asked(root, field, depth, 0, given, branch)} }}", argument, self.first
        )

    def asked(
        self, name: str, field: GraphQLField, depth: int, level: int, given: list[str], branch: str | None = None
    ) -> str:
        """The field with everything below it; only with `branch`, where one is named."""
        connection = get_named_type(field.type).name.endswith("Connection")
        given = [*given, f"first: {self.sizes[min(level, len(self.sizes) - 1)]}"] if connection else given
        arguments = f"({', '.join(given)})" if given else ""
        rows = self.selection(row_type(field), depth - 1, level + 1, branch)
        if connection:
            rows = f"{of_connection(field)} nodes {{ {rows} }}"
        return f"{name}{arguments} {{ {rows} }}"

    def selection(self, of: Composite, depth: int, level: int, branch: str | None) -> str:
        """The texts of an object, and what it leads to."""
        if isinstance(of, GraphQLObjectType):
            return f"__typename {self.inside(of, depth, level, branch)}"
        chosen = self.first if level == 1 else self.inner
        parts = [
            self.inside(each, depth, level, branch) if each.name == chosen else " ".join(texts(each, COMMON))
            for each in members(of)
        ]
        fragments = (f"... on {each.name} {{ {part} }}" for each, part in zip(members(of), parts, strict=True))
        return f"__typename {' '.join(fragments)}"

    def inside(self, of: GraphQLObjectType, depth: int, level: int, branch: str | None) -> str:
        """The same of an object type, without its name."""
        further = leading_on(of) if depth else {}
        chosen = {name: field for name, field in further.items() if branch in {None, name}}
        return " ".join([*texts(of), *(self.asked(name, field, depth, level, []) for name, field in chosen.items())])


def of_connection(field: GraphQLField) -> str:
    """What a connection tells beside its nodes: counts, and the texts that it or its edges have beyond cursors."""
    connection = get_named_type(field.type)
    assert isinstance(connection, GraphQLObjectType)
    edge = get_named_type(connection.fields["edges"].type)
    assert isinstance(edge, GraphQLObjectType)
    of_edges = " ".join(name for name in texts(edge) if name != "cursor")
    edges = f"edges {{ {of_edges} }}" if of_edges else ""
    return f"totalCount pageInfo {{ hasNextPage }} {' '.join(texts(connection))} {edges}"


def texts(of: GraphQLObjectType, among: tuple[str, ...] | None = None) -> list[str]:
    """The fields that hold a text."""
    return [
        name
        for name, field in of.fields.items()
        if get_named_type(field.type).name in TEXTS and (among is None or name in among)
    ]


def leading_on(of: GraphQLObjectType) -> dict[str, GraphQLField]:
    """The fields that lead to other objects without being told to which."""
    return {
        name: field
        for name, field in of.fields.items()
        if is_composite_type(get_named_type(field.type)) and not any(map(is_required_argument, field.args.values()))
    }
