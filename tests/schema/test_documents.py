"""Documents that are kept: those that come again, whatever else comes."""

import tracemalloc
from collections.abc import Iterator
from itertools import product

import pytest

from schema import documents
from schema.documents import InvalidDocument, read_document
from schema.planner.plan import shape_of
from schema.planner.shelves import Shelves

USED = "{ tags { totalCount } }"


@pytest.fixture(autouse=True)
def nothing_is_kept() -> Iterator[None]:
    documents.forget()
    yield
    documents.forget()


def held() -> tuple[int, int]:
    """How many are kept that came again, and that came once."""
    shelves = documents._documents  # noqa: SLF001 - what it holds on to
    return len(shelves.in_use), len(shelves.new)


def flood(owner: str, times: int = 1) -> None:
    """Documents that nobody sent before, more than are kept, each so many times."""
    for number in range(documents.MOST_IN_USE // 10_000 + 5):
        query = f"{{ tags {{ totalCount }} }} # {number} ".ljust(10_100 - documents.DOCUMENT_ITSELF, "-")
        for _ in range(times):
            read_document(query, owner)


def test_a_document_is_read_once() -> None:
    assert read_document(USED) is read_document(USED) is read_document(USED)


def test_those_that_come_once_push_out_nothing_that_is_in_use() -> None:
    read_document(USED, "somebody")
    used = read_document(USED, "somebody")
    once = read_document("{ __typename }", "somebody")
    flood("stranger")
    assert read_document(USED, "somebody") is used
    assert read_document("{ __typename }", "somebody") is once


def test_nobody_pushes_out_what_others_use_by_sending_everything_twice() -> None:
    read_document(USED, "somebody")
    used = read_document(USED, "somebody")
    flood("stranger", times=2)
    assert read_document(USED, "somebody") is used


def test_what_is_kept_has_a_bound() -> None:
    flood("stranger", times=2)
    assert held() == (documents.MOST_IN_USE // 10_100, 0)


def test_short_ones_weigh_what_they_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_documents", Shelves(most_in_use=600, most_new=1_200))
    # 20 characters each, and 40 for the document itself.
    queries = [f"{{ a{number}: __typename }}" for number in range(100, 150)]
    for query in queries:
        read_document(query)
    assert held() == (0, 20)
    for query in queries[-20:]:
        read_document(query)
    assert held() == (10, 0)


def test_what_is_not_valid_is_not_kept() -> None:
    for _ in range(2):
        with pytest.raises(InvalidDocument):
            read_document("{ nothing }")
    assert held() == (0, 0)


def test_what_operations_remember_has_a_bound_for_all_of_them() -> None:
    names = [f"b{number}" for number in range(7)]
    declared = ", ".join(f"${name}: Boolean" for name in names)
    filters = ", ".join(f"{{hasSolutions: ${name}}}" for name in names)
    asked = f"challenges(where: {{OR: [{filters}]}}) {{ totalCount }}"
    text = " ".join(f"query Q{number}({declared}) {{ {asked} }}" for number in range(14))
    document = read_document(text)
    shapes = [dict(zip(names, values, strict=True)) for values in product((True, False), repeat=7)]

    def select_all() -> set[tuple[tuple[str, ...], int]]:
        return {
            (selected.names, selected.conditions)
            for operation in document.operations.values()
            for variables in shapes
            for selected in [operation.selected(shape_of(variables), variables)]
        }

    tracemalloc.start()
    try:
        assert select_all() == {(("challenges",), 8)}
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 1.2 * documents.REMEMBERED_BYTES * len(text)
    # Those that are remembered and those that are not are the same again.
    assert select_all() == {(("challenges",), 8)}
