"""A digest as a mail: what it says, how, and what mail clients are told."""

import re
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from pytest_django import Settings

from knowledge.deliveries import send_due
from knowledge.models import DigestAudience, Role
from tests.knowledge.deliveries.rows import MORNING, person, planned, ready, subscription
from tests.knowledge.digests.rows import challenge, day, entry, tag
from tests.sink import Sink

pytestmark = pytest.mark.django_db


def text(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content


def a_week() -> None:
    python, docker = tag("Python"), tag("Docker")
    entry("Generators", day(3), tags=(python,), summary="Lazy iteration.", score=2)
    entry("Layers & <caches>", day(4), tags=(docker,), summary="**Not bold** <b>nor this</b>")
    challenge("Slow images", day(2), solved_at=day(5), answers=("<p>Order the layers.</p>",), tags=(docker,))


def test_a_mail_in_words(sink: Sink) -> None:
    a_week()
    subscribed = subscription(person("ada"))
    (delivery,) = planned(ready())
    send_due(MORNING)
    (mail,) = sink.mails
    page = f"https://nexus.example.org/digests/{delivery.digest_id}"
    leave = mail["List-Unsubscribe"].strip(" <>")
    assert mail["Subject"] == "Weekly digest: two new entries and one solved challenge"
    assert text(mail).replace("\r\n", "\n") == (
        "Two new entries and one solved challenge: that was 2 to 8 March 2026. "
        "Docker gained the most: 2 new here, none in the period before.\n\n"
        "NEW ENTRIES\n"
        "* Generators (new, with a score of 2)\n  Lazy iteration.\n"
        "* Layers & <caches> (new)\n  **Not bold** <b>nor this</b>\n\n"
        "SOLVED CHALLENGES\n* Slow images (solved after 3 days)\n  Order the layers.\n\n"
        "TRENDING TAGS\n"
        "* Docker (2 new here, none in the period before)\n* Python (1 new here, none in the period before)\n\n"
        "-- \n"
        f"On the web: {page}\n"
        "You asked for a weekly digest at https://nexus.example.org.\n"
        f"Unsubscribe: {leave}\n"
    )
    assert leave.startswith(f"https://nexus.example.org/digests/unsubscribe/{subscribed.pk}.")


def test_what_mail_clients_are_told(sink: Sink) -> None:
    a_week()
    subscription(person("ada"))
    (delivery,) = planned(ready())
    send_due(MORNING)
    (mail,) = sink.mails
    assert mail["Message-ID"] == delivery.message_id
    assert re.fullmatch(r"<[0-9a-f-]{36}@nexus\.example\.org>", delivery.message_id)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-ID"] == "Weekly digest <weekly.digests.nexus.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "Nexus <nexus@localhost>"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


class Outside(HTMLParser):
    """What a page would load, and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.unstyled: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.loads += [tag] if tag in {"img", "link", "script", "iframe", "object"} or "background" in given else []
        self.links += [given["href"] or ""] if "href" in given else []
        self.unstyled += [tag] if tag in {"p", "h1", "h2", "a"} and "style" not in given else []


def test_the_html_needs_nothing_from_outside_and_shows_texts_as_texts(sink: Sink) -> None:
    a_week()
    subscription(person("ada"))
    (delivery,) = planned(ready())
    send_due(MORNING)
    html = text(sink.mails[0], "html")
    seen = Outside()
    seen.feed(html)
    assert (seen.loads, seen.unstyled) == ([], [])
    page = f"https://nexus.example.org/digests/{delivery.digest_id}"
    assert seen.links[0] == page
    assert all(link.startswith(f"{page}#") for link in seen.links[1:-1])
    assert len(seen.links) == 7
    assert "prefers-color-scheme: dark" in html
    assert "url(" not in html
    assert "Layers &amp; &lt;caches&gt;" in html
    assert "&lt;b&gt;nor this&lt;/b&gt;" in html


def test_with_tags_it_says_which(sink: Sink) -> None:
    a_week()
    rust = tag("Rust")
    subscription(person("ada"), rust, tag("Kafka"))
    entry("Ownership", day(3), tags=(rust,))
    planned(ready())
    send_due(MORNING)
    (mail,) = sink.mails
    assert mail["Subject"] == "Weekly digest: one new entry"
    assert "One new entry on Kafka and Rust: that was 2 to 8 March 2026." in text(mail)
    assert "You asked for a weekly digest on Kafka and Rust at" in text(mail)
    assert "Generators" not in text(mail)


def test_what_is_for_reviewers_leads_to_no_public_page(sink: Sink) -> None:
    a_week()
    subscription(person("rev", role=Role.REVIEWER))
    planned(ready(audience=DigestAudience.REVIEWERS))
    send_due(MORNING)
    assert "/digests/" not in text(sink.mails[0]).replace("/digests/unsubscribe/", "")
    assert "#entry-" not in text(sink.mails[0], "html")


def test_a_title_cannot_add_a_header(sink: Sink, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Nexus <digests@example.org>"
    entry("One\r\nBcc: eve@example.org", day(3))
    subscription(person("ada"))
    planned(ready())
    send_due(MORNING)
    (mail,) = sink.mails
    assert mail["Bcc"] is None
    assert mail["From"] == "Nexus <digests@example.org>"
