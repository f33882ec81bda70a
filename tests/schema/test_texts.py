"""Every text that a mutation takes: what of it is refused, where and why, and how long it may be, to the character."""

# ruff: noqa: RUF001 - letters that look like others are what is tried here

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from django.db import transaction
from graphql import GraphQLInputObjectType, get_named_type

from knowledge.models import EntryStatus, User
from schema.schema import schema
from tests.cast import PASSWORD, Cast
from tests.client import Client
from tests.schema.rows import at, challenge, entry, id_of, said, solution, source, tag
from tests.tables import row_counts

CORE = schema.graphql_schema
PAGE = "https://example.org/"
# Letters from right to left with a mark that says so, an emoji of several characters, and letters of four bytes.
FAR = "שָׁלוֹם\u200f עולם 👩\u200d💻 𝔘𐍈 한국어"
INVISIBLE = ("", " \t\n ", "\u200b\u2060\ufeff", "\u3164", "\u202e\u2066")
BROKEN = ("a\0b", "\0", "a\x1b[31mb", "a\x9fb")


@dataclass(frozen=True)
class Text:
    """What holds of a text: its most characters, whether it must not be empty, what it begins with."""

    most: int
    required: bool = False
    begin: str = ""
    far: str = FAR
    broken: tuple[str, ...] = BROKEN

    def of(self, length: int) -> str:
        """A text of so many characters."""
        return self.begin + "x" * (length - len(self.begin))


TITLE, BODY, LINE = Text(200, required=True), Text(100_000, required=True), Text(500)
TAG, KEY, URL = (
    Text(60, required=True),
    Text(200, required=True),
    Text(2_000, required=True, begin=PAGE, far="שלום/👩\u200d💻"),
)
TEXTS = {
    "accountRegister.displayName": Text(100),
    "accountUpdate.displayName": Text(100),
    "accountUpdate.bio": Text(2_000),
    "personalAccessTokenCreate.name": Text(100, required=True),
    "entryCreate.title": TITLE,
    "entryCreate.summary": LINE,
    "entryCreate.body": BODY,
    "entryCreate.tags": TAG,
    "entryCreate.resources.title": TITLE,
    "entryCreate.resources.url": URL,
    "entryCreate.idempotencyKey": KEY,
    "entryUpdate.title": TITLE,
    "entryUpdate.summary": LINE,
    "entryUpdate.body": BODY,
    "entryUpdate.tags": TAG,
    "entryUpdate.resources.title": TITLE,
    "entryUpdate.resources.url": URL,
    "entryUpdate.note": LINE,
    "entrySubmit.note": LINE,
    "entryReview.comment": Text(5_000, required=True),
    "entryArchive.reason": LINE,
    "sourceReview.comment": Text(5_000, required=True),
    "challengeCreate.title": TITLE,
    "challengeCreate.body": BODY,
    "challengeCreate.tags": TAG,
    "challengeCreate.idempotencyKey": KEY,
    "challengeUpdate.title": TITLE,
    "challengeUpdate.body": BODY,
    "challengeUpdate.tags": TAG,
    "challengeClose.reason": LINE,
    "challengeDelete.reason": LINE,
    "solutionCreate.body": BODY,
    "solutionCreate.idempotencyKey": KEY,
    "solutionUpdate.body": BODY,
    "solutionDelete.reason": LINE,
    "tagCreate.name": TAG,
    "tagCreate.description": Text(1_000),
    "tagCreate.aliases": TAG,
    "tagUpdate.name": TAG,
    "tagUpdate.description": Text(1_000),
    "tagUpdate.aliases": TAG,
    # Documents are not refused for control characters; they lose them.
    "documentImport.markdown": Text(1_000_000, required=True, broken=BROKEN[:2]),
    "documentImport.title": Text(200),
    "documentImport.url": URL,
    "digestRequest.title": TITLE,
    "digestRequest.idempotencyKey": KEY,
}
# What is more than text has its own tests: below, and in tests/schema/identity.
APART = {
    "accountRegister.username",
    "accountRegister.email",
    "accountRegister.password",
    "accountUpdate.timeZone",
    "accountUpdate.email",
    "accountUpdate.currentPassword",
    "emailConfirm.token",
    "passwordChange.oldPassword",
    "passwordChange.newPassword",
    "passwordResetRequest.email",
    "passwordReset.uid",
    "passwordReset.token",
    "passwordReset.newPassword",
    "digestRequest.tags",
    "digestSubscribe.tags",
}


