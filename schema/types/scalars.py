"""Scalars with one canonical form."""

import re
from datetime import UTC, datetime
from typing import Any

from graphene import Scalar
from graphql import GraphQLError, StringValueNode, ValueNode, value_from_ast_untyped

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class DateTime(Scalar):
    """A moment: RFC 3339, answered in UTC with `Z` and six digits, as in 2026-11-22T21:30:00.000000Z."""

    @staticmethod
    def serialize(value: Any) -> str:
        """The canonical form. The planner's answers have it already."""
        if isinstance(value, datetime):
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return str(value)

    @staticmethod
    def parse_value(value: Any) -> datetime:
        """A moment with a time zone; anything else is refused."""
        if not isinstance(value, str) or not _RFC3339.fullmatch(value):
            raise GraphQLError("A DateTime is written like 2026-11-22T21:30:00Z.")
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise GraphQLError("There is no such DateTime.") from None

    @classmethod
    def parse_literal(cls, node: ValueNode, _variables: Any = None) -> datetime:
        """The same, written in the document."""
        return cls.parse_value(node.value if isinstance(node, StringValueNode) else None)


class JSON(Scalar):
    """Any JSON value."""

    @staticmethod
    def serialize(value: Any) -> Any:
        """The value as it is."""
        return value

    @staticmethod
    def parse_value(value: Any) -> Any:
        """The value as it is."""
        return value

    @staticmethod
    def parse_literal(node: ValueNode, variables: Any = None) -> Any:
        """The value written in the document."""
        return value_from_ast_untyped(node, variables)
