"""Who is told of each attempt to sign in to the admin, said by name in the settings (SIGN_IN_WATCHERS)."""

from enum import StrEnum

from django.conf import settings
from django.utils.module_loading import import_string


class Outcome(StrEnum):
    """What came of it."""

    SIGNED_IN = "signed in"
    FAILED = "failed"
    BLOCKED = "blocked"


def tell(outcome: Outcome) -> None:
    """Tells everyone who watches."""
    for name in settings.SIGN_IN_WATCHERS:
        import_string(name)(outcome.value)
