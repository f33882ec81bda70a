"""Bodies written to do harm: whatever stands in them, the page that shows them runs nothing, leads nowhere hidden."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.text import render_markdown

ELEMENTS = {
    *("a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre"),
    *("s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {
    "a": {"href", "title", "rel"},
    "ol": {"start"},
    "td": {"style"},
    "th": {"style"},
    "code": {"class"},
}
SHOWN_ADDRESS = re.compile(r"(https?://|mailto:)[^\x00-\x20<>\"]+", re.IGNORECASE)


class Page(HTMLParser):
    """What a browser makes of the HTML: its elements, with their attributes decoded."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.others: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_decl(self, decl: str) -> None:
        self.others.append(decl)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)


def harmless(html: str) -> Page:
    """The page; everything in it must be on the lists above."""
    page = Page(html)
    assert page.others == []
    for element, attributes in page.elements:
        assert element in ELEMENTS, html
        assert set(attributes) <= ATTRIBUTES.get(element, set()), html
        if element == "a":
            assert SHOWN_ADDRESS.fullmatch(attributes.get("href") or "mailto:nobody"), html
            assert attributes["rel"] == "nofollow noopener ugc"
        assert re.fullmatch(r"|text-align: ?(left|right|center);?", attributes.get("style") or ""), html
        assert re.fullmatch(r"|language-\S+", attributes.get("class") or ""), html
    return page


SCRIPTS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</script>",
    "<script\x0c>alert(1)</script>",
    "<script/x>alert(1)</script>",
    "<<script>alert(1)//<</script>",
    "a\n\n<script>\nalert(1)\n</script>\n\nb",
    "`</code><script>alert(1)</script>`",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "    </code></pre><script>alert(1)</script>",
    "|a|\n|-|\n|<script>alert(1)</script>|",
    "# <script>alert(1)</script>",
    "> - 1. <script>alert(1)</script>",
    "**<script>alert(1)</script>**",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php <script>alert(1)</script> ?>",
    "<!DOCTYPE html><script>alert(1)</script>",
    "\\<script>alert(1)\\</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#x3c;/script&#x3e;",
]
HANDLERS = [
    "<img src=x onerror=alert(1)>",
    "<img/src/onerror=alert(1)>",
    '<a href="https://e.com" onclick="alert(1)">x</a>',
    "<p style=animation-name:x onanimationstart=alert(1)>x</p>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>",
    '[x](https://e.com "x\\" onmouseover=\\"alert(1)")',
    "[x](https://e.com 'x\" onmouseover=\"alert(1)')",
    '[x](https://e.com/"onmouseover="alert(1))',
    '[x](<https://e.com/" onmouseover="alert(1)>)',
    '![x" onerror="alert(1)](https://e.com)',
    '![x](https://e.com/"onerror="alert(1))',
    '<https://e.com/"onmouseover="alert(1)>',
    '```js" onload="alert(1)\nx\n```',
    "```<img src=x onerror=alert(1)>\nx\n```",
    '|a|\n|:-:" onload=alert(1)|\n|b|',
]
ELEMENTS_OF_OTHERS = [
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    '<svg><animate attributeName="href" values="javascript:alert(1)"/></svg>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    '<math href="javascript:alert(1)">x</math>',
    '<iframe src="javascript:alert(1)"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="javascript:alert(1)"></object>',
    '<embed src="data:text/html,x">',
    '<style>@import "https://evil.example/x.css";</style>',
    '<p style="background:url(javascript:alert(1))">x</p>',
    '<link rel="stylesheet" href="https://evil.example/x.css">',
    '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
    '<base href="https://evil.example/">',
    '<form action="javascript:alert(1)"><button>x</button></form>',
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    '<video><source onerror="alert(1)"></video>',
    '<a id="x" name="location">x</a>',
    '<div class="modal">x</div>',
]
ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\x00script:alert(1)",
    "java\u200bscript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "javascript&#x3A;alert(1)",
    "&#106;&#97;vascript:alert(1)",
    "&#x6A&#x61;vascript:alert(1)",
    "javascript&#0000058alert(1)",
    "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)",
    "javascript\\:alert(1)",
    "javascript:/*https://e.com*/alert(1)",
    "javascript://e.com/%0aalert(1)",
    "javascript%3Aalert(1)",
    "view-source:javascript:alert(1)",
    "feed:javascript:alert(1)",
    "jar:https://e.com!/",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "data:,x",
    "vbscript:msgbox(1)",
    "VBSCRIPT:x",
    "file:///etc/passwd",
    "ftp://e.com",
    "blob:https://e.com/1",
    "//evil.example",
    "\\\\evil.example",
    "/relative",
    "relative",
    "#anchor",
    "?query",
    "https:evil.example",
    "http:/evil.example",
    "https://",
    "mailto:",
]
FORMS = [
    "[x]({})",
    "[x](<{}>)",
    '[x]({} "title")',
    "![x]({})",
    "[![x](https://e.com)]({})",
    "[x]\n\n[x]: {}",
    "[x]\n\n[x]: <{}>",
    "![x][y]\n\n[y]: {}",
    "<{}>",
    '<a href="{}">x</a>',
    "[a](https://e.com/[x]({}))",
    "| [x]({}) |\n|-|",
    "*[x]({})*",
    "> [x]({})",
]


