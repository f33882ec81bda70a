"""Readers of environment variables that refuse nonsense.

Each reader takes the variable's name and a default. A value that is wrong, and a variable that has no default and
is not set, stop the start with the variable's name and what would be right. An empty value counts as not set.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, TypeVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE: Final = frozenset({"1", "true", "yes", "on"})
FALSE: Final = frozenset({"0", "false", "no", "off"})

T = TypeVar("T")


class Required(Enum):
    """The default of a variable that must be set."""

    REQUIRED = 0


REQUIRED: Final = Required.REQUIRED


def text(name: str, default: str | Required = REQUIRED, *, right: str = "some text", least: int = 1) -> str:
    """The variable as text of at least `least` characters."""

    def convert(raw: str) -> str:
        if len(raw) < least:
            raise ValueError(raw)
        return raw

    return _read(name, default, convert, right)


def flag(name: str, default: bool | Required = REQUIRED) -> bool:  # noqa: FBT001 - a default, as with the other readers
    """The variable as true or false."""

    def convert(raw: str) -> bool:
        if raw.lower() not in TRUE | FALSE:
            raise ValueError(raw)
        return raw.lower() in TRUE

    return _read(name, default, convert, "true or false")


def number(name: str, default: int | Required = REQUIRED, *, least: int = 0) -> int:
    """The variable as a whole number of `least` or more."""

    def convert(raw: str) -> int:
        value = int(raw)
        if value < least:
            raise ValueError(raw)
        return value

    return _read(name, default, convert, f"a whole number of {least} or more")


def choice(name: str, default: str | Required, choices: Sequence[str]) -> str:
    """The variable as one of `choices`."""

    def convert(raw: str) -> str:
        if raw not in choices:
            raise ValueError(raw)
        return raw

    return _read(name, default, convert, "one of " + ", ".join(choices))


def words(name: str, default: tuple[str, ...] | Required = REQUIRED) -> tuple[str, ...]:
    """The variable as words between commas."""

    def convert(raw: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in raw.split(",") if word.strip())

    return _read(name, default, convert, "words between commas")


def origins(name: str, default: tuple[str, ...] | Required = REQUIRED) -> tuple[str, ...]:
    """The variable as origins (`https://app.example`, `http://localhost:3000`) between commas, or `*` for any."""

    def convert(raw: str) -> tuple[str, ...]:
        read = tuple(item.strip() for item in raw.split(","))
        if raw.strip() != "*" and not all(re.fullmatch(r"https?://[a-z0-9.\[\]:-]+", item) for item in read):
            raise ValueError(raw)
        return read

    return _read(name, default, convert, "origins between commas, such as https://app.example, or * alone")


Network = IPv4Network | IPv6Network


def networks(name: str, default: tuple[Network, ...] | Required = REQUIRED) -> tuple[Network, ...]:
    """The variable as addresses and networks (`192.0.2.7`, `10.0.0.0/8`) between commas; never all there are."""

    def convert(raw: str) -> tuple[Network, ...]:
        read = tuple(ip_network(item.strip()) for item in raw.split(","))
        if not all(network.prefixlen for network in read):
            raise ValueError(raw)
        return read

    return _read(name, default, convert, "networks between commas, such as 10.0.0.0/8, and not every address there is")


def word(name: str, default: str | Required = REQUIRED) -> str:
    """The variable as one word that may be part of other names."""

    def convert(raw: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", raw):
            raise ValueError(raw)
        return raw

    return _read(name, default, convert, "letters, digits, _ and - only")


def url(name: str, schemes: Sequence[str], default: str | Required | None = REQUIRED) -> str | None:
    """The variable as an address of one of `schemes`."""

    def convert(raw: str) -> str:
        if urlsplit(raw).scheme not in schemes:
            raise ValueError(raw)
        return raw

    return _read(name, default, convert, "an address that starts with " + " or ".join(f"{s}://" for s in schemes))


@dataclass(frozen=True)
class DatabaseUrl:
    """The parts of `postgresql://user:password@host:port/name?option=value`; socket folders go into `host`."""

    name: str
    user: str
    password: str
    host: str
    port: str
    options: dict[str, str]


def database(name: str, default: DatabaseUrl | Required | None = REQUIRED) -> DatabaseUrl | None:
    """The variable as the address of a PostgreSQL database."""
    return _read(name, default, _database_url, "postgresql://user:password@host:port/database")


def _database_url(raw: str) -> DatabaseUrl:
    parts = urlsplit(raw)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ValueError(raw)
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    return DatabaseUrl(
        name=unquote(parts.path.lstrip("/")),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=host,
        port=options.pop("port", "") or _port(parts),
        options=options,
    )


def _port(parts: SplitResult) -> str:
    return str(parts.port) if parts.port else ""


def _read(name: str, default: T | Required, convert: Callable[[str], T], right: str) -> T:
    raw = os.environ.get(name, "").strip()
    if not raw:
        if isinstance(default, Required):
            raise ImproperlyConfigured(f"{name} is not set. It must be {right}.")
        return default
    try:
        return convert(raw)
    except ValueError:
        # Not chained and without the value: an address may hold a password, and this goes to the log.
        raise ImproperlyConfigured(f"{name} is wrong. It must be {right}.") from None
