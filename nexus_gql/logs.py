"""Log records as JSON, one a line."""

import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from django.http import HttpRequest

from nexus_gql.requests import current_request_id

# What every record has; anything else came with the call as `extra`, and goes into the line.
STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request"}


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON. What people wrote cannot break the line or steer a terminal: JSON escapes it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end: time (UTC), level, logger, message, request id where there is one, traceback."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": current_request_id() or _request_id_of(record),
            **{name: value for name, value in vars(record).items() if name not in STANDARD},
            "traceback": self.formatException(record.exc_info) if record.exc_info else None,
        }
        return json.dumps({name: value for name, value in fields.items() if value is not None}, default=repr)


class RoutineFilter(logging.Filter):
    """Leaves out what Celery says of tasks that come all the time: sent, received, succeeded. Failures pass.

    For the loggers in `SAID_BY`; what such a task has done it says itself.
    """

    SAID_BY: Final = ("celery.beat", "celery.worker.strategy", "celery.app.trace")

    def __init__(self, tasks: Iterable[str]) -> None:
        super().__init__()
        self._tasks = frozenset(tasks)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record passes."""
        return record.levelno > logging.INFO or _task_of(record) not in self._tasks


def _task_of(record: logging.LogRecord) -> str | None:
    """The task that one of these loggers speaks of: workers say it in `data`, beat last in its sentence."""
    data = getattr(record, "data", None)
    if isinstance(data, dict):
        return data.get("name")
    return str(record.args[-1]) if isinstance(record.args, tuple) and record.args else None


def _request_id_of(record: logging.LogRecord) -> str | None:
    """Django logs an unhappy answer after the request has left the middleware, and hands the request over."""
    request = getattr(record, "request", None)
    return request.META.get("HTTP_X_REQUEST_ID") if isinstance(request, HttpRequest) else None
