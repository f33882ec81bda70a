"""Operations in, plans out; a plan that was made is kept with its document."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any, Final

import orjson
from django.conf import settings
from graphql import (
    FragmentDefinitionNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
)

from schema.planner.answers import Fetched
from schema.planner.catalogue import Catalogue
from schema.planner.compile import ASKED, VIEWER_ID, Compiler, FieldGroup
from schema.planner.explain import Explanation, explain
from schema.planner.needs import Need
from schema.planner.plan import UNKNOWN, Plan, shape_of
from schema.planner.shelves import Shelves
from schema.planner.tree import tree
from schema.planner.viewers import Policy, Viewer

logger = logging.getLogger("nexus.plans")

# Characters of SQL, of plans that were run again and of those that ran once: what bounds the memory that a stranger's
# variety of documents and of variables' shapes can take. A plan takes some ten bytes for each, and a little by itself.
MOST_IN_USE: Final = 10_000_000
MOST_NEW: Final = 2_000_000
PLAN_ITSELF: Final = 300

_plans: Final[Shelves[Plan]] = Shelves(MOST_IN_USE, MOST_NEW)
_numbers: Final = count()


@dataclass(frozen=True, eq=False)
class PlanStore:
    """The plans of one document, which differ by role and by the shape of the variables.

    `digest` names it in logs. `owner` is who brought it, and makes room where theirs are the most.
    """

    fragments: Mapping[str, FragmentDefinitionNode]
    digest: str = ""
    owner: str = ""
    number: int = field(default_factory=lambda: next(_numbers))

    def get(self, key: Hashable, make: Callable[[], Plan]) -> Plan:
        """The plan kept under `key`, or a new one."""
        name = (self.number, key)
        plan = _plans.get(name, owner=self.owner)
        if plan is None:
            plan = make()
            _plans.put(name, plan, owner=self.owner, weight=PLAN_ITSELF + len(plan.statement.sql))
        return plan

    def holds(self, key: Hashable) -> bool:
        """Whether a plan is kept under `key`."""
        return _plans.holds((self.number, key))

    def plans(self) -> list[Plan]:
        """Those that are kept."""
        return _plans.named(lambda name: isinstance(name, tuple) and name[0] == self.number)


@dataclass(frozen=True)
class Planner:
    """Plans and answers what is read, by one SQL statement each."""

    schema: GraphQLSchema
    catalogue: Catalogue
    policy: Policy

    @classmethod
    def of(cls, schema: GraphQLSchema, policy: Policy) -> Planner:
        """The planner of a schema whose fields declare what they need."""
        return cls(schema, Catalogue.of(schema, policy.scopes), policy)

    def plans_type(self, named: GraphQLNamedType) -> bool:
        """Whether objects of the type, or of a type that it stands for, are rows."""
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            return any(map(self.plans_type, self.schema.get_possible_types(named)))
        return named.name in self.catalogue.types

    def need(self, type_name: str, field_name: str) -> Need | None:
        """What a field of a type needs, if it is planned."""
        query = self.schema.query_type
        if query is not None and type_name == query.name:
            return self.catalogue.roots.get(field_name)
        declared = self.catalogue.types.get(type_name)
        return declared.fields.get(field_name) if declared else None

    def plans_root(self, name: str) -> bool:
        """Whether a field of the query type is planned; `__typename` is."""
        return name in self.catalogue.roots or name == "__typename"

    def guards_root(self, name: str) -> bool:
        """Whether not everybody may ask for a field of the query type."""
        return name in self.catalogue.guards

    def admit(self, name: str, viewer: Viewer) -> None:
        """Raises what the viewer is refused with, where they may not ask for a field of the query type."""
        guard = self.catalogue.guards.get(name)
        if guard is not None:
            guard(viewer)

    def keeps(self, store: PlanStore, key: tuple[Hashable, ...], viewer: Viewer) -> bool:
        """Whether `roots` would find its plan made."""
        return store.holds(("roots", key, viewer.role))

    def keeps_watched(self, store: PlanStore, key: Any, variables: Mapping[str, Any], viewer: Viewer) -> bool:
        """Whether `watched` would."""
        return store.holds(_watched_key(key, variables, viewer))

    def keeps_rows(self, store: PlanStore, group: FieldGroup, variables: Mapping[str, Any], viewer: Viewer) -> bool:
        """Whether `check_rows` and `rows` would."""
        return store.holds(_rows_key(group, variables, viewer))

    def roots(
        self,
        store: PlanStore,
        key: tuple[Hashable, ...],
        groups: Mapping[str, FieldGroup],
        variables: dict[str, Any],
        viewer: Viewer,
        facts: Any,
    ) -> bytes:
        """The answer to root fields, by response key, as a JSON object's text in UTF-8.

        `key` tells them from others of the document, and the variables' shape from others: the operation's name stands
        first. `facts` is what fields that are Known are made from.
        """
        plan = store.get(
            ("roots", key, viewer.role),
            lambda: self._compiler(store, variables, viewer).roots(groups),
        )
        return self._answered(store, plan, str(key[0]), viewer, plan.values(variables, viewer, facts=facts))

    def explain(
        self,
        store: PlanStore,
        key: tuple[Hashable, ...],
        groups: Mapping[str, FieldGroup],
        variables: dict[str, Any],
        viewer: Viewer,
        *options: str,
    ) -> Explanation:
        """What `roots` would do, without doing it. What is Known is left out of the values: it is no query's."""
        plan = store.get(
            ("roots", key, viewer.role),
            lambda: self._compiler(store, variables, viewer).roots(groups),
        )
        shown = tree(self._compiler(store, variables, viewer), groups, self.catalogue.roots)
        return explain(plan, shown, plan.values(variables, viewer, facts=UNKNOWN), *options)

    def watched(
        self,
        store: PlanStore,
        key: Any,
        groups: Mapping[str, FieldGroup],
        variables: dict[str, Any],
        viewer: Viewer,
        event_id: int | None = None,
    ) -> bytes:
        """As `roots`, for the root field of a subscription; `event_id` is the event that it tells of, if it does."""
        plan = store.get(
            _watched_key(key, variables, viewer),
            lambda: self._compiler(store, variables, viewer).watched(groups),
        )
        return self._answered(store, plan, key, viewer, plan.values(variables, viewer, event_id=event_id))

    def rows(
        self,
        store: PlanStore,
        info: GraphQLResolveInfo,
        rows: tuple[tuple[str, int], ...],
        viewer: Viewer,
    ) -> list[Fetched | None]:
        """What the field that `info` tells of asks of rows, given by type and key; None for one that is not visible.

        One statement, however many rows.
        """
        variables = info.variable_values
        plan = self._plan_of_rows(store, info.return_type, info.field_nodes, variables, viewer)
        values = plan.values(variables, viewer, rows)
        name = info.operation.name.value if info.operation.name else ""
        answer: dict[str, Any] = orjson.loads(self._answered(store, plan, name, viewer, values))
        return [None if row is None else Fetched(row) for row in answer[ASKED]]

    def check_rows(
        self,
        store: PlanStore,
        return_type: GraphQLOutputType,
        group: FieldGroup,
        variables: dict[str, Any],
        viewer: Viewer,
    ) -> None:
        """Raises GraphQLError where `rows` would, for a field of this type: before anything is done."""
        self._plan_of_rows(store, return_type, group, variables, viewer).values(variables, viewer)

    def _plan_of_rows(
        self,
        store: PlanStore,
        return_type: GraphQLOutputType,
        group: FieldGroup,
        variables: dict[str, Any],
        viewer: Viewer,
    ) -> Plan:
        return store.get(
            _rows_key(group, variables, viewer),
            lambda: self._compiler(store, variables, viewer).rows_asked(return_type, group),
        )

    def _answered(self, store: PlanStore, plan: Plan, operation: str, viewer: Viewer, values: list[Any]) -> bytes:
        """What the plan answers. Where its statement is slow, that is logged, without any value."""
        started = monotonic()
        try:
            return plan.answer(values)
        finally:
            milliseconds = (monotonic() - started) * 1000
            if milliseconds >= settings.SLOW_PLAN_MS:
                told = {"document": store.digest, "operation": operation, "role": viewer.role}
                logger.warning("slow plan", extra={**told, "milliseconds": round(milliseconds, 2)})

    def _compiler(self, store: PlanStore, variables: Mapping[str, Any], viewer: Viewer) -> Compiler:
        # A viewer has a role when somebody is signed in.
        reader = self.policy.stand_in(viewer, None if viewer.role is None else VIEWER_ID)
        return Compiler(self.schema, self.catalogue, store.fragments, variables, reader)


def _watched_key(key: Any, variables: Mapping[str, Any], viewer: Viewer) -> Hashable:
    return ("watched", key, viewer.role, shape_of(variables))


def _rows_key(group: FieldGroup, variables: Mapping[str, Any], viewer: Viewer) -> Hashable:
    # The positions of the fields in the document: the same selection is the same plan.
    places = tuple(node.loc.start if node.loc else 0 for node in group)
    return ("rows", places, viewer.role, shape_of(variables))
