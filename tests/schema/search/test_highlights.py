"""Which words are marked, and where."""

import pytest

from tests.client import Client
from tests.schema.rows import entry
from tests.schema.search.asking import search

pytestmark = pytest.mark.django_db


def highlights(api: Client, query: str) -> list[str]:
    (edge,) = search(api, query)["edges"]
    shown: list[str] = edge["highlights"]
    return shown


def test_matched_words_are_marked_in_title_summary_and_body(api: Client) -> None:
    entry(
        "Docker for all",
        summary="How dockers work",
        body="unused",
        body_html="<p>Use <strong>docker</strong>.</p>\n<p>" + "and so on " * 60 + "</p><p>Then docker again.</p>",
    )
    title, summary, *body = highlights(api, "docker")
    assert title == "⟦Docker⟧ for all"
    assert summary == "How ⟦dockers⟧ work"
    assert len(body) == 2
    assert body[0].startswith("Use ⟦docker⟧.")
    assert "Then ⟦docker⟧ again" in body[1]


def test_parts_without_a_match_are_left_out(api: Client) -> None:
    entry("Docker", summary="Nothing", body="else", body_html="<p>else</p>")
    assert highlights(api, "docker") == ["⟦Docker⟧"]


def test_phrases_beginnings_and_accents_are_marked(api: Client) -> None:
    entry("A résumé of caching")
    assert highlights(api, "resume cachin") == ["A ⟦résumé⟧ of caching"]
    assert highlights(api, "cachin") == ["A résumé of ⟦caching⟧"]
    assert highlights(api, '"resume of caching"')[0].startswith("A ⟦résumé⟧")


def test_highlights_hold_no_markup_and_no_marks_of_others(api: Client) -> None:
    entry(
        "Docker <b>bold</b> ⟦not a match⟧",
        body="x",
        body_html="<p>docker &lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=y a &lt; b &amp;amp; c"
        " ⟦fake⟧␞</p>",
    )
    title, body = highlights(api, "docker")
    assert title == "⟦Docker⟧ b bold b not a match"
    assert body == "⟦docker⟧ script alert(1) script img src=x onerror=y a < b &amp; c fake"


def test_of_words_that_a_slash_joins_those_are_marked_that_match(api: Client) -> None:
    entry(
        "The client/server model", body="x", body_html="<p>See https://example.org/server/a and/or 1/2 ␟/␟ servers.</p>"
    )
    title, body = highlights(api, "server")
    assert title == "The client/⟦server⟧ model"
    assert body == "See https://example.org/⟦server⟧/a and/or 1/2 / ⟦servers⟧"
