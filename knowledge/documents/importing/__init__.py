"""From a learner's document to entries, tags and challenges: the way in for documents. This part knows Django.

found.py        what a document holds, as what it would become: pure values, no database
topics.py       what practices and challenges are about: names that stand in a sentence
sources.py      the document itself: whose it is, whether it was seen before
entries.py      names, practices and learnings, matched with the entries that are there
challenges.py   challenges and their solutions, likewise
report.py       what came of it
service.py      all of it in one transaction
"""

from knowledge.documents.importing.report import ImportItem, ItemKind, Outcome, Report
from knowledge.documents.importing.service import import_document

__all__ = ["ImportItem", "ItemKind", "Outcome", "Report", "import_document"]
