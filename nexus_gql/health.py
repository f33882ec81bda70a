"""Whether this process is alive (/livez), and whether what it needs is there (/readyz)."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from threading import Lock
from time import monotonic
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from workers.health import check_broker

OK: Final = "ok"
NO_ANSWER: Final = "no answer in time"
BROKER_SECONDS: Final = 1.0
LIMIT_SECONDS: Final = 1.8
KEPT_SECONDS: Final = 1.0


@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """200 for as long as the process answers; asks nobody else."""
    return JsonResponse({"process": OK})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """What this process needs, each "ok" or a short reason; 200 when all is ok, else 503. Within 2 seconds."""
    report = readiness().report()
    return JsonResponse(report, status=200 if set(report.values()) == {OK} else 503)


class Readiness:
    """Asks database and broker, at most once a second however often it is asked itself.

    They are asked side by side in threads, so that one that hangs is named and the others are still told.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="readiness")
        self._lock = Lock()
        self._report: dict[str, str] = {}
        self._asked = float("-inf")
        self._migrated = False

    def report(self) -> dict[str, str]:
        """`database`, `migrations`, `broker`: each "ok" or what is wrong with it, without internals."""
        with self._lock:
            if monotonic() - self._asked > KEPT_SECONDS:
                self._report = self._ask()
                self._asked = monotonic()
            return self._report

    def _ask(self) -> dict[str, str]:
        database = self._threads.submit(self._ask_database)
        broker = self._threads.submit(_ask_broker)
        wait([database, broker], timeout=LIMIT_SECONDS)
        unknown = {"database": NO_ANSWER, "migrations": "not known"}
        return {**_result(database, unknown), **_result(broker, {"broker": NO_ANSWER})}

    def _ask_database(self) -> dict[str, str]:
        """Through a connection of this thread's own, made for the question: one that is kept says less."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            return {"database": OK, "migrations": self._ask_migrations()}
        except (DatabaseError, InterfaceError):
            return {"database": "no connection", "migrations": "not known"}
        finally:
            connection.close()

    def _ask_migrations(self) -> str:
        """Once all are applied they stay so for as long as this process runs."""
        if not self._migrated:
            executor = MigrationExecutor(connection)
            missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
            if missing:
                return f"{missing} not applied"
            self._migrated = True
        return OK


def _ask_broker() -> dict[str, str]:
    trouble = check_broker(settings.RABBITMQ_URL, settings.BROKER_FOLDER, BROKER_SECONDS)
    return {"broker": trouble or OK}


def _result(future: "Future[dict[str, str]]", otherwise: dict[str, str]) -> dict[str, str]:
    return future.result() if future.done() else otherwise


@cache
def readiness() -> Readiness:
    """One a process: it keeps threads and the latest answer."""
    return Readiness()
