"""The schema as it is committed, and that everything in it says what it is."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as DjangoClient
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
    print_schema,
)

from schema import sdl
from schema.errors import CATALOGUE, ErrorCode
from schema.management.commands import write_schema
from schema.schema import schema

CORE = schema.graphql_schema
BUILT_IN = {"String", "Boolean", "Int", "Float", "ID"}


def described() -> Iterator[tuple[str, str | None]]:
    """Each type, field, argument, input field and enum value of ours with its description."""
    for name, each in CORE.type_map.items():
        if name.startswith("__") or name in BUILT_IN:
            continue
        yield name, each.description
        for member_name, member in members(each).items():
            yield f"{name}.{member_name}", member.description
            for argument_name, argument in getattr(member, "args", {}).items():
                yield f"{name}.{member_name}({argument_name})", argument.description


def members(of: GraphQLNamedType) -> dict[str, Any]:
    """Its fields or values."""
    if isinstance(of, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        return dict(of.fields)
    return dict(of.values) if isinstance(of, GraphQLEnumType) else {}


def test_what_is_committed_is_what_the_code_says() -> None:
    assert sdl.SDL_FILE.read_text(encoding="utf-8") == sdl.printed_schema()
    call_command("write_schema", "--check")


def test_the_command_writes_and_tells_what_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "schema.graphql"
    monkeypatch.setattr(write_schema, "SDL_FILE", path)
    with pytest.raises(CommandError, match="make schema"):
        call_command("write_schema", "--check")
    call_command("write_schema", stdout=StringIO())
    call_command("write_schema", "--check")
    path.write_text(path.read_text() + "\n")
    with pytest.raises(CommandError, match="make schema"):
        call_command("write_schema", "--check")


def test_it_can_be_read_back() -> None:
    text = sdl.printed_schema()
    assert print_schema(build_schema(text)).rstrip() == text.rstrip()


def test_everything_is_described() -> None:
    assert [place for place, description in described() if not (description or "").strip()] == []


def test_descriptions_are_sentences() -> None:
    unended = [place for place, text in described() if text and text.rstrip()[-1] not in '.!?:"`)}]']
    assert unended == []


def test_the_catalogue_of_errors_is_whole() -> None:
    assert set(CATALOGUE) == set(ErrorCode)
    codes = CORE.type_map["ErrorCode"]
    assert isinstance(codes, GraphQLEnumType)
    assert set(codes.values) == {code.value for code in ErrorCode}
    for explanation in CATALOGUE.values():
        assert explanation.description.endswith(".")
        assert explanation.fix.endswith(".")


def test_it_is_read_and_nothing_else(client: DjangoClient) -> None:
    told = client.get("/schema.graphql")
    assert (told.status_code, told.content.decode()) == (200, sdl.printed_schema())
    assert [client.generic(method, "/schema.graphql").status_code for method in ("POST", "PUT", "DELETE")] == [405] * 3
