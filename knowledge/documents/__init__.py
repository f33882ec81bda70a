"""A learner's document, read: Markdown in, one value out.

The modules right in here are the parser, which knows no Django, no database and no network; in the order of its work:

    source.py      bytes to text, and what is refused before reading; encodings.py knows the encodings
    repair.py      text to better text, line by line, so that lines keep their numbers
    markdown.py    text to blocks (block.py) of lines (lines.py), html.py the HTML among it
    titles.py      headings that were not written as headings
    outline.py     blocks to sections; topics.py tells what a heading's words announce
    names.py       sections to technologies, tools and concepts; kinds.py tells categories from names
    sayings.py     sections to practices and learnings; avoided.py tells what is not to be done
    cases.py       a challenges section to cases, by their labels (labels.py); fields.py knows those that nobody foresaw
    pairs.py       a case to a challenge with its solution (passages.py); tables.py a table to several
    parser.py      all of it
    report.py      a document as plain data, for the command line and for benchmarks

tidy.py and naming.py are what they share: text without decoration, and names apart from descriptions.
`exact` has documents that Nexus wrote itself, which are not guessed at, and `foreign` what other programs export.
`importing` writes what was read to the database; `exporting` writes what is in the database as documents.
"""

from knowledge.documents.document import Challenge, Document, Named, ParseWarning
from knowledge.documents.errors import (
    DocumentError,
    DocumentHasNul,
    DocumentTooLong,
    DocumentTooRich,
    UndecodableDocument,
)
from knowledge.documents.parser import parse_document

__all__ = [
    "Challenge",
    "Document",
    "DocumentError",
    "DocumentHasNul",
    "DocumentTooLong",
    "DocumentTooRich",
    "Named",
    "ParseWarning",
    "UndecodableDocument",
    "parse_document",
]
