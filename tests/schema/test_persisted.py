"""Documents that are asked for by their hash, after Apollo's protocol, and those that alone are trusted."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from pytest_django import Settings

from schema import persisted
from tests.caches import AWAY, KINDS, empty_cache_of
from tests.cast import PASSWORD, Cast, make_cast
from tests.client import GRAPHQL, JSON, Client, Result, result_of
from tests.schema.rows import tag

pytestmark = pytest.mark.django_db
COUNTED = "{ tags { totalCount } }"
NOT_FOUND = {"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}
NOT_SUPPORTED = {"message": "PersistedQueryNotSupported", "extensions": {"code": "PERSISTED_QUERY_NOT_SUPPORTED"}}


@pytest.fixture(autouse=True, params=KINDS)
def empty(request: pytest.FixtureRequest, settings: Settings) -> Iterator[None]:
    """Nothing is known yet, in the process' own cache and in each that processes share."""
    settings.CACHES = {**settings.CACHES, "documents": empty_cache_of(request.param)}
    persisted._kept.cache_clear()  # noqa: SLF001 - as in a process that has just begun
    yield
    persisted._kept.cache_clear()  # noqa: SLF001 - the next test's documents are its own


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def extension(sha: Any, version: Any = 1) -> dict[str, Any]:
    return {"persistedQuery": {"version": version, "sha256Hash": sha}}


def ask(
    api: Client, sha: Any, query: str | None = None, *, accept: str = GRAPHQL, version: Any = 1, **more: Any
) -> Result:
    given = {"extensions": extension(sha, version), **({} if query is None else {"query": query}), **more}
    return api.post(orjson.dumps(given), accept=accept)


def elsewhere() -> None:
    """As another process: it knows nothing but what is in the shared cache."""
    persisted._kept.cache_clear()  # noqa: SLF001


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_a_document_is_sent_once_and_named_from_then_on(api: Client, accept: str) -> None:
    first = ask(api, hashed(COUNTED), accept=accept)
    # Apollo's clients take it for an answer: 200, whatever the media type.
    assert (first.status, first.errors, first.headers["Cache-Control"]) == (200, [NOT_FOUND], "no-store")
    assert ask(api, hashed(COUNTED), COUNTED, accept=accept).data == {"tags": {"totalCount": 0}}
    elsewhere()
    for _ in range(2):
        assert ask(api, hashed(COUNTED), accept=accept).data == {"tags": {"totalCount": 0}}


def test_by_address_too(api: Client) -> None:
    named = orjson.dumps(extension(hashed(COUNTED))).decode()
    assert api.get(extensions=named).errors == [NOT_FOUND]
    assert api.get(query=COUNTED, extensions=named).data == {"tags": {"totalCount": 0}}
    elsewhere()
    answer = api.get(extensions=named)
    assert answer.data == {"tags": {"totalCount": 0}}
    assert answer.headers["ETag"]
    # Also from a browser's address bar, where GraphiQL would come otherwise.
    assert api.get(accept="text/html", extensions=named).data == {"tags": {"totalCount": 0}}


def test_variables_and_operations_work_as_ever(api: Client) -> None:
    tag("Docker")
    text = "query A($s: String!) { tag(slug: $s) { name } } query B { __typename }"
    ask(api, hashed(text), text, operationName="B")
    answer = ask(api, hashed(text), operationName="A", variables={"s": "docker"})
    assert answer.data == {"tag": {"name": "Docker"}}


def test_a_mutation_is_not_sent_by_address_by_its_hash_either(api: Client) -> None:
    text = 'mutation { verifyToken(token: "a") { payload } } # by hash'.replace('token: "a"', "token: $t").replace(
        "mutation", "mutation($t: String!)"
    )
    assert ask(api, hashed(text), text, variables={"t": "a"}).codes == ["TOKEN_INVALID"]
    named = orjson.dumps(extension(hashed(text))).decode()
    assert api.get(extensions=named, variables='{"t": "a"}').status == 405


