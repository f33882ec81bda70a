"""What every type of this schema has: the scope that the policy gives its model."""

from typing import Any

from django.db.models import Model

from knowledge.policy import VISIBLE
from schema.planner.declare import ScopedType


class PlannedType(ScopedType):
    """A type whose rows are of a model. It takes the model's scope from the policy, and cannot be without one."""

    class Meta:
        abstract = True

    @classmethod
    def __init_subclass_with_meta__(cls, model: type[Model] | None = None, scope: Any = None, **options: Any) -> None:
        """Binds the type to `model`; `scope` overrides the policy's, and a model without either is an error."""
        known = VISIBLE.get(model) if model else None
        super().__init_subclass_with_meta__(model=model, scope=scope or known, **options)
