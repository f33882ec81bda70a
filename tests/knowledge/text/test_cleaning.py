import pytest

from knowledge.errors import MistakeCode, Mistakes, Rejected
from knowledge.text import clean_line, clean_text, clean_url, excerpt, storable


def line(raw: str, *, most: int = 10, required: bool = True) -> tuple[str, list[MistakeCode]]:
    mistakes = Mistakes()
    cleaned = clean_line(raw, mistakes, "title", most=most, required=required)
    return cleaned, [mistake.code for mistake in mistakes.found]


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("Docker", "Docker"),
        ("  Docker \n", "Docker"),
        ("a \t b\nc", "a b c"),
        ("Cafe\u0301", "Café"),
        ("1234567890", "1234567890"),
        ("👩‍💻", "👩‍💻"),
        ("\u202enimda\u202c", "nimda"),
        ("\u2066a\u2069 \u202d b", "a b"),
    ],
)
def test_a_line_is_normalised(raw: str, cleaned: str) -> None:
    assert line(raw) == (cleaned, [])


@pytest.mark.parametrize(
    "raw", ["", "  \n", "\u200b", "\u2060\ufeff", "\u3164", "\u2800 \u00ad", "\ufe0f", "\U000e0020"]
)
def test_what_nobody_can_see_is_empty(raw: str) -> None:
    assert line(raw) == ("", [MistakeCode.REQUIRED])
    assert line(raw, required=False) == ("", [])


def test_what_is_too_long_is_not_looked_through_for_what_can_be_seen() -> None:
    assert line("\u3164" * 10)[1] == [MistakeCode.REQUIRED]
    assert line("\u3164" * 11)[1] == [MistakeCode.TOO_LONG]


@pytest.mark.parametrize("raw", ["a\x00b", "\x00", "a\ud800", "\x1b[31m", "a\x7f", "a\x85b\x9f"])
def test_control_and_broken_characters_are_refused(raw: str) -> None:
    assert line(raw)[1] == [MistakeCode.INVALID]


def test_length_is_counted_in_characters_after_cleaning() -> None:
    assert line("é" * 10)[1] == []
    assert line("e\u0301" * 10)[1] == []
    assert line(" " + "é" * 10 + " ")[1] == []
    assert line("é" * 11)[1] == [MistakeCode.TOO_LONG]


def test_a_text_keeps_its_lines_and_the_indentation_of_the_first() -> None:
    mistakes = Mistakes()
    cleaned = clean_text("\r\n  \r\n    code\r\n\ttab  \rend \n\n", mistakes, "body", most=100)
    assert (cleaned, mistakes.found) == ("    code\n\ttab  \nend", [])


def test_all_mistakes_are_told_at_once_with_their_paths() -> None:
    mistakes = Mistakes()
    clean_line("", mistakes, "title", most=5)
    clean_text("a\x00", mistakes, "body", most=5)
    clean_line("toolong", mistakes, "tags", "3", most=5)
    with pytest.raises(Rejected) as rejected:
        mistakes.settle()
    assert [(mistake.path, mistake.code) for mistake in rejected.value.mistakes] == [
        (("title",), MistakeCode.REQUIRED),
        (("body",), MistakeCode.INVALID),
        (("tags", "3"), MistakeCode.TOO_LONG),
    ]


def test_no_mistake_settles_quietly() -> None:
    Mistakes().settle()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", MistakeCode.REQUIRED),
        ("javascript:alert(1)", MistakeCode.INVALID),
        ("ftp://example.com", MistakeCode.INVALID),
        ("//example.com", MistakeCode.INVALID),
        ("example.com", MistakeCode.INVALID),
        ("http://", MistakeCode.INVALID),
        ("https://[::1", MistakeCode.INVALID),
        ("https://exa mple.com", MistakeCode.INVALID),
        ("https://example.com/" + "a" * 1_981, MistakeCode.TOO_LONG),
        ("https://example.com/" + "é" * 400, MistakeCode.TOO_LONG),
    ],
)
def test_an_address_that_is_none_is_refused(raw: str, code: MistakeCode) -> None:
    mistakes = Mistakes()
    clean_url(raw, mistakes, "url")
    assert [mistake.code for mistake in mistakes.found] == [code]
    assert mistakes.found[0].path == ("url",)


def test_an_address_is_stored_in_ascii() -> None:
    mistakes = Mistakes()
    assert clean_url(" https://example.com/é?q=ü ", mistakes, "url") == "https://example.com/%C3%A9?q=%C3%BC"
    assert clean_url("HTTP://127.0.0.1:8000/x", mistakes, "url") == "HTTP://127.0.0.1:8000/x"
    assert clean_url("https://example.com/" + "a" * 1_980, mistakes, "url").endswith("aaa")
    assert mistakes.found == []


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one, two three", 6, "one…"),
        ("onetwothree", 5, "onet…"),
        ("one two", 4, "one…"),
    ],
)
def test_an_excerpt_ends_between_words(text: str, most: int, cut: str) -> None:
    assert excerpt(text, most) == cut


def test_a_document_loses_its_control_characters() -> None:
    assert storable("a\x07b\n\tc\x00e\u0301") == "ab\n\tcé"
