"""Requests as spans."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from pytest_django import Settings

from nexus_gql import tracing
from schema.observing import Seen
from tests.client import Client

pytestmark = pytest.mark.django_db
EXPORTER = InMemorySpanExporter()
PROVIDER = TracerProvider()
PROVIDER.add_span_processor(SimpleSpanProcessor(EXPORTER))
SECRET = "nobody-may-read-this"


def record(seen: Seen) -> None:
    """A watcher whose spans stay here."""
    tracing.record(seen, PROVIDER.get_tracer("tests"))


def drop(seen: Seen) -> None:
    """A watcher that keeps nothing."""
    provider = TracerProvider(sampler=ALWAYS_OFF)
    provider.add_span_processor(SimpleSpanProcessor(EXPORTER))
    tracing.record(seen, provider.get_tracer("tests"))


@pytest.fixture(autouse=True)
def watched(settings: Settings) -> None:
    settings.WATCHERS = ("tests.nexus_gql.test_tracing.record",)
    EXPORTER.clear()


def spans() -> Sequence[ReadableSpan]:
    return EXPORTER.get_finished_spans()


def test_a_request_is_a_span_with_its_steps_below(api: Client) -> None:
    query = f'query Mine {{ tags(where: {{prefix: "{SECRET}"}}) {{ nodes {{ name }} }} }}'
    api.run(query)
    *steps, request = spans()
    assert [step.name for step in steps] == ["parse", "validate", "plan", "sql"]
    assert request.name == "graphql"
    assert {step.parent.span_id for step in steps if step.parent} == {request.context.span_id}
    times = [(span.start_time or 0, span.end_time or 0) for span in (request, *steps)]
    (began, ended), *inside = times
    assert all(began <= start <= end <= ended for start, end in inside)
    assert [end for _, end in inside][:-1] <= [start for start, _ in inside][1:]
    attributes = dict(request.attributes or {})
    assert len(str(attributes.pop("request.id"))) == 32
    assert attributes == {
        "graphql.operation.name": "",
        "graphql.roots": ("tags",),
        "graphql.codes": (),
        "graphql.cost": 1,
        "http.response.status_code": 200,
        "db.statements": 1,
    }


def test_what_is_known_already_is_no_step(api: Client) -> None:
    query = '{ tags(where: {prefix: "known already"}) { nodes { name } } }'
    api.run(query)
    EXPORTER.clear()
    api.run(query)
    assert [span.name for span in spans()] == ["sql", "graphql"]


def test_no_span_holds_a_value_a_document_or_a_name(api: Client) -> None:
    name = SECRET.replace("-", "_")
    api.run(
        f"query {name}($it: String) {{ mine: tags(where: {{prefix: $it}}) {{ nodes {{ name }} }} }}", {"it": SECRET}
    )
    api.run(f'{{ search(query: "{SECRET}") {{ totalCount }} entry(slug: "{SECRET}") {{ nope }} }}')
    told = " ".join(span.to_json() for span in spans())
    assert len(spans()) > 2
    assert SECRET not in told
    assert name not in told
    assert "mine" not in told


def test_what_is_not_kept_has_no_steps(api: Client, settings: Settings) -> None:
    settings.WATCHERS = ("tests.nexus_gql.test_tracing.drop",)
    assert api.run("{ tags { totalCount } }").status == 200
    assert spans() == ()


def test_what_a_caller_says_of_its_trace_is_not_believed(api: Client) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    api.post(b"no json", headers={"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"})
    (request,) = spans()
    assert request.parent is None
    assert format(request.context.trace_id, "032x") != trace_id
    assert (request.attributes or {})["graphql.codes"] == ("BAD_REQUEST",)


@pytest.mark.parametrize(
    ("environment", "on"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp_proto_http"}, True),
        ({"OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, False),
        ({"OTEL_TRACES_EXPORTER": "otlp_proto_http", "TRACING": "off"}, False),
        ({"TRACING": "on"}, True),
    ],
)
def test_it_is_on_where_spans_have_somewhere_to_go(environment: dict[str, str], on: bool) -> None:
    program = (
        "import django; django.setup(); from django.conf import settings; print(settings.TRACING, settings.WATCHERS)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    assert told.stdout == (f"True {('nexus_gql.tracing.observe',)}\n" if on else "False ()\n")


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"TRACING": "on", "OTEL_TRACES_EXPORTER": "pigeon"}, "pigeon, and no such exporter is installed"),
        ({"TRACING": "perhaps"}, "TRACING is wrong"),
    ],
)
def test_an_exporter_that_is_not_there_is_told(environment: dict[str, str], said: str) -> None:
    program = "import django; django.setup(); from nexus_gql import tracing; tracing.tracer()"
    tried = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert tried.returncode == 1
    assert said in tried.stderr
    assert "secret" not in json.dumps(tried.stderr).lower()
