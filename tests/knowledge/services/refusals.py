"""What is refused changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from knowledge.errors import KnowledgeError, MistakeCode, Rejected
from tests.snapshot import every_row

INVALID_STATE = [("id", MistakeCode.INVALID_STATE)]
NOT_FOUND = [("id", MistakeCode.NOT_FOUND)]


def refused(call: Callable[[], object]) -> Any:
    """The mistakes by path, or the exception's type; after a look that nothing changed."""
    before = every_row()
    with pytest.raises(KnowledgeError) as raised:
        call()
    assert every_row() == before
    if isinstance(raised.value, Rejected):
        return [(".".join(mistake.path), mistake.code) for mistake in raised.value.mistakes]
    return raised.type
