"""How large a document is: each number counted in one walk, fragments once, before anything else looks at it.

Cycles and fragments that are not there are survived; they are validation's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
)

from schema.identity.roots import PASSWORD_ROOTS

INTROSPECTION = frozenset({"__schema", "__type"})
Fragments = Mapping[str, FragmentDefinitionNode]


@dataclass(slots=True)
class Size:
    """A document's numbers. `depth` and `nesting` are an operation's: of fields, and of selections of any kind."""

    operations: int = 0
    fragments: int = 0
    variables: int = 0
    aliases: int = 0
    directives: int = 0
    depth: int = 0
    nesting: int = 0
    mutations: int = 0
    passwords: int = 0
    introspections: int = 0


def measured(document: DocumentNode) -> Size:
    """The document's size."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    size = Size()
    depth, nesting = Longest(fragments, _fields_deep), Longest(fragments, _selections_deep)
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            size.fragments += 1
        elif isinstance(definition, OperationDefinitionNode):
            size.operations += 1
            size.variables += len(definition.variable_definitions)
            size.directives += sum(len(variable.directives) for variable in definition.variable_definitions)
            size.depth = max(size.depth, depth.of(definition.selection_set))
            size.nesting = max(size.nesting, nesting.of(definition.selection_set))
            _count_roots(size, definition, fragments)
        else:
            continue
        size.directives += len(definition.directives)
        for node in _selections_in(definition.selection_set):
            size.directives += len(node.directives)
            size.aliases += isinstance(node, FieldNode) and node.alias is not None
    return size


def _selections_in(selection: SelectionSetNode) -> Iterator[SelectionNode]:
    waiting = [selection]
    while waiting:
        for node in waiting.pop().selections:
            yield node
            inner: SelectionSetNode | None = getattr(node, "selection_set", None)
            if inner is not None:
                waiting.append(inner)


def _fields_deep(node: FieldNode | InlineFragmentNode) -> tuple[int, bool]:
    """A field is a level; within introspection, whose depth graphql-core bounds, nothing is."""
    return (1, not node.name.value.startswith("__")) if isinstance(node, FieldNode) else (0, True)


def _selections_deep(node: FieldNode | InlineFragmentNode) -> tuple[int, bool]:
    return 1, True


class Longest:
    """The longest way down a selection, by `step`: how much a node adds to it, and whether what is in it counts too."""

    def __init__(
        self, fragments: Fragments, step: Callable[[FieldNode | InlineFragmentNode], tuple[int, bool]]
    ) -> None:
        self._fragments = fragments
        self._step = step
        self._known: dict[str, int] = {}

    def of(self, selection: SelectionSetNode | None) -> int:
        """The length of that way. A fragment within itself adds nothing."""
        longest = 0
        for node in selection.selections if selection else ():
            if isinstance(node, FieldNode | InlineFragmentNode):
                added, counts = self._step(node)
                longest = max(longest, added + (self.of(node.selection_set) if counts else 0))
            elif isinstance(node, FragmentSpreadNode):
                longest = max(longest, self._fragment(node.name.value))
        return longest

    def _fragment(self, name: str) -> int:
        if name not in self._known:
            self._known[name] = 0
            fragment = self._fragments.get(name)
            self._known[name] = self.of(fragment.selection_set) if fragment else 0
        return self._known[name]


def _count_roots(size: Size, operation: OperationDefinitionNode, fragments: Fragments) -> None:
    names = list(_root_names(operation.selection_set, fragments, set()))
    size.introspections = max(size.introspections, sum(name in INTROSPECTION for name in names))
    if operation.operation is OperationType.MUTATION:
        size.mutations += len(names)
        size.passwords += sum(name in PASSWORD_ROOTS for name in names)


def _root_names(selection: SelectionSetNode, fragments: Fragments, seen: set[str]) -> Iterator[str]:
    """The names of the fields at the root. A fragment counts once: the fields of a second spread are the same."""
    for node in selection.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, InlineFragmentNode):
            yield from _root_names(node.selection_set, fragments, seen)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            fragment = fragments.get(node.name.value)
            if fragment:
                yield from _root_names(fragment.selection_set, fragments, seen)
