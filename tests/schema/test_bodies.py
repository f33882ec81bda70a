"""Bodies by the API: Markdown as it was written beside HTML that is safe, and nothing that they name is fetched."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import challenge, id_of

HOSTILE = """<script>alert(1)</script> [x](javascript:alert(1)) [y](https://example.org "t") <a@example.org>

![z](data:image/png;base64,AAAA) <img src=x onerror=alert(1)>"""
SAFE = (
    "<p>&lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1)) "
    '<a href="https://example.org" title="t" rel="nofollow noopener ugc">y</a> '
    '<a href="mailto:a@example.org" rel="nofollow noopener ugc">a@example.org</a></p>\n'
    "<p>![z](data:image/png;base64,AAAA) &lt;img src=x onerror=alert(1)&gt;</p>\n"
)
ENTRY = """mutation($input: EntryCreateInput!) { entryCreate(input: $input) {
  entry { body bodyHtml viewerDraft { body bodyHtml } } errors { code }
} }"""
CHALLENGE = """mutation($input: ChallengeCreateInput!) { challengeCreate(input: $input) {
  challenge { body bodyHtml } errors { code }
} }"""
SOLUTION = """mutation($input: SolutionCreateInput!) { solutionCreate(input: $input) {
  solution { body bodyHtml } errors { code }
} }"""
IMPORT = """mutation($input: DocumentImportInput!) { documentImport(input: $input) {
  source { entries { nodes { bodyHtml } } challenges { nodes { bodyHtml } } } errors { code }
} }"""


def test_bodies_are_kept_as_written_and_shown_safely(cast: Cast, api: Client) -> None:
    written = {"body": HOSTILE, "bodyHtml": SAFE}
    given: dict[str, Any] = {"kind": "TOOL", "title": "T", "body": HOSTILE}
    made = api.run(ENTRY, {"input": given}, as_=cast.author).data["entryCreate"]
    assert made == {"entry": {**written, "viewerDraft": written}, "errors": []}
    given = {"title": "T", "body": HOSTILE}
    made = api.run(CHALLENGE, {"input": given}, as_=cast.author).data["challengeCreate"]
    assert made == {"challenge": written, "errors": []}
    given = {"challengeId": id_of(challenge("C")), "body": HOSTILE}
    made = api.run(SOLUTION, {"input": given}, as_=cast.author).data["solutionCreate"]
    assert made == {"solution": written, "errors": []}


def test_what_an_import_makes_is_safe(cast: Cast, api: Client) -> None:
    document = f"""# Notes
## Technologies
- **Django**: a framework {HOSTILE.splitlines()[0]}
## Challenges
- **Challenge:** <img src=x onerror=alert(1)> hangs [x](javascript:alert(1))
  - **Solution:** <script>alert(1)</script>
"""
    made = api.run(IMPORT, {"input": {"markdown": document}}, as_=cast.staff).data["documentImport"]
    [entry] = made["source"]["entries"]["nodes"]
    [asked] = made["source"]["challenges"]["nodes"]
    for html in (entry["bodyHtml"], asked["bodyHtml"]):
        assert "<script" not in html
        assert "<img" not in html
        assert 'href="javascript' not in html


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port on this machine that somebody might be lured to."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


def test_nothing_that_is_named_is_fetched(cast: Cast, api: Client, listener: socket.socket) -> None:
    page = f"http://127.0.0.1:{listener.getsockname()[1]}/x.png"
    body = f"![x]({page}) [x]({page}) <{page}>"
    resources = [{"title": "R", "url": page}]
    given: dict[str, Any] = {"kind": "TOOL", "title": "T", "body": body, "resources": resources, "submit": True}
    assert api.run(ENTRY, {"input": given}, as_=cast.author).data["entryCreate"]["errors"] == []
    document = f"# Notes\n![x]({page})\n## Technologies\n- **Django**: [docs]({page})\n"
    made = api.run(IMPORT, {"input": {"markdown": document, "url": page}}, as_=cast.staff).data["documentImport"]
    assert made["errors"] == []
    with pytest.raises(BlockingIOError):
        listener.accept()
