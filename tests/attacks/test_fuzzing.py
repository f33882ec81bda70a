"""A few documents about every field, as schemathesis makes them; `make fuzz EXAMPLES=300 SEEDS=5` sends more."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.fuzzing import SETTINGS, fuzz, operations, prepare
from tests.attacks.stage import Stage, stage

EXAMPLES = int(os.environ.get("NEXUS_FUZZ_EXAMPLES") or 3)
SEEDS = int(os.environ.get("NEXUS_FUZZ_SEEDS") or 1)


@pytest.fixture
def fuzzed(tmp_path: Path) -> Iterator[Stage]:
    """A server for each seed: what is made up changes what is there, and signs people out."""
    with stage(tmp_path, **SETTINGS) as held:
        prepare(held)
        yield held


@pytest.mark.slow
@pytest.mark.parametrize("begin", range(SEEDS))
def test_whatever_is_asked_is_answered_or_refused_by_code(fuzzed: Stage, begin: int) -> None:
    seen: Counter[str] = Counter()
    failed: list[str] = []
    for operation in operations():
        try:
            fuzz(fuzzed, operation, examples=EXAMPLES, begin=begin, seen=seen)
        except (AssertionError, ExceptionGroup) as error:
            failed.append(f"{operation}: {error}")
    print(f"seed {begin}: {seen.total()} documents, {dict(seen.most_common())}")  # noqa: T201 - for who reads along
    assert failed == []
    assert set(operations()) >= {"Query.entries", "Query.search", "Mutation.entryCreate", "Mutation.tokenAuth"}
    # Else it would prove nothing: much of it is not only refused.
    assert seen["answered"] > len(operations()) / 2
    # Not by `is_quick`: what that asks for may say something else by now.
    assert fuzzed.ask("{ __typename }").json == {"data": {"__typename": "Query"}}
