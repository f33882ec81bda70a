"""Documents: parsed, validated, limited, and kept for the next request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged as merging
from graphql.validation.validate import ValidationAbortedError

from schema.errors import CodedError, ErrorCode, with_code
from schema.planner.planner import PlanStore
from schema.rules import RULES
from schema.schema import schema

MOST_TOKENS = 2_000
# Each document keeps its plans; these and PLANS_KEPT bound the memory that a stranger's variety of documents can take.
DOCUMENTS_KEPT = 500
LONGEST_KEPT = 20_000
# What graphql-core may spend on asking whether fields of one name can be merged; its own limit is a second of work.
merging.MAX_COMPLEXITY_BUDGET = 50_000
# Arguments that carry a password or a token.
SECRETS = re.compile(r"(?i)(password|token)\s*:\s*\"")


class InvalidDocument(Exception):
    """A document that is not GraphQL, or not for this schema; `errors` are coded."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        self.errors = errors
        super().__init__("; ".join(error.message for error in errors))


@dataclass(frozen=True, eq=False)
class Document:
    """A valid document with its operations by name, and the plans made for it."""

    ast: DocumentNode
    operations: Mapping[str, OperationDefinitionNode]
    store: PlanStore

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run; raises BAD_REQUEST where the name does not tell which."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None:
            raise CodedError(ErrorCode.BAD_REQUEST, "The document has several operations; give operationName.")
        if name not in self.operations:
            raise CodedError(ErrorCode.BAD_REQUEST, f"The document has no operation named {name[:80]!r}.")
        return self.operations[name]


def read_document(text: str) -> Document:
    """The document in `text`. Raises InvalidDocument.

    Valid documents are kept, unless they are long, or a secret may stand in their text.
    """
    return _new(text) if len(text) > LONGEST_KEPT or SECRETS.search(text) else _kept(text)


@lru_cache(maxsize=DOCUMENTS_KEPT)
def _kept(text: str) -> Document:
    return _new(text)


def _new(text: str) -> Document:
    try:
        ast = parse(text, max_tokens=MOST_TOKENS)
    except GraphQLSyntaxError as error:
        code = (
            ErrorCode.COST_EXCEEDED
            if "Document contains more than" in error.message
            else ErrorCode.GRAPHQL_PARSE_FAILED
        )
        raise InvalidDocument([with_code(error, code)]) from None
    except RecursionError:
        raise InvalidDocument([CodedError(ErrorCode.COST_EXCEEDED, "The document nests too deep.")]) from None
    try:
        errors = validate(schema.graphql_schema, ast, [*specified_rules, *RULES], max_errors=20)
    except GraphQLError as error:
        # graphql-core resolves the conditions of a subscription's root while it validates, when no variable is known.
        errors = [error]
    if errors:
        raise InvalidDocument([_coded(error) for error in errors])
    return Document(
        ast=ast,
        operations={
            definition.name.value if definition.name else "": definition
            for definition in ast.definitions
            if isinstance(definition, OperationDefinitionNode)
        },
        store=PlanStore(
            {
                definition.name.value: definition
                for definition in ast.definitions
                if isinstance(definition, FragmentDefinitionNode)
            }
        ),
    )


def _coded(error: GraphQLError) -> GraphQLError:
    gave_up = isinstance(error, ValidationAbortedError)
    return with_code(error, ErrorCode.COST_EXCEEDED if gave_up else ErrorCode.GRAPHQL_VALIDATION_FAILED)


def is_query(operation: OperationDefinitionNode) -> bool:
    """Whether the operation only reads."""
    return operation.operation is OperationType.QUERY


def is_mutation(operation: OperationDefinitionNode) -> bool:
    """Whether the operation changes something."""
    return operation.operation is OperationType.MUTATION


def is_subscription(operation: OperationDefinitionNode) -> bool:
    """Whether the operation watches something."""
    return operation.operation is OperationType.SUBSCRIPTION
