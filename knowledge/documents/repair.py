"""Text as people paste it, made into text that Markdown reads. No repair adds or removes a line: numbers hold."""

import re
from collections.abc import Callable
from itertools import pairwise

from ftfy import fix_encoding
from ftfy.badness import is_bad

from knowledge.documents.tidy import vocabulary, words
from knowledge.text import normal, without_directions

__all__ = ["REPAIRS", "repaired"]

Lines = list[str]

_ODD_SPACE = re.compile(r"[^\S\t\n ]")
_WRITTEN_INDENT = re.compile(r"^(?: *&(?:nbsp|ensp|emsp);)+")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\S\n]*([^\s`]*)")
_LINK_HERE = re.compile(r"\[([^\[\]]*)\]\(#[^()]*\)")
_TAG = re.compile(r"<[^<>]*>")
_WAY_BACK = vocabulary("back go return to the top table of contents content index")
_MAX_WAY_BACK = 200
_ESCAPED_MARKER = re.compile(r"^\s*\\(?:#|-|\*|>|\d|=)|^\s*\d+\\\.")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_BULLET = re.compile(r"^(\s*)(?:[•▪◦●‣⁃∙·▸►○■□]|[–—](?=\s+\S)|\[[+*✓✔]\](?=\s))\s*(?=\S)")
_LETTER = re.compile(r"^(\s*)\(?[a-z]\)\s+(?=\S)")
_NUMBER = re.compile(r"^(\s*)\((\d{1,2})\)\s+(?=\S)")
_ARROW = re.compile(r"^(\s*)[→➔➜➤➡▶]\ufe0f?\s*(?=\S)")
_TIGHT_BULLET = re.compile(r"^(\s*)-(?=[^\W\d_]|\*\*)")
_DECIMAL = re.compile(r"^(\s*)\d{1,2}\.\d{1,2}\.?\s+(?=\S)")
_TIGHT_HEADING = re.compile(r"^( {0,3}#{2,6})(?=[^#\s])")
# A hashtag is one word; a heading of several has nothing right above it.
_TIGHT_TITLE = re.compile(r"^#(?=[^#\s!]\S*\s+\S)")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-{2,})\s*$")
_WAVES = re.compile(r"^ {0,3}~{4,}\s*$")
_DIVISION = re.compile(r"^ {0,3}-{3,}\s*$")
_LABELLED = re.compile(r"\w:\**\s+\S|\w\*\*:?\s+\S")
_NUMBERED = re.compile(r"^ {0,3}\d{1,2}[.)]\s+\S")
_MARKER = re.compile(r"^ {0,3}(?:#{1,6}\s|[-*+]\s|\d{1,3}[.)]\s|>|\||```|~~~)")
_HEADING = re.compile(r"^ {0,3}#{1,6}\s")
_INDENTED = re.compile(r"^( {2,}|\t+)\S")
_WIKI_HEADING = re.compile(r"^(={1,6})\s+(\S.*?)\s+\1\s*$")
_WIKI_HEADINGS = 2
_QUOTE = re.compile(r"^ {0,3}> ?")
# Fewer quoted lines than this are somebody's words.
_MIN_QUOTED = 5
_MIN_UNDERLINED = 2
# Fewer indented lines than this are a code sample, not an outline.
_OUTLINE_LINES = 5
# A line shorter than this was not wrapped.
_WRAPPED = 50


def repaired(text: str) -> str:
    """`text` after every repair, in order."""
    lines = text.split("\n")
    for repair in REPAIRS:
        lines = repair(lines)
    return "\n".join(lines)


def _plain_spaces(lines: Lines) -> Lines:
    """No-break and other odd spaces are spaces, and so is an indentation that was written as `&nbsp;`."""
    return [_ODD_SPACE.sub(" ", _WRITTEN_INDENT.sub(_spaces, line)) for line in lines]


def _spaces(written: re.Match[str]) -> str:
    return " " * written[0].count("&") + " " * written[0].count(" ")


def _without_mojibake(lines: Lines) -> Lines:
    """`Itâ€™s` is `It’s`: UTF-8 that was once read as Windows-1252 and saved so."""
    # What is found in there may be accents that belong to the letters before them.
    return [normal("NFC", fix_encoding(line)) if not line.isascii() and is_bad(line) else line for line in lines]


def _counted_columns(lines: Lines) -> Lines:
    """`#<tab>Challenge<tab>Solution` heads a column of numbers; it is no heading."""
    return ["No." + line[1:] if line.startswith("#\t") and line.count("\t") > 1 else line for line in lines]


def _without_directions(lines: Lines) -> Lines:
    """Controls that turn the direction of text could show it as something else than it is."""
    return [without_directions(line) for line in lines]


def _without_conflict_markers(lines: Lines) -> Lines:
    """`<<<<<<< HEAD`, and with it `=======` and `>>>>>>> branch`, say nothing: both sides are read."""
    if not any(line.startswith(("<<<<<<< ", ">>>>>>> ")) for line in lines):
        return lines
    return ["" if line.startswith(("<<<<<<< ", ">>>>>>> ")) or line.rstrip() == "=======" else line for line in lines]


def _without_ways_back(lines: Lines) -> Lines:
    """`[⬆ Back to top](#top)`, alone on its line, belongs to nothing that stands above it."""
    return ["" if ("(#" in line or 'href="#' in line) and _leads_back(line) else line for line in lines]


def _leads_back(line: str) -> bool:
    if len(line) > _MAX_WAY_BACK:
        return False
    said = words(_TAG.sub(" ", _LINK_HERE.sub(r"\1", line)))
    return "to" in said and _WAY_BACK.issuperset(said)


def _without_outer_quote(lines: Lines) -> Lines:
    """A document of which each line is quoted is what was quoted: repairs and indentation mean what they meant."""
    filled = [line for line in lines if line.strip()]
    if len(filled) < _MIN_QUOTED or not all(_QUOTE.match(line) for line in filled):
        return lines
    return [_QUOTE.sub("", line) for line in lines]


def _without_outer_fence(lines: Lines) -> Lines:
    """A document that is one fence from its first line on (```` ```markdown ````) is what stands inside."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    opener = _FENCE.match(lines[filled[0]]) if filled else None
    if not opener or opener[2].lower() not in ("markdown", "md"):
        return lines
    lines = list(lines)
    lines[filled[0]] = ""
    closer = next((n for n in reversed(filled[1:]) if lines[n].strip().strip(opener[1][0]) == ""), None)
    if closer is not None and len(lines[closer].strip()) >= len(opener[1]):
        lines[closer] = ""
    return lines


def _unescaped(lines: Lines) -> Lines:
    r"""`\# Title`, `\- \*\*Docker\*\*`: an editor escaped the whole document."""
    marked = sum(1 for line in lines if _MARKER.match(line))
    if sum(1 for line in lines if _ESCAPED_MARKER.match(line)) < max(3, marked):
        return lines
    return [_ESCAPE.sub(r"\1", line) for line in lines]


def _waves_under_text(lines: Lines) -> Lines:
    """A line of tildes as long as the line right above it underlines a heading, of a third level; it opens no fence."""
    if "~~~~" not in "\n".join(lines):
        return lines
    lines = list(lines)
    closing = ""
    for number, (above, line) in enumerate(pairwise(["", *lines])):
        fence = _FENCE.match(line)
        if closing:
            closing = "" if line.strip().startswith(closing) else closing
        elif _is_wave(above, line):
            lines[number - 1 : number + 1] = f"### {above.strip()}", ""
        elif fence:
            closing = fence[1]
    return lines


def _is_wave(text: str, line: str) -> bool:
    is_title = bool(text.strip()) and not _FENCE.match(text) and not _MARKER.match(text)
    return is_title and _WAVES.match(line) is not None and len(line.strip()) == len(text.strip())


def _without_stray_fences(lines: Lines) -> Lines:
    """A bare fence that no fence opened, as after a pasted code sample, would hide all that follows it.

    Told by its neighbours: text right above it, and then an empty line and a heading.
    """
    lines = list(lines)
    closing = ""
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if not fence:
            continue
        if closing:
            closing = "" if line.strip().startswith(closing) and not fence[2] else closing
        elif not fence[2] and _heading_follows(lines, number) and number and lines[number - 1].strip():
            lines[number] = ""
        else:
            closing = fence[1]
    return lines


def _heading_follows(lines: Lines, number: int) -> bool:
    following = [line for line in lines[number + 1 : number + 4] if line.strip()]
    return (
        number + 1 < len(lines) and not lines[number + 1].strip() and bool(following) and following[0].startswith("#")
    )


def _markdown_bullets(lines: Lines) -> Lines:
    """`• Docker` and `[+] Docker` are `- Docker`."""
    return [_BULLET.sub(r"\1- ", line) for line in lines]


def _markdown_letters(lines: Lines) -> Lines:
    """`(a) Docker` and `a) Docker` are `- Docker`, `(1) Docker` is `1. Docker`."""
    return [_NUMBER.sub(r"\1\2. ", _LETTER.sub(r"\1- ", line)) for line in lines]


def _markdown_arrows(lines: Lines) -> Lines:
    """`➡️ Docker` is `- Docker`, where lines like it stand below each other; one alone may point at a solution."""
    is_one = [bool(_ARROW.match(line)) for line in lines]
    if not any(map(all, pairwise(is_one))):
        return lines
    return [_ARROW.sub(r"\1- ", line) for line in lines]


def _spaced_bullets(lines: Lines) -> Lines:
    """`-Docker` is `- Docker` and `4.1 Docker` is `- Docker`, where a line like it is right above or below."""
    return _as_items(_TIGHT_BULLET, _as_items(_DECIMAL, lines))


def _as_items(marker: re.Pattern[str], lines: Lines) -> Lines:
    is_one = [bool(marker.match(line)) for line in _without_code(lines)]
    around = zip([False, *is_one], is_one, [*is_one[1:], False], strict=False)
    return [
        marker.sub(r"\1- ", line) if one and (above or below) else line
        for line, (above, one, below) in zip(lines, around, strict=False)
    ]


def _without_code(lines: Lines) -> Lines:
    """The lines, with nothing in those between fences."""
    told: Lines = []
    closing = ""
    for line in lines:
        fence = _FENCE.match(line)
        is_code = bool(closing or fence)
        if fence:
            closing = "" if closing and line.strip().startswith(closing) else closing or fence[1]
        told.append("" if is_code else line)
    return told


def _spaced_headings(lines: Lines) -> Lines:
    """`##Challenges` is `## Challenges`. With a single `#` it may be a hashtag, unless it opens several words."""
    above = ["", *lines]
    return [
        (
            _TIGHT_HEADING.sub(r"\1 ", line)
            if before.strip()
            else _TIGHT_TITLE.sub("# ", _TIGHT_HEADING.sub(r"\1 ", line))
        )
        for before, line in zip(above, lines, strict=False)
    ]


def _numbered_headings(lines: Lines) -> Lines:
    """A numbered line with a line drawn right under it is a heading, not a list of one, where several are."""
    found = [
        number
        for number, (above, line, below) in enumerate(zip(["", *lines], lines, lines[1:], strict=False))
        if _NUMBERED.match(line) and _UNDERLINE.match(below) and not above.strip()
    ]
    if len(found) < _MIN_UNDERLINED:
        return lines
    lines = list(lines)
    for number in found:
        level = "# " if lines[number + 1].lstrip().startswith("=") else "## "
        lines[number], lines[number + 1] = level + lines[number].lstrip(), ""
    return lines


def _rules_under_text(lines: Lines) -> Lines:
    """A line drawn right under a sentence or a longer paragraph divides; Markdown would make a heading of the text.

    **Solution:** Added an index.
    ---
    """
    told = _without_code(lines)
    around = zip(["", "", *told], ["", *told], told, lines, strict=False)
    return [
        "***" if _DIVISION.match(line) and above.strip() and _is_told(before, above) else written
        for before, above, line, written in around
    ]


def _is_told(before: str, line: str) -> bool:
    """Whether a line is no title: a sentence, a label with its text, or the end of a paragraph."""
    goes_on = bool(before.strip()) and not _MARKER.match(before) and not _DIVISION.match(before)
    return goes_on or line.rstrip(" *_").endswith((".", "!", "?")) or _LABELLED.search(line) is not None


def _headings_of_wikis(lines: Lines) -> Lines:
    """`== Challenges ==` is `## Challenges`, and `'''bold'''` is `**bold**`, where several lines are such headings."""
    if sum(1 for line in lines if _WIKI_HEADING.match(line)) < _WIKI_HEADINGS:
        return lines
    return [
        _WIKI_HEADING.sub(lambda found: "#" * len(found[1]) + " " + found[2], line).replace("'''", "**")
        for line in lines
    ]


def _outline_by_indentation(lines: Lines) -> Lines:
    """A document without a single Markdown marker but headings, whose lines are indented, is a nested list.

    Each width of indentation is a depth of its own: people indent by two, by four, and by both.

    Challenges
        Slow queries
            Solution: indexes
    """
    has_headings = any(_HEADING.match(line) for line in lines)
    if any(_MARKER.match(line) and not _HEADING.match(line) for line in lines):
        return lines
    indented = {number: line.expandtabs(4) for number, line in enumerate(lines) if _INDENTED.match(line)}
    # Beneath headings, indented lines may be code; a sentence or a name opens with a capital.
    told = sum(1 for line in indented.values() if line.lstrip()[:1].isupper())
    if len(indented) < _OUTLINE_LINES or (has_headings and told * 2 <= len(indented)):
        return lines
    widths = sorted({_width(line) for line in indented.values()})
    written = list(lines)
    for number, line in indented.items():
        goes_on = _goes_on(indented.get(number - 1, ""), line)
        depth = "  " * widths.index(_width(line))
        written[number] = f"{depth}{'  ' if goes_on else '- '}{line.strip()}"
    return written


def _goes_on(before: str, line: str) -> bool:
    """Whether a line goes on with the one right above it: after a break, in a sentence, or as a title's text."""
    if not before or _width(before) != _width(line):
        return False
    ends = line.rstrip().endswith("."), before.rstrip().endswith(".")
    is_wrapped = line.lstrip()[0].islower() and len(before) > _WRAPPED
    return before.endswith("  ") or is_wrapped or ends == (True, False)


def _width(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


REPAIRS: tuple[Callable[[Lines], Lines], ...] = (
    _without_mojibake,
    _without_directions,
    _counted_columns,
    _plain_spaces,
    _without_ways_back,
    _without_conflict_markers,
    _without_outer_quote,
    _without_outer_fence,
    _unescaped,
    _waves_under_text,
    _without_stray_fences,
    _markdown_bullets,
    _markdown_letters,
    _markdown_arrows,
    _spaced_bullets,
    _spaced_headings,
    _numbered_headings,
    _rules_under_text,
    _headings_of_wikis,
    _outline_by_indentation,
)
