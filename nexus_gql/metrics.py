"""What Prometheus is told at /metrics: of requests, and of what waits in the queues.

The worker processes of a web share the folder PROMETHEUS_MULTIPROC_DIR, which ops/web makes anew with each start; so
whichever of them is asked tells of all. Without it a process tells of itself, which is right where there is only one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hmac import compare_digest
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from knowledge import backlog
from schema.errors import ErrorCode
from schema.observing import PLAN, SQL, Seen

# Labels are of few values: WATCHED_OPERATIONS and those of trusted documents, else `other`; fields at
# the root; codes of the catalogue.
OTHER: Final = "other"
SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
REGISTRY: Final = CollectorRegistry()

BY_OPERATION: Final = ("operation", "root")
requests = Counter("nexus_requests", "GraphQL requests by outcome.", [*BY_OPERATION, "code"], registry=REGISTRY)
request_seconds = Histogram(
    "nexus_request_seconds", "How long requests took.", BY_OPERATION, buckets=SECONDS, registry=REGISTRY
)
request_points = Counter("nexus_request_points", "What operations cost.", BY_OPERATION, registry=REGISTRY)
sql_seconds = Histogram(
    "nexus_sql_seconds", "How long the SQL of a request took.", BY_OPERATION, buckets=SECONDS, registry=REGISTRY
)
sql_statements = Counter("nexus_sql_statements", "SQL statements of requests.", BY_OPERATION, registry=REGISTRY)
plan_seconds = Histogram(
    "nexus_plan_seconds",
    "How long plans took to make; most requests find theirs made.",
    BY_OPERATION,
    buckets=SECONDS,
    registry=REGISTRY,
)
sign_ins = Counter("nexus_sign_ins", "Attempts to sign in.", ["door", "outcome"], registry=REGISTRY)
streams = Gauge("nexus_streams", "Streams that are open.", registry=REGISTRY, multiprocess_mode="livesum")

OUTCOMES: Final = {ErrorCode.INVALID_CREDENTIALS: "failed", ErrorCode.RATE_LIMITED: "blocked"}


def observe(seen: Seen) -> None:
    """Adds a request to what is told."""
    roots, codes = seen.roots, seen.codes
    root = "none" if not roots else roots[0] if len(roots) == 1 else "several"
    measured = measured_for(seen.operation or OTHER, root, codes[0] if codes else "OK")
    measured.requests.inc()
    measured.seconds.observe((seen.ended - seen.began) / 1e9)
    if seen.cost:
        measured.points.inc(seen.cost)
    if seen.statements:
        measured.sql_seconds.observe(seen.seconds(SQL))
        measured.statements.inc(seen.statements)
    if any(name == PLAN for name, _, _ in seen.steps):
        measured.plan_seconds.observe(seen.seconds(PLAN))
    if "tokenAuth" in roots:
        found = (outcome for code, outcome in OUTCOMES.items() if code in codes)
        sign_ins.labels("api", next(found, "refused" if codes else "signed in")).inc()


def count_sign_in_to_admin(outcome: str) -> None:
    """Adds an attempt to sign in to the admin to what is told."""
    sign_ins.labels("admin", outcome).inc()


@dataclass(frozen=True, slots=True)
class Measured:
    """What is measured of the requests of one operation with one outcome."""

    requests: Counter
    seconds: Histogram
    points: Counter
    sql_seconds: Histogram
    statements: Counter
    plan_seconds: Histogram


@cache
def measured_for(operation: str, root: str, code: str) -> Measured:
    """Kept, because looking labels up takes as long as counting; there are as few as there are labels."""
    return Measured(
        requests.labels(operation, root, code),
        request_seconds.labels(operation, root),
        request_points.labels(operation, root),
        sql_seconds.labels(operation, root),
        sql_statements.labels(operation, root),
        plan_seconds.labels(operation, root),
    )


class Queues(Collector):
    """What waits, read from the database when it is asked."""

    def collect(self) -> Iterable[Metric]:
        """The number that waits in each queue, and the age of the oldest, which is 0 where nothing does."""
        waiting = GaugeMetricFamily("nexus_queue_waiting", "How many wait in a queue.", labels=["queue"])
        oldest = GaugeMetricFamily("nexus_queue_oldest_seconds", "How long the oldest has waited.", labels=["queue"])
        for queue, number, seconds in backlog.queues():
            waiting.add_metric([queue], number)
            oldest.add_metric([queue], seconds)
        return (waiting, oldest)


def told() -> bytes:
    """What the processes did, and what waits, in Prometheus' text format."""
    queues = CollectorRegistry()
    queues.register(Queues())
    return done() + generate_latest(queues)


def done() -> bytes:
    """What the processes did."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it is all that they left untyped
    return generate_latest(registry)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """/metrics: 404 where METRICS is off, 401 without METRICS_TOKEN as a bearer token where one is set."""
    if not settings.METRICS:
        raise Http404
    if not may_read(request.headers.get("Authorization", "")):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(told(), content_type=CONTENT_TYPE_LATEST)


def may_read(authorization: str) -> bool:
    """Whether who sends this header may read the metrics."""
    token = settings.METRICS_TOKEN
    return not token or compare_digest(authorization.encode(), f"Bearer {token}".encode())
