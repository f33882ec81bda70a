"""The files that the GraphiQL page loads: npm bundles and our own, under one version in their path."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.views.decorators.http import require_safe

PACKAGES: Final = Path(__file__).parent / "node_modules"
_OWN: Final = Path(__file__).parent / "static"

_FROM_PACKAGES: Final = {
    "react.js": "react/umd/react.production.min.js",
    "react-dom.js": "react-dom/umd/react-dom.production.min.js",
    "graphiql.js": "graphiql/graphiql.min.js",
    "graphiql.css": "graphiql/graphiql.min.css",
    "explorer.js": "@graphiql/plugin-explorer/dist/index.umd.js",
    "explorer.css": "@graphiql/plugin-explorer/dist/style.css",
}
_OWN_NAMES: Final = (
    "account.js",
    "examples.js",
    "fetcher.js",
    "icon.svg",
    "page.css",
    "page.js",
    "session.js",
    "storage.js",
    "stream.js",
)
_CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_ACCEPTS_GZIP: Final = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")


class PackagesMissing(Exception):
    """The npm packages are not installed; names the first file that is not there."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent. `modified` is in seconds since 1970."""

    content_type: str
    body: bytes
    gzipped: bytes
    digest: str
    modified: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """All assets by name. `version` changes whenever the content of any of them does."""

    version: str
    assets: Mapping[str, Asset]


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    path: Path
    modified_ns: int
    size: int


def bundle(packages: Path = PACKAGES) -> Bundle:
    """The assets as they lie on disk, with `packages` as the npm packages' folder.

    Raises PackagesMissing until the packages are installed; no restart is needed after that, nor after a change.
    """
    own = {name: _OWN / name for name in _OWN_NAMES}
    theirs = {name: packages / path for name, path in _FROM_PACKAGES.items()}
    return _read(tuple(_source(name, path) for name, path in (own | theirs).items()))


@require_safe
def asset(request: HttpRequest, version: str, name: str) -> HttpResponse:
    """The asset called `name`; 404 for any other name.

    Under the current version it may be kept for ever. A page of another version, as during a deployment, gets the
    current file, which it may not keep.
    """
    try:
        found = bundle()
    except PackagesMissing:
        return _not_found()
    if name not in found.assets:
        return _not_found()
    response = _whole(request, found.assets[name], kept=version == found.version)
    answer = get_conditional_response(
        request, etag=response.headers["ETag"], last_modified=found.assets[name].modified, response=response
    )
    return response if answer is None else answer


def _whole(request: HttpRequest, wanted: Asset, *, kept: bool) -> HttpResponse:
    """The file as the request takes it; `kept` lets whoever receives it keep it for ever."""
    zipped = _ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")) is not None
    response = HttpResponse(
        wanted.gzipped if zipped else wanted.body,
        content_type=wanted.content_type,
        headers={
            "Cache-Control": "public, max-age=31536000, immutable" if kept else "no-cache",
            "ETag": quote_etag(f"{wanted.digest}-gzip" if zipped else wanted.digest),
            "Last-Modified": http_date(wanted.modified),
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        },
    )
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _not_found() -> HttpResponse:
    return HttpResponse("No such asset.\n", status=404, content_type="text/plain; charset=utf-8")


def _source(name: str, path: Path) -> _Source:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PackagesMissing(str(path)) from error
    return _Source(name, path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=1)
def _read(sources: tuple[_Source, ...]) -> Bundle:
    """Read, digest and compress once for each state of the files: about 60 ms for 1.7 MB."""
    assets = {source.name: _asset(source) for source in sources}
    digests = "".join(f"{name}:{one.digest}\n" for name, one in sorted(assets.items()))
    return Bundle(version=_digest(digests.encode()), assets=assets)


def _asset(source: _Source) -> Asset:
    body = source.path.read_bytes()
    return Asset(
        content_type=_CONTENT_TYPES[source.path.suffix],
        body=body,
        gzipped=gzip.compress(body, compresslevel=6, mtime=0),
        digest=_digest(body),
        modified=source.modified_ns // 1_000_000_000,
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
