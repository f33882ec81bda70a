"""Accounts: guessing passwords, finding out who is here, forging links, and racing for what one may have once."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.attacks.attack import Attack, asking, first_code
from tests.attacks.stage import Stage
from tests.cast import PASSWORD
from tests.http.server import Reply, asked

ENUMERATION = "ASVS 5.0 V6.3.8"
PASSWORDS = "ASVS 5.0 V6.2"
RACES = "ASVS 5.0 V15.4"
MAIL = "CWE-93"
SIGN_IN = "mutation($name: String!, $password: String!) { tokenAuth(username: $name, password: $password) { token } }"
REGISTER = (
    "mutation($it: AccountRegisterInput!) { accountRegister(input: $it) { user { username } errors { code path } } }"
)
UPDATE = "mutation($it: AccountUpdateInput!) { accountUpdate(input: $it) { viewer { email } errors { code path } } }"
RESET = "mutation($it: PasswordResetInput!) { passwordReset(input: $it) { errors { code path } } }"
ASK_RESET = "mutation($it: String!) { passwordResetRequest(input: {email: $it}) { errors { code path } } }"
FAILURES = ("knowledge_auditevent",)
NEW = {"username": "climber", "email": "climber@example.org", "password": "a horse of 12 batteries"}


def signing(name: str, source: str, username: str, password: str) -> Attack:
    """A sign-in that fails, of which the trail of staff may tell."""

    def send(stage: Stage) -> Reply:
        return stage.ask(SIGN_IN, {"name": username, "password": password})

    return Attack(name, source, send, 200, "INVALID_CREDENTIALS", writes=FAILURES)


def registering(name: str, source: str, code: str = "INVALID", **changes: str) -> Attack:
    """An account that is not made."""
    return asking(name, source, REGISTER, as_=None, code=code, it={**NEW, **changes})


def updating(name: str, source: str, code: str, **changes: str) -> Attack:
    """An account that is not changed."""
    return asking(name, source, UPDATE, as_="mallory", code=code, it=changes, writes=FAILURES)


def _same(first: Callable[[Stage], Reply], second: Callable[[Stage], Reply]) -> Callable[[Stage], Iterable[Reply]]:
    """Two questions whose answers must not differ by a byte, so that neither tells more than the other."""

    def send(stage: Stage) -> Iterable[Reply]:
        one, other = first(stage), second(stage)
        assert (one.status, one.body) == (other.status, other.body)
        return [one, other]

    return send


def _guessing(*names: str) -> Callable[[Stage], Iterable[Reply]]:
    """Passwords for one name, in several spellings, from one place that claims to be another each time, until stopped."""

    def send(stage: Stage) -> Iterable[Reply]:
        sender = stage.sender()
        for number in range(15):
            lines = (f"X-Forwarded-For: 198.51.100.{number}", f"Forwarded: for=198.51.100.{number}")
            guess = {"name": names[number % len(names)], "password": f"guess {number}"}
            reply = stage.ask(SIGN_IN, guess, *lines, sender=sender)
            if first_code(reply) != "INVALID_CREDENTIALS":
                assert number == 10
                # The right password is of no more use then.
                yield stage.ask(SIGN_IN, {"name": names[0], "password": PASSWORD}, sender=sender)
                yield reply
                return

    return send


def _spray(stage: Stage) -> Iterable[Reply]:
    """One password for many names, from one place, until it is stopped."""
    sender = stage.sender()
    for number in range(55):
        reply = stage.ask(SIGN_IN, {"name": f"somebody{number}", "password": "Spring2026!"}, sender=sender)
        if first_code(reply) != "INVALID_CREDENTIALS":
            assert number == 50
            return [reply]
    return []


def at_once(stage: Stage, number: int, query: str, variables: dict[str, Any], as_: str | None = None) -> list[Reply]:
    """So many of one request at the same moment, each on a connection of its own."""
    barrier = threading.Barrier(number)
    senders = [stage.sender() for _ in range(number)]

    def send(sender: str) -> Reply:
        barrier.wait(20)
        return stage.ask(query, variables, as_=as_, sender=sender)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(send, senders))


def _refreshing_at_once(stage: Stage) -> Iterable[Reply]:
    """One refresh token, 20 times at once: one wins at most, and the session is over for all."""
    signed = stage.ask(
        "mutation($n: String!, $p: String!) { tokenAuth(username: $n, password: $p) { token refreshToken } }",
        {"n": "peer", "p": PASSWORD},
    ).json["data"]["tokenAuth"]
    refresh = "mutation($it: String!) { refreshToken(refreshToken: $it) { token refreshToken } }"
    replies = at_once(stage, 20, refresh, {"it": signed["refreshToken"]})
    won = [reply for reply in replies if first_code(reply) is None]
    assert len(won) <= 1
    tokens = [signed["token"], *(reply.json["data"]["refreshToken"]["token"] for reply in won)]
    yield from (stage.ask("{ viewer { id } }", {}, f"Authorization: JWT {token}") for token in tokens)


def _voting_at_once(stage: Stage) -> Iterable[Reply]:
    """One person's vote, 20 times at once: it counts once."""
    vote = "mutation($it: ID!, $v: Vote) { voteCast(input: {subjectId: $it, vote: $v}) { errors { code } } }"
    score = "query($it: ID!) { node(id: $it) { ... on Challenge { score } } }"
    replies = at_once(stage, 20, vote, {"it": stage.id("challenge"), "v": "UP"}, as_="mallory")
    assert stage.ask(score, {"it": stage.id("challenge")}).json["data"]["node"] == {"score": 1}
    stage.ask(vote, {"it": stage.id("challenge"), "v": None}, as_="mallory")
    assert stage.ask(score, {"it": stage.id("challenge")}).json["data"]["node"] == {"score": 0}
    return replies


