"""No field of what is read goes untested."""

from typing import Any

import pytest
from graphql import DocumentNode, FieldNode, GraphQLObjectType, TypeInfo, TypeInfoVisitor, Visitor, parse, visit

from schema.schema import schema
from tests.schema.selections import ASKED, TYPES


class Fields(Visitor):
    """Gathers the fields that are asked of each type."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.asked: set[tuple[str, str]] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent = self.info.get_parent_type()
        if parent is not None:
            self.asked.add((parent.name, node.name.value))


def asked_of_types(document: DocumentNode) -> set[tuple[str, str]]:
    info = TypeInfo(schema.graphql_schema)
    fields = Fields(info)
    visit(document, TypeInfoVisitor(info, fields))
    return fields.asked


@pytest.mark.parametrize("name", TYPES)
def test_no_field_is_left_out_above(name: str) -> None:
    asked = set().union(*(asked_of_types(parse(document)) for document in ASKED))
    graphql_type = schema.graphql_schema.type_map[name]
    assert isinstance(graphql_type, GraphQLObjectType)
    assert {field for field in graphql_type.fields if (name, field) not in asked} == set()
