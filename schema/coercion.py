"""What makes a value of an input type out of JSON: worked out once for a type, not looked up anew for each value.

It answers with what graphql-core's `coerce_input_value` does, but for the order of an object's keys. Where that tells
all that does not fit, and why, this stops at the first; who has to know asks graphql-core.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any, Final

from graphql import (
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    Undefined,
    coerce_input_value,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
)

Coercer = Callable[[Any], Any]
# More than a schema has; tests make many.
MOST_KEPT: Final = 500


def coercer(type_: Any) -> Coercer:
    """What coerces values that came as JSON to the input type. It raises GraphQLError for one that does not fit."""
    if is_non_null_type(type_):
        return _present(coercer(type_.of_type))
    if is_list_type(type_):
        return _list(coercer(type_.of_type))
    if is_input_object_type(type_):
        return _object(type_)
    return _leaf(type_.parse_value)


def _present(coerce: Coercer) -> Coercer:
    def coerced(value: Any) -> Any:
        if value is None:
            raise GraphQLError("A value is missing.")
        return coerce(value)

    return coerced


def _list(coerce: Coercer) -> Coercer:
    def coerced(value: Any) -> Any:
        if value is None:
            return None
        # As the specification has it: a value alone stands for a list of it.
        return [coerce(item) for item in value] if isinstance(value, list) else [coerce(value)]

    return coerced


def _leaf(parse: Callable[[Any], Any]) -> Coercer:
    def coerced(value: Any) -> Any:
        if value is None:
            return None
        try:
            made = parse(value)
        except Exception as error:  # whatever a scalar raises, the value is none of its
            raise GraphQLError("The value is not one of its type.") from error
        if made is Undefined:
            raise GraphQLError("The value is not one of its type.")
        return made

    return coerced


@lru_cache(MOST_KEPT)
def _object(type_: GraphQLInputObjectType) -> Coercer:
    return (lambda value: coerce_input_value(value, type_)) if type_.is_one_of else _Object(type_)


class _Object:
    """Coerces objects; what its fields are is asked late, because they may hold such objects themselves."""

    def __init__(self, type_: GraphQLInputObjectType) -> None:
        self._type = type_

    @cached_property
    def _fields(self) -> dict[str, tuple[str, Coercer]]:
        return {name: (field.out_name or name, coercer(field.type)) for name, field in self._type.fields.items()}

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        """Of the fields that need not be given."""
        return {
            name: field.default_value
            for name, field in self._type.fields.items()
            if field.default_value is not Undefined
        }

    @cached_property
    def _required(self) -> tuple[str, ...]:
        return tuple(name for name, field in self._type.fields.items() if _is_required(field))

    def __call__(self, value: Any) -> Any:
        """The object as its type has it."""
        if value is None:
            return None
        if not isinstance(value, dict) or any(name not in value for name in self._required):
            raise GraphQLError("The value is no object, or lacks a field.")
        fields, made = self._fields, {}
        for name, item in {**self._defaults, **value}.items():
            if name not in fields:
                raise GraphQLError("There is no such field.")
            key, coerce = fields[name]
            made[key] = coerce(item) if name in value else item
        return self._type.out_type(made)


def _is_required(field: GraphQLInputField) -> bool:
    return is_non_null_type(field.type) and field.default_value is Undefined