def _accepting_at_once(stage: Stage) -> Iterable[Reply]:
    """An answer accepted 20 times at once: it is accepted, once."""
    accept = "mutation($it: ID!) { solutionAccept(input: {id: $it}) { errors { code } } }"
    unaccept = "mutation($it: ID!) { solutionUnaccept(input: {id: $it}) { errors { code } } }"
    events = "SELECT count(*) FROM knowledge_outboxevent WHERE type = 'challenge.solved'"
    ((before,),) = stage.statement(events)
    replies = at_once(stage, 20, accept, {"it": stage.id("solution")}, as_="author")
    assert {first_code(reply) for reply in replies} <= {None, "INVALID_STATE", "CONFLICT"}
    assert stage.statement(events) == [(before + 1,)]
    assert first_code(stage.ask(unaccept, {"it": stage.id("solution")}, as_="author")) is None
    return [reply for reply in replies if first_code(reply) is None][:1]


def _mailbombing(stage: Stage) -> Iterable[Reply]:
    """Mails to one mailbox in many spellings, from many places: no more of them than in one."""
    spellings = [
        ("victim", "there"),
        ("victim", "\uff54here"),
        ("victim+{}", "there"),
        ("victim", "the\ufe0fre"),
        ("VICTIM", "THERE"),
    ]
    for number in range(11):
        name, domain = spellings[number % 5]
        given = {
            "username": f"bomber-{number}",
            "email": f"{name.format(number)}@{domain}.{stage.id('domain')}",
            "password": NEW["password"],
        }
        reply = stage.ask(REGISTER, {"it": given})
        if first_code(reply) is not None:
            assert number == 10
            yield reply


def _registering_at_once(stage: Stage) -> Iterable[Reply]:
    """One name, 10 times at once, in whatever case: one gets it."""
    replies = at_once(stage, 10, REGISTER, {"it": {**NEW, "username": "Racer", "email": stage.id("racer_mail")}})
    made = [reply for reply in replies if reply.json["data"]["accountRegister"]["user"]]
    assert len(made) == 1
    assert stage.statement("SELECT count(*) FROM knowledge_user WHERE lower(username) = 'racer'") == [(1,)]
    return [reply for reply in replies if reply not in made]


