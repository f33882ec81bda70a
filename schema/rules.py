"""Validation rules beyond those of the specification: one table, each linear in the size of the document.

Sizes are counted without variables here; `schema.cost` counts rows with them.
"""

from __future__ import annotations

from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)
from graphql.validation import ASTValidationContext

from schema.errors import CodedError, ErrorCode
from schema.identity.roots import PASSWORD_ROOTS

DEEPEST = 15
MOST_ALIASES = 30
MOST_DIRECTIVES = 50
MOST_MUTATIONS = 4
INTROSPECTION = frozenset({"__schema", "__type"})


class DepthRule(ASTValidationRule):
    """Data nests at most 15 fields deep. Introspection, whose depth the schema bounds, always passes."""

    def enter_document(self, node: DocumentNode, *_: Any) -> None:
        """Each operation's depth, fragments measured once."""
        fragments = {d.name.value: d for d in node.definitions if isinstance(d, FragmentDefinitionNode)}
        measured: dict[str, int] = {}
        for definition in node.definitions:
            if isinstance(definition, OperationDefinitionNode):
                deepest = depth(definition.selection_set, fragments, measured)
                if deepest > DEEPEST:
                    message = f"The operation nests {deepest} deep; {DEEPEST} is the most."
                    self.report_error(CodedError(ErrorCode.COST_EXCEEDED, message))


def depth(selection: SelectionSetNode | None, fragments: dict[str, Any], measured: dict[str, int]) -> int:
    """How deep the fields of a selection nest. A fragment within itself counts as nothing: another rule reports it."""
    deepest = 0
    for node in selection.selections if selection else ():
        if isinstance(node, FieldNode):
            inner = 0 if node.name.value.startswith("__") else depth(node.selection_set, fragments, measured)
            deepest = max(deepest, 1 + inner)
        elif isinstance(node, InlineFragmentNode):
            deepest = max(deepest, depth(node.selection_set, fragments, measured))
        elif isinstance(node, FragmentSpreadNode) and node.name.value in fragments:
            name = node.name.value
            if name not in measured:
                measured[name] = 0
                measured[name] = depth(fragments[name].selection_set, fragments, measured)
            deepest = max(deepest, measured[name])
    return deepest


class CountRule(ASTValidationRule):
    """Bounds the numbers of aliases, directives and mutations.

    Allows one password check a document, and one introspection an operation.
    """

    def __init__(self, context: ASTValidationContext) -> None:
        super().__init__(context)
        self.aliases = 0
        self.directives = 0

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Counts the alias."""
        self.aliases += node.alias is not None

    def enter_directive(self, *_: Any) -> None:
        """Counts the directive."""
        self.directives += 1

    def leave_document(self, node: DocumentNode, *_: Any) -> None:
        """Reports what is too much."""
        for what, number, most in (
            ("aliases", self.aliases, MOST_ALIASES),
            ("directives", self.directives, MOST_DIRECTIVES),
            *self._roots(node),
        ):
            if number > most:
                self.report_error(
                    CodedError(ErrorCode.COST_EXCEEDED, f"The document has {number} {what}; {most} is the most.")
                )

    def _roots(self, node: DocumentNode) -> list[tuple[str, int, int]]:
        mutations: list[str] = []
        introspections = 0
        for definition in node.definitions:
            if isinstance(definition, OperationDefinitionNode):
                names = root_names(definition.selection_set, self.context, set())
                introspections = max(introspections, sum(name in INTROSPECTION for name in names))
                mutations += names if definition.operation is OperationType.MUTATION else []
        return [
            ("mutations", len(mutations), MOST_MUTATIONS),
            ("password checks", sum(name in PASSWORD_ROOTS for name in mutations), 1),
            ("introspections in one operation", introspections, 1),
        ]


def root_names(selection: SelectionSetNode, context: ASTValidationContext, seen: set[str]) -> list[str]:
    """The names of the fields at the root. A fragment counts once: the fields of a second spread are the same."""
    names: list[str] = []
    for node in selection.selections:
        if isinstance(node, FieldNode):
            names.append(node.name.value)
        elif isinstance(node, InlineFragmentNode):
            names += root_names(node.selection_set, context, seen)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            fragment = context.get_fragment(node.name.value)
            names += root_names(fragment.selection_set, context, seen) if fragment else []
    return names


RULES: tuple[type[ASTValidationRule], ...] = (DepthRule, CountRule)
