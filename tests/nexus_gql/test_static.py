"""Files below /static/, and nothing else, pass by whitenoise."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from pytest_django import Settings

from nexus_gql.static import with_static_files

NAME = "staff/icon.0123456789ab.svg"


class Called(Exception):
    """The application was asked."""


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    raise Called(environ["PATH_INFO"])


@pytest.fixture
def site(tmp_path: Path, settings: Settings) -> Any:
    """The application with two files beside it."""
    settings.STATIC_ROOT = tmp_path
    for name in (NAME, "staff/plain.css"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("what is in it")
    (tmp_path.parent / "secret").write_text("not for anybody")
    return with_static_files(application)


def get(site: Any, path: str) -> tuple[str, dict[str, str], bytes]:
    environ: dict[str, Any] = {"PATH_INFO": path}
    setup_testing_defaults(environ)
    started: list[Any] = []
    answer = site(environ, lambda status, headers: started.extend((status, dict(headers))))
    body = b"".join(answer)
    answer.close()
    return started[0], started[1], body


def test_what_is_named_by_its_content_is_kept_for_good(site: Any) -> None:
    status, headers, body = get(site, f"/static/{NAME}")
    assert (status, body) == ("200 OK", b"what is in it")
    assert headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert headers["Content-Type"] == "image/svg+xml"
    assert "Access-Control-Allow-Origin" not in headers
    _, plain, _ = get(site, "/static/staff/plain.css")
    assert plain["Cache-Control"] == "max-age=60, public"


@pytest.mark.parametrize(
    "path",
    ["/graphql", "/staticx", "/", "", "/static/", "/static/nothing.css", "/static/../secret", "/static//etc/passwd"],
)
def test_everything_else_is_the_applications(site: Any, path: str) -> None:
    with pytest.raises(Called, match="^" + path.replace(".", r"\.") + "$"):
        get(site, path)
