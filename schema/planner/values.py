"""A value that stands in a document, as a function of the operation's variables.

It answers with what graphql-core's `value_from_ast` does, of a valid document, but for the order of an object's keys:
Undefined where that is no value of the type. What does not depend on variables is worked out once, and shared: it is
not to be changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    BREAK,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    Visitor,
    get_nullable_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    value_from_ast,
    visit,
)

Variables = dict[str, Any]
Reader = Callable[[Variables], Any]


def reader(value: ValueNode, type_: Any) -> Reader:
    """What makes the value, which is to be of the input type, out of variables."""
    if isinstance(value, VariableNode):
        return _variable(value.name.value, nullable=not is_non_null_type(type_))
    if not holds_variables(value):
        constant = value_from_ast(value, type_)
        return lambda _variables: constant
    nullable: Any = get_nullable_type(type_)
    if isinstance(value, ListValueNode) and is_list_type(nullable):
        return _list([(reader(item, nullable.of_type), _may_lack(item, nullable.of_type)) for item in value.values])
    if isinstance(value, ObjectValueNode) and is_list_type(nullable):
        return _list([(reader(value, nullable.of_type), False)])
    if isinstance(value, ObjectValueNode) and is_input_object_type(nullable) and not nullable.is_one_of:
        return _object(value, nullable)
    # What is seldom, or no value of its type.
    return lambda variables: value_from_ast(value, type_, variables)


def holds_variables(value: ValueNode) -> bool:
    """Whether the value is or holds a variable."""
    found = _FoundVariable()
    visit(value, found)
    return found.any


class _FoundVariable(Visitor):
    """Whether there is a variable in what is visited."""

    any = False

    def enter_variable(self, *_: Any) -> Any:
        """There is."""
        self.any = True
        return BREAK


def _variable(name: str, *, nullable: bool) -> Reader:
    if nullable:
        return lambda variables: variables.get(name, Undefined)

    def read(variables: Variables) -> Any:
        value = variables.get(name, Undefined)
        return Undefined if value is None else value

    return read


def _may_lack(item: ValueNode, type_: GraphQLInputType) -> bool:
    """Whether an item of a list is null where nothing is given for it."""
    return isinstance(item, VariableNode) and not is_non_null_type(type_)


def _list(items: list[tuple[Reader, bool]]) -> Reader:
    def read(variables: Variables) -> Any:
        values = []
        for make, may_lack in items:
            value = make(variables)
            if value is Undefined and not may_lack:
                return Undefined
            values.append(None if value is Undefined else value)
        return values

    return read


def _object(value: ObjectValueNode, type_: GraphQLInputObjectType) -> Reader:
    given = {field.name.value: field.value for field in value.fields}
    constants: dict[str, Any] = {}
    fields = []
    for name, field in type_.fields.items():
        item = given.get(name)
        if item is not None and holds_variables(item):
            fields.append(_Field.of(name, field, item))
            continue
        constant = field.default_value if item is None else value_from_ast(item, field.type)
        if constant is not Undefined:
            constants[field.out_name or name] = constant
        elif item is not None or is_non_null_type(field.type):
            return _nothing
    return _made_of(type_, constants, fields)


def _made_of(type_: GraphQLInputObjectType, constants: dict[str, Any], fields: list[_Field]) -> Reader:
    """What makes an object out of what stays the same and what depends on variables."""

    def read(variables: Variables) -> Any:
        values = dict(constants)
        for field in fields:
            lacks = field.variable is not None and variables.get(field.variable, Undefined) is Undefined
            made = field.default if lacks else field.read(variables)
            if made is not Undefined:
                values[field.key] = made
            elif field.required or not lacks:
                return Undefined
        return type_.out_type(values)

    return read


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of an object that depends on variables: `default` stands for it where nothing is given for `variable`."""

    key: str
    read: Reader
    variable: str | None
    default: Any
    required: bool

    @classmethod
    def of(cls, name: str, field: GraphQLInputField, value: ValueNode) -> _Field:
        return cls(
            field.out_name or name,
            reader(value, field.type),
            value.name.value if isinstance(value, VariableNode) else None,
            field.default_value,
            is_non_null_type(field.type),
        )


def _nothing(_variables: Variables) -> Any:
    return Undefined
