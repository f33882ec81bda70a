"""What is looked at before anything is served: `manage.py check`, and each start of the web and the stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's name

from schema.documents import InvalidDocument, read_document
from schema.persisted import trusted_documents

TAG: Final = "nexus"
# The longest reason that is told.
MOST: Final = 200


@register(TAG)
def trusted_documents_are_in_order(**_: Any) -> list[CheckMessage]:
    """An error where TRUSTED_DOCUMENTS is no manifest; a warning for each document of it that is not in order."""
    try:
        documents = trusted_documents()
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [
            Error(
                f"TRUSTED_DOCUMENTS is wrong. It must be the path of a manifest of documents: {str(error)[:MOST]}",
                hint=f"It is {settings.TRUSTED_DOCUMENTS}.",
                id="nexus.E001",
            )
        ]
    return [
        Warning(f"The trusted document {name!r} is refused: {str(error)[:MOST]}", id="nexus.W001")
        for name, error in _refused(documents.items())
    ]


def _refused(documents: Any) -> Iterator[tuple[str, InvalidDocument]]:
    for name, text in documents:
        try:
            read_document(text)
        except InvalidDocument as error:
            yield name, error
