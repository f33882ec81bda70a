"""Lookups that Django lacks."""

from typing import Any

from django.db.models import Field, Lookup


@Field.register_lookup
class EqualsAny(Lookup):
    """`column = ANY(array)`: one statement whatever the number of values, where `in` makes one for each number."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The comparison with a bound array."""
        lhs, lhs_params = self.process_lhs(compiler, connection)
        rhs, rhs_params = compiler.compile(self.rhs)
        return f"{lhs} = ANY({rhs})", (*lhs_params, *rhs_params)
