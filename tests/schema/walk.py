"""Documents that walk the schema: from a root, every path to a depth, with everything that stands on the way.

At the last step rows are told by their ids, and counted: what else they hold was asked for on the way.
The sizes of pages are variables, by how deep they lie: `size1` is the root's. What a member of a union has is asked
under a name of its own (`Entry_title`), since its fields may be of another type than another member's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    SKIP,
    FieldNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    VisitorAction,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    is_nullable_type,
    is_required_argument,
    parse,
    visit,
)

from schema.schema import schema

CORE = schema.graphql_schema
DEPTH = 4
# What a root may be asked by.
NAMING = ("id", "ids", "slug", "username", "query")
OF_MEMBER = "_"
TEXTS = {"ID", "String", "Int", "JSON"}
# Of these, null tells nothing.
PLAIN = {"DateTime", "Vote"}

# The roots that lead to no rows, and those that are for staff alone.
ROWLESS = {"errorCodes", "rateLimit"}
STAFFS = {"auditEvents", "users"}

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


@dataclass(frozen=True)
class Walk:
    """A document; `by` is the argument of its root that takes the variable `it`, for a row of the type `of`."""

    root: str
    document: str
    by: str | None = None
    of: str | None = None

    def __str__(self) -> str:
        return "-".join(filter(None, (self.root, self.by, self.of)))


def roots() -> dict[str, GraphQLField]:
    """The roots of queries that answer with objects."""
    assert CORE.query_type is not None
    fields = CORE.query_type.fields.items()
    return {name: field for name, field in fields if is_composite_type(get_named_type(field.type))}


def walks() -> Iterator[Walk]:
    """Every root by each of its arguments; an interface's by each type that it stands for."""
    for root, field in roots().items():
        named: list[str | None] = [each for each in NAMING if each in field.args]
        of = row_type(field)
        for by in named or [None]:
            if isinstance(of, GraphQLInterfaceType):
                yield from (_walk(root, field, by, each) for each in CORE.get_possible_types(of))
            else:
                yield _walk(root, field, by, of)


def payload_walk(mutation: str, key: str, of: str) -> Walk:
    """What the payload of a mutation that is given an id leads to, from its field `subject`, for a row of the type."""
    assert CORE.mutation_type is not None
    payload, member = get_named_type(CORE.mutation_type.fields[mutation].type), CORE.type_map[of]
    assert isinstance(payload, GraphQLObjectType)
    assert isinstance(member, GraphQLObjectType)
    inside = asked("subject", payload.fields["subject"], 1, [], member)
    sizes = "".join(f"$size{level}: Int, " for level in range(2, DEPTH + 1))
    given = f"{mutation}(input: {{{key}: $it}})"
    return Walk(mutation, f"mutation({sizes}$it: ID!) {{ {given} {{ {inside} errors {{ code }} }} }}", key, of)


def _walk(root: str, field: GraphQLField, by: str | None, of: Composite) -> Walk:
    given = [f"{by}: $it"] if by else []
    variables = [f"$size{level}: Int" for level in range(1, DEPTH + 1)]
    variables += [f"$it: {field.args[by].type}"] if by else []
    inside = asked(root, field, 1, given, of)
    used = [each for each in variables if each.split(":")[0] in inside]
    head = f"query({', '.join(used)}) " if used else ""
    return Walk(root, f"{head}{{ {inside} }}", by, of.name)


def members(of: Composite) -> list[GraphQLObjectType]:
    """The object types that it may be."""
    return [of] if isinstance(of, GraphQLObjectType) else list(CORE.get_possible_types(of))


def row_type(field: GraphQLField) -> Composite:
    """The type of the rows that a field leads to, through a connection."""
    named = get_named_type(field.type)
    if is_connection(field):
        assert isinstance(named, GraphQLObjectType)
        named = get_named_type(named.fields["nodes"].type)
    assert isinstance(named, Composite)
    return named


def is_connection(field: GraphQLField) -> bool:
    """Whether the field answers with pages."""
    return get_named_type(field.type).name.endswith("Connection")


def is_list(field: GraphQLField) -> bool:
    """Whether the field answers with a list."""
    declared: Any = field.type
    return is_list_type(get_nullable_type(declared))


