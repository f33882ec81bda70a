"""Documents that are asked for by their hash: automatic persisted queries after Apollo's protocol, and trusted ones.

A client sends the SHA-256 of a document alone; where it is not known, it sends both once, and the document is kept in
the shared cache. Trusted documents are known from the start, from a manifest; a setting lets no others be run.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
from django.core.cache import caches
from graphql import FieldNode

from knowledge.networks import network
from knowledge.policy import Viewer
from schema.absence import CACHE_AWAY
from schema.allowances import allows
from schema.budget import charge_for_reading
from schema.documents import SECRETS, Document, read_document
from schema.errors import CodedError, ErrorCode
from schema.identity.roots import IDENTITY_ROOTS
from schema.settings import settings

logger = logging.getLogger("nexus.requests")

EXTENSION: Final = "persistedQuery"
HASH: Final = re.compile(r"[0-9a-f]{64}")
# What one address may have us keep in an hour, in characters: a client's every document, many times over.
KEPT_AN_HOUR: Final = 1_000_000
HOUR: Final = 3_600
# What all of them may, for as long as documents are kept: there are more addresses than room in a cache. Of two such
# times there may be documents at once.
KEPT_BY_ALL: Final = 100_000_000


def is_asked_for(extensions: Mapping[str, Any]) -> bool:
    """Whether a request names its document by hash, so that it may come without it."""
    return extensions.get(EXTENSION) is not None


class Asking(NamedTuple):
    """Who asks for a document: `identify` tells the viewer, or raises what the token is refused for."""

    identify: Callable[[], Viewer]
    address: str | None
    now: datetime

    def read(self, text: str) -> Document:
        """The document in the text, paid for. Raises InvalidDocument, RATE_LIMITED."""

        def pay(characters: int) -> None:
            charge_for_reading(self.identify, self.address, characters, now=self.now)

        return read_document(text, network(self.address) if self.address else "", pay)


def text_asked_for(query: str, extensions: Mapping[str, Any], asking: Asking) -> str:
    """The document that is to be run. Registers it where it comes with its hash.

    Raises PERSISTED_QUERY_NOT_FOUND, PERSISTED_QUERY_NOT_SUPPORTED, BAD_REQUEST for a hash that is none or another
    document's, FORBIDDEN where the document is not among those that alone are trusted.
    """
    if is_asked_for(extensions):
        query = _by_hash(query, _hash_in(extensions[EXTENSION]), asking)
    if settings.TRUSTED_DOCUMENTS_ONLY and _hash(query) not in trusted_hashes() and not _excepted(query, asking):
        raise CodedError(ErrorCode.FORBIDDEN, "Only documents that are trusted are run here.")
    return query


def _by_hash(query: str, asked: str, asking: Asking) -> str:
    if asked in trusted_documents():
        return trusted_documents()[asked]
    if not settings.PERSISTED_QUERIES:
        raise CodedError(ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED, "PersistedQueryNotSupported")
    if not query:
        return _kept(asked)
    if _hash(query) != asked:
        raise CodedError(ErrorCode.BAD_REQUEST, "provided sha does not match query")
    if not settings.TRUSTED_DOCUMENTS_ONLY:
        _keep(asked, query, asking)
    return query


def _hash_in(asked: Any) -> str:
    if not isinstance(asked, dict) or asked.get("version") is True or asked.get("version") != 1:
        raise CodedError(ErrorCode.BAD_REQUEST, "Unsupported persisted query version")
    given = asked.get("sha256Hash")
    if not isinstance(given, str) or not (HASH.fullmatch(given) or given in trusted_documents()):
        raise CodedError(ErrorCode.BAD_REQUEST, "`sha256Hash` is the SHA-256 of a document, in hexadecimal digits.")
    return given


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


@lru_cache(maxsize=500)
def _kept(asked: str) -> str:
    """The document of a hash. What is found once is known in this process from then on: it cannot be another."""
    try:
        text = caches["documents"].get(f"document:{asked}")
    except CACHE_AWAY as error:
        logger.warning("the cache is away (%s); clients send their documents again", error)
        text = None
    # The hash is looked at again: others may write to the cache too.
    if not isinstance(text, str) or _hash(text) != asked:
        raise CodedError(ErrorCode.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
    return text


def _keep(asked: str, text: str, asking: Asking) -> None:
    """Keeps the document, if it is a valid one, holds no secret, and its sender has not had too much kept already."""
    if SECRETS.search(text):
        return
    asking.read(text)
    try:
        _store(asked, text, asking)
    except CACHE_AWAY as error:
        logger.warning("the cache is away (%s); a document is not kept", error)


def _store(asked: str, text: str, asking: Asking) -> None:
    kept = caches["documents"]
    key = f"document:{asked}"
    if kept.touch(key, settings.PERSISTED_QUERY_SECONDS):
        return
    place = network(asking.address) if asking.address else "unknown"
    if not allows(kept, f"documents:{place}", len(text), KEPT_AN_HOUR, HOUR, now=asking.now):
        return
    if allows(kept, "documents:all", len(text), KEPT_BY_ALL, settings.PERSISTED_QUERY_SECONDS, now=asking.now):
        kept.set(key, text, settings.PERSISTED_QUERY_SECONDS)


# ── trusted documents ───────────────────────────────────────────────────────────────────────────────────────────────


def trusted_documents() -> Mapping[str, str]:
    """The documents of the manifest by the name that clients ask for them by: their hash, as a rule."""
    path = settings.TRUSTED_DOCUMENTS
    return read_manifest(Path(path)) if path else {}


def trusted_hashes() -> frozenset[str]:
    """The hashes of those documents."""
    path = settings.TRUSTED_DOCUMENTS
    return _hashes(Path(path)) if path else frozenset()


def known_name(document: Document, asked: str | None) -> str | None:
    """What the operation is called that is asked for, where that is one of few names; callers make up any others.

    They are those that WATCHED_OPERATIONS lists, and those of trusted documents.
    """
    name = asked or next(iter(document.operations))
    if name in settings.WATCHED_OPERATIONS:
        return name
    trusted = settings.TRUSTED_DOCUMENTS and document.store.digest in trusted_hashes()
    return name if trusted and name in document.operations else None


@lru_cache(maxsize=4)
def _hashes(path: Path) -> frozenset[str]:
    return frozenset(map(_hash, read_manifest(path).values()))


@lru_cache(maxsize=4)
def read_manifest(path: Path) -> Mapping[str, str]:
    """A manifest as clients' tools write them: `{"name": "document"}`, or Apollo's list of operations.

    Read once a process. Raises ValueError for anything else, and OSError where there is no such file.
    """
    manifest = orjson.loads(path.read_bytes())
    operations = manifest.get("operations") if isinstance(manifest, dict) else None
    documents = {each["id"]: each["body"] for each in operations} if isinstance(operations, list) else manifest
    if not isinstance(documents, dict) or not all(isinstance(text, str) for text in documents.values()):
        raise ValueError(f"{path} is no manifest of documents")
    return documents


def _excepted(query: str, asking: Asking) -> bool:
    """Whether a document is run though it is not trusted: staff's, and those by which one becomes signed in."""
    operations = asking.read(query).operations.values()
    roots = [node for operation in operations for node in operation.node.selection_set.selections]
    if all(isinstance(node, FieldNode) and node.name.value in IDENTITY_ROOTS for node in roots):
        return True
    return asking.identify().staff
