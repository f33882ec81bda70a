"""Which names of the contract the tests ever used; a whole run fails where there is one that none did.

A name counts as used when an operation of a test asked for it, gave it, or (an enum's value) was answered with it, and
there was data in the answer. Tests that ask for everything alike (marker `walks`) count for nothing: they look at no
name's meaning. The names travel from xdist's workers to the controller when each of them ends.

A run is whole when it left no test out, neither by what it was asked for nor for want of a service. A part is held
against some types of the contract with `--contract`: `pytest tests/schema/stream --contract KnowledgeChange`.
"""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest
from graphql import (
    ArgumentNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    ObjectFieldNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    get_named_type,
    parse,
    type_from_ast,
    visit,
)

from schema.schema import schema
from tests.services import NEEDS

CORE = schema.graphql_schema
CARRIED = "contract"
# Options of pytest that leave tests out.
NARROWING = ("collectonly", "deselect", "ignore", "ignore_glob", "keyword", "lf", "markexpr", "stepwise")


class Record:
    """The names that were used; `counts` tells whether the test that runs now counts."""

    def __init__(self) -> None:
        self.used: set[str] = set()
        self.counts = True

    def note(self, query: str, variables: Mapping[str, Any], answer: Any) -> None:
        """Notes what an operation used that was answered with data."""
        if self.counts and isinstance(answer, dict) and answer.get("data"):
            operation = Operation(parse(query), variables)
            self.used |= operation.names
            self.used.update(answered(answer["data"], operation.enums))


record = Record()


def note(sent: bytes, answered: bytes) -> None:
    """Notes the names in an operation that a test's client posted, and in its answer."""
    try:
        request, answer = orjson.loads(sent), orjson.loads(answered)
    except orjson.JSONDecodeError:
        return
    # A document that is asked for by its hash was noted when it came in.
    if isinstance(request, dict) and isinstance(answer, dict) and answer.get("data") and request.get("query"):
        record.note(request["query"], request.get("variables") or {}, answer)


class Operation(Visitor):
    """The names that a document uses, with the values of its variables; and each response key's enum."""

    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.enums: dict[str, GraphQLEnumType] = {}
        self.variables = variables
        self.info = TypeInfo(CORE)
        visit(document, TypeInfoVisitor(self.info, self))

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """A field, its arguments, and the enum that it may answer with."""
        parent, field = self.info.get_parent_type(), self.info.get_field_def()
        if parent is None or field is None:
            return
        name = f"{parent.name}.{node.name.value}"
        self.names |= {name, *(f"{name}({each.name.value})" for each in node.arguments if self._given(each))}
        if isinstance(named := get_named_type(field.type), GraphQLEnumType):
            self.enums[node.alias.value if node.alias else node.name.value] = named

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        """A field of an input that is written out."""
        named = get_named_type(self.info.get_parent_input_type())
        if isinstance(named, GraphQLInputObjectType):
            self.names.add(f"{named.name}.{node.name.value}")
        if isinstance(node.value, VariableNode):
            self.names.update(given(self.variables.get(node.value.name.value), self.info.get_input_type()))

    def enter_enum_value(self, node: EnumValueNode, *_: Any) -> None:
        """An enum's value that is written out."""
        if isinstance(named := get_named_type(self.info.get_input_type()), GraphQLEnumType):
            self.names.add(f"{named.name}.{node.value}")

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """What the values of the variables use."""
        for definition in node.variable_definitions:
            value = self.variables.get(definition.variable.name.value)
            self.names.update(given(value, type_from_ast(CORE, definition.type)))

    def _given(self, node: ArgumentNode) -> bool:
        """Whether the argument has a value."""
        return not isinstance(node.value, VariableNode) or self.variables.get(node.value.name.value) is not None


def given(value: Any, of: Any) -> Iterator[str]:
    """The names of input fields and enum values in the value of an input."""
    named = get_named_type(of)
    for item in value if isinstance(value, list) else [value]:
        if isinstance(named, GraphQLEnumType) and item in named.values:
            yield f"{named.name}.{item}"
        elif isinstance(named, GraphQLInputObjectType) and isinstance(item, dict):
            for name in item.keys() & named.fields.keys():
                yield f"{named.name}.{name}"
                yield from given(item[name], named.fields[name].type)


def answered(data: Any, enums: Mapping[str, GraphQLEnumType]) -> Iterator[str]:
    """The names of the enum values in an answer."""
    if isinstance(data, list):
        for item in data:
            yield from answered(item, enums)
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from answered(value, enums)
            if of := enums.get(key):
                yield from given(value, of)


def names() -> set[str]:
    """Everything that the contract names: fields, arguments, values of enums, fields of inputs."""
    found: set[str] = set()
    for name, of in CORE.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(of, GraphQLObjectType):
            for field, definition in of.fields.items():
                found |= {f"{name}.{field}", *(f"{name}.{field}({argument})" for argument in definition.args)}
        elif isinstance(of, GraphQLEnumType):
            found |= {f"{name}.{value}" for value in of.values}
        elif isinstance(of, GraphQLInputObjectType):
            found |= {f"{name}.{field}" for field in of.fields}
    return found


def add_option(parser: pytest.Parser) -> None:
    """`--contract`, for a run of a part."""
    parser.addoption(
        "--contract",
        action="append",
        default=[],
        metavar="TYPE",
        help="fail where the tests that run use no more than some of what the contract names of the type",
    )


class Watch:
    """Pytest's hooks: gathers over the whole run, and fails it for the names that no test used."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.unused: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Whether the test counts."""
        record.counts = item.get_closest_marker("walks") is None

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker has ended, and tells."""
        record.used.update(getattr(node, "workeroutput", {}).get(CARRIED, ()))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """A worker tells; a run that went well is looked at."""
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput[CARRIED] = sorted(record.used)
        elif exitstatus == pytest.ExitCode.OK:
            self.unused = sorted(self._wanted() - record.used)
            if self.unused:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Says what no test used."""
        if self.unused:
            terminalreporter.section("failed: of the contract, no test uses", red=True)
            terminalreporter.line("\n".join(self.unused))

    def _wanted(self) -> set[str]:
        """The names that this run must have used."""
        if types := set(self.config.option.contract):
            return {name for name in names() if name.split(".")[0] in types}
        return names() if self._is_whole() else set()

    def _is_whole(self) -> bool:
        return (
            self.config.args == self.config.getini("testpaths")
            and not any(getattr(self.config.option, each, None) for each in NARROWING)
            and all(os.environ.get(variable) for variable, _ in NEEDS.values())
        )
