"""A mail server on a socket: takes mail and keeps it, or answers what a test has it say, at once or later."""

import time
from asyncio import Server, sleep
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

ACCEPTED = "250 OK"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail whose text was there, at this moment (seconds since 1970), from this process group."""

    message_id: str
    at: float
    group: int | None


def nobody(_port: int) -> int | None:
    """Whoever it was."""
    return None


@dataclass
class Sink:
    """What came, and what is said: by recipient at RCPT, and of the next mail's text at DATA.

    `arrivals` are the mails that were accepted, with their sender as `who` tells it by the port of its connection. It
    is asked while the sender waits for an answer. While it is `held` no mail is answered: `unanswered` are the senders
    that wait.
    """

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    to_recipient: dict[str, str] = field(default_factory=dict)
    to_text: list[str] = field(default_factory=list)
    seconds: float = 0.0
    arrivals: list[Arrival] = field(default_factory=list)
    who: Callable[[int], int | None] = nobody
    held: bool = False
    unanswered: list[int | None] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's signature
        """Answers a recipient."""
        session.group = self.who(session.peer[1])
        said = self.to_recipient.get(address, ACCEPTED)
        if said == ACCEPTED:
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        """Keeps a mail if it is accepted, and says so after some seconds: meanwhile its sender cannot know."""
        said = self.to_text.pop(0) if self.to_text else ACCEPTED
        if said == ACCEPTED:
            mail = message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.arrivals.append(Arrival(str(mail["Message-ID"]), time.time(), session.group))
        self.unanswered.append(session.group)
        try:
            await sleep(self.seconds)
            while self.held:  # noqa: ASYNC110 - set by another thread
                await sleep(0.05)
        finally:
            self.unanswered.remove(session.group)
        return said

    @property
    def settings(self) -> Mapping[str, Any]:
        """Django's settings for it."""
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": self.port,
            "EMAIL_TIMEOUT": 5,
        }


class OnAnyPort(Controller):
    """Listens on a free port: aiosmtpd knocks at the one that it was given."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd has no types here


@contextmanager
def mail_server() -> Iterator[Sink]:
    """A mail server on a free port of this machine, until the block ends."""
    sink = Sink()
    controller = OnAnyPort(sink, hostname="127.0.0.1", port=0)
    controller.start()
    sink.port = controller.port
    try:
        yield sink
    finally:
        controller.stop()
