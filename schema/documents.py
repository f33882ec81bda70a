"""Documents: parsed, validated, limited, and kept for the next request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    specified_rules,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged as merging
from graphql.validation.validate import ValidationAbortedError

from schema.errors import CodedError, ErrorCode, with_code
from schema.lexing import parsed
from schema.observing import PLAN, step
from schema.operations import Operation, Room
from schema.planner.plan import Plan
from schema.planner.planner import PlanStore
from schema.planner.shelves import Shelves
from schema.rules import excesses
from schema.schema import schema
from schema.settings import settings

# Characters of documents that came more than once, and of those that came once; a parsed one takes a few hundred times
# its length, and even the shortest as much as so many characters. What its operations remember takes as much again at
# most: so many bytes for each.
MOST_IN_USE = 500_000
MOST_NEW = 100_000
DOCUMENT_ITSELF = 40
REMEMBERED_BYTES = 300
LONGEST_KEPT = 20_000
# What graphql-core may spend on asking whether fields of one name can be merged; its own limit is a second of work.
merging.MAX_COMPLEXITY_BUDGET = 10_000
# How graphql-core's parser says that it gave up.
TOO_MUCH_TO_PARSE = ("Document contains more than", "Document is nested too deeply")
# Arguments that carry a password or a token.
SECRETS = re.compile(r"(?i)(password|token)\s*:\s*\"")

_documents: Shelves[Document] = Shelves(MOST_IN_USE, MOST_NEW)


class InvalidDocument(Exception):
    """A document that is not GraphQL, or not for this schema; `errors` are coded."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        self.errors = errors
        super().__init__("; ".join(error.message for error in errors))


@dataclass(frozen=True, eq=False)
class Document:
    """A valid document with its operations by name, and the plans made for it."""

    operations: Mapping[str, Operation]
    store: PlanStore

    @property
    def only_reads(self) -> bool:
        """Whether all of it are queries."""
        return all(operation.reads for operation in self.operations.values())

    def operation(self, name: str | None) -> Operation:
        """The operation to run; raises BAD_REQUEST where the name does not tell which."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None:
            raise CodedError(ErrorCode.BAD_REQUEST, "The document has several operations; give operationName.")
        if name not in self.operations:
            raise CodedError(ErrorCode.BAD_REQUEST, f"The document has no operation named {name[:80]!r}.")
        return self.operations[name]


class WatchedPlans(PlanStore):
    """The plans of a document, whose making is a step of the request that needs it."""

    def get(self, key: Any, make: Callable[[], Plan]) -> Plan:
        """As PlanStore."""

        def made() -> Plan:
            with step(PLAN):
                return make()

        return super().get(key, made)


def read_document(text: str, owner: str = "", pay: Callable[[int], None] | None = None) -> Document:
    """The document in `text`, which `owner` sends. Raises InvalidDocument.

    `pay` is called with its length before it is read, where it is not known; what it raises is raised.

    Valid documents are kept, unless they are long, or a secret may stand in their text: for a while, and longer once
    they come again, so that those who send ever new ones push out nothing that is in use.
    """
    document = _documents.get(text, owner=owner)
    if document is None:
        if pay is not None:
            pay(len(text))
        document = _read(text, owner)
        if len(text) <= LONGEST_KEPT and not SECRETS.search(text):
            _documents.put(text, document, owner=owner, weight=DOCUMENT_ITSELF + len(text))
    return document


def forget() -> None:
    """Keeps no document any longer, as in a process that has just started."""
    _documents.clear()


def _parsed(text: str) -> DocumentNode:
    if len(text) > settings.LIMIT_DOCUMENT:
        message = (
            f"The document has {len(text)} characters; {settings.LIMIT_DOCUMENT} is the most. Send values as variables."
        )
        raise InvalidDocument([CodedError(ErrorCode.COST_EXCEEDED, message)])
    try:
        with step("parse"):
            return parsed(text, settings.LIMIT_TOKENS)
    except GraphQLSyntaxError as error:
        gave_up = any(words in error.message for words in TOO_MUCH_TO_PARSE)
        code = ErrorCode.COST_EXCEEDED if gave_up else ErrorCode.GRAPHQL_PARSE_FAILED
        raise InvalidDocument([with_code(error, code)]) from None
    except RecursionError:
        raise InvalidDocument([CodedError(ErrorCode.COST_EXCEEDED, "The document nests too deep.")]) from None


def _read(text: str, owner: str) -> Document:
    ast = _parsed(text)
    if too_much := excesses(ast):
        raise InvalidDocument(too_much)
    try:
        with step("validate"):
            errors = validate(schema.graphql_schema, ast, specified_rules, max_errors=settings.LIMIT_ERRORS)
    except GraphQLError as error:
        # graphql-core resolves the conditions of a subscription's root while it validates, when no variable is known.
        errors = [error]
    if errors:
        raise InvalidDocument([_coded(error) for error in errors])
    fragments = {
        definition.name.value: definition
        for definition in ast.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    room = Room(REMEMBERED_BYTES * (DOCUMENT_ITSELF + len(text)))
    operations = [
        Operation(definition, fragments, room)
        for definition in ast.definitions
        if isinstance(definition, OperationDefinitionNode)
    ]
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Document({operation.name: operation for operation in operations}, WatchedPlans(fragments, digest, owner))


def _coded(error: GraphQLError) -> GraphQLError:
    gave_up = isinstance(error, ValidationAbortedError)
    return with_code(error, ErrorCode.COST_EXCEEDED if gave_up else ErrorCode.GRAPHQL_VALIDATION_FAILED)
