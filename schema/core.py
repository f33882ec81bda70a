"""graphql-core's execution of mutations and introspection, which is spared what was done before it."""

from __future__ import annotations

from typing import Any

from graphql import ExecutionContext, FieldNode, GraphQLOutputType, GraphQLResolveInfo, OperationDefinitionNode
from graphql.pyutils import AwaitableOrValue, Path

from schema.planner.answers import Fetched


class Execution(ExecutionContext):
    """Takes the variables' values as they were coerced when the operation began, and what a plan answered as it is.

    The operation that it is given declares no variables, and its context value holds them (RequestContext).
    """

    def execute_operation(
        self, operation: OperationDefinitionNode, root_value: Any
    ) -> AwaitableOrValue[dict[str, Any]] | None:
        """As graphql-core, with the values."""
        self.variable_values = self.context_value.variables
        return super().execute_operation(operation, root_value)

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_nodes: list[FieldNode],
        info: GraphQLResolveInfo,
        path: Path,
        result: Any,
    ) -> AwaitableOrValue[Any]:
        """As graphql-core, but for what was fetched: that is the response already."""
        if isinstance(result, Fetched):
            return result.response
        return super().complete_value(return_type, field_nodes, info, path, result)