@pytest.mark.parametrize("body", [*SCRIPTS, *HANDLERS, *ELEMENTS_OF_OTHERS])
def test_html_in_a_body_is_shown_and_not_run(body: str) -> None:
    harmless(render_markdown(body))


@pytest.mark.parametrize("body", [*SCRIPTS[:2], *ELEMENTS_OF_OTHERS])
def test_what_was_written_is_what_is_read(body: str) -> None:
    assert body in harmless(render_markdown(body)).text


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("form", FORMS)
def test_no_link_leads_there(form: str, address: str) -> None:
    page = harmless(render_markdown(form.format(address)))
    leads = {attributes["href"] for element, attributes in page.elements if element == "a" and "href" in attributes}
    assert {lead for lead in leads if lead and not lead.startswith("https://e.com")} == set()


@pytest.mark.parametrize(
    ("body", "leads"),
    [
        ("[x](mailto:a@example.org)", "mailto:a@example.org"),
        ("<a@example.org>", "mailto:a@example.org"),
        ("[x](MAILTO:a@example.org?subject=b)", "MAILTO:a@example.org?subject=b"),
        ("[x](HTTPS://example.org)", "HTTPS://example.org"),
        ("[x](http://127.0.0.1:8000/)", "http://127.0.0.1:8000/"),
        ("[x](https://example.org/?a=1&b=<2>)", "https://example.org/?a=1&b=%3C2%3E"),
        ("![x](https://example.org/i.png)", "https://example.org/i.png"),
        ("[x](https://example.org/javascript:alert(1))", "https://example.org/javascript:alert(1)"),
    ],
)
def test_links_to_pages_and_people_work(body: str, leads: str) -> None:
    [(element, attributes)] = [item for item in harmless(render_markdown(body)).elements if item[0] == "a"]
    assert (element, attributes["href"]) == ("a", leads)


@pytest.mark.parametrize(
    "body", ["![x](https://e.com/i.png)", "![x][y]\n\n[y]: https://e.com/i.png", "<img src=https://e.com>"]
)
def test_reading_a_page_loads_nothing_from_elsewhere(body: str) -> None:
    html = render_markdown(body)
    assert "<img" not in html
    assert " src=" not in re.sub(r"&lt;.*?&gt;", "", html)


PIECES = st.sampled_from(
    [
        *("[", "]", "(", ")", "<", ">", "!", '"', "'", "`", "```", "\\", "&", "|", "*", "_", "~~", "#", "\n", "\n\n"),
        *(" ", "\t", "    ", "- ", "> ", "1. ", "|-|", "[x]:", "](", "!["),
        *("javascript:", "data:text/html,", "vbscript:", "https://e.com", "mailto:a@b.c", "&colon;", "&#58;", "\u200b"),
        *("<script>", "</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "</code>", "<!--", "-->"),
        *('" onclick="', "' onclick='", "onload=alert(1)", "alert(1)", "style=x", "class=x", "x"),
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_nothing_made_of_such_pieces_harms(body: str) -> None:
    harmless(render_markdown(body))
