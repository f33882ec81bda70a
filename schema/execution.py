"""Runs an operation: reads by the planner, the rest by graphql-core."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson
from django.db.models import Model
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    SelectionSetNode,
    execute_sync,
    get_argument_values,
    get_named_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import collect_sub_fields

from knowledge.errors import KnowledgeError
from knowledge.policy import ANONYMOUS, Viewer
from schema.budget import Facts, charge, hashing_points, planning_points, writing_points
from schema.context import Carrier, RequestContext
from schema.core import Execution
from schema.cost import points
from schema.documents import Document
from schema.errors import CodedError, ErrorCode, with_code
from schema.gaps import SEARCH, note_gaps
from schema.identity.roots import IDENTITY_ROOTS, PASSWORD_ROOTS
from schema.mutations.base import Mutation
from schema.operations import CORE, Operation, Selected
from schema.planner.answers import Fetched, members
from schema.planner.plan import shape_of
from schema.presentation import coded, presented
from schema.schema import planner
from schema.settings import settings
from schema.variables import characters_in

# Where subscriptions are answered, on this origin unless STREAM_URL says another.
STREAM_PATH: Final = "/graphql/stream"
# The root field that tells of the very request that asks for it.
MOMENTARY: Final = "rateLimit"


class Caller(NamedTuple):
    """Who sent the request: `identify` finds the viewer when one is needed, or raises what the token is refused for."""

    identify: Callable[[], Viewer]
    now: datetime
    user_agent: str = ""
    address: str | None = None
    carrier: Carrier | None = None

    def viewer(self) -> Viewer:
        """The viewer, with where they ask from. Raises as `identify`."""
        return replace(self.identify(), address=self.address or "")


class About(NamedTuple):
    """What those need to know of an answer who send it on.

    `anybodys`: nobody was signed in, so anybody gets the same. `momentary`: it tells of this very request. `roots` are
    the fields at its root.
    """

    facts: Facts | None = None
    roots: tuple[str, ...] = ()
    anybodys: bool = False
    momentary: bool = False


NOTHING_KNOWN: Final = About()


class Answer(NamedTuple):
    """What an operation answers with. `data` is JSON text in UTF-8, or None when nothing was run.

    `errors` are presented.
    """

    data: bytes | None = None
    errors: Sequence[dict[str, Any]] = ()
    about: About = NOTHING_KNOWN
    extensions: Mapping[str, Any] = MappingProxyType({})

    @property
    def has_data(self) -> bool:
        """Whether it answers with more than errors: `data` is null where a field at the root failed that cannot be."""
        return self.data is not None and self.data != b"null"

    def text(self, extensions: Mapping[str, Any] | None = None) -> bytes:
        """The response body."""
        if self.data is not None and not self.errors and not extensions:
            # As most are; what may be long is copied once.
            return b"".join((b'{"data":', self.data, b"}"))
        parts = []
        if self.errors:
            parts.append(b'"errors":' + orjson.dumps(self.errors))
        if self.data is not None:
            parts.append(b'"data":' + self.data)
        if extensions:
            parts.append(b'"extensions":' + orjson.dumps(extensions))
        return b"{" + b",".join(parts) + b"}"


def refused(*errors: GraphQLError, about: About = NOTHING_KNOWN) -> Answer:
    """The answer to what was not run."""
    return Answer(errors=[presented(error) for error in errors[: settings.LIMIT_ERRORS]], about=about)


def run(document: Document, name: str | None, given: Mapping[str, Any], caller: Caller) -> Answer:
    """Runs the operation called `name` (the only one, when not given) with the variables `given`."""
    try:
        return begin(document, name, given, caller).answer()
    except Exception as error:  # noqa: BLE001 - the one place where whatever went wrong becomes a coded answer
        return refusal(error)


def refusal(error: Exception, about: About = NOTHING_KNOWN) -> Answer:
    """The answer where `error` was raised; what is not expected is logged and masked."""
    if isinstance(error, GraphQLError):
        # What has no code yet is graphql-core's word on the value of an argument or a directive.
        return refused(with_code(error, ErrorCode.BAD_USER_INPUT), about=about)
    return refused(coded(error), about=about)


def begin(document: Document, name: str | None, given: Mapping[str, Any], caller: Caller) -> Running:
    """The operation called `name` with its variables. Raises CodedError where there is none, or they don't fit it."""
    operation = document.operation(name)
    variables = operation.variables.coerced(given)
    return Running(document, operation, operation.root, variables, shape_of(variables), caller)


