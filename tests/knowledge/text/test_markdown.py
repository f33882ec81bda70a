import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.text import escape_markdown, reading_minutes, render_markdown

REL = 'rel="nofollow noopener ugc"'


@pytest.mark.parametrize(
    ("body", "rendered"),
    [
        (
            "# Title\n\n*a* **b** ~~c~~ `d`",
            "<h1>Title</h1>\n<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>\n",
        ),
        ("3. x\n4. y", '<ol start="3">\n<li>x</li>\n<li>y</li>\n</ol>\n'),
        (
            "|a|b|\n|:-|-:|\n|1|2|",
            (
                '<table>\n<thead>\n<tr>\n<th style="text-align:left">a</th>\n<th style="text-align:right">b</th>\n'
                '</tr>\n</thead>\n<tbody>\n<tr>\n<td style="text-align:left">1</td>\n'
                '<td style="text-align:right">2</td>\n</tr>\n</tbody>\n</table>\n'
            ),
        ),
        ("```python\nx < 1\n```", '<pre><code class="language-python">x &lt; 1\n</code></pre>\n'),
        ("[a](https://e.com)", f'<p><a href="https://e.com" {REL}>a</a></p>\n'),
        ("<mailto:a@b.c>", f'<p><a href="mailto:a@b.c" {REL}>mailto:a@b.c</a></p>\n'),
        ("![an *image*](https://e.com/i.png)", f'<p><a href="https://e.com/i.png" {REL}>an image</a></p>\n'),
    ],
)
def test_markdown_becomes_html(body: str, rendered: str) -> None:
    assert render_markdown(body) == rendered


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JAVASCRIPT&colon;alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](/relative)",
        "[x](//example.com)",
        "<ftp://example.com>",
        "![x](javascript:alert(1))",
        '[x](https://e.com "\\" onmouseover=alert(1) x=\\"")',
        '```py" onload="x\nx\n```',
        "[x]: javascript:alert(1)\n\n[x]",
    ],
)
def test_nothing_runs_and_nothing_leads_elsewhere(body: str) -> None:
    tags = re.findall(r"<[^>]*>", render_markdown(body))
    assert not [tag for tag in tags if re.search(r"script|\son\w+=|<img|javascript:|data:|vbscript:|ftp:", _bare(tag))]
    assert not [tag for tag in tags if "href" in tag and not re.search(r'href="(https?://|mailto:)', tag)]


def _bare(tag: str) -> str:
    """The tag without the values of its title, which are text."""
    return re.sub(r'title="[^"]*"', "", tag)


MARKUP = st.sampled_from(
    [
        *(
            "__init__",
            "a_b",
            "_",
            "*a*",
            "**x**",
            "* x",
            "5 * 3",
            "~~s~~",
            "`c`",
            "```",
            "~~~",
            "C:\\temp",
            "\\*",
            "&amp;",
        ),
        *("[l](https://e.com)", "![i](https://e.com)", "[x]: https://e.com", "<https://e.com>", "<a@b.co>", "<b>"),
        *("1. x", "- x", "+ y", "# h", "\t# x", "   - x", "> q", "---", "===", "|a|b|", "|-|-|", "a|b", "-|-", "word"),
    ]
)


@given(st.one_of(st.lists(MARKUP, max_size=6).map("\n".join), st.lists(MARKUP, max_size=6).map(" ".join)))
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    rendered = render_markdown(escape_markdown(text))
    assert set(re.findall(r"</?(\w+)", rendered)) <= {"p", "br"}
    shown = html.unescape(re.sub(r"</?(?:p|br)>", " ", rendered))
    assert shown.split() == text.split()


def test_escaping_leaves_what_needs_none() -> None:
    assert escape_markdown("select_for_update() takes 5 * 3 ms, see C:\\temp") == (
        "select_for_update() takes 5 * 3 ms, see C:\\temp"
    )


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (1, 1), (200, 1), (201, 2), (1_000, 5)])
def test_reading_takes_at_least_a_minute(words: int, minutes: int) -> None:
    assert reading_minutes("word " * words) == minutes
