"""The people of every test: each permission is tried by the whole cast."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from knowledge.models import Role, User
from knowledge.policy import ANONYMOUS, Viewer

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Cast:
    """Author and peer are contributors; anonymous is nobody."""

    author: User
    peer: User
    reviewer: User
    staff: User

    def viewer(self, name: str) -> Viewer:
        """The viewer called `name`: author, peer, reviewer, staff, or anonymous."""
        return ANONYMOUS if name == "anonymous" else viewer_of(getattr(self, name))


def viewer_of(user: User) -> Viewer:
    """The user as a viewer."""
    return Viewer(id=user.pk, role=Role(user.role))


def make_cast(password: str | None = None) -> Cast:
    """Saves the cast. Without a password they cannot sign in, and the tests are spared the hashing."""
    encoded = make_password(password)
    roles = {
        "author": Role.CONTRIBUTOR,
        "peer": Role.CONTRIBUTOR,
        "reviewer": Role.REVIEWER,
        "staff": Role.STAFF,
    }
    return Cast(
        **{
            name: User.objects.create(username=name, display_name=name.title(), role=role, password=encoded)
            for name, role in roles.items()
        }
    )
