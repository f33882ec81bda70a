import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.http import HttpResponse

from schema.graphiql.assets import PackagesMissing, bundle
from schema.graphiql.page import content_security_policy, graphiql_page
from tests.schema.graphiql.packages import installed_or_skip

pytestmark = pytest.mark.urls("tests.schema.graphiql.urls")

NOW = datetime(2026, 11, 23, 12, 30, 15, 999_999, tzinfo=UTC)
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; worker-src 'none'; object-src 'none'; connect-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'"
)


def page(**overrides: object) -> HttpResponse:
    arguments = {"endpoint": "/graphql", "stream_url": None, "now": NOW} | overrides
    return graphiql_page(**arguments)  # type: ignore[arg-type] # each test overrides with the right type


def config(response: HttpResponse) -> dict[str, object]:
    found = re.search(r'<script id="config" type="application/json">(.*?)</script>', response.text, re.DOTALL)
    assert found is not None
    loaded = json.loads(found[1])
    assert isinstance(loaded, dict)
    return loaded


def test_headers_with_and_without_packages(tmp_path: Path) -> None:
    installed_or_skip()
    for response in (page(), page(packages=tmp_path)):
        assert response.status_code == 200
        assert dict(response.headers) == {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "Vary": "Accept",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }


@pytest.mark.parametrize(
    ("stream_url", "source"),
    [
        (None, "'self'"),
        ("/graphql/stream", "'self'"),
        ("http://127.0.0.1:8001/graphql/stream", "'self' http://127.0.0.1:8001/graphql/stream"),
        ("https://nexus.example/graphql/stream?x=1", "'self' https://nexus.example/graphql/stream"),
    ],
)
def test_policy_lets_the_stream_and_nothing_else_be_reached(stream_url: str | None, source: str) -> None:
    assert content_security_policy(stream_url) == POLICY.replace("connect-src 'self'", f"connect-src {source}")


@pytest.mark.parametrize(
    "stream_url",
    ["//evil.example/", "javascript:alert(1)", "https://", "https://a.example/; script-src *", "https://a.example/,b"],
)
def test_policy_refuses_a_stream_url_that_could_change_it(stream_url: str) -> None:
    with pytest.raises(ValueError, match="a stream URL is"):
        content_security_policy(stream_url)


def test_page_tells_its_scripts_where_things_are() -> None:
    installed_or_skip()
    told = config(page(stream_url="https://nexus.example/stream"))
    assert told["endpoint"] == "/graphql"
    assert told["streamUrl"] == "https://nexus.example/stream"
    assert [sorted(example) for example in told["examples"]] == [["query", "title", "variables"]] * 6  # type: ignore[attr-defined] # a list of objects


def test_page_loads_only_assets_that_there_are_and_runs_no_inline_script() -> None:
    html, version = page(packages=installed_or_skip()).text, bundle().version
    loaded = re.findall(r'(?:src|href)="([^"]*)"', html)
    names = [address.removeprefix(f"/graphql/assets/{version}/") for address in loaded]
    assert names == [
        "icon.svg",
        "graphiql.css",
        "explorer.css",
        "page.css",
        "react.js",
        "react-dom.js",
        "graphiql.js",
        "explorer.js",
        "page.js",
    ]
    assert set(names) <= bundle().assets.keys()
    assert re.findall(r"<script(?![^>]* src=)[^>]*>", html) == ['<script id="config" type="application/json">']
    assert not re.search(r"\son\w+=", html.split("</head>")[1])


def test_nothing_in_the_configuration_ends_its_script_element() -> None:
    installed_or_skip()
    response = page(endpoint="/</script><script>alert(1)</script>")
    assert config(response)["endpoint"] == "/</script><script>alert(1)</script>"


def test_without_packages_the_page_says_how_to_get_them(tmp_path: Path) -> None:
    html = page(packages=tmp_path).text
    assert "<h1>GraphiQL is not installed</h1>" in html
    assert "<pre>make install</pre>" in html
    assert "<code>npm ci</code> in <code>schema/graphiql</code>" in html
    assert "<script" not in html


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackagesMissing, match=re.escape(str(tmp_path / "react/umd/react.production.min.js"))):
        bundle(tmp_path)
