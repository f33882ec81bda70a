"""Markdown to HTML that is safe in a page.

Two walls: the renderer writes no HTML that stood in the text and no address but http, https and mailto; then a
sanitiser drops all that is not on its list, whatever the renderer did.
"""

import math
import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

WORDS_A_MINUTE: Final = 200

_SCHEMES: Final = frozenset({"http", "https", "mailto"})
_ADDRESS: Final = re.compile(r"(?:https?://|mailto:)\S", re.IGNORECASE)
_TAGS: Final = {
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "s",
} | {"strong", "table", "tbody", "td", "th", "thead", "tr", "ul"}
_ATTRIBUTES: Final = {"a": {"href", "title"}, "ol": {"start"}, "td": {"style"}, "th": {"style"}, "code": {"class"}}
# What CommonMark reads as markup in running text, and only there: snake_case, 5 * 3 and C:\temp stay as they are.
_MARKUP: Final = re.compile(
    r"[`\[]|\*(?=\S)|(?<=\S)\*|(?<![^\W_])_|_(?![^\W_])|~(?=~)|(?<=~)~"
    r"|\\(?=[!-/:-@\[-`{-~]|$)|<(?=[^\s<>]*[:@])|&(?=#?\w+;)",
    re.MULTILINE,
)
# What it reads as markup at the start of a line.
_LINE_START: Final = re.compile(r"^[^\S\n]*(?:(\d{1,9})(?=[.)](?:\s|$))|(?=[#>+*\-=:|]))", re.MULTILINE)
_INDENTATION: Final = re.compile(r"^[^\S\n]+|[^\S\n]+$", re.MULTILINE)


def render_markdown(body: str) -> str:
    """`body` as HTML that is safe to insert in a page.

    CommonMark with tables and strikethrough. HTML in the text is shown as text. Links lead to http, https and
    mailto addresses only and tell search engines not to follow; images become links to them, so that reading a page
    tells no third party.
    """
    return _sanitiser().clean(_renderer().render(body))


def reading_minutes(body: str) -> int:
    """How long it takes to read, in whole minutes, at least one."""
    return max(1, math.ceil(len(body.split()) / WORDS_A_MINUTE))


def escape_markdown(text: str) -> str:
    """Plain text as Markdown that shows just this text, but for the white space around its lines."""
    escaped = _MARKUP.sub(r"\\\g<0>", _INDENTATION.sub("", text))
    return _LINE_START.sub(lambda start: f"{start[1] or ''}\\", escaped)


@cache
def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    renderer.validateLink = lambda url: _ADDRESS.match(url) is not None  # type: ignore[method-assign]  # the documented way
    renderer.add_render_rule("image", _image_as_link)
    return renderer


def _image_as_link(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    image = tokens[index]
    alternative = renderer.renderInlineAsText(image.children, options, env) or "image"
    return f'<a href="{escapeHtml(str(image.attrs["src"]))}">{escapeHtml(alternative)}</a>'


@cache
def _sanitiser() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_only_language_classes,
        link_rel="nofollow noopener ugc",
        url_schemes=set(_SCHEMES),
        url_relative="deny",
        filter_style_properties={"text-align"},
    )


def _only_language_classes(_tag: str, attribute: str, value: str) -> str | None:
    return value if attribute != "class" or value.startswith("language-") else None
