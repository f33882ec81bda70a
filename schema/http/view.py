"""The endpoint /graphql: one request in, one answer out.

A request goes through these steps, each of which may end it: media type, page, parameters, document, caller, run.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from schema.documents import InvalidDocument, is_mutation, read_document
from schema.errors import CodedError
from schema.execution import STREAM_PATH, Caller, refused, run
from schema.graphiql.page import graphiql_page
from schema.http.answers import http_response, status_of
from schema.http.media import HTML, JSON, negotiated
from schema.http.parameters import Parameters, RequestError, read_parameters
from schema.identity.authentication import authenticate_request

logger = logging.getLogger("nexus.requests")


@csrf_exempt  # JSON bodies and an Authorization header: nothing that a foreign page can send unasked
def graphql(request: HttpRequest) -> HttpResponse:
    """Answers a GraphQL request, or shows GraphiQL to a browser."""
    started = perf_counter()
    counted = StatementCount()
    media = JSON
    with ExitStack() as stack:
        stack.enter_context(connection.execute_wrapper(counted))
        try:
            media = negotiated(request)
            check_host(request)
            if media == HTML and "query" not in request.GET:
                return graphiql_page(
                    endpoint=request.path, stream_url=settings.STREAM_URL or STREAM_PATH, now=timezone.now()
                )
            media = JSON if media == HTML else media
            parameters = read_parameters(request)
            response = _answered(request, parameters, media, counted)
        except RequestError as error:
            response = http_response(refused(error.error), media, error.status)
            for name, value in error.headers.items():
                response.headers[name] = value
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept, Authorization"
    logger.info(
        "graphql",
        extra={
            "status": response.status_code,
            "milliseconds": round((perf_counter() - started) * 1000, 2),
            "sql_statements": counted.number,
        },
    )
    return response


def check_host(request: HttpRequest) -> None:
    """Raises RequestError where the request names a host that ALLOWED_HOSTS does not: it may come by a rebound name."""
    try:
        request.get_host()
    except DisallowedHost:
        raise RequestError(400, "This host is not served here.") from None


class StatementCount:
    """Counts the SQL statements of a request."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's signature
        """Counts one, and executes it."""
        self.number += 1
        return execute(sql, params, many, context)


def _answered(request: HttpRequest, parameters: Parameters, media: str, counted: StatementCount) -> HttpResponse:
    try:
        document = read_document(parameters.query)
        if request.method == "GET" and is_mutation(document.operation(parameters.operation_name)):
            raise RequestError(405, "A mutation is sent by POST.", {"Allow": "POST"})
    except InvalidDocument as error:
        return http_response(answer := refused(*error.errors), media, status_of(answer, media))
    except CodedError as error:
        return http_response(answer := refused(error), media, status_of(answer, media))
    caller = Caller(
        identify=lambda: authenticate_request(request.headers.get("Authorization")),
        now=timezone.now(),
        user_agent=request.headers.get("User-Agent", "")[:300],
        address=request.META.get("REMOTE_ADDR") or None,
    )
    answer = run(document, parameters.operation_name, parameters.variables, caller)
    # In development the answer itself says what it cost; elsewhere the log does.
    extensions = {"sqlStatements": counted.number} if settings.DEVELOPMENT else None
    return http_response(answer, media, status_of(answer, media), extensions)
