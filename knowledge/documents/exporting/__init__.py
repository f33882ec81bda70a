"""The way out: everything that is visible, as documents that an import brings back to the same content.

gather.py        from the database to values, in batches
fingerprint.py   the hash of the content
pages.py         values as files with their names
folder.py        files into a new folder, all of them or none
service.py       an export, and the hash of what it would hold
"""

from knowledge.documents.exporting.folder import FolderInTheWay
from knowledge.documents.exporting.service import Exported, content_hash, export_documents

__all__ = ["Exported", "FolderInTheWay", "content_hash", "export_documents"]
