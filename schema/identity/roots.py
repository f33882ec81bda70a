"""The mutations that are about who somebody is, by the names of their root fields."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# They show who somebody is by what is in their input. A document of these alone is answered whatever its Authorization
# header says; or a client whose access token is too old could never refresh it.
IDENTITY_ROOTS: Final = frozenset(
    {
        "tokenAuth",
        "verifyToken",
        "refreshToken",
        "revokeToken",
        "accountRegister",
        "passwordResetRequest",
        "passwordReset",
    }
)

# How many hashes of passwords each of them makes at most; they are dear by design.
PASSWORD_ROOTS: Final[Mapping[str, int]] = MappingProxyType(
    {"tokenAuth": 1, "accountRegister": 1, "accountUpdate": 1, "passwordChange": 2, "passwordReset": 1}
)
