"""The endpoint /graphql: one request in, one answer out.

A request goes through these steps, each of which may end it: media type, page, parameters, document, caller, run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from django.core.exceptions import DisallowedHost
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.http import HttpRequest, HttpResponse

from knowledge.errors import KnowledgeError
from knowledge.policy import Viewer
from schema.documents import Document, InvalidDocument
from schema.errors import CodedError
from schema.execution import STREAM_PATH, Answer, Caller, refusal, refused, run
from schema.explaining import explained
from schema.graphiql.page import graphiql_page
from schema.http.answers import http_response, put, status_of
from schema.http.asked import document_asked_for
from schema.http.caching import NOTHING, with_caching
from schema.http.cookies import authorization_of, carrier_of, set_cookies
from schema.http.deadline import Deadline
from schema.http.media import HTML, JSON, negotiated
from schema.http.origins import Origins, asks_whether_it_may
from schema.http.parameters import Parameters, RequestError, read_parameters
from schema.identity.authentication import authenticate_request
from schema.observing import Seen, tell
from schema.persisted import known_name
from schema.remembered import remembered
from schema.settings import settings

logger = logging.getLogger("nexus.requests")

VARY: Final = "Accept, Authorization"
# Names by which callers reach us, with what was allowed then: found good once, they are.
MOST_NAMES: Final = 100
_served: Final[set[tuple[str | None, tuple[str, ...]]]] = set()


def graphql(request: HttpRequest) -> HttpResponse:
    """Answers a GraphQL request, or shows GraphiQL to a browser."""
    origins = origins_of(settings.CORS_ORIGINS, credentials=settings.CORS_CREDENTIALS)
    if asks_whether_it_may(request) and (allowed := origins.preflight(request)):
        return HttpResponse(status=204, headers={**allowed, "Vary": origins.vary})
    media = JSON
    deadline = Deadline(settings.REQUEST_SECONDS)
    # By itself: each look through `django.db.connection` costs as much as a step of the answer.
    database = connections[DEFAULT_DB_ALIAS]
    wrappers = database.execute_wrappers
    with Seen() as seen:
        # What `execute_wrapper` does, without a context manager of its own for each.
        wrappers += (deadline, seen)
        try:
            media = negotiated(request)
            check_host(request)
            if media == HTML and not {"query", "extensions"} & request.GET.keys():
                return graphiql_page(
                    endpoint=request.path, stream_url=settings.STREAM_URL or STREAM_PATH, now=datetime.now(UTC)
                )
            media = JSON if media == HTML else media
            parameters = read_parameters(request)
            response = _answered(request, parameters, media, seen)
        except RequestError as error:
            seen.codes = (error.error.code,)
            response = http_response(refused(error.error), media, error.status)
            for name, value in error.headers.items():
                response.headers[name] = value
            put(response, "Cache-Control", NOTHING)
        finally:
            del wrappers[-2:]
    put(response, "Vary", f"{VARY}, {origins.vary}" if origins.vary else VARY)
    for name, value in origins.headers(request).items():
        response.headers[name] = value
    tell(seen, response.status_code)
    if logger.isEnabledFor(logging.INFO):
        logger.info(
            "graphql",
            extra={
                "status": response.status_code,
                "milliseconds": round((seen.ended - seen.began) / 1e6, 2),
                "sql_statements": seen.statements,
                "address": request.META["REMOTE_ADDR"] or None,
            },
        )
    return response


@lru_cache(maxsize=8)
def origins_of(addresses: tuple[str, ...], *, credentials: bool) -> Origins:
    """Whose pages may read answers; the settings are always the same but in tests."""
    return Origins(addresses, credentials=credentials)


def check_host(request: HttpRequest) -> None:
    """Raises RequestError where the request names a host that ALLOWED_HOSTS does not: it may come by a rebound name."""
    named = (request.META.get("HTTP_HOST"), tuple(settings.ALLOWED_HOSTS))
    if named in _served:
        return
    try:
        request.get_host()
    except DisallowedHost:
        raise RequestError(400, "This host is not served here.") from None
    if len(_served) < MOST_NAMES:
        _served.add(named)


def _answered(request: HttpRequest, parameters: Parameters, media: str, seen: Seen) -> HttpResponse:
    carrier = carrier_of(request)
    caller = Caller(
        # Once a request, whoever asks.
        identify=_once(lambda: authenticate_request(authorization_of(request, carrier))),
        now=datetime.now(UTC),
        user_agent=request.META.get("HTTP_USER_AGENT", "")[:300],
        address=request.META.get("REMOTE_ADDR") or None,
        carrier=carrier,
    )
    try:
        document = document_asked_for(parameters, caller)
        if request.method == "GET" and document.operation(parameters.operation_name).changes:
            raise RequestError(405, "A mutation is sent by POST.", {"Allow": "POST"})
        seen.operation = known_name(document, parameters.operation_name)
    except InvalidDocument as error:
        return _responded(request, refused(*error.errors), media, seen)
    except (CodedError, KnowledgeError, DatabaseError, InterfaceError) as error:
        # Where only staff may run what is not trusted, a token is refused here, or nobody can tell whose it is.
        return _responded(request, refusal(error), media, seen)
    answer = _answer(document, parameters, caller, signed_in=authorization_of(request, carrier) is not None)
    # In development the answer itself says what it cost; elsewhere the log does.
    extensions = {**answer.extensions, **({"sqlStatements": seen.statements} if settings.DEVELOPMENT else {})}
    response = _responded(request, answer, media, seen, extensions)
    if carrier is not None:
        set_cookies(response, carrier)
    return response


def _once(find: Callable[[], Viewer]) -> Callable[[], Viewer]:
    """As functools.cache, which takes longer to make than it is used for."""
    found: list[Viewer] = []

    def viewer() -> Viewer:
        if not found:
            found.append(find())
        return found[0]

    return viewer


def _answer(document: Document, parameters: Parameters, caller: Caller, *, signed_in: bool) -> Answer:
    """What the operation answers: made, or remembered, where that is switched on and nobody says who they are."""
    explains = parameters.extensions.get("explain") is True
    answer_to = explained if explains else run

    def made() -> Answer:
        return answer_to(document, parameters.operation_name, parameters.variables, caller)

    if signed_in or explains or not settings.ANSWER_CACHE_SECONDS or not document.only_reads:
        return made()
    try:
        operation = document.operation(parameters.operation_name)
    except CodedError as error:
        return refused(error)
    asked = (document.store.digest, operation.name, operation.variables.declared(parameters.variables))
    return remembered(asked, address=caller.address, now=caller.now, make=made)


def _responded(
    request: HttpRequest, answer: Answer, media: str, seen: Seen, extensions: dict[str, Any] | None = None
) -> HttpResponse:
    seen.answered(answer.about.roots, answer.errors, answer.about.facts)
    response = http_response(answer, media, status_of(answer, media), extensions)
    return with_caching(request, response, answer)
