"""JSON in which an object has a key twice is refused, and no other for its keys."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.http.parameters import RequestError, json_in


@dataclass(frozen=True)
class Pairs:
    """An object, as it is written."""

    pairs: tuple[tuple[str, Any], ...]


KEYS = st.sampled_from(["a", "b", "", '"', "\\", '\\"', '":"', "é", "\n"])
TREES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), KEYS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.lists(st.tuples(KEYS, inner), max_size=3).map(tuple).map(Pairs)
    ),
    max_leaves=12,
)


def written(tree: Any, *, ascii_only: bool) -> str:
    if isinstance(tree, Pairs):
        pairs = (
            f"{json.dumps(key, ensure_ascii=ascii_only)} :{written(item, ascii_only=ascii_only)}"
            for key, item in tree.pairs
        )
        return "{" + ",".join(pairs) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(written(item, ascii_only=ascii_only) for item in tree) + "]"
    return json.dumps(tree, ensure_ascii=ascii_only)


def doubled(tree: Any) -> bool:
    if isinstance(tree, Pairs):
        return len(dict(tree.pairs)) < len(tree.pairs) or any(doubled(item) for _, item in tree.pairs)
    return isinstance(tree, list) and any(map(doubled, tree))


@given(TREES, st.booleans())
def test_a_key_that_stands_twice_is_refused(tree: Any, ascii_only: bool) -> None:
    text = written(tree, ascii_only=ascii_only).encode()
    if doubled(tree):
        with pytest.raises(RequestError, match="twice"):
            json_in(text, "body")
    else:
        assert json_in(text, "body") == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 1}',
        r'{"a": 1, "\u0061": 1}',
        '{"a": "b", "a": {"b": "c"}}',
        '[{"a": [], "a": []}]',
        r'{"a": "\"", "b": {"c": 1, "c": 1}}',
        r'{"a": "\\", "b": {"c": 1, "c": 1}}',
    ],
)
def test_doubled_keys_are_told(text: str) -> None:
    with pytest.raises(RequestError, match="twice"):
        json_in(text.encode(), "body")


@pytest.mark.parametrize("text", ['{"a": "a", "b": {"a": "\'"}}', r'{"a": "\\", "b": "\""}', '["a", "a", {}, {}]'])
def test_others_are_not(text: str) -> None:
    assert json_in(text.encode(), "body") == json.loads(text)
