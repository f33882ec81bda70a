"""The page of a digest, for whoever is given its address, and the feed."""

from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from knowledge.digests import make_digest
from knowledge.models import Digest, DigestAudience, DigestCadence
from tests.knowledge.deliveries.rows import ready
from tests.knowledge.digests.rows import END, START, challenge, day, digest, entry, tag

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def got(client: Client, path: str, **headers: str) -> tuple[int, str]:
    response = client.get(path, headers=headers)
    return response.status_code, response.content.decode()


def test_a_digest_that_anyone_may_share(client: Client) -> None:
    entry("Layers & <caches>", day(3), summary="How images are built.", tags=(tag("Docker"),))
    challenge("Slow images", day(4))
    made = ready()
    status, html = got(client, f"/digests/{made.pk}")
    assert status == 200
    assert "<h1>2 to 8 March 2026</h1>" in html
    assert "<h2>New entries</h2>" in html
    assert "<strong>Layers &amp; &lt;caches&gt;</strong><p>How images are built.</p>" in html
    assert f'<li id="challenge-{made.sections.get(position=2).items.get().challenge_id}">' in html
    assert "<script" not in html


def test_it_shows_more_than_the_mail_lists(client: Client) -> None:
    for number in range(12):
        entry(f"Entry {number:02}", day(3, number))
    _, html = got(client, f"/digests/{ready().pk}")
    assert html.count("<strong>Entry") == 12
    assert "<summary>2 more</summary>" in html


@pytest.mark.parametrize("kind", ["none", "queued", "reviewers", "on demand"])
def test_what_is_not_for_everyone_is_not_there(client: Client, kind: str) -> None:
    number = 9_000_000_000_000_000_000
    if kind == "queued":
        number = Digest.objects.create(title="x", cadence="DAILY", window_start=START, window_end=END).pk
    elif kind == "reviewers":
        number = ready(audience=DigestAudience.REVIEWERS).pk
    elif kind == "on demand":
        number = digest().pk
        make_digest(number, now=END)
    status, html = got(client, f"/digests/{number}")
    assert (status, "There is no such digest" in html) == (404, True)
    assert got(client, "/digests/99999999999999999999999")[0] == 404


def test_pages_run_nothing_and_are_framed_nowhere(client: Client) -> None:
    response = client.get(f"/digests/{ready().pk}")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; ")
    assert "frame-ancestors 'none'" in policy
    assert response.cookies == {}


@pytest.mark.parametrize("path", ["/digests/{pk}", "/digests/feed.atom", "/digests/style.css"])
def test_pages_are_kept_until_they_change(client: Client, path: str) -> None:
    entry("Generators", day(3))
    path = path.format(pk=ready().pk)
    first = client.get(path)
    assert (first.status_code, first.headers["Cache-Control"]) == (200, "public, max-age=300")
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.post(path).status_code == 405


def test_the_feed_holds_what_is_public_and_says_something(client: Client, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://nexus.example.org"
    entry("Generators", day(3))
    week = ready()
    ready(audience=DigestAudience.REVIEWERS)
    ready(DigestCadence.DAILY, start=day(5), end=day(6))
    today = ready(DigestCadence.DAILY, start=day(3), end=day(4))
    make_digest(digest().pk, now=END)

    response = client.get("/digests/feed.atom")

    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(response.content)  # noqa: S314 - our own
    links = [entry.find(f"{ATOM}link") for entry in feed.iter(f"{ATOM}entry")]
    assert [link.get("href") for link in links if link is not None] == [
        f"https://nexus.example.org/digests/{pk}" for pk in (week.pk, today.pk)
    ]
    summary = feed.find(f"{ATOM}entry/{ATOM}summary")
    assert feed.find(f"{ATOM}link[@rel='alternate']").get("href") == "https://nexus.example.org/"  # type: ignore[union-attr]
    assert client.get("/").headers["Location"] == "/graphql"
    assert summary is not None
    assert (summary.get("type"), summary.text) == ("html", week.body_html)


def test_the_feed_has_what_rfc_4287_requires(client: Client) -> None:
    entry("Generators", day(3))
    ready()
    ready(DigestCadence.DAILY, start=day(3), end=day(4))
    feed = ET.fromstring(client.get("/digests/feed.atom").content)  # noqa: S314 - our own

    def of(element: ET.Element, name: str) -> list[str]:
        return [each.text or "" for each in element.findall(f"{ATOM}{name}")]

    entries = feed.findall(f"{ATOM}entry")
    assert (feed.tag, len(entries)) == (f"{ATOM}feed", 2)
    for element in (feed, *entries):
        assert [len(of(element, name)) for name in ("id", "title", "updated")] == [1, 1, 1]
        assert "" not in of(element, "id") + of(element, "title")
        assert datetime.fromisoformat(of(element, "updated")[0]).tzinfo is not None
    # One of the feed stands for all of its entries.
    assert of(feed, f"author/{ATOM}name") == ["Nexus"]
    assert len({*of(feed, "id"), *of(feed, f"entry/{ATOM}id")}) == 3
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == f"{settings.PUBLIC_URL}/digests/feed.atom"
    assert max(of(feed, f"entry/{ATOM}updated")) == of(feed, "updated")[0]


def test_no_title_makes_the_feed_unreadable(client: Client) -> None:
    entry("Not a character: \uffff", day(3))
    week = ready()
    feed = ET.fromstring(client.get("/digests/feed.atom").content)  # noqa: S314 - our own
    assert "Not a character: \uffff" in (week.body_html or "")
    assert "Not a character: \ufffd" in (feed.findtext(f"{ATOM}entry/{ATOM}summary") or "")


def test_the_feed_of_nothing_stays_the_same_too(client: Client) -> None:
    first = client.get("/digests/feed.atom")
    assert b"<updated>1970-01-01T00:00:00+00:00</updated>" in first.content
    assert client.get("/digests/feed.atom").headers["ETag"] == first.headers["ETag"]


def test_as_many_statements_for_three_items_as_for_one(client: Client) -> None:
    def statements() -> int:
        path = f"/digests/{ready().pk}"
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        Digest.objects.all().delete()
        return len(queries)

    entry("One", day(3))
    with_one = statements()
    entry("Two", day(3))
    challenge("Three", day(3))
    assert statements() == with_one == 3
