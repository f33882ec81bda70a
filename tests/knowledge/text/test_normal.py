"""Unicode's normal forms, and what holds them up."""

import sys
import unicodedata

import pytest

from knowledge.text import normal, slug_for, storable
from knowledge.text.normal import is_mark

# Below and above: each of them is moved past all before it of the other kind.
MARKS = "\u0301\u0316"


@pytest.mark.parametrize(
    ("form", "given", "made"),
    [
        ("NFC", "Cafe\u0301", "Caf\u00e9"),
        ("NFKC", "\ufb01t", "fit"),
        ("NFKD", "Caf\u00e9", "Cafe\u0301"),
        ("NFC", "a\u0301\u0316", "\u00e1\u0316"),
        ("NFKD", "a" + "\u0316" * 30, "a" + "\u0316" * 30),
        ("NFKD", "a" + MARKS * 15 + "b", "a" + "\u0316" * 15 + "\u0301" * 15 + "b"),
    ],
)
def test_what_people_write_is_as_unicode_has_it(form: str, given: str, made: str) -> None:
    assert normal(form, given) == made == unicodedata.normalize(form, given)  # type: ignore[arg-type]


@pytest.mark.parametrize("marks", [MARKS, "\u0f73\u0f71", "\U0001d165\u0301", "\u0344\uff9e"])
def test_marks_beyond_the_thirtieth_are_left_out(marks: str) -> None:
    kept = "a" + marks * 15
    assert normal("NFC", "a" + marks * 200 + "b" + marks * 200) == unicodedata.normalize("NFC", f"{kept}b{kept[1:]}")


def test_every_mark_is_known() -> None:
    known = {char for char in map(chr, range(sys.maxunicode + 1)) if is_mark(char)}
    assert {char for char in known if len(normal("NFC", char * 200)) > 60} == set()


def test_texts_and_slugs_are_made_so() -> None:
    assert storable("a" + MARKS * 200) == "\u00e1" + "\u0316" * 15 + "\u0301" * 14
    assert slug_for("a" + MARKS * 200) == "a"


def test_a_name_beyond_all_names_is_told_apart_by_a_digest_alone() -> None:
    long = slug_for("+" * 1_001)
    assert long.startswith("x-")
    assert len(long) == 12
    assert long != slug_for("+" * 1_002)
    assert slug_for("a+" * 500).startswith("a-plus-a-plus-")
