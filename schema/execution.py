"""Runs an operation: reads by the planner, the rest by graphql-core."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import orjson
from django.conf import settings
from django.db.models import Model
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    SelectionSetNode,
    execute_sync,
    get_argument_values,
    get_named_type,
    get_variable_values,
    is_non_null_type,
)
from graphql.execution.collect_fields import collect_fields, collect_sub_fields

from knowledge.policy import ANONYMOUS, Viewer
from schema.budget import Facts, charge
from schema.context import RequestContext
from schema.cost import check_cost, points
from schema.documents import Document, is_query, is_subscription
from schema.errors import CodedError, ErrorCode, with_code
from schema.gaps import note_gaps
from schema.identity.roots import IDENTITY_ROOTS
from schema.mutations.base import Mutation
from schema.presentation import coded, presented
from schema.schema import planner, schema

CORE: Final = schema.graphql_schema
MOST_ERRORS: Final = 20
# Where subscriptions are answered, on this origin unless STREAM_URL says another.
STREAM_PATH: Final = "/graphql/stream"
# More than any input of the schema can hold; each is looked at several times before anything runs.
MOST_VALUES: Final = 5_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent the request: `identify` finds the viewer when one is needed, or raises what the token is refused for."""

    identify: Callable[[], Viewer]
    now: datetime
    user_agent: str = ""
    address: str | None = None

    def viewer(self) -> Viewer:
        """The viewer, with where they ask from. Raises as `identify`."""
        return replace(self.identify(), address=self.address or "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers with. `data` is JSON text, or None when nothing was run; `errors` are presented."""

    data: str | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def has_data(self) -> bool:
        """Whether it answers with more than errors: `data` is null where a field at the root failed that cannot be."""
        return self.data not in {None, "null"}

    def text(self, extensions: Mapping[str, Any] | None = None) -> bytes:
        """The response body."""
        parts = []
        if self.errors:
            parts.append(b'"errors":' + orjson.dumps(self.errors))
        if self.data is not None:
            parts.append(b'"data":' + self.data.encode())
        if extensions:
            parts.append(b'"extensions":' + orjson.dumps(extensions))
        return b"{" + b",".join(parts) + b"}"


def refused(*errors: GraphQLError) -> Answer:
    """The answer to what was not run."""
    return Answer(errors=[presented(error) for error in errors[:MOST_ERRORS]])


def run(document: Document, name: str | None, given: Mapping[str, Any], caller: Caller) -> Answer:
    """Runs the operation called `name` (the only one, when not given) with the variables `given`."""
    try:
        return begin(document, name, given, caller).answer()
    except Exception as error:  # noqa: BLE001 - the one place where whatever went wrong becomes a coded answer
        return refusal(error)


def refusal(error: Exception) -> Answer:
    """The answer where `error` was raised; what is not expected is logged and masked."""
    if isinstance(error, GraphQLError):
        # What has no code yet is graphql-core's word on the value of an argument or a directive.
        return refused(with_code(error, ErrorCode.BAD_USER_INPUT))
    return refused(coded(error))


def begin(document: Document, name: str | None, given: Mapping[str, Any], caller: Caller) -> Running:
    """The operation called `name` with its variables. Raises CodedError where there is none, or they don't fit it."""
    operation = document.operation(name)
    return Running(document, operation, _root(operation), given, _coerced(operation, given), caller)


def _root(operation: OperationDefinitionNode) -> GraphQLObjectType:
    root: GraphQLObjectType | None = CORE.get_root_type(operation.operation)
    if root is None:
        raise CodedError(ErrorCode.GRAPHQL_VALIDATION_FAILED, f"There are no {operation.operation.value}s here.")
    return root


def _coerced(operation: OperationDefinitionNode, given: Mapping[str, Any]) -> dict[str, Any]:
    if values_in(given) > MOST_VALUES:
        raise CodedError(ErrorCode.BAD_USER_INPUT, f"The variables hold more than {MOST_VALUES} values.")
    coerced = get_variable_values(CORE, operation.variable_definitions, dict(given), max_errors=MOST_ERRORS)
    if isinstance(coerced, list):
        raise CodedError(ErrorCode.BAD_USER_INPUT, "; ".join(error.message for error in coerced))
    return coerced


def values_in(given: Mapping[str, Any]) -> int:
    """How many values the variables hold, objects and lists among them; stops counting past MOST_VALUES."""
    waiting: list[Any] = [given]
    counted = 0
    while waiting and counted <= MOST_VALUES:
        value = waiting.pop()
        inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        counted += len(inside)
        waiting.extend(inside)
    return counted


@dataclass(frozen=True, slots=True)
class Running:
    """One operation with its variables, as given and as coerced."""

    document: Document
    operation: OperationDefinitionNode
    root: GraphQLObjectType
    given: Mapping[str, Any]
    variables: dict[str, Any]
    caller: Caller

    def answer(self) -> Answer:
        """Answers a query or a mutation. Raises CodedError for a subscription, which is answered elsewhere."""
        if is_subscription(self.operation):
            place = settings.STREAM_URL or STREAM_PATH
            raise CodedError(ErrorCode.BAD_REQUEST, f"Send subscriptions to {place}, and accept text/event-stream.")
        return self.read() if is_query(self.operation) else self.change()

    def read(self) -> Answer:
        """Answers a query: the planned roots by one statement, introspection by graphql-core."""
        nodes = check_cost(CORE, self.document, self.operation, self.variables)
        viewer = self.caller.viewer()
        groups = self.groups()
        facts = self._charged(nodes, viewer)
        refusals = self._refusals(groups, viewer)
        if any(is_non_null_type(self.root.fields[groups[key][0].name.value].type) for key in refusals):
            # As the specification has it: a null that cannot be at its place takes the place of what is around it.
            return _answer(None, list(refusals.values()))
        planned = {
            key: group
            for key, group in groups.items()
            if planner.plans_root(group[0].name.value) and key not in refusals
        }
        name = self.operation.name.value if self.operation.name else ""
        text = planner.roots(self.document.store, name, planned, self.variables, viewer, facts) if planned else "{}"
        note_gaps(self.root, planned, self.variables, text, now=self.caller.now)
        if len(planned) == len(groups):
            return Answer(data=text)
        others = [node for key in groups if key not in planned and key not in refusals for node in groups[key]]
        rest = self._executed(others, viewer)
        found = {**orjson.loads(text), **(rest.data or {})}
        return _answer({key: found.get(key) for key in groups}, [*refusals.values(), *(rest.errors or [])])

    def change(self) -> Answer:
        """Answers a mutation: the roots one after the other by graphql-core, what payloads ask of rows by plans."""
        nodes = check_cost(CORE, self.document, self.operation, self.variables)
        groups = self.groups()
        names = {group[0].name.value for group in groups.values()}
        viewer = ANONYMOUS if names <= IDENTITY_ROOTS else self.caller.viewer()
        self._charged(nodes, viewer, mutations=len(groups))
        for group in groups.values():
            self._check_ids(group[0])
            self._check_selection(self.root, group, viewer)
        result = self._executed(list(self.operation.selection_set.selections), viewer)
        return _answer(result.data, result.errors)

    def _charged(self, nodes: int, viewer: Viewer, *, mutations: int = 0) -> Facts:
        """The operation's price, taken from the caller's budget. Raises RATE_LIMITED."""
        cost = points(nodes, mutations)
        return Facts(cost, nodes, charge(viewer, self.caller.address, cost, now=self.caller.now))

    def groups(self) -> dict[str, list[FieldNode]]:
        """The fields at the operation's root by response key, fragments and conditions resolved."""
        fragments = dict(self.document.store.fragments)
        return collect_fields(CORE, fragments, self.variables, self.root, self.operation.selection_set)

    def _refusals(self, groups: Mapping[str, list[FieldNode]], viewer: Viewer) -> dict[str, GraphQLError]:
        """What the viewer may not ask for, by response key."""
        refused = {key: planner.refusal(nodes[0].name.value, viewer) for key, nodes in groups.items()}
        return {
            key: GraphQLError(str(error), nodes=groups[key], path=[key], original_error=error)
            for key, error in refused.items()
            if error is not None
        }

    def _check_ids(self, node: FieldNode) -> None:
        """Refuses ids that cannot be ones, before any of the operation's mutations is run."""
        definition = self.root.fields.get(node.name.value)
        verb = getattr(getattr(definition, "resolve", None), "__self__", None)
        if definition is not None and isinstance(verb, type) and issubclass(verb, Mutation):
            verb.read(get_argument_values(definition, node, self.variables)["input"])

    def _check_selection(self, parent: GraphQLObjectType, group: list[FieldNode], viewer: Viewer) -> None:
        """Refuses sizes, cursors and filters that cannot be ones within a payload, before anything is changed."""
        definition = parent.fields.get(group[0].name.value)
        if definition is None:
            return
        named = get_named_type(definition.type)
        if planner.plans_type(named):
            planner.check_rows(self.document.store, definition.type, group, self.variables, viewer)
        elif isinstance(named, GraphQLObjectType):
            fragments = dict(self.document.store.fragments)
            for inner in collect_sub_fields(CORE, fragments, self.variables, named, group).values():
                self._check_selection(named, inner, viewer)

    def _executed(self, selections: list[Any], viewer: Viewer) -> ExecutionResult:
        """What graphql-core makes of some of the operation's roots."""
        operation = OperationDefinitionNode(
            operation=self.operation.operation,
            name=self.operation.name,
            variable_definitions=self.operation.variable_definitions,
            directives=(),
            selection_set=SelectionSetNode(selections=tuple(selections)),
        )
        return execute_sync(
            CORE,
            DocumentNode(definitions=(operation, *self.document.store.fragments.values())),
            context_value=RequestContext(
                viewer=viewer,
                now=self.caller.now,
                read_rows=self._read_rows,
                user_agent=self.caller.user_agent,
                address=self.caller.address,
            ),
            variable_values=dict(self.given),
        )

    def _read_rows(
        self, info: GraphQLResolveInfo, rows: Sequence[Model], viewer: Viewer
    ) -> list[dict[str, Any] | None]:
        # A viewer is a row of users, under a name of its own.
        answered = get_named_type(info.return_type)
        name = answered.name if isinstance(answered, GraphQLObjectType) else None
        named = tuple((name or row._meta.object_name or "", row.pk) for row in rows)
        return planner.rows(self.document.store, info, named, viewer)


def _answer(data: dict[str, Any] | None, errors: list[GraphQLError] | None) -> Answer:
    return Answer(orjson.dumps(data).decode(), [presented(error) for error in (errors or [])[:MOST_ERRORS]])
