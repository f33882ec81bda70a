"""A digest in words: a paragraph composed from the numbers, then the sections; as Markdown, HTML and plain text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from knowledge.digests.gather import Section
from knowledge.digests.phrases import counted, listed, sentence
from knowledge.models import DigestSectionKind
from knowledge.text import escape_markdown, render_markdown

# What the paragraph says of each section: of one, of several. Trends speak for themselves.
COUNTED: Final = {
    DigestSectionKind.NEW_ENTRIES: ("new entry", "new entries"),
    DigestSectionKind.UPDATED_ENTRIES: ("updated entry", "updated entries"),
    DigestSectionKind.SOLVED_CHALLENGES: ("solved challenge", "solved challenges"),
    DigestSectionKind.OPEN_CHALLENGES: ("new challenge that is still open", "new challenges that are still open"),
    DigestSectionKind.SEARCH_GAPS: ("search that found nothing", "searches that found nothing"),
    DigestSectionKind.REVIEW_QUEUE: ("revision waiting for a review", "revisions waiting for a review"),
}
# How many tags the paragraph names where they gained the same.
LEADERS: Final = 2


@dataclass(frozen=True, slots=True)
class Composition:
    """The same three times. The HTML is safe to insert in a page."""

    markdown: str
    html: str
    text: str


def compose(sections: Sequence[Section], *, window: str, tags: Sequence[str]) -> Composition:
    """The sections in words; `window` and `tags` as they are to be called."""
    paragraph = headline(sections, window=window, tags=tags)
    markdown = "\n\n".join([escape_markdown(paragraph), *map(_section_as_markdown, sections)]) + "\n"
    text = "\n\n".join([paragraph, *map(_section_as_text, sections)]) + "\n"
    return Composition(markdown, render_markdown(markdown), text)


def headline(sections: Sequence[Section], *, window: str, tags: Sequence[str]) -> str:
    """The paragraph at the top: what there was, in numbers, and what gained the most."""
    about = f" on {listed(list(tags))}" if tags else ""
    counts = numbers(sections)
    leads = [_lead(section) for section in sections if section.kind not in COUNTED]
    if leads and not counts:
        return " ".join(leads)
    return " ".join([sentence(f"{listed(counts) or 'nothing happened'}{about}: that was {window}"), *leads])


def numbers(sections: Sequence[Section]) -> list[str]:
    """How many there were of each kind that is counted, in words."""
    return [counted(section.total, *COUNTED[section.kind]) for section in sections if section.kind in COUNTED]


def _lead(trends: Section) -> str:
    """What gained the most, and how much; of several that gained alike, the first are named."""
    reason = trends.items[0].reason
    leaders = [item.headline for item in trends.items if item.reason == reason]
    if len(leaders) == 1:
        return f"{leaders[0]} gained the most: {reason}."
    others = len(leaders) - LEADERS
    named = leaders[:LEADERS] + ([counted(others, "other tag")] if others > 0 else [])
    return f"{listed(named)} gained the most, each with {reason}."


def _section_as_markdown(section: Section) -> str:
    lines = [f"## {section.title}", ""]
    for item in section.listed:
        excerpt = f": {escape_markdown(item.excerpt)}" if item.excerpt else ""
        lines.append(f"- **{escape_markdown(item.headline)}** ({item.reason}){excerpt}")
    return "\n".join(lines + [f"\n{more}" for more in _more(section)])


def _section_as_text(section: Section) -> str:
    lines = [section.title.upper()]
    for item in section.listed:
        lines.append(f"* {item.headline} ({item.reason})")
        lines += [f"  {item.excerpt}"] if item.excerpt else []
    return "\n".join(lines + _more(section))


def _more(section: Section) -> list[str]:
    return [f"… and {section.left_out:,} more."] if section.left_out else []
