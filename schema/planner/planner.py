"""Operations in, plans out; a plan that was made is kept with its document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
)

from knowledge.errors import KnowledgeError
from knowledge.policy import Viewer
from schema.errors import ErrorCode, with_code
from schema.planner.catalogue import Catalogue
from schema.planner.compile import ASKED, Compiler, FieldGroup
from schema.planner.plan import Plan, shape_of

# A document's plans differ by role and by the shape of the variables; both the number and each key are bounded.
PLANS_KEPT = 50


@dataclass(frozen=True, eq=False)
class PlanStore:
    """The plans of one document. What it keeps lives as long as the document is kept."""

    fragments: Mapping[str, FragmentDefinitionNode]
    plans: dict[Any, Plan] = field(default_factory=dict, repr=False)

    def get(self, key: Any, make: Callable[[], Plan]) -> Plan:
        """The plan kept under `key`, or a new one."""
        plan = self.plans.get(key)
        if plan is None:
            plan = make()
            if len(self.plans) < PLANS_KEPT:
                self.plans[key] = plan
        return plan


@dataclass(frozen=True)
class Planner:
    """Plans and answers what is read, by one SQL statement each."""

    schema: GraphQLSchema
    catalogue: Catalogue

    @classmethod
    def of(cls, schema: GraphQLSchema) -> Planner:
        """The planner of a schema whose fields declare what they need."""
        return cls(schema, Catalogue.of(schema))

    def plans_type(self, named: GraphQLNamedType) -> bool:
        """Whether objects of the type, or of a type that it stands for, are rows."""
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            return any(map(self.plans_type, self.schema.get_possible_types(named)))
        return named.name in self.catalogue.types

    def plans_root(self, name: str) -> bool:
        """Whether a field of the query type is planned; `__typename` is."""
        return name in self.catalogue.roots or name == "__typename"

    def refusal(self, name: str, viewer: Viewer) -> Exception | None:
        """What the viewer is refused with where they may not ask for a field of the query type."""
        guard = self.catalogue.guards.get(name)
        try:
            if guard is not None:
                guard(viewer)
        except KnowledgeError as error:
            return error
        return None

    def roots(
        self,
        store: PlanStore,
        key: Any,
        groups: Mapping[str, FieldGroup],
        variables: Mapping[str, Any],
        viewer: Viewer,
        facts: Any,
    ) -> str:
        """The answer to root fields, by response key, as a JSON object's text. `key` names them in the document.

        `facts` is what fields that are Known are made from.
        """
        plan = store.get(
            ("roots", key, viewer.role, shape_of(variables)),
            lambda: self._compiler(store, variables, viewer).roots(groups),
        )
        return plan.answer(plan.values(variables, viewer, facts=facts))

    def watched(
        self,
        store: PlanStore,
        key: Any,
        groups: Mapping[str, FieldGroup],
        variables: Mapping[str, Any],
        viewer: Viewer,
        event_id: int | None = None,
    ) -> str:
        """As `roots`, for the root field of a subscription; `event_id` is the event that it tells of, if it does."""
        plan = store.get(
            ("watched", key, viewer.role, shape_of(variables)),
            lambda: self._compiler(store, variables, viewer).watched(groups),
        )
        return plan.answer(plan.values(variables, viewer, event_id=event_id))

    def rows(
        self,
        store: PlanStore,
        info: GraphQLResolveInfo,
        rows: tuple[tuple[str, int], ...],
        viewer: Viewer,
    ) -> list[dict[str, Any] | None]:
        """What the field that `info` tells of asks of rows, given by type and key: for graphql-core to go on from.

        By response key; None for a row that is not visible. One statement, however many rows.
        """
        variables = info.variable_values
        plan = self._plan_of_rows(store, info.return_type, info.field_nodes, variables, viewer)
        values = plan.values(variables, viewer, rows)
        answer: dict[str, Any] = orjson.loads(plan.answer(values))
        asked: list[dict[str, Any] | None] = answer[ASKED]
        return asked

    def check_rows(
        self,
        store: PlanStore,
        return_type: GraphQLOutputType,
        group: FieldGroup,
        variables: Mapping[str, Any],
        viewer: Viewer,
    ) -> None:
        """Raises BAD_USER_INPUT where `rows` would, for a field of this type: before anything is done."""
        try:
            self._plan_of_rows(store, return_type, group, variables, viewer).values(variables, viewer)
        except GraphQLError as error:
            # What has no code yet is graphql-core's word on the value of an argument or a directive.
            raise with_code(error, ErrorCode.BAD_USER_INPUT) from None

    def _plan_of_rows(
        self,
        store: PlanStore,
        return_type: GraphQLOutputType,
        group: FieldGroup,
        variables: Mapping[str, Any],
        viewer: Viewer,
    ) -> Plan:
        # The positions of the fields in the document: the same selection is the same plan.
        places = tuple(node.loc.start if node.loc else 0 for node in group)
        return store.get(
            ("rows", places, viewer.role, shape_of(variables)),
            lambda: self._compiler(store, variables, viewer, typed=True).rows_asked(return_type, group),
        )

    def _compiler(
        self, store: PlanStore, variables: Mapping[str, Any], viewer: Viewer, *, typed: bool = False
    ) -> Compiler:
        return Compiler(self.schema, self.catalogue, store.fragments, variables, viewer, typed=typed)
