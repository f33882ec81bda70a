"""From a learner's document to entries, tags and challenges: the way in for documents. This part knows Django.

found.py        what a document holds, as what it would become: pure values, no database
topics.py       what practices and challenges are about: names that stand in a sentence
sources.py      the document itself: whose it is, whether it was seen before
entries.py      names, practices and learnings, matched with the entries that are there
challenges.py   challenges and their solutions, likewise; told.py those that are there, retold.py what is told twice
exact           documents of an export instead, brought back as they are
report.py       what came of it
service.py      all of it in one transaction
"""

from knowledge.documents.importing.report import ImportItem, ItemKind, Outcome, Report
from knowledge.documents.importing.service import import_document, import_read
from knowledge.documents.importing.sources import wait_for_turn

__all__ = ["ImportItem", "ItemKind", "Outcome", "Report", "import_document", "import_read", "wait_for_turn"]
