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
    """Bounds the numbers of aliases, directives, and mutations, and allows one password check a document."""

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
            *self._mutations(node),
        ):
            if number > most:
                self.report_error(
                    CodedError(ErrorCode.COST_EXCEEDED, f"The document has {number} {what}; {most} is the most.")
                )

    def _mutations(self, node: DocumentNode) -> list[tuple[str, int, int]]:
        roots = [
            name
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode) and definition.operation is OperationType.MUTATION
            for name in root_names(definition.selection_set, self.context)
        ]
        passwords = sum(name in PASSWORD_ROOTS for name in roots)
        return [("mutations", len(roots), MOST_MUTATIONS), ("password checks", passwords, 1)]


def root_names(
    selection: SelectionSetNode, context: ASTValidationContext, seen: frozenset[str] = frozenset()
) -> list[str]:
    """The names of the fields at the root, also of those in fragments. Stops counting past the most."""
    names: list[str] = []
    for node in selection.selections:
        if len(names) > MOST_MUTATIONS:
            break
        if isinstance(node, FieldNode):
            names.append(node.name.value)
        elif isinstance(node, InlineFragmentNode):
            names += root_names(node.selection_set, context, seen)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            fragment = context.get_fragment(node.name.value)
            if fragment is not None:
                names += root_names(fragment.selection_set, context, seen | {node.name.value})
    return names


RULES: tuple[type[ASTValidationRule], ...] = (DepthRule, CountRule)
