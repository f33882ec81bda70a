import re

import pytest

from knowledge.errors import MistakeCode, Mistakes
from knowledge.search import MOST_WORDS, clean_words, last_word, spellings, typed


@pytest.mark.parametrize(
    ("words", "last"),
    [
        ("docker", "docker"),
        ("Docker Comp", "comp"),
        ("docker or kube", "kube"),
        ("multi-sta", "multi-sta"),
        ("(kube", "kube"),
        ("node.j", "node.j"),
        ("go", "go"),
        ("k8", "k8"),
        ("Caf\u00e9", "caf\u00e9"),
        ("", ""),
        ("g", ""),
        ("docker g", ""),
        ("-kube", ""),
        ("docker -kube", ""),
        ("kube-", ""),
        ("c++", ""),
        ('"docker kube', ""),
        ('"docker kube"', ""),
        ('"docker" kube', "kube"),
        ('docker "kube', ""),
        ('ku"be', ""),
    ],
)
def test_the_last_word_where_it_may_go_on(words: str, last: str) -> None:
    assert last_word(words) == last
    assert typed(words) == [words, last]


@pytest.mark.parametrize(
    ("words", "apart"),
    [
        ("client/server", ["client server", "server"]),
        ("a/b/c and/or", ["a b c and or", "or"]),
        ('"read/write lock" tcp/ip', ['"read write lock" tcp ip', "ip"]),
        ('lock -read/write -"read/write"', ['lock -"read write" -"read write"', ""]),
        ("--read/write", ["--read write", "write"]),
        ("1/2 /etc/hosts x/1", ["1/2 /etc hosts x/1", "x/1"]),
        ("-", ["-", ""]),
        ("/", ["/", ""]),
    ],
)
def test_words_that_a_slash_joins_are_taken_apart(words: str, apart: list[str]) -> None:
    assert typed(words) == apart


@pytest.mark.parametrize("joint", [" ", ",", "/", "_", '" "', " -", "\u2003"])
def test_the_first_words_count(joint: str) -> None:
    """However they are joined; where some do not count, the last of those that do is whole."""
    words = [f"w{number}" for number in range(MOST_WORDS + 1)]
    as_they_are = joint.join(words[:-1])
    whole, last = typed(as_they_are)
    assert re.findall(r"w\d+", whole) == words[:-1]
    assert last == ("" if joint.strip() in {'" "', "-"} else last_word(whole))
    whole, last = typed(joint.join(words))
    assert re.findall(r"w\d+", whole) == words[:-1]
    assert last == ""
    assert sum(len(re.findall(r"w\d+", word)) for word, _ in spellings(joint.join(words))) in {0, MOST_WORDS}


@pytest.mark.parametrize(("word", "last"), [("x" * 500, "x" * 500), ("x" * 501, ""), ("漢" * 166, "漢" * 166)])
def test_a_very_long_word_is_no_beginning(word: str, last: str) -> None:
    assert typed(f"a {word}") == [f"a {word}", last]


def test_a_word_is_looked_for_with_neighbours_swapped() -> None:
    assert spellings("Dokc or -x go") == [("Dokc", "dokc odkc dkoc dock"), ("or", ""), ("-x", ""), ("go", "")]


@pytest.mark.parametrize("words", ["ab", "a1b2", "don't", "x" * 31, "and"])
def test_what_is_no_plain_word_stays(words: str) -> None:
    assert spellings(words) == [(words, "")]


def test_nothing_is_respelt_in_quotes() -> None:
    assert spellings('"docker swarm" kube') == []


def test_eight_words_are_respelt_at_most() -> None:
    ways = [way for _, way in spellings("abc " * 12)]
    assert [bool(way) for way in ways] == [True] * 8 + [False] * 4


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", MistakeCode.REQUIRED),
        (" \u200b ", MistakeCode.REQUIRED),
        ("x" * 201, MistakeCode.TOO_LONG),
        ("a\0", MistakeCode.INVALID),
        ("\ud800", MistakeCode.INVALID),
    ],
)
def test_what_cannot_be_searched_for(raw: str, code: MistakeCode) -> None:
    mistakes = Mistakes()
    clean_words(raw, mistakes, "query")
    assert [(mistake.code, mistake.path) for mistake in mistakes.found] == [(code, ("query",))]


def test_words_are_put_on_one_line() -> None:
    mistakes = Mistakes()
    assert clean_words("  docker\n\tswarm ", mistakes) == "docker swarm"
    assert clean_words("", mistakes, required=False) == ""
    assert not mistakes.found
