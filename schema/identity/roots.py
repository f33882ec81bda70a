"""The mutations that are about who somebody is, by the names of their root fields."""

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

# Each of them costs a hash of a password, which is dear by design.
PASSWORD_ROOTS: Final = frozenset({"tokenAuth", "accountRegister", "accountUpdate", "passwordChange", "passwordReset"})
