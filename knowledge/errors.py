"""What the domain raises.

    KnowledgeError
    ├── Rejected             what a person can mend: Mistakes, each with a code and a path into their input
    ├── Unauthenticated      nobody is signed in, and somebody must be
    ├── InvalidCredentials   no such name, a wrong password, a deactivated account: not told apart
    ├── TokenInvalid         a token that is none, was changed, was used before, or belongs to an ended session
    ├── TokenExpired         a token that was right once
    ├── TooManyAttempts      it was tried too often, and may be tried again later
    └── Forbidden            visible, but not for this viewer to do

Nothing was changed when one of them left a service.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class MistakeCode(StrEnum):
    """What is wrong with an input."""

    REQUIRED = "REQUIRED"
    INVALID = "INVALID"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    TOO_MANY = "TOO_MANY"
    DUPLICATE = "DUPLICATE"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    INVALID_STATE = "INVALID_STATE"
    WEAK_PASSWORD = "WEAK_PASSWORD"  # noqa: S105 - a code, not a password


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to mend. `path` leads to it from the service's arguments: ("tags", "3")."""

    code: MistakeCode
    message: str
    path: tuple[str, ...] = ()


class KnowledgeError(Exception):
    """The root of what the domain raises."""


class Rejected(KnowledgeError):
    """The input was refused."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("; ".join(f"{'.'.join(m.path)}: {m.code}: {m.message}" for m in self.mistakes))

    @classmethod
    def because(cls, code: MistakeCode, message: str, *path: str) -> "Rejected":
        """A rejection for one reason."""
        return cls([Mistake(code, message, path)])


class Mistakes:
    """Gathers what is wrong with an input, so that all of it is told at once."""

    def __init__(self) -> None:
        self.found: list[Mistake] = []

    def add(self, code: MistakeCode, message: str, *path: str) -> None:
        """Notes one."""
        self.found.append(Mistake(code, message, path))

    def settle(self) -> None:
        """Raises Rejected with all that was noted, if anything was."""
        if self.found:
            raise Rejected(self.found)


class Unauthenticated(KnowledgeError):
    """Nobody is signed in."""

    def __init__(self, message: str = "Sign in to do this.") -> None:
        super().__init__(message)


class InvalidCredentials(KnowledgeError):
    """Nobody can sign in with this name and this password."""

    def __init__(self, message: str = "The username or the password is wrong.") -> None:
        super().__init__(message)


class TokenInvalid(KnowledgeError):
    """The token is not good for anything; signing in again is the way on."""

    def __init__(self, message: str = "The token is not valid. Sign in again.") -> None:
        super().__init__(message)


class TokenExpired(KnowledgeError):
    """The token's time is over."""

    def __init__(self, message: str = "The token has expired.") -> None:
        super().__init__(message)


class TooManyAttempts(KnowledgeError):
    """It may be tried again after `retry_after` seconds; `first` where it is the first refusal of its window."""

    def __init__(self, retry_after: int, *, first: bool = False) -> None:
        self.retry_after = retry_after
        self.first = first
        super().__init__(f"Too many attempts. Wait {retry_after} seconds.")


class Forbidden(KnowledgeError):
    """The viewer may see it, and may not do this to it."""

    def __init__(self, message: str = "You may not do this.") -> None:
        super().__init__(message)
