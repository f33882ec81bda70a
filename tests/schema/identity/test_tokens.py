"""Access tokens: what stands in one, and which come back good."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from pytest_django import Settings

from knowledge.errors import TokenExpired, TokenInvalid
from schema.identity import tokens
from tests.cast import Cast
from tests.effort import effort
from tests.schema.identity.forge import Moment, forged, session_of, token_of

KEY_BEFORE = "the key that signed everything until the day before yesterday"
FOREIGN_KEY = "a key that this installation has never had anything to do with"


def now() -> int:
    return int(datetime.now(UTC).timestamp())


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


# ── what stands in one ──────────────────────────────────────────────────────────────────────────────────────────────


def test_names_the_user_and_the_session_by_key_and_lives_five_minutes(cast: Cast) -> None:
    moment = datetime(2126, 11, 23, 12, tzinfo=UTC)
    session = session_of(cast.author)

    issued = tokens.issue(session, Moment(moment))

    claims = jwt.decode(
        issued.text, settings.SECRET_KEY, algorithms=["HS256"], audience="nexus/graphql", options={"verify_iat": False}
    )
    assert claims == issued.payload
    assert len(claims.pop("jti")) == 22
    assert claims == {
        "sub": str(cast.author.pk),
        "sid": str(session.pk),
        "tv": 1,
        "typ": "access",
        "iss": "nexus",
        "aud": "nexus/graphql",
        "iat": int(moment.timestamp()),
        "exp": int((moment + timedelta(minutes=5)).timestamp()),
        "origIat": int(session.created_at.timestamp()),
    }


def test_no_two_tokens_are_alike(cast: Cast) -> None:
    session = session_of(cast.author)
    context = Moment()
    assert len({tokens.issue(session, context).text for _ in range(10)}) == 10


def test_holds_no_name_no_address_and_no_role(cast: Cast) -> None:
    text = json.dumps(tokens.issue(session_of(cast.staff), Moment()).payload)
    assert "staff" not in text.lower()


# ── which come back good ────────────────────────────────────────────────────────────────────────────────────────────


def test_reads_its_own(cast: Cast) -> None:
    session = session_of(cast.author)
    issued = tokens.issue(session, Moment())
    claims = tokens.read(issued.text)
    assert (claims.user_id, claims.session_id, claims.token_version) == (cast.author.pk, session.pk, 1)
    assert claims.payload == issued.payload


def test_the_forger_alone_changes_nothing(cast: Cast) -> None:
    assert tokens.read(forged(cast.author)).user_id == cast.author.pk


def test_one_of_another_machine_whose_clock_is_ahead_is_good(cast: Cast) -> None:
    assert tokens.read(forged(cast.author, iat=now() + 30)).user_id == cast.author.pk


@pytest.mark.parametrize("age", [1, 3_600, 10**9])
def test_an_expired_one_is_refused_as_expired(cast: Cast, age: int) -> None:
    with pytest.raises(TokenExpired):
        tokens.read(forged(cast.author, exp=now() - age))


def test_one_that_expires_in_a_moment_is_good_until_then(cast: Cast) -> None:
    assert tokens.read(forged(cast.author, exp=now() + 5)).user_id == cast.author.pk


def test_one_that_was_read_before_expires_all_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    expires = now() + 300
    token = forged(cast.author, exp=expires)
    assert tokens.read(token).user_id == cast.author.pk
    monkeypatch.setattr(time, "time", lambda: float(expires - 1))
    assert tokens.read(token).user_id == cast.author.pk
    monkeypatch.setattr(time, "time", lambda: float(expires))
    with pytest.raises(TokenExpired):
        tokens.read(token)


def test_one_that_was_read_before_is_refused_once_its_key_is_gone(cast: Cast, settings: Settings) -> None:
    token = tokens.issue(session_of(cast.author), Moment()).text
    assert tokens.read(token).user_id == cast.author.pk
    former, settings.SECRET_KEY = settings.SECRET_KEY, FOREIGN_KEY
    with pytest.raises(TokenInvalid):
        tokens.read(token)
    settings.SECRET_KEY_FALLBACKS = [former]
    assert tokens.read(token).user_id == cast.author.pk


@pytest.mark.parametrize("claim", ["sub", "sid", "jti", "iss", "aud", "typ", "tv", "exp", "iat", "origIat"])
def test_one_without_a_claim_is_refused(cast: Cast, claim: str) -> None:
    with pytest.raises(TokenInvalid):
        tokens.read(forged(cast.author, without=claim))


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another/graphql"},
        {"aud": ["nexus/graphql", "another/graphql"]},
        {"aud": ["nexus/graphql"]},
        {"aud": None},
        {"iss": "another"},
        {"iss": ["nexus"]},
        {"typ": "refresh"},
        {"typ": None},
        {"exp": None},
        {"exp": "never"},
        {"exp": [9999999999]},
        {"jti": 1},
        {"sub": 1},
        {"sub": ""},
        {"sub": "0"},
        {"sub": "-1"},
        {"sub": "1 OR 1=1"},
        {"sub": "9" * 40},
        {"sub": "１"},  # noqa: RUF001 - a full-width digit on purpose
        {"sub": "author"},
        {"sid": 1},
        {"sid": None},
        {"sid": "1.0"},
        {"tv": "1"},
        {"tv": True},
        {"tv": 1.0},
        {"tv": None},
        {"nbf": 9999999999},
    ],
    ids=str,
)
def test_one_with_a_wrong_claim_is_refused(cast: Cast, claims: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        tokens.read(forged(cast.author, **claims))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_the_right_key_under_another_algorithm_is_refused(cast: Cast, algorithm: str, settings: Settings) -> None:
    settings.SECRET_KEY = "long enough for every one of them, " * 2
    with pytest.raises(TokenInvalid):
        tokens.read(forged(cast.author, algorithm=algorithm))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "HS256 ", "RS256", None, 1, ["HS256"]], ids=str)
def test_an_algorithm_that_is_none_of_ours_is_refused(cast: Cast, algorithm: object) -> None:
    header, payload, signature = token_of(cast.author).split(".")
    kid = jwt.get_unverified_header(f"{header}.{payload}.{signature}")["kid"]
    for seal in ("", signature):
        with pytest.raises(TokenInvalid):
            tokens.read(f"{segment({'alg': algorithm, 'typ': 'JWT', 'kid': kid})}.{payload}.{seal}")


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "unknown"},
        {"kid": ""},
        {"kid": "../../../../dev/null"},
        {"crit": ["exp"]},
        {"b64": False, "crit": ["b64"]},
    ],
    ids=str,
)
def test_a_header_that_names_what_we_do_not_have_is_refused(cast: Cast, header: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        tokens.read(forged(cast.author, header=header))


def test_a_key_that_comes_with_the_token_is_not_used(cast: Cast) -> None:
    secret = base64.urlsafe_b64encode(FOREIGN_KEY.encode()).rstrip(b"=").decode()
    header = {"jwk": {"kty": "oct", "k": secret}, "jku": "https://example.org/keys"}
    with pytest.raises(TokenInvalid):
        tokens.read(forged(cast.author, key=FOREIGN_KEY, header=header))


@pytest.mark.parametrize("position", [0, 1, 2])
def test_one_changed_character_is_noticed(cast: Cast, position: int) -> None:
    parts = token_of(cast.author).split(".")
    middle = len(parts[position]) // 2
    parts[position] = (
        parts[position][:middle] + ("A" if parts[position][middle] != "A" else "B") + parts[position][middle + 1 :]
    )
    with pytest.raises(TokenInvalid):
        tokens.read(".".join(parts))


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "null",
        "\x00.\x00.\x00",
        "\ud800.a.b",
        "é.é.é",
        "a.b.c\n",
        segment([]) + ".a.b",
        segment({"alg": "HS256", "kid": 1}) + ".a.b",
        segment({"alg": "HS256", "kid": ["a"]}) + ".a.b",
        base64.urlsafe_b64encode(b"[" * 1_500).decode() + ".a.b",
    ],
)
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(TokenInvalid):
        tokens.read(text)


@pytest.mark.parametrize(
    "text",
    ["." * 1_000_000, "a" * 1_000_000, "a." * 500_000, "A" * 400_000 + "." + "A" * 400_000 + "." + "A" * 200_000],
    ids=["dots", "letters", "segments", "a large token"],
)
def test_long_garbage_is_refused_at_once(text: str) -> None:
    with effort() as spent, pytest.raises(TokenInvalid):
        tokens.read(text)
    assert spent.calls < 50


# ── changing keys ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_former_key_still_verifies_and_signs_no_more(cast: Cast, settings: Settings) -> None:
    current = settings.SECRET_KEY
    settings.SECRET_KEY = KEY_BEFORE
    signed_before = token_of(cast.author)
    settings.SECRET_KEY = current
    with pytest.raises(TokenInvalid):
        tokens.read(signed_before)

    settings.SECRET_KEY_FALLBACKS = [KEY_BEFORE]

    assert tokens.read(signed_before).user_id == cast.author.pk
    assert jwt.get_unverified_header(token_of(cast.author))["kid"] == tokens.key_id(current)


def test_a_key_signs_in_its_own_name_alone(cast: Cast, settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS = [KEY_BEFORE]
    with pytest.raises(TokenInvalid):
        tokens.read(forged(cast.author, key=KEY_BEFORE))
    with pytest.raises(TokenInvalid):
        tokens.read(forged(cast.author, header={"kid": tokens.key_id(KEY_BEFORE)}))


def test_one_that_names_no_key_is_held_to_the_current_one(cast: Cast, settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS = [KEY_BEFORE]
    assert tokens.read(forged(cast.author, header={})).user_id == cast.author.pk
    with pytest.raises(TokenInvalid):
        tokens.read(forged(cast.author, key=KEY_BEFORE, header={}))


def test_the_name_of_a_key_does_not_give_it_away() -> None:
    assert tokens.key_id(KEY_BEFORE) not in KEY_BEFORE
    assert len(tokens.key_id(KEY_BEFORE)) == 16
