"""An operation's variables, as it declares them, and the values that a request gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    GraphQLError,
    GraphQLSchema,
    Undefined,
    VariableDefinitionNode,
    get_variable_values,
    is_non_null_type,
    type_from_ast,
    value_from_ast,
)

from schema.coercion import Coercer, coercer
from schema.errors import CodedError, ErrorCode
from schema.settings import settings

# More than any input of the schema can hold; each is looked at several times before anything runs.
MOST_VALUES: Final = 5_000
HOLDING: Final = frozenset({dict, list})
# So few cannot be nested deeper than graphql-core allows.
FEW_VALUES: Final = 50


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable: what makes it of JSON, and its value where none is given, Undefined without one."""

    name: str
    coerce: Coercer
    default: Any
    required: bool


class Variables:
    """The variables that a valid operation declares."""

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        self._schema = schema
        self._definitions = tuple(definitions)
        self._declared = tuple(_declared(schema, definition) for definition in definitions)

    def declared(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the values that are of variables which are declared, as they were given."""
        return {each.name: given[each.name] for each in self._declared if each.name in given}

    def coerced(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values, as the types have them. Raises BAD_USER_INPUT where they don't fit."""
        counted = values_in(given)
        if counted > MOST_VALUES:
            raise CodedError(ErrorCode.BAD_USER_INPUT, f"The variables hold more than {MOST_VALUES} values.")
        try:
            return self._fitting(given) if counted <= FEW_VALUES else self._checked(given)
        except GraphQLError:
            # graphql-core tells of everything that does not fit, and why.
            return self._checked(given)

    def _fitting(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values; raises GraphQLError for the first that does not fit."""
        values: dict[str, Any] = {}
        for variable in self._declared:
            value = given.get(variable.name, Undefined)
            if value is Undefined:
                value = variable.default
                if value is not Undefined:
                    values[variable.name] = value
                elif variable.required:
                    raise GraphQLError("A value is missing.")
            else:
                values[variable.name] = variable.coerce(value)
        return values

    def _checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        values = get_variable_values(self._schema, self._definitions, dict(given), max_errors=settings.LIMIT_ERRORS)
        if isinstance(values, list):
            raise CodedError(ErrorCode.BAD_USER_INPUT, "; ".join(error.message for error in values))
        return values


def values_in(given: Mapping[str, Any]) -> int:
    """How many values the variables hold, objects and lists among them; stops counting past MOST_VALUES."""
    waiting: list[Any] = [given]
    counted = 0
    while waiting and counted <= MOST_VALUES:
        value = waiting.pop()
        counted += len(value)
        waiting += [item for item in (value.values() if isinstance(value, dict) else value) if type(item) in HOLDING]
    return counted


def characters_in(values: Mapping[str, Any]) -> int:
    """How many characters the texts among the values have together."""
    waiting: list[Any] = [values]
    counted = 0
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            counted += len(value)
        elif isinstance(value, dict | list):
            waiting.extend(value.values() if isinstance(value, dict) else value)
    return counted


def _declared(schema: GraphQLSchema, definition: VariableDefinitionNode) -> Variable:
    declared: Any = type_from_ast(schema, definition.type)
    default = definition.default_value
    return Variable(
        definition.variable.name.value,
        coercer(declared),
        Undefined if default is None else value_from_ast(default, declared),
        is_non_null_type(declared),
    )
