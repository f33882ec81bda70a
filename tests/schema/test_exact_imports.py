"""Documents of an export, through the API: under the rules of every import."""

from datetime import UTC, datetime
from typing import Any

import pytest

from knowledge.documents.exact.values import ExactEntry, ExactSource, Told
from knowledge.documents.exact.writing import write_exact
from knowledge.models import Entry
from tests.cast import Cast
from tests.client import Client, Result
from tests.snapshot import every_row

IMPORT = """mutation ($markdown: String!, $url: String) {
  documentImport(input: {markdown: $markdown, url: $url}) {
    source { title } errors { path code }
    report { entriesCreated tagsCreated items { line kind outcome title text tags subject { ... on Entry { slug } } } }
  }
}"""
THEN = datetime(2024, 2, 29, 8, tzinfo=UTC)
ENTRY = ExactEntry("caching-7", "GUIDE", "Caching", "Keep it", "# Keep", ("redis",), (), THEN, THEN, THEN)
SOURCE = ExactSource("My year", None, "0" * 64, 1, THEN, THEN, (Told(3, "LEARNING", "caching-7", "0" * 64),))


def imported(api: Client, cast: Cast, name: str, markdown: str, **other: Any) -> Result:
    person = None if name == "anonymous" else getattr(cast, name)
    return api.run(IMPORT, {"markdown": markdown, **other}, as_=person)


@pytest.mark.parametrize(
    ("name", "slug", "status"),
    [
        ("author", "caching", "IN_REVIEW"),
        ("reviewer", "caching", "PUBLISHED"),
        ("staff", "caching-7", "PUBLISHED"),
    ],
)
def test_an_entry(cast: Cast, api: Client, name: str, slug: str, status: str) -> None:
    item = {"line": 1, "kind": "LEARNING", "title": "Caching", "text": "Keep it", "tags": ["redis"]}
    assert imported(api, cast, name, write_exact(ENTRY)).data["documentImport"] == {
        "source": None,
        "errors": [],
        "report": {
            "entriesCreated": 1,
            "tagsCreated": 1,
            "items": [{**item, "outcome": "CREATED", "subject": {"slug": slug}}],
        },
    }
    assert Entry.objects.get().status == status


@pytest.mark.parametrize(
    ("name", "code"),
    [("anonymous", "UNAUTHENTICATED"), ("author", "FORBIDDEN"), ("reviewer", "FORBIDDEN"), ("staff", None)],
)
def test_a_source(cast: Cast, api: Client, name: str, code: str | None) -> None:
    imported(api, cast, "staff", write_exact(ENTRY))
    answer = imported(api, cast, name, write_exact(SOURCE))
    if code is not None:
        assert [error["extensions"]["code"] for error in answer.errors] == [code]
    else:
        assert answer.data["documentImport"]["source"] == {"title": "My year"}


def test_one_that_no_export_wrote(cast: Cast, api: Client) -> None:
    api.run("{ viewer { id } }", as_=cast.author)
    before = every_row()
    answer = imported(api, cast, "author", write_exact(ENTRY).replace("tags:\n", "tags: &a\n"))
    assert answer.data["documentImport"]["errors"] == [{"path": ["input", "markdown"], "code": "INVALID"}]
    answer = imported(api, cast, "author", write_exact(ENTRY), url="https://example.com/mine")
    assert answer.data["documentImport"]["errors"] == [{"path": ["input", "url"], "code": "INVALID"}]
    assert every_row() == before