class Running(NamedTuple):
    """One operation with its variables, coerced, and what tells their shape."""

    document: Document
    operation: Operation
    root: GraphQLObjectType
    variables: dict[str, Any]
    shape: Hashable
    caller: Caller

    def answer(self) -> Answer:
        """Answers a query or a mutation. Raises CodedError for a subscription, which is answered elsewhere."""
        if self.operation.watches:
            place = settings.STREAM_URL or STREAM_PATH
            raise CodedError(ErrorCode.BAD_REQUEST, f"Send subscriptions to {place}, and accept text/event-stream.")
        return self.read() if self.operation.reads else self.change()

    def read(self) -> Answer:
        """Answers a query: the planned roots by one statement, introspection by graphql-core."""
        nodes = self.operation.price.checked(self.variables)
        viewer = self.caller.identify()
        selected = self.operation.selected(self.shape, self.variables)
        groups, planned = selected.groups, selected.planned
        refusals = self._refusals(groups, viewer) if selected.guarded else {}
        key = (self.operation.name, self.shape, *refusals)
        facts = self._charged(nodes, viewer, selected, made=planner.keeps(self.document.store, key, viewer))
        about = About(facts, selected.names, anybodys=viewer.id is None, momentary=MOMENTARY in selected.names)
        if refusals:
            if any(is_non_null_type(self.root.fields[groups[key][0].name.value].type) for key in refusals):
                # As the specification has it: a null that cannot be at its place takes the place of what is around it.
                return _answer(None, list(refusals.values()), about)
            planned = {key: group for key, group in planned.items() if key not in refusals}
        text = b"{}"
        if planned:
            try:
                text = planner.roots(self.document.store, key, planned, self.variables, viewer, facts)
            except Exception as error:  # noqa: BLE001 - as `run`, and what it cost is told
                return refusal(error, about)
        if SEARCH in selected.names:
            note_gaps(self.root, planned, self.variables, text, now=self.caller.now)
        if len(planned) == len(groups):
            return Answer(data=text, about=about)
        others = [node for key in groups if key not in planned and key not in refusals for node in groups[key]]
        rest = self._executed(others, viewer)
        found = {**members(text), **(rest.data or {})}
        return _answer({key: found.get(key) for key in groups}, [*refusals.values(), *(rest.errors or [])], about)

    def change(self) -> Answer:
        """Answers a mutation: the roots one after the other by graphql-core, what payloads ask of rows by plans."""
        nodes = self.operation.price.checked(self.variables)
        selected = self.operation.selected(self.shape, self.variables)
        groups = selected.groups
        viewer = ANONYMOUS if IDENTITY_ROOTS.issuperset(selected.names) else self.caller.viewer()
        shown = [rows for group in groups.values() for rows in self._rows_in(self.root, group)]
        made = all(planner.keeps_rows(self.document.store, group, self.variables, viewer) for _, group in shown)
        written = self.operation.characters + characters_in(self.variables)
        hashes = sum(PASSWORD_ROOTS.get(name, 0) for name in selected.names)
        beside = writing_points(written) + hashing_points(hashes)
        facts = self._charged(nodes, viewer, selected, mutations=len(groups), made=made, beside=beside)
        about = About(facts, selected.names)
        try:
            for group in groups.values():
                self._check_ids(group[0])
            # Sizes, cursors and filters that cannot be ones are refused before anything is changed.
            for answered, group in shown:
                planner.check_rows(self.document.store, answered, group, self.variables, viewer)
        except Exception as error:  # noqa: BLE001 - as `run`, and what it cost is told
            return refusal(error, about)
        result = self._executed(list(self.operation.node.selection_set.selections), viewer)
        return _answer(result.data, result.errors, about)

    def _charged(
        self, nodes: int, viewer: Viewer, selected: Selected, *, made: bool, mutations: int = 0, beside: int = 0
    ) -> Facts:
        """The operation's price, taken from the caller's budget.

        With it what its plans cost, where they are not `made`, and the points `beside`. Raises RATE_LIMITED.
        """
        cost = points(nodes, mutations) + selected.filtering
        making = 0 if made else planning_points(self.operation.price.relations, selected.conditions)
        return Facts(cost, nodes, charge(viewer, self.caller.address, cost + making + beside, now=self.caller.now))

    def _refusals(self, groups: Mapping[str, list[FieldNode]], viewer: Viewer) -> dict[str, GraphQLError]:
        """What the viewer may not ask for, by response key; up to the first that cannot be null, which refuses all."""
        refused = {}
        for key, nodes in groups.items():
            name = nodes[0].name.value
            try:
                planner.admit(name, viewer)
            except KnowledgeError as error:
                refused[key] = GraphQLError(str(error), nodes=nodes, path=[key], original_error=error)
                if is_non_null_type(self.root.fields[name].type):
                    break
        return refused

    def _check_ids(self, node: FieldNode) -> None:
        """Refuses ids that cannot be ones, before any of the operation's mutations is run."""
        definition = self.root.fields.get(node.name.value)
        verb = getattr(getattr(definition, "resolve", None), "__self__", None)
        if definition is not None and isinstance(verb, type) and issubclass(verb, Mutation):
            verb.read(get_argument_values(definition, node, self.variables)["input"])

    def _rows_in(
        self, parent: GraphQLObjectType, group: list[FieldNode]
    ) -> Iterator[tuple[GraphQLOutputType, list[FieldNode]]]:
        """The fields of a payload that plans answer: their types, and what is asked of them."""
        definition = parent.fields.get(group[0].name.value)
        if definition is None:
            return
        named = get_named_type(definition.type)
        if planner.plans_type(named):
            yield definition.type, group
        elif isinstance(named, GraphQLObjectType):
            fragments = dict(self.document.store.fragments)
            for inner in collect_sub_fields(CORE, fragments, self.variables, named, group).values():
                yield from self._rows_in(named, inner)

    def _executed(self, selections: list[Any], viewer: Viewer) -> ExecutionResult:
        """What graphql-core makes of some of the operation's roots."""
        operation = OperationDefinitionNode(
            operation=self.operation.kind,
            name=self.operation.node.name,
            variable_definitions=(),
            directives=(),
            selection_set=SelectionSetNode(selections=tuple(selections)),
        )
        return execute_sync(
            CORE,
            DocumentNode(definitions=(operation, *self.document.store.fragments.values())),
            context_value=RequestContext(
                viewer=viewer,
                now=self.caller.now,
                variables=self.variables,
                read_rows=self._read_rows,
                user_agent=self.caller.user_agent,
                address=self.caller.address,
                carrier=self.caller.carrier,
            ),
            execution_context_class=Execution,
        )

    def _read_rows(self, info: GraphQLResolveInfo, rows: Sequence[Model], viewer: Viewer) -> list[Fetched | None]:
        # A viewer is a row of users, under a name of its own.
        answered = get_named_type(info.return_type)
        name = answered.name if isinstance(answered, GraphQLObjectType) else None
        named = tuple((name or row._meta.object_name or "", row.pk) for row in rows)
        return planner.rows(self.document.store, info, named, viewer)


def _answer(data: dict[str, Any] | None, errors: list[GraphQLError] | None, about: About) -> Answer:
    return Answer(orjson.dumps(data), [presented(error) for error in (errors or [])[: settings.LIMIT_ERRORS]], about)