def test_another_documents_hash_is_refused_and_keeps_nothing(api: Client) -> None:
    wrong = ask(api, hashed("{ a }"), COUNTED)
    assert (wrong.status, wrong.errors[0]) == (
        400,
        {"message": "provided sha does not match query", "extensions": {"code": "BAD_REQUEST"}},
    )
    assert ask(api, hashed("{ a }")).errors == [NOT_FOUND]
    assert ask(api, hashed(COUNTED)).errors == [NOT_FOUND]


@pytest.mark.parametrize("version", [0, 2, "1", True, None])
def test_other_versions(api: Client, version: Any) -> None:
    answer = ask(api, hashed(COUNTED), version=version)
    assert (answer.status, answer.errors[0]["message"]) == (400, "Unsupported persisted query version")


@pytest.mark.parametrize("sha", [None, 1, "", "x", "A" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n", ["0" * 64], {}])
def test_hashes_that_are_none(api: Client, sha: Any) -> None:
    answer = ask(api, sha, COUNTED)
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize("given", [[], "x", 1, {"version": 1}])
def test_extensions_that_are_none(api: Client, given: Any) -> None:
    answer = api.post(orjson.dumps({"extensions": {"persistedQuery": given}}))
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("{", ["GRAPHQL_PARSE_FAILED"]),
        ("{ nothing }", ["GRAPHQL_VALIDATION_FAILED"]),
        ("{" + " ".join(f"a{n}: __typename" for n in range(31)) + "}", ["COST_EXCEEDED"]),
        ('mutation { verifyToken(token: "secret") { payload } }', ["TOKEN_INVALID"]),
    ],
)
def test_what_is_not_valid_or_holds_a_secret_is_not_kept(api: Client, text: str, codes: list[str]) -> None:
    assert ask(api, hashed(text), text).codes == codes
    assert ask(api, hashed(text)).errors == [NOT_FOUND]


def test_nobody_fills_the_cache(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persisted, "KEPT_AN_HOUR", 60)
    texts = [f"{{ __typename }} # document {number}" for number in range(4)]
    for text in texts:
        # All are answered; two of them fit.
        assert ask(api, hashed(text), text).data == {"__typename": "Query"}
    elsewhere()
    assert [bool(ask(api, hashed(text)).errors) for text in texts] == [False, False, True, True]
    # Somebody else is not concerned, and what is kept already costs nothing.
    other = "{ __typename } # other"
    body = orjson.dumps({"query": other, "extensions": extension(hashed(other))})
    for _ in range(9):
        api.http.post("/graphql", body, JSON, REMOTE_ADDR="192.0.2.9")
    assert ask(api, hashed(other)).data == {"__typename": "Query"}


def test_nor_do_many_together(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persisted, "KEPT_BY_ALL", 60)
    texts = [f"{{ __typename }} # document {number}" for number in range(4)]
    for number, text in enumerate(texts):
        body = orjson.dumps({"query": text, "extensions": extension(hashed(text))})
        answer = result_of(api.http.post("/graphql", body, JSON, REMOTE_ADDR=f"192.0.2.{number}"))
        assert answer.data == {"__typename": "Query"}
    elsewhere()
    assert [bool(ask(api, hashed(text)).errors) for text in texts] == [False, False, True, True]


def test_a_forged_entry_of_the_cache_is_not_run(api: Client) -> None:
    from django.core.cache import caches  # noqa: PLC0415 - the one of this test's settings

    caches["documents"].set(f"document:{hashed(COUNTED)}", "{ viewer { id } }")
    assert ask(api, hashed(COUNTED)).errors == [NOT_FOUND]


