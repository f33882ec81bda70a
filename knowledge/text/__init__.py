"""Human text: what is accepted of it, how it is shown, and what it is called in an address.

cleaning.py   what a person typed, made fit to be stored, or its mistakes noted
addresses.py  addresses of web pages
mailboxes.py  addresses of mailboxes
markdown.py   Markdown to HTML that is safe in a page; reading time
gist.py       what a text is about, and whether two are about the same
normal.py     Unicode's normal forms
slugs.py      names and titles as slugs
versions.py   versions of a text, compared
three_way.py  and merged
"""

from knowledge.text.addresses import clean_url
from knowledge.text.cleaning import clean_line, clean_text, excerpt, storable, without_directions
from knowledge.text.gist import Gist, gist_of, likeness, parts_to_look_for, told_apart_by
from knowledge.text.mailboxes import MAILBOX_MOST, mailbox, whose_mailbox
from knowledge.text.markdown import escape_markdown, reading_minutes, render_markdown
from knowledge.text.normal import normal
from knowledge.text.slugs import bare_name, folded, slug_for, slugs, title_key
from knowledge.text.three_way import Merged, merge
from knowledge.text.versions import unified_diff

__all__ = [
    "MAILBOX_MOST",
    "Gist",
    "Merged",
    "bare_name",
    "clean_line",
    "clean_text",
    "clean_url",
    "escape_markdown",
    "excerpt",
    "folded",
    "gist_of",
    "likeness",
    "mailbox",
    "merge",
    "normal",
    "parts_to_look_for",
    "reading_minutes",
    "render_markdown",
    "slug_for",
    "slugs",
    "storable",
    "title_key",
    "told_apart_by",
    "unified_diff",
    "whose_mailbox",
    "without_directions",
]
