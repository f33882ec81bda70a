"""Which document a request asks for: the one that it brings, or one that it names by hash."""

from schema.documents import Document
from schema.execution import Caller
from schema.http.parameters import Parameters
from schema.persisted import Asking, is_asked_for, text_asked_for
from schema.settings import settings


def document_asked_for(parameters: Parameters, caller: Caller) -> Document:
    """The document to run. Raises InvalidDocument, CodedError, and what a token is refused for."""
    asking = Asking(caller.identify, caller.address, caller.now)
    text = parameters.query
    if settings.TRUSTED_DOCUMENTS_ONLY or is_asked_for(parameters.extensions):
        text = text_asked_for(text, parameters.extensions, asking)
    return asking.read(text)