def texts_in(of: GraphQLInputObjectType, begin: str) -> Iterator[str]:
    for name, field in of.fields.items():
        named = get_named_type(field.type)
        if isinstance(named, GraphQLInputObjectType):
            yield from texts_in(named, f"{begin}.{name}")
        elif named.name == "String" and name != "clientMutationId":
            yield f"{begin}.{name}"


def asked_for() -> list[str]:
    """Every text in the inputs of mutations."""
    assert CORE.mutation_type
    return [
        text
        for name, field in CORE.mutation_type.fields.items()
        if "input" in field.args and isinstance(of := get_named_type(field.args["input"].type), GraphQLInputObjectType)
        for text in texts_in(of, name)
    ]


HERE = [name for name in asked_for() if name in TEXTS]


def test_of_every_text_it_is_said_how_long_it_may_be() -> None:
    assert set(asked_for()) - set(TEXTS) - APART == set()


# ── what is valid but for the text ──────────────────────────────────────────────────────────────────────────────────


def draft_of(cast: Cast) -> str:
    return id_of(entry("Draft", author=cast.author, status=EntryStatus.DRAFT))


def question_of(cast: Cast) -> str:
    return id_of(challenge("Why", author=cast.author))


def waiting_source() -> str:
    waiting = entry("Waiting", status=EntryStatus.IN_REVIEW)
    return id_of(source("Notes", waiting))


Given = dict[str, Any]
VALID: dict[str, tuple[str, Callable[[Cast], Given]]] = {
    "accountRegister": ("", lambda _: {"username": "newcomer", "email": "new@example.org", "password": PASSWORD}),
    "accountUpdate": ("author", lambda _: {}),
    "personalAccessTokenCreate": ("author", lambda _: {"scope": "READ"}),
    "entryCreate": ("author", lambda _: {"kind": "TOOL", "title": "T", "body": "B"}),
    "entryUpdate": ("author", lambda cast: {"id": draft_of(cast)}),
    "entrySubmit": ("author", lambda cast: {"id": draft_of(cast)}),
    "entryReview": (
        "reviewer",
        lambda _: {"id": id_of(entry("E", status=EntryStatus.IN_REVIEW)), "verdict": "REQUEST_CHANGES"},
    ),
    "entryArchive": ("reviewer", lambda _: {"id": id_of(entry("E"))}),
    "sourceReview": ("reviewer", lambda _: {"id": waiting_source(), "verdict": "REQUEST_CHANGES"}),
    "challengeCreate": ("author", lambda _: {"title": "T", "body": "B"}),
    "challengeUpdate": ("author", lambda cast: {"id": question_of(cast)}),
    "challengeClose": ("reviewer", lambda cast: {"id": question_of(cast)}),
    "challengeDelete": ("author", lambda cast: {"id": question_of(cast)}),
    "solutionCreate": ("peer", lambda cast: {"challengeId": question_of(cast), "body": "B"}),
    "solutionUpdate": ("peer", lambda cast: {"id": id_of(solution(challenge("C"), "B", author=cast.peer))}),
    "solutionDelete": ("peer", lambda cast: {"id": id_of(solution(challenge("C"), "B", author=cast.peer))}),
    "tagCreate": ("author", lambda _: {"name": "N"}),
    "tagUpdate": ("reviewer", lambda _: {"id": id_of(tag("Python"))}),
    "documentImport": ("author", lambda _: {"markdown": "# It\n"}),
    "digestRequest": ("author", lambda _: {"windowStart": said(at(0)), "windowEnd": said(at(7))}),
    "digestSubscribe": ("author", lambda _: {"cadence": "WEEKLY"}),
}


def with_text(given: Given, path: list[str], text: str) -> Given:
    """The input with the text in its place: alone in its list, or in a resource that is whole beside it."""
    match path:
        case ["tags" | "aliases" as name]:
            return {**given, name: [text]}
        case ["resources", name]:
            return {**given, "resources": [{"title": "R", "url": PAGE, name: text}]}
        case _:
            return {**given, path[0]: text}


