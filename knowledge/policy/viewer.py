"""Who is asking."""

from dataclasses import dataclass, field
from typing import Final

from django.db.models import Expression

from knowledge.models import Role


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking. `id` and `role` are None for an anonymous reader; `session_id` is the sign-in it came with.

    A script comes with a token of its own and no session; `reads_only` where its token is good for no more. `address`
    tells from where, for the audit trail; it is no part of who somebody is.
    """

    id: int | Expression | None = None
    role: Role | None = None
    session_id: int | None = None
    reads_only: bool = False
    address: str = field(default="", compare=False)

    @property
    def signed_in(self) -> bool:
        """Whether somebody is."""
        return self.role is not None

    @property
    def reviews(self) -> bool:
        """Whether this is a reviewer or staff."""
        return self.role in {Role.REVIEWER, Role.STAFF}

    @property
    def staff(self) -> bool:
        """Whether this is staff."""
        return self.role == Role.STAFF


ANONYMOUS: Final = Viewer()
# Whoever holds the machine: may what staff may, and is no user.
COMMAND_LINE: Final = Viewer(role=Role.STAFF)
