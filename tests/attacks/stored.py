"""What is written and read later: scripts, links that act, addresses that would be fetched, texts that grow."""

import socket
from collections.abc import Callable, Iterable
from typing import Any

from tests.attacks.attack import Attack, asking, first_code
from tests.attacks.stage import Stage
from tests.http.server import Reply

XSS = "ASVS 5.0 V1.3.1"
DOS = "CWE-400"
MAIL = "CWE-93"
SSRF = "ASVS 5.0 V1.3.6"
CREATE = """mutation($it: EntryCreateInput!) { entryCreate(input: $it) { entry { title summary bodyHtml } errors { code path } } }"""
IMPORT = """mutation($it: DocumentImportInput!) { documentImport(input: $it) { source { title }
    report { entriesCreated warnings { line } items { title } } errors { code path } } }"""
DRAFT = {"kind": "TOOL", "title": "Mine", "body": "Mine"}
# None of these may stand in HTML that is shown: each would act.
ACTIVE = (
    "<script",
    "javascript:",
    "vbscript:",
    "data:text",
    "<iframe",
    "<svg",
    "<object",
    "<form",
    "<style",
    "<base",
    "<meta",
    "<math",
)
# Each within an attribute of a tag: as text between tags it is harmless.
HANDLERS = ("onerror=", "onclick=", "onload=", "style=", "formaction=", "srcdoc=")
SCRIPTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt&#58;alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](vbscript:msgbox(1))",
    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "![a](data:text/html,<script>alert(1)</script>)",
    "<javascript:alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    '[a](https://example.org/"onclick="alert(1))',
    '![a](x "onerror=alert(1) b=\\"")',
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href='jav&#x0A;ascript:alert(1)'>a</a>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "```html\n</code></pre><script>alert(1)</script>\n```",
    "`</code><script>alert(1)</script>`",
    "<!--><script>alert(1)</script>-->",
    "<form action=https://evil.example><button formaction=javascript:alert(1)>",
    "<style>@import 'https://evil.example/a.css'</style>",
    "<base href=https://evil.example/>",
    '<meta http-equiv=refresh content="0;url=https://evil.example">',
)


def _acts(html: str) -> list[str]:
    """What in the HTML would act."""
    lower = html.lower()
    tags = "".join(part.split(">")[0] for part in lower.split("<")[1:])
    return [word for word in ACTIVE if word in (lower if word[0] == "<" else tags)] + [
        word for word in HANDLERS if f" {word}" in tags
    ]


def _written(number: int, text: str) -> Attack:
    """A text that would act in somebody's browser."""

    def send(stage: Stage) -> Reply:
        given = {**DRAFT, "title": f"Script {number}", "summary": text, "body": text}
        reply = stage.ask(CREATE, {"it": given}, as_="mallory")
        assert _acts(reply.json["data"]["entryCreate"]["entry"]["bodyHtml"]) == [], reply
        return reply

    return Attack(f"a text that would act, {number}", XSS, send, writes=("*",), as_="mallory")


def refused(name: str, source: str, code: str, **changes: Any) -> Attack:
    """An entry that is not made."""
    return asking(name, source, CREATE, as_="mallory", code=code, it={**DRAFT, **changes})


def importing(name: str, source: str, markdown: str, code: str | None = None, **changes: Any) -> Attack:
    """A document that is read, and changes nothing, because it is tried or refused."""
    return asking(name, source, IMPORT, as_="mallory", code=code, it={"markdown": markdown, "dryRun": True, **changes})


def listening(send: Callable[[Stage, str], Reply]) -> Callable[[Stage], Reply]:
    """The same with an address of ours at which nobody may ask."""

    def sent(stage: Stage) -> Reply:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(0.3)
            reply = send(stage, f"http://127.0.0.1:{server.getsockname()[1]}/secret")
            try:
                server.accept()
            except TimeoutError:
                return reply
        raise AssertionError("the server fetched an address")

    return sent


def _linked(stage: Stage, address: str) -> Reply:
    text = f"![a]({address}) [b]({address}) <{address}>"
    given = {**DRAFT, "title": "Links", "body": text, "resources": [{"title": "a", "url": address}]}
    return stage.ask(CREATE, {"it": given}, as_="mallory")


def _imported(stage: Stage, address: str) -> Reply:
    return stage.ask(
        IMPORT, {"it": {"markdown": f"# Tools\n\n- [A]({address})\n", "url": address, "dryRun": True}}, as_="mallory"
    )