def place_of(path: list[str]) -> list[str]:
    """Where an error of it is told."""
    if path[0] in {"tags", "aliases"}:
        return ["input", path[0], "0"]
    return ["input", "resources", "0", path[1]] if path[0] == "resources" else ["input", *path]


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Writer:
    """Sends one mutation with one text in it, again and again; what it changed is undone."""

    def __init__(self, name: str, cast: Cast, api: Client) -> None:
        self.mutation, *self.path = name.split(".")
        who, given = VALID[self.mutation]
        self.user: User | None = getattr(cast, who) if who else None
        self.given = given(cast)
        self.api = api
        if self.user:
            api.authorization(self.user)
        self.before = row_counts()
        kind = self.mutation[0].upper() + self.mutation[1:]
        self.query = f"mutation($input: {kind}Input!) {{ {self.mutation}(input: $input) {{ errors {{ path code }} }} }}"

    def codes(self, text: str) -> list[str]:
        """The codes that the text is refused for, at its own place; nothing was changed then."""
        with undone():
            result = self.api.run(self.query, {"input": with_text(self.given, self.path, text)}, as_=self.user)
            errors = result.data[self.mutation]["errors"]
            assert not errors or row_counts() == self.before
        assert [error["path"] for error in errors] == [place_of(self.path)] * len(errors)
        return [error["code"] for error in errors]


@pytest.fixture
def writer(request: pytest.FixtureRequest, cast: Cast, api: Client) -> Writer:
    return Writer(request.param, cast, api)


@pytest.mark.parametrize(("name", "writer"), [(name, name) for name in HERE], indirect=["writer"], ids=HERE)
def test_a_text(name: str, writer: Writer) -> None:
    text = TEXTS[name]
    for broken in text.broken:
        assert writer.codes(text.begin + broken) == ["INVALID"], broken
    for nothing in INVISIBLE:
        assert writer.codes(nothing) == (["REQUIRED"] if text.required else []), nothing
    assert writer.codes(text.begin + text.far) == []
    assert writer.codes(text.of(text.most)) == []
    assert writer.codes(text.of(text.most + 1)) == ["TOO_LONG"]


# A document is measured in bytes, and an address is kept in ASCII.
BY_CHARACTERS = [name for name in HERE if TEXTS[name] is not URL and name != "documentImport.markdown"]


@pytest.mark.parametrize(
    ("name", "writer"), [(name, name) for name in BY_CHARACTERS], indirect=["writer"], ids=BY_CHARACTERS
)
def test_characters_are_counted_not_bytes(name: str, writer: Writer) -> None:
    most = TEXTS[name].most
    assert writer.codes("𝔘" * most) == []
    assert writer.codes("𝔘" * (most + 1)) == ["TOO_LONG"]
    # Composed before they are counted: two characters become one.
    assert writer.codes("e\u0301" * most) == []


@pytest.mark.parametrize("name", [name for name in HERE if TEXTS[name] is URL])
def test_an_address(name: str, cast: Cast, api: Client) -> None:
    writer = Writer(name, cast, api)
    for wrong in (
        "ftp://example.org/",
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "mailto:a@example.org",
        "//example.org/",
        "/relative",
        "example.org",
        "https://",
        "https://[::1",
        "http:// example.org/",
        "https://example.org/\u202e\0",
    ):
        assert writer.codes(wrong) == ["INVALID"], wrong
    for right in ("http://127.0.0.1:8000/", "HTTPS://EXAMPLE.ORG/", "https://пример.рф/ü?q=ß#é", "http://[::1]/"):
        assert writer.codes(right) == [], right
    # Six ASCII characters for each letter.
    assert writer.codes(PAGE + "ш" * 330) == []
    assert writer.codes(PAGE + "ш" * 331) == ["TOO_LONG"]


