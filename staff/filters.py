"""What lists can be narrowed by: one of a few values, and nothing else that an address could name."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest


class Choice(SimpleListFilter):
    """A field has one of its values. `field` names it, in the address too; `values` are the values and their names."""

    field: ClassVar[str]
    values: ClassVar[Iterable[tuple[str, str]]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The values."""
        return list(self.values)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that have it; none for what is no value, all without one."""
        value = self.value()
        if value is None:
            return queryset
        return queryset.filter(**self.condition(value)) if value in dict(self.lookup_choices) else queryset.none()

    def condition(self, value: str) -> dict[str, Any]:
        """What rows with the value meet."""
        return {self.field: value}


def choice(field: str, values: Iterable[tuple[str, str]], title: str | None = None) -> type[Choice]:
    """The filter of a field by its choices."""
    named = {"field": field, "values": tuple(values), "parameter_name": field, "title": title or field}
    return type(f"{field.title()}Choice", (Choice,), named)