def _one_line(stage: Stage) -> Iterable[Reply]:
    """A shown name with a header of a mail in it: it is kept on one line."""
    update = "mutation($it: String) { accountUpdate(input: {displayName: $it}) { viewer { user { displayName } } errors { code } } }"
    reply = stage.ask(update, {"it": "A\r\nBcc: victim@example.org\u2028\x85B"}, as_="mallory")
    shown = (reply.json["data"]["accountUpdate"]["viewer"] or {"user": {"displayName": ""}})["user"]["displayName"]
    assert len(shown.splitlines()) <= 1
    if first_code(reply) is None:
        yield stage.ask(update, {"it": "Mallory"}, as_="mallory")


def _turned(stage: Stage) -> Iterable[Reply]:
    """A shown name that is read from right to left, so that it looks like another's: it is shown as it is."""
    update = "mutation($it: String) { accountUpdate(input: {displayName: $it}) { viewer { user { displayName } } errors { code } } }"
    for given, shown in (("\u202effatS\u202c", "ffatS"), ("\u2066Mallory", "Mallory")):
        reply = stage.ask(update, {"it": given}, as_="mallory")
        assert reply.json["data"]["accountUpdate"]["viewer"]["user"]["displayName"] == shown
        yield reply


TEXTS = [
    refused("a link that acts", XSS, "INVALID", resources=[{"title": "a", "url": "javascript:alert(1)"}]),
    refused("a link that acts, in other letters", XSS, "INVALID", resources=[{"title": "a", "url": "JAVASCRIPT:alert(1)"}]),
    refused("a link that is data", XSS, "INVALID", resources=[{"title": "a", "url": "data:text/html,a"}]),
    refused("a link to a file", SSRF, "INVALID", resources=[{"title": "a", "url": "file:///etc/passwd"}]),
    refused("a link with a line break", MAIL, "INVALID", resources=[{"title": "a", "url": "https://example.org/\r\nX: y"}]),
    refused("a title of 10,000 letters", DOS, "TOO_LONG", title="a" * 10_000),
    refused("a body of 900 kB", DOS, "TOO_LONG", body="a" * 900_000),
    refused("1,000 tags", DOS, "TOO_MANY", tags=[f"t{number}" for number in range(1_000)]),
    refused("1,000 links", DOS, "TOO_MANY", resources=[{"title": "a", "url": "https://example.org/"}] * 1_000),
    refused("a title of nothing that is seen", "CWE-451", "REQUIRED", title="\u200b\u2060"),
    refused("a title with a null", "CWE-626", "INVALID", title="a\0b"),
    refused("a body with a null", "CWE-626", "INVALID", body="a\0b"),
    *(_written(number, text) for number, text in enumerate(SCRIPTS, 1)),
    Attack("a shown name with a header of a mail", MAIL, _one_line, writes=("*",), as_="mallory"),
    Attack("a shown name that is read backwards", "CWE-451", _turned, writes=("*",), as_="mallory"),
    Attack("an address that would be fetched", SSRF, listening(_linked), writes=("*",), as_="mallory"),
]  # fmt: skip
DOCUMENTS = [
    Attack("a document's address that would be fetched", SSRF, listening(_imported), as_="mallory"),
    importing("a document from a file", SSRF, "# A\n", "INVALID", url="file:///etc/passwd"),
    importing("a document from a script", XSS, "# A\n", "INVALID", url="javascript:alert(1)"),
    importing("a document of 900 kB", DOS, "a b c\n" * 120_000, "TOO_LONG"),
    importing("a document of 5,000 headings", DOS, "# A\n" * 5_000),
    importing("a document of lists in lists", DOS, "".join("  " * number + "- a\n" for number in range(300))),
    importing("a document of quotes in quotes", DOS, ">" * 50_000 + " a"),
    importing("a document of brackets", DOS, "[" * 60_000),
    importing("a document of emphasis", DOS, "*a **a " * 20_000),
    importing("a document of backticks", DOS, "".join("`" * number + " " for number in range(1, 400))),
    importing("a document of a table that is wide", DOS, "|a" * 5_000 + "|\n" + "|-" * 5_000 + "|\n" + ("|b" * 5_000 + "|\n") * 3),
    importing("a document of links to links", DOS, "".join(f"[a{number}]: /b\n" for number in range(5_000)) + "[a1]" * 5_000),
    importing("a document with a null", "CWE-626", "# A\0\n\n- b\0\n", "INVALID"),
    importing("a document of nothing", "CWE-20", " \n\t\n", "REQUIRED"),
]  # fmt: skip
ATTACKS = [*TEXTS, *DOCUMENTS]
