"""One attack: what is sent, what must be answered, and nothing else may have happened."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from tests.attacks.stage import Stage
from tests.codes import codes_in
from tests.http.server import Reply, posted

Send = Callable[[Stage], Reply | Iterable[Reply]]

# What no answer may tell: where the code lies, what it is made of, how it failed.
INTERNALS: Final = (b"Traceback", b"/site-packages/", b"psycopg", b"granian", b"knowledge_", b"DETAIL:", b'.py"')
EVERYTHING: Final = "*"
_NAME = re.compile(r"@(\w+)")


@dataclass(frozen=True)
class Attack:
    """What somebody tries, named as a sentence goes on: "… is refused".

    `code` is the first code of the answer, in its errors or its payload's; None where there is none. `data` is what it
    answers, where that says more. `writes` are the tables in which it leaves what it must: that somebody failed to sign
    in, say.
    """

    name: str
    source: str
    send: Send
    status: int | tuple[int, ...] = 200
    code: str | None = None
    data: Any = ...
    as_: str | None = None
    writes: tuple[str, ...] = ()

    def replies(self, stage: Stage) -> list[Reply]:
        """What is answered to it."""
        answered = self.send(stage)
        return [answered] if isinstance(answered, Reply) else list(answered)

    @property
    def statuses(self) -> tuple[int, ...]:
        """One of these is the answer's."""
        return self.status if isinstance(self.status, tuple) else (self.status,)


def asking(
    name: str,
    source: str,
    query: str,
    *lines: str,
    as_: str | None = "mallory",
    status: int | tuple[int, ...] = 200,
    code: str | None = None,
    data: Any = ...,
    writes: tuple[str, ...] = (),
    **variables: Any,
) -> Attack:
    """An attack by one operation; `@entry` in a variable stands for the id of what the scene calls so."""

    def send(stage: Stage) -> Reply:
        return stage.ask(query, named(stage, variables), *lines, as_=as_)

    return Attack(name, source, send, status, code, data, as_, writes)


def raw(
    name: str, source: str, *pieces: bytes, status: int | tuple[int, ...] = 400, code: str | None = "BAD_REQUEST"
) -> Attack:
    """An attack by bytes."""
    return Attack(name, source, lambda stage: stage.exchange(*pieces), status, code)


def body(name: str, source: str, text: bytes, *lines: str, status: int = 400, code: str = "BAD_REQUEST") -> Attack:
    """An attack by a request's body."""
    return raw(name, source, posted(text, *lines), status=status, code=code)


def named(stage: Stage, value: Any) -> Any:
    """The value with what `@` stands for in its texts."""
    if isinstance(value, str):
        return _NAME.sub(lambda match: str(stage.scene["ids"].get(match[1], match[0])), value)
    if isinstance(value, Mapping):
        return {key: named(stage, item) for key, item in value.items()}
    return [named(stage, item) for item in value] if isinstance(value, list) else value


def check(stage: Stage, attack: Attack) -> None:
    """That the attack gets nothing: the right answer, nothing told, nothing changed, and the server as quick as before."""
    before = stage.rows(*attack.writes)
    replies = attack.replies(stage)
    assert replies
    for reply in replies:
        assert reply.status in attack.statuses, reply
        assert first_code(reply) == attack.code, reply
        assert attack.data is ... or reply.json["data"] == attack.data, reply
        # Its name, without a version, is all that the server says of itself.
        said = reply.body + repr({**reply.headers, "server": ""}).encode()
        assert not [word for word in INTERNALS if word in said]
        assert not [word for word in stage.hidden_from(attack.as_) if word.encode() in said]
    assert EVERYTHING in attack.writes or stage.rows(*attack.writes) == before
    assert stage.is_quick()


def first_code(reply: Reply) -> str | None:
    """The first code of an answer in JSON; None of any other."""
    if "json" not in reply.headers.get("content-type", "") or not reply.body:
        return None
    return next(codes_in(orjson.loads(reply.body)), None)
