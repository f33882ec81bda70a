"""Documents that walk the schema: from a root, every path to a depth, with the texts that stand on the way."""

from collections.abc import Iterator

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
# How many rows a page has, by how deep it lies: enough to hold everything that the tests' rows relate.
SIZES = (10, 4, 3, 2)

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


def roots() -> dict[str, GraphQLField]:
    """The roots of queries that answer with rows."""
    assert CORE.query_type is not None
    fields = CORE.query_type.fields.items()
    composite = {name: field for name, field in fields if is_composite_type(get_named_type(field.type))}
    return {name: field for name, field in composite.items() if planner.plans_type(row_type(field))}


def documents(root: str, depth: int) -> Iterator[str]:
    """For each field under the root that leads on, a document that walks through it to the depth.

    Under a root that takes an id or a name one document goes two levels less deep: the lists have led to the same rows.
    """
    field = roots()[root]
    arguments = [argument for argument in field.args if argument in {"id", "ids", "slug", "username", "query"}]
    for argument in arguments:
        rows = asked(root, field, depth - 2, 0, [f"{argument}: $it"])
        yield f"query($it: {field.args[argument].type}) {{ {rows} }}"
    for branch in [] if arguments else leading_on(row_type(field)):
        yield f"{{ {asked(root, field, depth, 0, [], branch)} }}"


def row_type(field: GraphQLField) -> Composite:
    """The type of the rows that a field leads to, through a connection."""
    named = get_named_type(field.type)
    if named.name.endswith("Connection"):
        assert isinstance(named, GraphQLObjectType)
        named = get_named_type(named.fields["nodes"].type)
    assert isinstance(named, Composite)
    return named


def asked(name: str, field: GraphQLField, depth: int, level: int, given: list[str], branch: str | None = None) -> str:
    """The field with everything below it; only with `branch`, where one is named."""
    connection = get_named_type(field.type).name.endswith("Connection")
    given = [*given, f"first: {SIZES[level]}"] if connection else given
    arguments = f"({', '.join(given)})" if given else ""
    rows = selection(row_type(field), depth - 1, level + 1, branch)
    if connection:
        rows = f"{of_connection(field)} nodes {{ {rows} }}"
    return f"{name}{arguments} {{ {rows} }}"


def of_connection(field: GraphQLField) -> str:
    """What a connection tells beside its nodes: counts, and the texts that it or its edges have beyond cursors."""
    connection = get_named_type(field.type)
    assert isinstance(connection, GraphQLObjectType)
    edge = get_named_type(connection.fields["edges"].type)
    assert isinstance(edge, GraphQLObjectType)
    of_edges = " ".join(name for name in texts(edge) if name != "cursor")
    edges = f"edges {{ {of_edges} }}" if of_edges else ""
    return f"totalCount pageInfo {{ hasNextPage }} {' '.join(texts(connection))} {edges}"


def selection(of: Composite, depth: int, level: int, branch: str | None = None) -> str:
    """The texts of an object, and what it leads to."""
    if isinstance(of, GraphQLUnionType | GraphQLInterfaceType):
        parts = [f"... on {each.name} {{ {' '.join(texts(each, COMMON))} }}" for each in CORE.get_possible_types(of)]
        return " ".join(["__typename", *parts])
    further = leading_on(of) if depth else {}
    chosen = {name: field for name, field in further.items() if branch in {None, name}}
    parts = [asked(name, field, depth, level, []) for name, field in chosen.items()]
    return " ".join(["__typename", *texts(of), *parts])


def texts(of: GraphQLObjectType, among: tuple[str, ...] | None = None) -> list[str]:
    """The fields that hold a text."""
    return [
        name
        for name, field in of.fields.items()
        if get_named_type(field.type).name in TEXTS and (among is None or name in among)
    ]


def leading_on(of: Composite) -> dict[str, GraphQLField]:
    """The fields that lead to other objects without being told to which."""
    assert isinstance(of, GraphQLObjectType)
    return {
        name: field
        for name, field in of.fields.items()
        if is_composite_type(get_named_type(field.type)) and not any(map(is_required_argument, field.args.values()))
    }