def _key_of_another(stage: Stage) -> Iterable[Reply]:
    """The idempotency key that somebody else used: their answer is not for us."""
    create = """mutation($t: String!) { entryCreate(input: {kind: TOOL, title: $t, body: "B", idempotencyKey: "one-key-for-all"})
        { entry { title } errors { code path } } }"""
    first = stage.ask(create, {"t": "xqkey of the author"}, as_="author")
    assert first_code(first) is None
    reply = stage.ask(create, {"t": "Mallory's own"}, as_="mallory")
    assert reply.json["data"]["entryCreate"]["entry"] == {"title": "Mallory's own"}
    return [reply]


GUESSES = [
    signing("a wrong password", PASSWORDS, "staff", "wrong horse"),
    signing("a password of somebody who was locked out", PASSWORDS, "gone", PASSWORD),
    signing("signing in by SQL", "ASVS 5.0 V1.2.4", "staff' --", PASSWORD),
    signing("a name in other letters that look alike", "CWE-1007", "st\u0430ff", PASSWORD),
    signing("a name with a null", "ASVS 5.0 V1.2.4", "staff\0", PASSWORD),
    signing("a password with a null", "ASVS 5.0 V1.2.4", "staff", PASSWORD + "\0"),
    signing("a password of half a megabyte", "CWE-400", "staff", "a" * 500_000),
    signing("an empty password", PASSWORDS, "staff", ""),
    signing("the hash as a password", PASSWORDS, "staff", "argon2$argon2id$v=19$m=8,t=1,p=1$a$b"),
    Attack("a password in the address", "CWE-598", lambda stage: stage.exchange(
        asked("/graphql?query=mutation{tokenAuth(username:%22staff%22,password:%22a%22){token}}")), 405, "BAD_REQUEST"),
    Attack("passwords guessed one after the other", "ASVS 5.0 V6.3.1", _guessing("peer"), 429, "RATE_LIMITED", writes=FAILURES),
    Attack("passwords guessed under letters that the database takes for others", "CWE-178", _guessing("reviewer", "rev\u0130ewer", "REV\u0130EWER", "REVIEWER"),
           429, "RATE_LIMITED", writes=FAILURES),
    Attack("one password for many names", "ASVS 5.0 V6.3.1", _spray, 429, "RATE_LIMITED", writes=FAILURES),
]  # fmt: skip
WHO_IS_HERE = [
    Attack("a name that is here, by a failed sign-in", ENUMERATION, _same(
        lambda stage: stage.ask(SIGN_IN, {"name": "staff", "password": "wrong horse"}),
        lambda stage: stage.ask(SIGN_IN, {"name": "nobody-here", "password": "wrong horse"})), 200, "INVALID_CREDENTIALS", writes=FAILURES),
    Attack("an address that is here, by a reset", ENUMERATION, _same(
        lambda stage: stage.ask(ASK_RESET, {"it": stage.id("author_mail")}),
        lambda stage: stage.ask(ASK_RESET, {"it": stage.id("nobody_mail")})), 200, None, writes=("knowledge_mailedlink", "knowledge_outboxevent", "knowledge_auditevent")),
    asking("a name that is taken, in another case", ENUMERATION, REGISTER, as_=None, code="DUPLICATE", it={**NEW, "username": "STAFF"}),
]  # fmt: skip
REGISTRATIONS = [
    registering("a name with a line break", MAIL, username="a\r\nb"),
    registering("a name of other letters", "CWE-1007", username="st\u0430ff"),
    registering("a name that is a path", "CWE-22", username="../admin"),
    registering("a name that is a tag", "CWE-79", username="<script>"),
    registering("a name of 10 kB", "CWE-400", username="a" * 10_000, code="TOO_LONG"),
    registering("a mail to two", MAIL, email="a@example.org,b@example.org"),
    registering("a header in an address", MAIL, email="a@example.org\r\nBcc: victim@example.org"),
    registering("a header in an address, coded", MAIL, email="=?utf-8?q?a=0d=0aBcc:b@example.org?=@example.org\n"),
    registering("a mail to a machine of ours, by its number", "CWE-918", email="a@[127.0.0.1]"),
    registering("a mail to the mail server itself", "CWE-918", email="root@localhost"),
    registering("a common password", PASSWORDS, password="password123", code="WEAK_PASSWORD"),
    registering("a password of digits", PASSWORDS, password="49201748392", code="WEAK_PASSWORD"),
    registering("one's name as a password", PASSWORDS, username="climberhigh", password="climberhigh1", code="WEAK_PASSWORD"),
    registering("a short password", PASSWORDS, password="short", code="WEAK_PASSWORD"),
    registering("a password of half a megabyte for a new account", "CWE-400", password="a" * 500_000, code="TOO_LONG"),
    updating("another address without the password", "ASVS 5.0 V7.5.1", "REQUIRED", email="mine@example.org"),
    updating("another address by a wrong password", "ASVS 5.0 V7.5.1", "INVALID", email="mine@example.org", currentPassword="wrong horse"),
    updating("a time zone that is a path", "CWE-22", "INVALID", timeZone="../../../../etc/passwd"),
    updating("a time zone that is a file", "CWE-22", "INVALID", timeZone="/etc/localtime"),
    updating("a time zone with a null", "CWE-22", "INVALID", timeZone="UTC\0"),
    updating("a text about oneself of 100 kB", "CWE-400", "TOO_LONG", bio="a" * 100_000),
    asking("another password without the old one", "ASVS 5.0 V6.2.3", 'mutation { passwordChange(input: {oldPassword: "wrong", newPassword: "a horse of 12 batteries"}) { token errors { code path } } }',
           code="INVALID", writes=FAILURES),
]  # fmt: skip
LINKS = [
    asking(f"a link to reset that is {name}", "ASVS 5.0 V6.4", RESET, as_=None, code="INVALID",
           it={"uid": uid, "token": token, "newPassword": "a horse of 12 batteries"})
    for name, uid, token in (
        ("made up", "MQ", "c1a2b3-0123456789abcdef0123456789abcdef"),
        ("empty", "", ""),
        ("SQL", "MQ", "' OR 1=1 --"),
        ("of 100 kB", "M" * 100_000, "a" * 100_000),
        ("null", "\0", "\0"),
        ("for nobody", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "c1a2b3-0123456789abcdef0123456789abcdef"),
    )
]  # fmt: skip
LINKS += [
    asking("a link to confirm that is made up", "ASVS 5.0 V6.4", 'mutation { emailConfirm(input: {token: "MQ:1:a"}) { errors { code path } } }', as_=None, code="INVALID"),
    asking("a link to confirm that is a pickle", "CWE-502", 'mutation { emailConfirm(input: {token: "Y29zCnN5c3RlbQ:1:a"}) { errors { code path } } }', as_=None, code="INVALID"),
]  # fmt: skip
AT_ONCE = [
    Attack("a refresh token 20 times at once", "RFC 9700 §4.14.2", _refreshing_at_once, 401, "TOKEN_INVALID", writes=("*",)),
    Attack("a vote 20 times at once", RACES, _voting_at_once, writes=("*",), as_="mallory"),
    Attack("an answer accepted 20 times at once", RACES, _accepting_at_once, writes=("*",), as_="author"),
    Attack("mails to one mailbox in many spellings", "CWE-799", _mailbombing, 429, "RATE_LIMITED", writes=("*",)),
    Attack("a name registered 10 times at once", RACES, _registering_at_once, 200, "DUPLICATE", writes=("*",)),
    Attack("another's idempotency key", "ASVS 5.0 V2.3", _key_of_another, writes=("*",), as_="mallory"),
]  # fmt: skip
ATTACKS = [*GUESSES, *WHO_IS_HERE, *REGISTRATIONS, *LINKS, *AT_ONCE]
