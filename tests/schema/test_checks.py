"""What is set wrong stops the start, before anybody is served."""

import json
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from nexus_gql.starting import refuse_what_is_wrong
from tests.http.server import free_port
from tests.workers.programs import ROOT, Programs, eventually


@pytest.mark.parametrize(
    "content", ["[]", "{}x", '{"a": 1}', '"a"', '{"operations": [{"id": "a"}]}', '{"operations": [1]}']
)
def test_a_manifest_that_is_none_stops_the_start(tmp_path: Path, settings: Settings, content: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(content)
    settings.TRUSTED_DOCUMENTS = str(path)
    assert [message.id for message in run_checks(tags=["nexus"])] == ["nexus.E001"]
    with pytest.raises(ImproperlyConfigured, match=r"^TRUSTED_DOCUMENTS is wrong\."):
        refuse_what_is_wrong()


def test_so_does_one_that_is_not_there(tmp_path: Path, settings: Settings) -> None:
    settings.TRUSTED_DOCUMENTS = str(tmp_path / "nothing.json")
    with pytest.raises(ImproperlyConfigured, match="No such file"):
        refuse_what_is_wrong()


def test_a_document_that_is_not_in_order_is_told_of(
    tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"right": "{ __typename }", "wrong": "{ nothing }"}))
    settings.TRUSTED_DOCUMENTS = str(path)
    assert [message.id for message in run_checks(tags=["nexus"])] == ["nexus.W001"]
    refuse_what_is_wrong()
    assert "The trusted document 'wrong' is refused: Cannot query field 'nothing'" in caplog.text


def test_nothing_is_told_where_all_is_right(tmp_path: Path, settings: Settings) -> None:
    assert run_checks(tags=["nexus"]) == []
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"right": "{ __typename }"}))
    settings.TRUSTED_DOCUMENTS = str(path)
    assert run_checks(tags=["nexus"]) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "command",
    [
        ("-m", "granian", "--interface", "wsgi", "nexus_gql.wsgi:application"),
        ("-m", "uvicorn", "--lifespan", "off", "nexus_gql.asgi:application"),
    ],
)
def test_no_server_starts_with_it(tmp_path: Path, command: tuple[str, ...]) -> None:
    programs = Programs(tmp_path, TRUSTED_DOCUMENTS=str(ROOT / "README.md"))
    try:
        *start, application = command
        server = programs.start(*start, "--port", str(free_port()), application)
        assert eventually(lambda: server.poll() is not None, 60)
        assert "TRUSTED_DOCUMENTS is wrong. It must be the path of a manifest" in programs.said()
    finally:
        programs.end()
