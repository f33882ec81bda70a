"""How long a request may take: once its time is over, it starts no further statement."""

from __future__ import annotations

from time import monotonic
from typing import Any, Final

from schema.errors import CodedError, ErrorCode

# What takes changes back is always let through.
ENDINGS: Final = ("ROLLBACK", "RELEASE")
TOO_LONG: Final = "The request took too long. Ask for less, or try again."


class Deadline:
    """Stands around the connection's statements. One that runs already is ended by its own limit.

    What raises here raises within the transaction, so nothing of a change is kept.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = monotonic() + seconds

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's signature
        """Executes the statement. Raises TIMEOUT where the time is over."""
        if monotonic() >= self._ends and not sql.startswith(ENDINGS):
            raise CodedError(ErrorCode.TIMEOUT, TOO_LONG)
        return execute(sql, params, many, context)
