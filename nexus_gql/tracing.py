"""Requests as OpenTelemetry's spans: one for the request, below it parse, validate, plan and SQL.

They are made when the answer is, of what was noted meanwhile; sending them is a thread's work. Needs the extra
`tracing`. What a caller says of a trace of its own is not believed: strangers would choose what we keep.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from time import perf_counter_ns, time_ns

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from nexus_gql.requests import current_request_id
from schema.observing import Seen


def observe(seen: Seen) -> None:
    """Sends a request's spans."""
    record(seen, tracer())


def record(seen: Seen, by: trace.Tracer) -> None:
    """Makes the spans of a request; their attributes hold no values and no documents."""
    # From the clock that measures to the one that tells the time.
    shift = time_ns() - perf_counter_ns()
    span = by.start_span(
        "graphql",
        context=trace.set_span_in_context(trace.INVALID_SPAN),
        kind=trace.SpanKind.SERVER,
        start_time=seen.began + shift,
        attributes={
            "graphql.operation.name": seen.operation or "",
            "graphql.roots": list(seen.roots),
            "graphql.codes": list(seen.codes),
            "graphql.cost": seen.cost or 0,
            "http.response.status_code": seen.status,
            "db.statements": seen.statements,
            "request.id": current_request_id() or "",
        },
    )
    if span.is_recording():
        inside = trace.set_span_in_context(span)
        for name, began, ended in seen.steps:
            by.start_span(name, context=inside, start_time=began + shift).end(ended + shift)
    span.end(seen.ended + shift)


@cache
def tracer() -> trace.Tracer:
    """Where spans go: to whom the process has set OpenTelemetry up for, else to OTEL_TRACES_EXPORTER.

    Raises ImproperlyConfigured where that is not installed.
    """
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        trace.set_tracer_provider(_provider(settings.TRACES_EXPORTER))
    return trace.get_tracer("nexus")


def _provider(exporter: str) -> TracerProvider:
    found = tuple(entry_points(group="opentelemetry_traces_exporter", name=exporter))
    if not found:
        raise ImproperlyConfigured(f"OTEL_TRACES_EXPORTER is {exporter}, and no such exporter is installed.")
    # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES come over this.
    provider = TracerProvider(resource=Resource.create({"service.name": "nexus"}))
    provider.add_span_processor(BatchSpanProcessor(found[0].load()()))
    return provider
