import gzip
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import Resolver404, resolve

from schema.graphiql.assets import asset, bundle
from tests.schema.graphiql.packages import installed_or_skip

pytestmark = pytest.mark.urls("tests.schema.graphiql.urls")

JAVASCRIPT = "text/javascript; charset=utf-8"
STYLES = "text/css; charset=utf-8"
TYPES = {
    "account.js": JAVASCRIPT,
    "examples.js": JAVASCRIPT,
    "explorer.css": STYLES,
    "explorer.js": JAVASCRIPT,
    "fetcher.js": JAVASCRIPT,
    "graphiql.css": STYLES,
    "graphiql.js": JAVASCRIPT,
    "icon.svg": "image/svg+xml",
    "page.css": STYLES,
    "page.js": JAVASCRIPT,
    "react-dom.js": JAVASCRIPT,
    "react.js": JAVASCRIPT,
    "session.js": JAVASCRIPT,
    "storage.js": JAVASCRIPT,
    "stream.js": JAVASCRIPT,
}
STATIC = Path(__file__).parents[3] / "schema" / "graphiql" / "static"


@pytest.fixture(autouse=True)
def packages() -> Path:
    return installed_or_skip()


def get(name: str, *, version: str | None = None, **headers: str) -> HttpResponse:
    version = bundle().version if version is None else version
    match = resolve(f"/graphql/assets/{version}/{name}")
    request = RequestFactory().get("/", headers=headers)
    response = match.func(request, **match.kwargs)
    assert isinstance(response, HttpResponse)
    return response


def test_every_asset_is_served_with_its_type_for_ever() -> None:
    assert {name: get(name).headers["Content-Type"] for name in bundle().assets} == TYPES
    for name, found in bundle().assets.items():
        response = get(name)
        assert response.status_code == 200
        assert response.content == found.body
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Vary"] == "Accept-Encoding"
        assert "Content-Encoding" not in response.headers


def test_our_own_files_are_all_served() -> None:
    assert {path.name for path in STATIC.iterdir()} <= TYPES.keys()
    assert get("page.js").content == (STATIC / "page.js").read_bytes()


@pytest.mark.parametrize("name", ["settings.py", "package.json", "page.js.map", "..", "%2e%2e", "..%2fpage.py", ""])
def test_any_other_name_is_not_found(name: str) -> None:
    assert asset(RequestFactory().get("/"), version=bundle().version, name=name).status_code == 404


def test_a_name_cannot_hold_a_slash() -> None:
    with pytest.raises(Resolver404):
        resolve(f"/graphql/assets/{bundle().version}/../page.py")


def test_another_version_gets_the_file_but_may_not_keep_it() -> None:
    response = get("page.js", version="0123456789abcdef")
    assert response.content == get("page.js").content
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "deflate, gzip, br"])
def test_compressed_for_who_takes_it(accepted: str) -> None:
    plain, zipped = get("graphiql.js"), get("graphiql.js", accept_encoding=accepted)
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.content) == plain.content
    assert len(zipped.content) < len(plain.content) / 2
    assert zipped.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.0, br"])
def test_plain_for_who_does_not(accepted: str) -> None:
    assert "Content-Encoding" not in get("page.css", accept_encoding=accepted).headers


def test_unchanged_is_answered_without_the_file() -> None:
    first = get("page.js")
    for condition in (
        {"if_none_match": first.headers["ETag"]},
        {"if_modified_since": first.headers["Last-Modified"]},
    ):
        again = get("page.js", **condition)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert get("page.js", if_none_match='"another"').status_code == 200


def test_assets_are_only_read() -> None:
    assert asset(RequestFactory().post("/"), version="x", name="page.js").status_code == 405
    assert asset(RequestFactory().head("/"), version="x", name="page.js").status_code == 200
