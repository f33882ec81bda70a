"""A field's arguments out of an operation's variables: what can be worked out once, is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    Undefined,
    ValueNode,
    VariableNode,
    coerce_input_value,
    is_input_object_type,
    is_non_null_type,
    value_from_ast,
)
from graphql.execution.values import get_argument_values

from schema.planner.values import Variables, holds_variables, reader

Binder = Callable[[Variables], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Made:
    """An argument that depends on variables: what makes it of them, and whether it may be left out, or null."""

    key: str
    make: Callable[[Variables], Any]
    optional: bool
    nullable: bool


def binder(definition: GraphQLField, node: FieldNode) -> Binder:
    """What makes the field's arguments, by their names in Python, out of an operation's coerced variables.

    It does what graphql-core's `get_argument_values` does, of a valid document, and raises GraphQLError as that does.
    What it answers with is not to be changed.
    """
    given = {argument.name.value: argument.value for argument in node.arguments}
    constants: dict[str, Any] = {}
    made: list[Made] = []
    for name, argument in definition.args.items():
        key, value = argument.out_name or name, given.get(name)
        if value is not None and holds_variables(value):
            made.append(_made(key, argument, value))
        else:
            constants[key] = _default(argument) if value is None else value_from_ast(value, argument.type)
    constants = {key: value for key, value in constants.items() if value is not Undefined}
    if not made:
        return lambda _variables: constants

    def bind(variables: Variables) -> Mapping[str, Any]:
        values = dict(constants)
        for each in made:
            value = each.make(variables)
            if (value is Undefined and not each.optional) or (value is None and not each.nullable):
                # It says what is wrong.
                return get_argument_values(definition, node, variables)
            if value is not Undefined:
                values[each.key] = value
        return values

    return bind


def _made(key: str, argument: GraphQLArgument, value: ValueNode) -> Made:
    nullable = not is_non_null_type(argument.type)
    if isinstance(value, VariableNode):
        name, default = value.name.value, _default(argument)
        return Made(key, lambda variables: variables.get(name, default), optional=nullable, nullable=nullable)
    return Made(key, reader(value, argument.type), optional=False, nullable=nullable)


def _default(argument: GraphQLArgument) -> Any:
    default = argument.default_value
    if default is Undefined or not is_input_object_type(argument.type):
        return default
    # As graphql-core has it: an object's keys are to be the names in Python.
    return coerce_input_value(default, argument.type)
