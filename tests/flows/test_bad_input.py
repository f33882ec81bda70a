"""What is refused is refused with a code, and leaves nothing behind in any table."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from knowledge.models import Tag
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import challenge, entry, id_of, tag
from tests.tables import row_counts

CREATE = """mutation($input: EntryCreateInput!) {
  entryCreate(input: $input) { entry { id } errors { path code } }
}"""
CONTENT = {"kind": "TOOL", "title": "Make", "body": "Builds things.", "tags": ["Build"]}
IMPORT = """mutation($input: DocumentImportInput!) {
  documentImport(input: $input) { source { id } report { entriesCreated } errors { path code } }
}"""
DIGEST = """mutation($input: DigestRequestInput!) {
  digestRequest(input: $input) { digest { id } errors { path code } }
}"""
WEEK = {"windowStart": "2026-03-02T00:00:00Z", "windowEnd": "2026-03-09T00:00:00Z"}


@pytest.fixture
def unchanged(cast: Cast, api: Client) -> Iterator[None]:
    """The tables hold after the test what they held before it."""
    tag("Build")
    entry("Published", author=cast.peer)
    challenge("Why")
    api.authorization(cast.author)
    before = row_counts()
    yield
    assert row_counts() == before


def refusals(api: Client, cast: Cast, mutation: str, **given: Any) -> list[tuple[list[str], str]]:
    """The paths and codes in the payload's errors."""
    data = api.run(mutation, {"input": given}, as_=cast.author).data
    (payload,) = data.values()
    return [(error["path"], error["code"]) for error in payload["errors"]]


