"""Every row of the domain, to show that nothing changed."""

from typing import Any

from django.apps import apps


def every_row() -> dict[str, list[tuple[Any, ...]]]:
    """The values of all rows, table by table."""
    models = apps.get_app_config("knowledge").get_models(include_auto_created=True)
    return {
        model._meta.db_table: [_comparable(row) for row in model._default_manager.order_by("pk").values_list()]
        for model in models
        if not model._meta.proxy
    }


def _comparable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
