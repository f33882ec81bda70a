"""Hostile documents are refused by code, with little work and without SQL; what is only odd is answered as easily."""

import orjson
import pytest

from tests.client import Client
from tests.effort import effort
from tests.schema.hostile.documents import DOCUMENTS, Hostile

pytestmark = pytest.mark.django_db

# Calls of functions. The dearest that is refused makes 284,000, most to make nodes of its tokens, in 25 to 60 ms
# (`make bench-hostile`), and what codegen asks 742,000; work that grows with the square of a document would be many
# millions.
MOST_CALLS_REFUSED = 450_000
MOST_CALLS = 1_200_000


def test_there_are_many_kinds() -> None:
    assert len({hostile.name for hostile in DOCUMENTS}) == len(DOCUMENTS) >= 80


@pytest.mark.parametrize("hostile", DOCUMENTS, ids=lambda hostile: hostile.name)
def test_hostile_documents(api: Client, hostile: Hostile) -> None:
    with effort() as spent:
        answer = api.post(orjson.dumps({"query": hostile.text}))
    assert spent.calls < (MOST_CALLS_REFUSED if hostile.codes else MOST_CALLS)
    assert api.run(hostile.text).content == answer.content
    if hostile.codes:
        assert (answer.status, answer.statements) == (400, 0)
        assert set(answer.codes) <= hostile.codes
        assert "data" not in answer.body
        assert len(answer.content) < 20_000
    else:
        assert answer.data
