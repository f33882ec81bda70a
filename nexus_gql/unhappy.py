"""Answers to requests that reach no view, or that a view failed on: coded JSON, as everywhere."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from schema.errors import ErrorCode


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: Django refused the request before any view saw it."""
    return _coded(400, ErrorCode.BAD_REQUEST, "The request cannot be read.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return _coded(404, ErrorCode.NOT_FOUND, "There is nothing here.")


def server_error(request: HttpRequest) -> HttpResponse:
    """500: what went wrong is in the log, under the request's id."""
    return _coded(500, ErrorCode.INTERNAL, "This went wrong on our side. It is logged under the request id.")


def _coded(status: int, code: ErrorCode, message: str) -> HttpResponse:
    response = JsonResponse({"errors": [{"message": message, "extensions": {"code": code}}]}, status=status)
    response.headers["Content-Length"] = str(len(response.content))
    return response
