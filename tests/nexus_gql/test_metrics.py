"""What /metrics tells, and to whom."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client as HttpClient
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from knowledge.models import Digest, DigestCadence, OutboxEvent
from nexus_gql import metrics
from schema.observing import SQL, Seen
from tests.caches import own_cache
from tests.cast import PASSWORD, make_cast
from tests.client import Client
from tests.staff.visitor import Visitor

TOKEN = "a token for who watches, made up"
pytestmark = pytest.mark.django_db
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(autouse=True)
def watched(settings: Settings) -> None:
    settings.METRICS = True
    settings.WATCHERS = ("nexus_gql.metrics.observe",)


@pytest.fixture
def before() -> Samples:
    """What was told before the test: the counts are those of the process."""
    return read(metrics.told().decode())


def read(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def gained(before: Samples, name: str) -> dict[tuple[str, ...], float]:
    """By how much the samples of this name grew, by their labels' values in the order of the labels' names."""
    now = read(metrics.told().decode())
    grown = {key: value - before.get(key, 0) for key, value in now.items() if key[0] == name}
    return {tuple(value for _, value in labels): by for (_, labels), by in grown.items() if by}


def asked(**headers: str) -> tuple[int, str, str]:
    answer = HttpClient().get("/metrics", headers=headers)
    return answer.status_code, answer.headers["Content-Type"], answer.content.decode()


# ── to whom ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_is_not_there_where_it_is_off(settings: Settings) -> None:
    settings.METRICS = False
    assert asked()[0] == 404


def test_tells_in_the_format_of_prometheus(settings: Settings) -> None:
    status, media, text = asked()
    assert status == 200
    assert media.startswith("text/plain; version=")
    assert ("nexus_queue_waiting", (("queue", "outbox"),)) in read(text)
    assert HttpClient().post("/metrics").status_code == 405
    assert HttpClient().get("/metrics").headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 401),
        ({"authorization": f"Bearer {TOKEN}x"}, 401),
        ({"authorization": f"Basic {TOKEN}"}, 401),
        ({"authorization": TOKEN}, 401),
        ({"authorization": "Bearer \xff"}, 401),
        ({"authorization": f"Bearer {TOKEN}"}, 200),
    ],
)
def test_where_there_is_a_token_only_who_has_it_is_told(settings: Settings, sent: dict[str, str], status: int) -> None:
    settings.METRICS_TOKEN = TOKEN
    answered, _, text = asked(**sent)
    assert answered == status
    assert (status == 200) == ("nexus_queue_waiting" in text)


# ── of requests ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_tells_of_requests_by_root_and_code(before: Samples, api: Client) -> None:
    api.run("query MadeUpName { tags { totalCount } }")
    api.run("{ tags { totalCount } entries { totalCount } }")
    api.run("{ digests { nope } }")
    api.run("{ viewer { id } users { totalCount } }")
    api.run("{ tags(first: 0) { totalCount } }")
    api.post(b"no json")
    assert gained(before, "nexus_requests_total") == {
        ("OK", "other", "tags"): 1,
        ("OK", "other", "several"): 1,
        ("GRAPHQL_VALIDATION_FAILED", "other", "none"): 1,
        ("UNAUTHENTICATED", "other", "several"): 1,
        ("BAD_USER_INPUT", "other", "tags"): 1,
        ("BAD_REQUEST", "other", "none"): 1,
    }


def test_no_name_that_a_caller_makes_up_becomes_a_label(before: Samples, api: Client) -> None:
    for number in range(30):
        api.run(f"query Mine{number} {{ alias{number}: tags {{ totalCount }} }}")
    assert gained(before, "nexus_requests_total") == {("OK", "other", "tags"): 30}


def test_operations_that_are_watched_have_their_names(before: Samples, api: Client, settings: Settings) -> None:
    settings.WATCHED_OPERATIONS = frozenset({"Tags"})
    api.run("query Tags { tags { totalCount } }")
    api.run("query Tags { tags { totalCount } } query Other { tags { totalCount } }", name="Tags")
    api.run("query Tags { tags { totalCount } } query Other { tags { totalCount } }", name="Other")
    api.run("{ tags { totalCount } }")
    assert gained(before, "nexus_requests_total") == {("OK", "Tags", "tags"): 2, ("OK", "other", "tags"): 2}


def test_tells_what_they_cost_and_what_they_took(before: Samples, api: Client) -> None:
    query = '{ tags(first: 100, where: {prefix: "metrics"}) { nodes { name entries(first: 2) { nodes { title } } } } }'
    for _ in range(3):
        api.run(query)
    tags = ("other", "tags")
    assert gained(before, "nexus_request_points_total") == {tags: 9}
    assert gained(before, "nexus_sql_statements_total") == {tags: 3}
    # Its plan is made once.
    assert gained(before, "nexus_plan_seconds_count") == {tags: 1}
    whole = gained(before, "nexus_request_seconds_sum")[tags]
    sql = gained(before, "nexus_sql_seconds_sum")[tags]
    assert 0 < sql < whole
    assert gained(before, "nexus_request_seconds_count") == gained(before, "nexus_sql_seconds_count") == {tags: 3}


def test_tells_of_sign_ins(before: Samples, api: Client, settings: Settings) -> None:
    settings.CACHES = own_cache()
    settings.SIGN_IN_LIMIT_ACCOUNT = 2
    make_cast(PASSWORD)
    sign_in = 'mutation($p: String!) { tokenAuth(username: "author", password: $p) { refreshExpiresIn } }'
    for password in (PASSWORD, "wrong", "wrong", PASSWORD):
        api.run(sign_in, {"p": password})
    assert gained(before, "nexus_sign_ins_total") == {
        ("api", "signed in"): 1,
        ("api", "failed"): 2,
        ("api", "blocked"): 1,
    }


def test_tells_of_sign_ins_to_the_admin(before: Samples, settings: Settings) -> None:
    settings.CACHES = own_cache()
    settings.SIGN_IN_LIMIT_ACCOUNT = 2
    settings.SIGN_IN_WATCHERS = ("nexus_gql.metrics.count_sign_in_to_admin",)
    settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    make_cast(PASSWORD)
    for password in ("wrong", PASSWORD, "wrong", "wrong"):
        Visitor().sign_in("staff", password)
    # It is no form, or not the form of this page: nobody has tried to sign in.
    Visitor().http.post("/admin/login/", {"username": "staff", "password": PASSWORD})
    Visitor().sign_in("staff", "")
    assert gained(before, "nexus_sign_ins_total") == {
        ("admin", "signed in"): 1,
        ("admin", "failed"): 2,
        ("admin", "blocked"): 1,
    }


def test_operations_of_trusted_documents_have_their_names(
    before: Samples, api: Client, settings: Settings, tmp_path: Path
) -> None:
    trusted = "query Tags { tags { totalCount } } query Other { tags { totalCount } }"
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"a": trusted}))
    settings.TRUSTED_DOCUMENTS = str(manifest)
    api.run(trusted, name="Tags")
    api.run(trusted, name="Made up")
    api.run("query Tags { tags { totalCount } }")
    assert gained(before, "nexus_requests_total") == {
        ("OK", "Tags", "tags"): 1,
        ("BAD_REQUEST", "other", "none"): 1,
        ("OK", "other", "tags"): 1,
    }


def test_times_are_seconds(before: Samples) -> None:
    millisecond = 1_000_000
    seen = Seen(began=0, ended=40 * millisecond, roots=("tags",), statements=2, cost=7)
    seen.steps = [("plan", 0, 5 * millisecond), (SQL, 0, 10 * millisecond), (SQL, 0, 20 * millisecond)]
    metrics.observe(seen)
    tags = ("other", "tags")
    sums = {
        name: gained(before, f"nexus_{name}_sum")[tags] for name in ("request_seconds", "sql_seconds", "plan_seconds")
    }
    assert sums == pytest.approx({"request_seconds": 0.04, "sql_seconds": 0.03, "plan_seconds": 0.005})


def test_a_watcher_that_fails_fails_nobody_else(
    before: Samples, api: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.WATCHERS = ("tests.nexus_gql.test_metrics.failing", "nexus_gql.metrics.observe")
    assert api.run("{ tags { totalCount } }").status == 200
    assert gained(before, "nexus_requests_total") == {("OK", "other", "tags"): 1}
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == ["a watcher failed"]


def failing(_seen: Seen) -> None:
    raise ZeroDivisionError


# ── of what waits ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_tells_what_waits_and_for_how_long() -> None:
    assert read(asked()[2])["nexus_queue_waiting", (("queue", "outbox"),)] == 0
    now = timezone.now()
    for minutes, published in ((9, now), (5, None), (1, None)):
        OutboxEvent.objects.create(
            type="tag.created",
            subject_type="Tag",
            subject_id=1,
            created_at=now - timedelta(minutes=minutes),
            published_at=published,
        )
    Digest.objects.create(
        title="A digest",
        cadence=DigestCadence.ON_DEMAND,
        window_start=now - timedelta(days=1),
        window_end=now,
        queued_at=now - timedelta(minutes=2),
    )
    told = read(asked()[2])
    waiting = {labels[0][1]: value for (name, labels), value in told.items() if name == "nexus_queue_waiting"}
    oldest = {labels[0][1]: value for (name, labels), value in told.items() if name == "nexus_queue_oldest_seconds"}
    assert waiting == {"outbox": 2, "digests": 1, "deliveries": 0, "links": 0}
    assert oldest["outbox"] == pytest.approx(300, abs=20)
    assert oldest["digests"] == pytest.approx(120, abs=20)
    assert (oldest["deliveries"], oldest["links"]) == (0, 0)


# ── of many processes ───────────────────────────────────────────────────────────────────────────────────────────────

COUNT = """
import django; django.setup()
from nexus_gql import metrics
from schema.observing import Seen
metrics.observe(Seen(ended=1, roots=("tags",), codes=()))
"""
TELL = (
    COUNT
    + """
from prometheus_client import CollectorRegistry, generate_latest
metrics.Queues.collect = lambda self: ()
print(metrics.told().decode())
"""
)


def test_tells_of_all_processes_of_a_web(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "METRICS": "on"}
    run = [sys.executable, "-c"]
    subprocess.run([*run, COUNT], env=environment, check=True)
    told = subprocess.run([*run, TELL], env=environment, check=True, capture_output=True, text=True)
    labels = (("code", "OK"), ("operation", "other"), ("root", "tags"))
    assert read(told.stdout)["nexus_requests_total", labels] == 2