def asked(name: str, field: GraphQLField, level: int, given: list[str], of: Composite, called: str = "") -> str:
    """The field, which lies at the level, with everything below it; its rows as far as they are of the type."""
    given = [*given, f"first: $size{level}"] if "first" in field.args else given
    arguments = f"({', '.join(given)})" if given else ""
    rows = selection(of, level, row_type(field))
    if is_connection(field):
        rows = f"{_of_connection(field) if level < DEPTH else 'totalCount'} nodes {{ {rows} }}"
    return f"{called}{name}{arguments} {{ {rows} }}"


def selection(of: Composite, level: int, declared: Composite) -> str:
    """What an object holds, and, up to the depth, what it leads to."""
    if isinstance(declared, GraphQLObjectType):
        return f"__typename {_inside(declared, level, '')}"
    fragments = (f"... on {each.name} {{ {_inside(each, level, each.name + OF_MEMBER)} }}" for each in members(of))
    return f"__typename {' '.join(fragments)}"


def _inside(of: GraphQLObjectType, level: int, prefix: str) -> str:
    called = {name: f"{prefix}{name}: " if prefix else "" for name in of.fields}
    told = leaves(of) if level < DEPTH or "id" not in of.fields else ["id"]
    parts = [f"{called[name]}{name}" for name in told]
    if level < DEPTH:
        parts += [
            asked(name, field, level + 1, [], row_type(field), called[name]) for name, field in leading_on(of).items()
        ]
    return " ".join(parts)


def _of_connection(field: GraphQLField) -> str:
    """What a connection tells beside its nodes: counts, cursors, and its edges without what their nodes lead to."""
    connection = get_named_type(field.type)
    assert isinstance(connection, GraphQLObjectType)
    edge = get_named_type(connection.fields["edges"].type)
    assert isinstance(edge, GraphQLObjectType)
    node = " ".join(f"... on {each.name} {{ {each.name}{OF_MEMBER}id: id }}" for each in members(row_type(field)))
    edges = f"edges {{ {' '.join(leaves(edge))} node {{ __typename {node} }} }}"
    return f"{' '.join(leaves(connection))} pageInfo {{ hasNextPage startCursor endCursor }} {edges}"


def leaves(of: GraphQLObjectType) -> list[str]:
    """The fields that hold a text or a number, or that may be null: what could tell of a row."""
    values = {
        name: field.type for name, field in of.fields.items() if not is_composite_type(get_named_type(field.type))
    }
    return [
        name
        for name, type_ in values.items()
        if get_named_type(type_).name in TEXTS or (is_nullable_type(type_) and get_named_type(type_).name not in PLAIN)
    ]


def leading_on(of: GraphQLObjectType) -> dict[str, GraphQLField]:
    """The fields that lead to other objects without being told to which."""
    return {
        name: field
        for name, field in of.fields.items()
        if is_composite_type(get_named_type(field.type)) and not any(map(is_required_argument, field.args.values()))
    }


def statements(walk: Walk, name: str) -> int:
    """How many statements the walk takes when this one of the cast asks: one for whom, one for what."""
    return (name != "anonymous") + (walk.root not in STAFFS or name == "staff")


class _Lists(Visitor):
    """Gathers the paths of lists, by response keys."""

    def __init__(self) -> None:
        super().__init__()
        self.info = TypeInfo(CORE)
        self.keys: list[str] = []
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> VisitorAction:
        field = self.info.get_field_def()
        if field is None or node.selection_set is None or node.name.value in {"edges", "pageInfo"}:
            return SKIP
        of_connection = node.name.value == "nodes" and bool(self.keys)
        # The nodes of a connection are no step of their own.
        self.keys.append("" if of_connection else node.alias.value if node.alias else node.name.value)
        if not of_connection and (is_connection(field) or is_list(field)):
            self.found.add(".".join(filter(None, self.keys)))
        return None

    def leave_field(self, node: FieldNode, *_: Any) -> None:
        self.keys.pop()


def lists(walk: Walk) -> set[str]:
    """The paths of the lists that a walk comes by."""
    found = _Lists()
    visit(parse(walk.document), TypeInfoVisitor(found.info, found))
    return found.found
