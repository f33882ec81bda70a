"""Texts that PostgreSQL's parser would read for minutes: they are saved, found and marked like any other."""

import pytest
from django.db import connection

from tests.client import Client
from tests.schema.rows import challenge
from tests.schema.search.asking import found, search

pytestmark = pytest.mark.django_db

# As long as a body may be. None was read to its end in a minute before such texts were cut up; now a second is enough.
SIGNS = 100_000
SECONDS = 10
SLOW = ("~/", "1@a", "a1@", "a_", "1_", "./", "/.", "<!--")


def parsable(text: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nexus_parsable(%s)", [text])
        (made,) = cursor.fetchone()
    return str(made)


@pytest.mark.parametrize("part", SLOW)
def test_no_text_takes_the_parser_long(api: Client, part: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{SECONDS}s'")
    body = ("zebra " + part * SIGNS)[:SIGNS]
    escaped = body.replace("<", "&lt;")
    challenge("A striped animal", body=body, body_html=f"<p>{escaped}</p>")
    (edge,) = search(api, "zebra")["edges"]
    assert edge["highlights"][0].startswith("⟦zebra⟧")


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.org and bo@example.org",
        "https://example.org/a/b/c/d/e?f=g#h",
        "~/.config/nexus/settings.toml",
        "one_name_of_many_words",
        "a <b>bold</b> word, a <- b, x != y",
    ],
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert parsable(text) == text


def test_what_is_cut_is_still_found(api: Client) -> None:
    assert (
        parsable("a/b/c/d/e/f/g/h/i/j/k/l/first <!-- second -->") == "a/b/c/d/e/f/g/h/i/j/k/l/ first < !-- second -->"
    )
    challenge("A path", body="a/b/c/d/e/f/g/h/i/j/k/l/first <!-- second -->")
    assert found(api, "first") == ["A path"]
    assert found(api, "second") == ["A path"]
