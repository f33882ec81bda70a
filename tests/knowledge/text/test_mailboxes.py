import pytest

from knowledge.text import mailbox, whose_mailbox


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (" Ada@EXAMPLE.org ", "Ada@example.org"),
        ("a@\uff45x\uff41mple.org", "a@example.org"),
        ("a@exam\ufe0fple.org", "a@example.org"),
        ("a@example。org", "a@example.org"),
        ("a@exa\u212ample.org", "a@exakmple.org"),
        ("a@straße.example", "a@strasse.example"),
        ("a@bücher.example", "a@bücher.example"),
        ("a@xn--bcher-kva.example", "a@bücher.example"),
    ],
)
def test_a_mailbox_has_one_spelling(typed: str, read: str) -> None:
    assert mailbox(typed) == read
    assert mailbox(read) == read


@pytest.mark.parametrize(
    "typed", ["", "nobody", "a@", "a@b..example", "a@xn--\u00e9", "a@" + "\uff45" * 300, "a@\ud800.org"]
)
def test_what_is_none_stays_as_it_is(typed: str) -> None:
    assert mailbox(f" {typed}\n") == typed


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("ada+lists@example.org", "ada@example.org"),
        ("ada+a+b@example.org", "ada@example.org"),
        ("ada@example.org", "ada@example.org"),
        ("ada@exam+ple.org", "ada@exam+ple.org"),
    ],
)
def test_what_stands_behind_a_plus_is_in_the_same_mailbox(address: str, whose: str) -> None:
    assert whose_mailbox(address) == whose
