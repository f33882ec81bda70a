from collections import Counter
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.text import Merged, merge, unified_diff

# Seconds: it takes less than one, and without the care that is taken, minutes.
NEVER_ENDS = 40.0
LINES = st.lists(st.sampled_from(["a", "b", "c", "", "- a"]), max_size=12).map("\n".join)


def diff(before: str, after: str) -> str:
    return unified_diff(before, after, before_name="revision 1", after_name="revision 2")


def merged(base: str, shown: str, proposed: str) -> Merged:
    return merge(base, shown, proposed, shown_name="shown", proposed_name="yours")


def applied(before: str, patch: str) -> str:
    """What the patch makes of the text, checking each line that it says is there."""
    old, new, at = before.split("\n"), list[str](), 0
    for line in patch.split("\n")[2:-1]:
        if line.startswith("@@"):
            start, _, length = line.split()[1].removeprefix("-").partition(",")
            first = int(start) - (length != "0")
            new += old[at:first]
            at = first
        elif line.startswith("+"):
            new.append(line[1:])
        else:
            assert old[at] == line[1:]
            new += [line[1:]] if line.startswith(" ") else []
            at += 1
    return "\n".join(new + old[at:])


def test_a_diff_shows_what_changed_with_three_lines_around_it() -> None:
    before = "\n".join("abcdefghijklmnop")
    assert diff(before, before.replace("b", "B").replace("p", "p\nq")) == (
        "--- revision 1\n+++ revision 2\n@@ -1,5 +1,5 @@\n a\n-b\n+B\n c\n d\n e\n@@ -14,3 +14,4 @@\n n\n o\n p\n+q\n"
    )


@pytest.mark.parametrize(
    ("before", "after", "hunk"),
    [
        ("a", "b", "@@ -1 +1 @@\n-a\n+b\n"),
        ("a", "a\nb", "@@ -1 +1,2 @@\n a\n+b\n"),
        ("a\nb", "b", "@@ -1,2 +1 @@\n-a\n b\n"),
        ("\r\u2028x", "\r\u2028y", "@@ -1 +1 @@\n-\r\u2028x\n+\r\u2028y\n"),
    ],
)
def test_the_smallest_diffs(before: str, after: str, hunk: str) -> None:
    assert diff(before, after) == f"--- revision 1\n+++ revision 2\n{hunk}"


def test_nothing_changed_is_no_diff() -> None:
    assert diff("same\ntext", "same\ntext") == ""


@given(LINES, LINES)
def test_a_diff_leads_from_one_text_to_the_other(before: str, after: str) -> None:
    assert applied(before, diff(before, after)) == after


@pytest.mark.parametrize(
    ("base", "shown", "proposed", "text"),
    [
        ("a\nb\nc", "A\nb\nc", "a\nb\nC", "A\nb\nC"),
        ("a\nb\nc", "a\nb\nc\nd", "a\nc", "a\nc\nd"),
        ("a", "a", "b", "b"),
        ("a", "b", "a", "b"),
        ("a", "b", "b", "b"),
        ("a", "", "a", ""),
    ],
)
def test_changes_in_different_places_merge(base: str, shown: str, proposed: str, text: str) -> None:
    assert merged(base, shown, proposed) == Merged(text, clean=True)


def test_where_both_changed_the_same_line_both_stand() -> None:
    assert merged("a\nb\nc", "A\nb\nC", "X\nb\nc") == Merged(
        "<<<<<<< shown\nA\n=======\nX\n>>>>>>> yours\nb\nC", clean=False
    )


def test_markers_that_stand_in_a_text_are_no_conflict() -> None:
    text = "<<<<<<< shown\nb\n>>>>>>> yours"
    assert merged("a\nb", f"{text}\nb", "a\nb") == Merged(f"{text}\nb", clean=True)


@given(LINES, LINES)
def test_a_change_of_one_side_alone_is_taken(base: str, changed: str) -> None:
    assert merged(base, changed, base) == Merged(changed, clean=True)
    assert merged(base, base, changed) == Merged(changed, clean=True)
    assert merged(base, changed, changed) == Merged(changed, clean=True)


@given(LINES, LINES, LINES)
def test_no_change_is_lost(base: str, shown: str, proposed: str) -> None:
    """Where both changed lines, each line that one of them put in stands in the merge."""
    both = merged(base, shown, proposed)
    new = (Counter(shown.split("\n")) | Counter(proposed.split("\n"))) - Counter(base.split("\n"))
    assert new - Counter(both.text.split("\n")) == Counter()
    assert both.clean or "<<<<<<< shown" in both.text


def test_texts_made_to_be_slow_are_compared_in_time() -> None:
    """Each is as long as a body may be; difflib alone would take minutes."""
    texts = ["\n".join(f"{each}{n % 10_000:04}" for n in range(16_000) for each in (mark, "x")) for mark in "abc"]
    began = thread_time()
    patch = diff(texts[0], texts[1])
    result = merged(*texts)
    assert thread_time() - began < NEVER_ENDS
    assert applied(texts[0], patch) == texts[1]
    assert (result.clean, result.text.startswith("<<<<<<< shown\nb0000\nx0000\n")) == (False, True)
