"""The GraphiQL page itself, under a Content-Security-Policy that lets nothing in or out but this origin."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.template import Context, Engine
from django.urls import reverse

from schema.graphiql.assets import PACKAGES, PackagesMissing, bundle
from schema.graphiql.examples import examples

# An engine of its own: the page needs neither the project's template settings nor its context processors.
_TEMPLATES: Final = Engine(dirs=[str(Path(__file__).parent / "templates")])


def graphiql_page(*, endpoint: str, stream_url: str | None, now: datetime, packages: Path = PACKAGES) -> HttpResponse:
    """The page, status 200, for a browser that asked for HTML.

    endpoint: path of the GraphQL endpoint on this origin. stream_url: where subscriptions are served, absolute or on
    this origin; None where they are not. now: aware; the example operations count from it. packages: folder of the npm
    packages; where they are not installed the page says how to get them.
    Raises ValueError for a stream_url that a policy cannot name.
    """
    try:
        version = bundle(packages).version
    except PackagesMissing:
        return _html("packages_missing.html", {"endpoint": endpoint}, stream_url)
    config = {
        "endpoint": endpoint,
        "streamUrl": stream_url,
        "examples": [asdict(example) for example in examples(now=now)],
    }
    # The assets' common folder: their URL with the name cut off.
    assets = reverse("graphiql-asset", args=[version, "page.js"]).removesuffix("page.js")
    return _html("graphiql.html", {"assets": assets, "config": config}, stream_url)


def content_security_policy(stream_url: str | None) -> str:
    """The page's policy; `connect-src` allows `stream_url` beside this origin. Raises ValueError as graphiql_page."""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            # React and the editor set style attributes while they run.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "worker-src 'none'",
            "object-src 'none'",
            f"connect-src 'self'{_stream_source(stream_url)}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _stream_source(stream_url: str | None) -> str:
    if stream_url is None or (stream_url.startswith("/") and not stream_url.startswith("//")):
        return ""
    url = urlsplit(stream_url)
    # White space, a comma or a semicolon would end the source and begin another rule.
    if url.scheme not in ("http", "https") or not url.hostname or set(stream_url) & set(" \t\r\n,;'\""):
        raise ValueError(f"a stream URL is a path or an http(s) address, not {stream_url!r}")
    return f" {url.scheme}://{url.netloc}{url.path}"


def _html(template: str, context: dict[str, object], stream_url: str | None) -> HttpResponse:
    return HttpResponse(
        _TEMPLATES.get_template(template).render(Context(context)),
        content_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": content_security_policy(stream_url),
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "Vary": "Accept",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        },
    )
