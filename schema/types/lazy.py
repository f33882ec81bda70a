"""Types that refer to each other across modules."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def later(module: str, name: str) -> Callable[[], Any]:
    """The type `name` of schema.types.`module`, looked up when the schema is built."""
    return lambda: getattr(import_module(f"schema.types.{module}"), name)