def test_it_can_be_switched_off(api: Client, settings: Settings) -> None:
    settings.PERSISTED_QUERIES = False
    for query in (None, COUNTED):
        answer = ask(api, hashed(COUNTED), query)
        assert (answer.status, answer.errors) == (200, [NOT_SUPPORTED])
    assert api.run(COUNTED).data == {"tags": {"totalCount": 0}}


@pytest.mark.parametrize("away", AWAY)
def test_without_the_cache_clients_send_documents(api: Client, settings: Settings, away: dict[str, Any]) -> None:
    settings.CACHES = {**settings.CACHES, "documents": away}
    assert ask(api, hashed(COUNTED)).errors == [NOT_FOUND]
    assert ask(api, hashed(COUNTED), COUNTED).data == {"tags": {"totalCount": 0}}


class TestTrusted:
    @pytest.fixture(params=["plain", "apollo"])
    def manifest(self, request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> None:
        text = "query Trusted { tags { totalCount } }"
        operation = {"id": "trusted-1", "name": "Trusted", "type": "query", "body": text}
        path = tmp_path / f"{request.param}.json"
        apollo = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation]}
        path.write_bytes(orjson.dumps({"trusted-1": text} if request.param == "plain" else apollo))
        settings.TRUSTED_DOCUMENTS = str(path)
        settings.TRUSTED_DOCUMENTS_ONLY = True

    @pytest.mark.usefixtures("manifest")
    def test_those_of_the_manifest_are_run(self, api: Client) -> None:
        assert ask(api, "trusted-1").data == {"tags": {"totalCount": 0}}
        # Also in full, as long as it is that very text.
        assert api.run("query Trusted { tags { totalCount } }").data == {"tags": {"totalCount": 0}}

    @pytest.mark.usefixtures("manifest")
    def test_others_are_refused_to_all_but_staff(self, api: Client) -> None:
        cast = make_cast(PASSWORD)
        for query in (COUNTED, "{ __schema { queryType { name } } }", "query Trusted { tags {totalCount} }"):
            for person in (None, cast.author, cast.peer, cast.reviewer):
                answer = api.run(query, as_=person)
                assert (answer.status, answer.codes) == (400, ["FORBIDDEN"])
            assert api.run(query, as_=cast.staff).data
        # Registering is no way round it.
        assert ask(api, hashed(COUNTED), COUNTED).codes == ["FORBIDDEN"]
        assert ask(api, hashed(COUNTED)).errors == [NOT_FOUND]
        assert api.post(orjson.dumps({"query": COUNTED}), headers={"authorization": "JWT x"}).codes == ["TOKEN_INVALID"]

    @pytest.mark.usefixtures("manifest")
    def test_signing_in_is_never_forbidden(self, api: Client) -> None:
        make_cast(PASSWORD)
        sign_in = 'mutation($p: String!) { tokenAuth(username: "staff", password: $p) { token } }'
        assert api.run(sign_in, {"p": PASSWORD}).data["tokenAuth"]["token"]
        mixed = sign_in.removesuffix("}") + ' tagCreate(input: {name: "x"}) { errors { code } } }'
        assert api.run(mixed, {"p": PASSWORD}).codes == ["FORBIDDEN"]

    def test_the_manifest_alone_forbids_nothing(self, api: Client, settings: Settings, manifest: None) -> None:
        settings.TRUSTED_DOCUMENTS_ONLY = False
        assert api.run(COUNTED).data
        assert ask(api, "trusted-1").data

    @pytest.mark.parametrize("content", ["[]", "{}x", '{"a": 1}', '"a"', '{"operations": [{"id": "a"}]}'])
    def test_a_manifest_that_is_none(self, tmp_path: Path, content: str) -> None:
        path = tmp_path / "manifest.json"
        path.write_text(content)
        with pytest.raises((ValueError, KeyError)):
            persisted.read_manifest(path)


def test_a_browser_still_gets_graphiql(cast: Cast, api: Client, settings: Settings) -> None:
    page = result_of(api.http.get("/graphql", headers={"accept": "text/html"}))
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