@pytest.mark.usefixtures("unchanged")
class TestRefused:
    def test_an_unknown_enum_value_in_a_variable(self, cast: Cast, api: Client) -> None:
        answer = api.run(CREATE, {"input": CONTENT | {"kind": "STAFF"}}, as_=cast.author)
        assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])

    def test_an_unknown_enum_value_in_the_document(self, cast: Cast, api: Client) -> None:
        asked = 'mutation { entryCreate(input: {kind: ROOT, title: "T", body: "B"}) { entry { id } } }'
        answer = api.run(asked, as_=cast.author)
        assert (answer.status, answer.codes) == (400, ["GRAPHQL_VALIDATION_FAILED"])

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"title": ""}, "REQUIRED"),
            ({"title": " \u200b\u2060 "}, "REQUIRED"),
            ({"title": "a" * 201}, "TOO_LONG"),
            ({"title": "nul \x00 inside"}, "INVALID"),
            ({"body": ""}, "REQUIRED"),
            ({"body": "nul \x00 inside"}, "INVALID"),
            ({"body": "a" * 100_001}, "TOO_LONG"),
            ({"summary": "a" * 501}, "TOO_LONG"),
            ({"tags": [f"tag {number}" for number in range(11)]}, "TOO_MANY"),
            ({"resources": [{"title": "It", "url": "https://example.org/"}] * 21}, "TOO_MANY"),
            ({"idempotencyKey": ""}, "REQUIRED"),
            ({"idempotencyKey": "a" * 201}, "TOO_LONG"),
            ({"idempotencyKey": "\x00"}, "INVALID"),
        ],
    )
    def test_a_field_that_cannot_be_stored(self, cast: Cast, api: Client, given: dict[str, Any], code: str) -> None:
        (field,) = given
        assert refusals(api, cast, CREATE, **(CONTENT | given)) == [(["input", field], code)]

    def test_every_mistake_at_once_with_its_place(self, cast: Cast, api: Client) -> None:
        given = {
            "kind": "TOOL",
            "title": "",
            "body": "",
            "tags": ["a", "b", "c", " "],
            "resources": [
                {"title": "Good", "url": "https://example.org/"},
                {"title": "", "url": "javascript:alert(1)"},
            ],
        }
        assert sorted(refusals(api, cast, CREATE, **given)) == [
            (["input", "body"], "REQUIRED"),
            (["input", "resources", "1", "title"], "REQUIRED"),
            (["input", "resources", "1", "url"], "INVALID"),
            (["input", "tags", "3"], "REQUIRED"),
            (["input", "title"], "REQUIRED"),
        ]

    def test_an_id_of_another_type(self, cast: Cast, api: Client) -> None:
        of_a_tag = id_of(Tag.objects.get())
        answer = api.run(CREATE, {"input": CONTENT | {"challengeIds": [of_a_tag]}}, as_=cast.author)
        assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])

    def test_an_id_of_another_type_before_an_earlier_mutation_is_run(self, cast: Cast, api: Client) -> None:
        asked = """mutation($input: EntryCreateInput!, $id: ID!) {
          entryCreate(input: $input) { entry { id } }
          entrySubmit(input: {id: $id}) { entry { id } }
        }"""
        answer = api.run(asked, {"input": CONTENT, "id": id_of(Tag.objects.get())}, as_=cast.author)
        assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])

    @pytest.mark.parametrize(
        "id_",
        ["", "1", "RW50cnk6MQ", "RW50cnk6MDE=", "RW50cnk6LTE=", "RW50cnk6OTk5OTk5OTk5OTk5OTk5OTk5OTk=", "\x00", "é"],
    )
    def test_what_is_no_id(self, api: Client, id_: str) -> None:
        answer = api.run("query($id: ID!) { node(id: $id) { id } }", {"id": id_})
        assert (answer.status, answer.codes, answer.statements) == (400, ["BAD_USER_INPUT"], 0)

    def test_an_id_that_leads_nowhere(self, cast: Cast, api: Client) -> None:
        nowhere = "Q2hhbGxlbmdlOjk5OTk5OTk5"
        assert refusals(api, cast, CREATE, **CONTENT, challengeIds=[nowhere]) == [
            (["input", "challengeIds", "0"], "NOT_FOUND")
        ]

    def test_an_unknown_tag_where_it_must_be_known(self, cast: Cast, api: Client) -> None:
        assert refusals(api, cast, DIGEST, **WEEK, tags=["build", "nobody made this"]) == [
            (["input", "tags", "1"], "NOT_FOUND")
        ]

    @pytest.mark.parametrize(
        "given",
        [
            {"windowStart": WEEK["windowEnd"], "windowEnd": WEEK["windowStart"]},
            {"windowStart": WEEK["windowStart"], "windowEnd": WEEK["windowStart"]},
            {"windowStart": "2025-03-01T00:00:00Z", "windowEnd": "2026-03-02T00:00:01Z"},
        ],
    )
    def test_a_window_that_is_none_or_too_long(self, cast: Cast, api: Client, given: dict[str, str]) -> None:
        assert refusals(api, cast, DIGEST, **given) == [(["input", "windowEnd"], "INVALID")]

    @pytest.mark.parametrize("moment", ["yesterday", "2026-03-02", "2026-02-30T00:00:00Z", "2026-03-02T00:00:00", 5])
    def test_what_is_no_moment(self, cast: Cast, api: Client, moment: Any) -> None:
        answer = api.run(DIGEST, {"input": WEEK | {"windowStart": moment}}, as_=cast.author)
        assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])

    @pytest.mark.parametrize(
        ("given", "path", "code"),
        [
            ({"markdown": ""}, "markdown", "REQUIRED"),
            ({"markdown": "\u200b \n"}, "markdown", "REQUIRED"),
            ({"markdown": "# It\n", "url": "ftp://example.org/a.md"}, "url", "INVALID"),
            ({"markdown": "# It\n", "title": "a" * 201}, "title", "TOO_LONG"),
            ({"markdown": "# It\n", "title": "a \x00"}, "title", "INVALID"),
        ],
    )
    def test_a_document_that_cannot_be_read(
        self, cast: Cast, api: Client, given: dict[str, str], path: str, code: str
    ) -> None:
        assert refusals(api, cast, IMPORT, **given) == [(["input", path], code)]

    def test_a_body_of_two_megabytes(self, cast: Cast, api: Client) -> None:
        answer = api.run(IMPORT, {"input": {"markdown": "# It\n" + "a" * 2_000_000}}, as_=cast.author)
        assert (answer.status, answer.codes) == (413, ["BAD_REQUEST"])

    def test_a_body_that_is_not_utf_8(self, cast: Cast, api: Client) -> None:
        body = orjson.dumps({"query": IMPORT, "variables": {"input": {"markdown": "# caf?"}}})
        answer = api.post(body.replace(b"caf?", b"caf\xe9"), as_=cast.author)
        assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])

    def test_half_a_surrogate_pair(self, cast: Cast, api: Client) -> None:
        body = orjson.dumps({"query": CREATE, "variables": {"input": CONTENT | {"title": "half ?"}}})
        answer = api.post(body.replace(b"half ?", b"half \\ud83d"), as_=cast.author)
        assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])

    def test_nul_in_what_is_asked_for(self, api: Client) -> None:
        for asked in (
            "query($it: String!) { user(username: $it) { id } }",
            "query($it: String!) { entry(slug: $it) { id } }",
            "query($it: String!) { entries(where: {text: $it}) { totalCount } }",
            "query($it: String!) { entries(where: {author: $it}) { totalCount } }",
            "query($it: String!) { tags(where: {prefix: $it}) { totalCount } }",
        ):
            answer = api.run(asked, {"it": "a\x00b"})
            assert (answer.status, answer.codes, answer.statements) == (400, ["BAD_USER_INPUT"], 0)

    @pytest.mark.parametrize(
        ("mutation", "given"),
        [(CREATE, CONTENT), (IMPORT, {"markdown": "# It"}), (DIGEST, WEEK)],
        ids=["entryCreate", "documentImport", "digestRequest"],
    )
    def test_whoever_is_not_signed_in(self, api: Client, mutation: str, given: dict[str, Any]) -> None:
        answer = api.run(mutation, {"input": given})
        assert (answer.status, answer.codes, answer.statements) == (401, ["UNAUTHENTICATED"], 0)
