"""The data model as a drawing: an entity-relationship diagram in Mermaid, read off the models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import CheckConstraint, Field, Model, UniqueConstraint
from django.db.models.sql import Query

HEADING = """# The data model

Drawn from the models by `make erd`; a check compares it. Each line between two tables is a foreign key: `||` is exactly
one, `o|` none or one, `o{` any number.

Beside what the drawing shows, triggers (`knowledge/migrations/0003_invariants.py` and later) keep counts, scores,
tallies, former slugs and every slug of a tag, hold that a challenge is SOLVED exactly when a solution is accepted,
and let the audit trail only grow.
"""

TYPES = {"BigAutoField": "bigint", "BigIntegerField": "bigint", "PositiveIntegerField": "integer"}


def diagram() -> str:
    """The page docs/erd.md: the diagram, and each table's constraints in words."""
    models = sorted(_tables(), key=lambda model: model.__name__)
    lines = [HEADING, "```mermaid", "erDiagram"]
    for model in models:
        lines += _entity(model)
    for model in models:
        lines += _relations(model)
    lines += ["```", "", "## Constraints", ""]
    for model in models:
        lines += _constraints(model)
    return "\n".join(lines).rstrip() + "\n"


def _tables() -> Iterator[type[Model]]:
    models = apps.get_app_config("knowledge").get_models(include_auto_created=True)
    yield from (model for model in models if not model._meta.proxy)


def _columns(model: type[Model]) -> list[Field[Any, Any]]:
    return [column for column in model._meta.local_fields if column.column]


def _entity(model: type[Model]) -> list[str]:
    rows = []
    for column in _columns(model):
        marks = ["PK"] if column.primary_key else []
        marks += ["FK"] if column.is_relation else []
        marks += ["UK"] if column.unique and not column.primary_key else []
        note = ' "null"' if column.null else ""
        rows.append(f"        {_type(column)} {column.column} {','.join(marks)}{note}".rstrip())
    return [f"    {model.__name__} {{", *rows, "    }"]


def _type(column: Field[Any, Any]) -> str:
    target = getattr(column, "target_field", column)
    return TYPES.get(target.get_internal_type(), target.get_internal_type().removesuffix("Field").lower())


def _relations(model: type[Model]) -> list[str]:
    rows = []
    for column in _columns(model):
        if column.is_relation and column.related_model:
            one = "|o" if column.null else "||"
            many = "o|" if column.unique else "o{"
            rows.append(f"    {column.related_model.__name__} {one}--{many} {model.__name__} : {column.name}")
    return rows


def _constraints(model: type[Model]) -> list[str]:
    rows = []
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            what = ", ".join(constraint.fields) or ", ".join(str(e) for e in constraint.expressions)
            only = f" where `{_sql(model, constraint.condition)}`" if constraint.condition else ""
            rows.append(f"- `{constraint.name}`: unique on {what}{only}")
        elif isinstance(constraint, CheckConstraint):
            rows.append(f"- `{constraint.name}`: `{_sql(model, constraint.condition)}`")
    return [f"### {model.__name__}", "", *rows, ""] if rows else []


def _sql(model: type[Model], condition: Any) -> str:
    """A condition as SQL, with its values, for people to read."""
    query = Query(model, alias_cols=False)
    where = query.build_where(condition)
    sql, params = where.as_sql(query.get_compiler(connection=connection), connection)
    return str(sql % tuple(f"'{param}'" if isinstance(param, str) else param for param in params)).replace('"', "")
