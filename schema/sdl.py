"""The schema as SDL: what is committed as schema.graphql and served at /schema.graphql."""

from functools import cache
from pathlib import Path
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from graphql import print_schema

from schema.schema import schema

SDL_FILE: Final = Path(__file__).parent / "schema.graphql"


@cache
def printed_schema() -> str:
    """The SDL, ending in a line break."""
    return print_schema(schema.graphql_schema).rstrip() + "\n"


@require_safe
def sdl(_request: HttpRequest) -> HttpResponse:
    """The SDL as text."""
    return HttpResponse(printed_schema(), content_type="text/plain; charset=utf-8")
