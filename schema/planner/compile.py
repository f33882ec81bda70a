"""From a validated selection to a plan.

The compiler walks the selection with the needs of each field in hand and builds one Django expression out of nested
subqueries, each a scoped queryset; Django turns it into SQL, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any

import orjson
from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import (
    BigIntegerField,
    DateTimeField,
    Expression,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull
from django.db.models.sql import Query
from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)
from graphql.execution.collect_fields import collect_sub_fields
from graphql.execution.values import get_argument_values
from graphql.language import FragmentDefinitionNode

from schema.planner import connections, search
from schema.planner.arguments import Arguments
from schema.planner.binding import binder
from schema.planner.catalogue import Catalogue
from schema.planner.errors import InputError
from schema.planner.ids import decode_id
from schema.planner.needs import (
    ByIds,
    Connection,
    Embedded,
    Key,
    Known,
    Many,
    Need,
    One,
    OneOf,
    Ranked,
    Reading,
    Search,
    TypeNeeds,
    Value,
)
from schema.planner.once import with_steps
from schema.planner.plan import UNKNOWN, Plan, Run, Slot
from schema.planner.sql import (
    ASKED_KEY,
    RANKED_KEY,
    Asked,
    Bound,
    BoundJson,
    EmbeddedList,
    GlobalId,
    JsonObject,
    Literal,
    Moment,
    RankedRows,
    Row,
    Rows,
)
from schema.planner.statements import Statement
from schema.planner.viewers import Viewer

MOST_IDS = 100
# Stands for the id of whoever asks.
VIEWER_ID = Bound(lambda run: run.viewer.id, BigIntegerField())
# Under this key, a plan for rows holds them.
ASKED = "asked"

FieldGroup = list[FieldNode]


class Compiler:
    """Compiles the selections of one operation into one statement, for viewers of the role of `reader`."""

    def __init__(
        self,
        schema: GraphQLSchema,
        catalogue: Catalogue,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
        reader: Viewer,
    ) -> None:
        self.schema = schema
        self.catalogue = catalogue
        self.fragments = dict(fragments)
        self.variables = dict(variables)
        # How many conditions the filters hold that were compiled so far.
        self.conditions = 0
        self.fields: list[tuple[GraphQLField, FieldNode]] = []
        self.bound_slots: list[Slot] = []
        self.reading = Reading(
            viewer=reader,
            session_id=Bound(lambda run: run.viewer.session_id, BigIntegerField()),
            event_id=Bound(lambda run: run.event_id, BigIntegerField()),
        )

    def roots(self, groups: Mapping[str, FieldGroup]) -> Plan:
        """A plan for root fields of a query, each under its response key."""
        return self._rooted(groups, self.schema.query_type, self.catalogue.roots)

    def watched(self, groups: Mapping[str, FieldGroup]) -> Plan:
        """A plan for the root field of a subscription, under its response key."""
        return self._rooted(groups, self.schema.subscription_type, self.catalogue.watched)

    def _rooted(
        self, groups: Mapping[str, FieldGroup], root: GraphQLObjectType | None, needs: Mapping[str, Need]
    ) -> Plan:
        if root is None:
            raise TypeError("The schema has no such root")
        pairs: dict[str, Any] = {}
        for key, group in groups.items():
            name = group[0].name.value
            pairs[key] = (
                Literal(root.name) if name == "__typename" else self.need(needs[name], root.fields[name], group)
            )
        return self.plan(JsonObject(pairs))

    def rows_asked(self, return_type: GraphQLOutputType, group: FieldGroup) -> Plan:
        """A plan for rows that a run names by type and primary key, as an array under ASKED."""
        types = Bound(lambda run: [type_name for type_name, _ in run.rows], ArrayField(TextField()))
        keys = Bound(lambda run: [key for _, key in run.rows], ArrayField(BigIntegerField()))
        return self.plan(JsonObject({ASKED: Asked(types, keys, self.by_type(return_type, group), many=True)}))

    def plan(self, answer: Expression | JsonObject) -> Plan:
        """The statement that answers with the expression's text."""
        query = Query(None)
        compiler = query.get_compiler(connection=connection)
        sql, slots = compiler.compile(answer.resolve_expression(query))
        sql, slots = with_steps(f"SELECT {sql}::text", slots)
        used = {id(slot) for slot in slots}
        checks = tuple(slot for slot in self.bound_slots if id(slot) not in used)
        return Plan(Statement(sql, slots), tuple(binder(*field) for field in self.fields), checks)

    # ── objects ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def rows(self, type_name: str) -> QuerySet[Any]:
        """The rows of a type that the viewer may see."""
        needs = self.catalogue.types[type_name]
        return needs.model._default_manager.filter(needs.scope(self.reading.viewer)).order_by()

    def nodes(self, rows: QuerySet[Any], type_name: str, group: FieldGroup) -> QuerySet[Any]:
        """The rows, each as one JSON column `node`."""
        return rows.values(node=self.object(type_name, group))

    def object(self, type_name: str, group: FieldGroup) -> JsonObject:
        """What is asked of an object of the type, as JSON."""
        graphql_type = self.object_type(type_name)
        needs = self.catalogue.types[type_name]
        selected = self.selected(graphql_type, group)
        return JsonObject({key: self.field(graphql_type, needs, nodes) for key, nodes in selected.items()})

    def field(self, graphql_type: GraphQLObjectType, needs: TypeNeeds, group: FieldGroup) -> Any:
        """What is asked of a field, as an expression of the row."""
        name = group[0].name.value
        if name == "__typename":
            return Literal(graphql_type.name)
        need = needs.fields[name]
        if isinstance(need, Value):
            return self.leaf(needs, need)
        return self.need(need, graphql_type.fields[name], group)

    def selected(self, graphql_type: GraphQLObjectType, group: FieldGroup) -> dict[str, FieldGroup]:
        """The fields that are asked of an object, fragments and conditions resolved, by response key."""
        return collect_sub_fields(self.schema, self.fragments, self.variables, graphql_type, group)

    def object_type(self, name: str) -> GraphQLObjectType:
        """The GraphQL type of that name."""
        found = self.schema.type_map[name]
        if not isinstance(found, GraphQLObjectType):
            raise TypeError(f"{name} is no object type")
        return found

    def leaf(self, needs: TypeNeeds, need: Value) -> Combinable | Expression:
        """A column or expression, in its canonical form."""
        if not isinstance(need.of, str):
            return need.of(self.reading)
        if isinstance(_column(needs, need.of), DateTimeField):
            return Moment(F(need.of))
        return F(need.of)

    # ── relations ───────────────────────────────────────────────────────────────────────────────────────────────────

    def need(self, need: Need, definition: GraphQLField, group: FieldGroup) -> Any:
        """The expression of what a field needs, nested in the row that it belongs to."""
        match need:
            case One():
                return Row(self.nodes(self.one(need, self.arguments(definition, group)), need.type, group))
            case Connection() | Search():
                return self.page(need, definition, group)
            case ByIds():
                return self.by_ids(need, definition, group)
            case Known():
                return self.known(need, definition, group)
            case Ranked():
                return self.ranked(need, self.arguments(definition, group), group)
            case _:
                return self.argless(need, group)

    def page(self, need: Connection | Search, definition: GraphQLField, group: FieldGroup) -> Any:
        """A page of rows."""
        if isinstance(need, Search):
            return search.compile_search(self, need, definition, group)
        return connections.compile_connection(self, need, definition, group)

    def argless(self, need: Need, group: FieldGroup) -> Any:
        """The same for a field that takes no arguments."""
        match need:
            case Key():
                return GlobalId(need.type, F(need.path))
            case Many():
                rows = self.related(need.type, need.match).filter(need.where).order_by(*need.order)
                return Rows(self.nodes(rows, need.type, group))
            case OneOf():
                return self.one_of(need, group)
            case Embedded():
                return self.embedded(need, group)
            case _:
                raise TypeError(f"{need} stands in a row")

    def related(self, type_name: str, match: Mapping[str, str], *, within: bool = False) -> QuerySet[Any]:
        """The visible rows that belong to the outer row; to that beyond it, for what stands `within` such rows."""
        return self.rows(type_name).filter(**outer(match, within=within))

    def listed(self, need: Connection, *, within: bool = False) -> QuerySet[Any]:
        """The rows that a connection pages through; `within` is for what stands within them."""
        rows = self._listed(need, within=within)
        return rows.filter(need.only(self.reading.viewer)) if need.only else rows

    def _listed(self, need: Connection, *, within: bool) -> QuerySet[Any]:
        if isinstance(need.type, str):
            return self.related(need.type, need.match, within=within)
        rows = need.type.model._default_manager.filter(
            self.catalogue.scopes[need.type.model](self.reading.viewer)
        ).order_by()
        # Not EXISTS: for one beside OR, PostgreSQL may read all the visible rows of a type beforehand.
        visible = (
            Q(IsNull(Subquery(self.related(type_name, {"pk": column}).values("pk")[:1]), False))  # noqa: FBT003 - Django's
            for type_name, column in need.type.to.columns.items()
        )
        return rows.filter(reduce(or_, visible), **outer(need.match, within=within))

    def listed_object(self, need: Connection, group: FieldGroup) -> Any:
        """What is asked of a row of a connection, as JSON."""
        return self.object(need.type, group) if isinstance(need.type, str) else self.one_of(need.type.to, group)

    def one(self, need: One, given: Arguments) -> QuerySet[Any]:
        """The rows of which the first is the one."""
        rows = self.related(need.type, need.match)
        return need.pick(rows, given, self.reading) if need.pick else rows

    def ranked(self, need: Ranked, given: Arguments, group: FieldGroup) -> RankedRows:
        """Rows in the order of the keys that the field's expression names."""
        rows = self.rows(need.type).filter(pk=RANKED_KEY)
        return RankedRows(need.keys(given), Row(self.nodes(rows, need.type, group)))

    def one_of(self, need: OneOf, group: FieldGroup) -> Any:
        """The first of several rows that is there."""
        choices = [
            Row(self.nodes(self.related(type_name, {"pk": column}), type_name, group))
            for type_name, column in need.columns.items()
        ]
        return Coalesce(*choices) if len(choices) > 1 else choices[0]

    def embedded(self, need: Embedded, group: FieldGroup) -> EmbeddedList:
        """The objects in a JSON column, each with the asked keys."""
        selected = self.selected(self.object_type(need.type), group)
        return EmbeddedList(need.column, need.type, {key: nodes[0].name.value for key, nodes in selected.items()})

    def known(self, need: Known, definition: GraphQLField, group: FieldGroup) -> BoundJson:
        """What the server process knows, with the asked keys: bound whole, as any other parameter."""
        graphql_type = self.object_type(get_named_type(definition.type).name)
        names = {key: nodes[0].name.value for key, nodes in self.selected(graphql_type, group).items()}

        def chosen(known: Mapping[str, Any]) -> dict[str, Any]:
            named = {**known, "__typename": graphql_type.name}
            return {key: named.get(name) for key, name in names.items()}

        def slot(run: Run) -> str:
            known = {} if run.facts is UNKNOWN else need.of(run.facts)
            told = chosen(known) if isinstance(known, Mapping) else [chosen(each) for each in known]
            return orjson.dumps(told).decode()

        return BoundJson(slot)

    def by_ids(self, need: ByIds, definition: GraphQLField, group: FieldGroup) -> Asked:
        """Rows by global ids: one subquery for each type that has rows of its own."""
        given = self.arguments(definition, group)
        return Asked(
            given.bound(need.argument, output=ArrayField(TextField()), convert=lambda ids: _decoded(ids, 0)),
            given.bound(need.argument, output=ArrayField(BigIntegerField()), convert=lambda ids: _decoded(ids, 1)),
            self.by_type(definition.type, group),
            many=need.many,
        )

    def by_type(self, return_type: GraphQLOutputType, group: FieldGroup) -> dict[str, Row]:
        """For each planned type that a field may answer with: the object whose primary key is ASKED_KEY."""
        named = get_named_type(return_type)
        types: list[Any] = [named]
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            types = self.schema.get_possible_types(named)
        return {
            possible.name: Row(self.nodes(self.rows(possible.name).filter(pk=ASKED_KEY), possible.name, group))
            for possible in types
            if possible.name in self.catalogue.types
        }

    def arguments(self, definition: GraphQLField, group: FieldGroup) -> Arguments:
        """The arguments of a field, which gets a number in the plan."""
        values = get_argument_values(definition, group[0], self.variables)
        self.fields.append((definition, group[0]))
        return Arguments(len(self.fields) - 1, values, self.bound_slots)


def outer(match: Mapping[str, str], *, within: bool = False) -> dict[str, OuterRef]:
    """The conditions that tie rows to the row that they are nested in, or `within` other rows that are."""
    return {path: OuterRef(OuterRef(column) if within else column) for path, column in match.items()}


def _column(needs: TypeNeeds, path: str) -> Any:
    model: Any = needs.model
    *relations, last = path.split("__")
    for relation in relations:
        model = model._meta.get_field(relation).related_model
    return model._meta.pk if last == "pk" else model._meta.get_field(last)


def _decoded(ids: Any, part: int) -> list[Any]:
    asked = ids if isinstance(ids, list) else [ids]
    if len(asked) > MOST_IDS:
        raise InputError(f"At most {MOST_IDS} ids can be asked for at once.")
    return [decode_id(text)[part] for text in asked]