@pytest.mark.parametrize(
    ("name", "text", "codes"),
    [
        ("username", "", ["REQUIRED"]),
        ("username", " \n", ["REQUIRED"]),
        ("username", "\u200b\u2060\ufeff", ["INVALID"]),
        ("username", "a\0b", ["INVALID"]),
        ("username", "שלום", ["INVALID"]),
        ("username", "𝔘𝔘𝔘", ["INVALID"]),
        ("username", "ab", ["TOO_SHORT"]),
        ("username", "abc", []),
        ("username", "a" * 30, []),
        ("username", "a" * 31, ["TOO_LONG"]),
        ("email", "", ["REQUIRED"]),
        ("email", "\u200b", ["INVALID"]),
        ("email", "a\0@example.org", ["INVALID"]),
        ("email", "a@example.org\u202e", ["INVALID"]),
        ("email", "שלום@example.org", ["INVALID"]),
        ("email", f"{'a' * 64}@{'.'.join(['b' * 61] * 3)}.org", []),
        ("email", f"a@{'b' * 249}.org", ["TOO_LONG"]),
        ("password", "", ["REQUIRED"]),
        ("password", "correct horse\0battery", ["INVALID"]),
        ("password", "סוס נכון סוללה 👩\u200d💻", []),
        ("password", "𝔘b" * 64, []),
        ("password", "𝔘b" * 64 + "x", ["TOO_LONG"]),
        ("password", "12345", ["WEAK_PASSWORD", "WEAK_PASSWORD", "WEAK_PASSWORD"]),
    ],
)
def test_who_registers(cast: Cast, api: Client, name: str, text: str, codes: list[str]) -> None:
    assert Writer(f"accountRegister.{name}", cast, api).codes(text) == codes


@pytest.mark.parametrize("mutation", ["digestRequest", "digestSubscribe"])
@pytest.mark.parametrize("text", [*INVISIBLE, *BROKEN, FAR, "𝔘" * 60, "x" * 61])
def test_a_digest_is_of_tags_that_are_there(cast: Cast, api: Client, mutation: str, text: str) -> None:
    assert Writer(f"{mutation}.tags", cast, api).codes(text) == ["NOT_FOUND"]


# ── what holds of all of them at once ───────────────────────────────────────────────────────────────────────────────


def test_half_a_character_never_comes_in(cast: Cast, api: Client) -> None:
    """JSON with one is no JSON, and a document with one no document."""
    writer = Writer("tagCreate.name", cast, api)
    for half in (b"\\ud83d", b"\\udca9", b"\\udca9\\ud83d", b"\xed\xa0\xbd"):
        body = orjson.dumps(
            {"query": writer.query, "variables": {"input": with_text(writer.given, writer.path, "half?")}}
        )
        answer = api.post(body.replace(b"half?", half), as_=writer.user)
        assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])
    for escaped in ("\\uD83D", "\\uDCA9\\uD83D", "\\u{D83D}"):
        answer = api.run(
            f'mutation {{ {writer.mutation}(input: {{{writer.path[0]}: "{escaped}"}}) {{ errors {{ code }} }} }}'
        )
        assert (answer.status, answer.codes) == (400, ["GRAPHQL_PARSE_FAILED"])
    assert row_counts() == writer.before


def test_text_comes_back_as_it_was_given(cast: Cast, api: Client) -> None:
    query = """mutation($entry: EntryCreateInput!, $tag: TagCreateInput!, $challenge: ChallengeCreateInput!) {
      entryCreate(input: $entry) {
        entry { title summary body tags { name } resources { title } } errors { code } clientMutationId
      }
      tagCreate(input: $tag) { tag { name description aliases } errors { code } }
      challengeCreate(input: $challenge) { challenge { title body tags { name } } errors { code } }
    }"""
    body = f"{FAR}\n\n    {FAR}\n\ttab"
    told = {"title": FAR, "summary": FAR, "body": body}
    given = {
        "entry": {
            "kind": "TOOL",
            **told,
            "tags": [FAR],
            "resources": [{"title": FAR, "url": PAGE}],
            "clientMutationId": f"\0\x1b{FAR}",
        },
        "tag": {"name": f"2 {FAR}", "description": body, "aliases": ["𝔘" * 60]},
        "challenge": {"title": FAR, "body": body, "tags": [FAR]},
    }
    assert api.run(query, given, as_=cast.author).data == {
        "entryCreate": {
            "entry": {**told, "tags": [{"name": FAR}], "resources": [{"title": FAR}]},
            "errors": [],
            "clientMutationId": f"\0\x1b{FAR}",
        },
        "tagCreate": {"tag": {"name": f"2 {FAR}", "description": body, "aliases": ["𝔘" * 60]}, "errors": []},
        "challengeCreate": {"challenge": {"title": FAR, "body": body, "tags": [{"name": FAR}]}, "errors": []},
    }
    [found] = api.run(
        "query($text: String!) { entries(where: {tagsAny: [$text]}) { nodes { title } } }",
        {"text": FAR},
        as_=cast.author,
    ).data["entries"]["nodes"]
    assert found == {"title": FAR}
