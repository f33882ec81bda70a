"""Addresses of web pages."""

from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.encoding import iri_to_uri

from knowledge.errors import MistakeCode, Mistakes
from knowledge.text.cleaning import clean_line

URL_MOST: Final = 2_000

_VALIDATE: Final = URLValidator(schemes=["http", "https"])


def clean_url(raw: str, mistakes: Mistakes, *path: str) -> str:
    """`raw` as an http or https address in ASCII; notes REQUIRED, TOO_LONG or INVALID at `path`."""
    found_before = len(mistakes.found)
    url = clean_line(raw, mistakes, *path, most=URL_MOST)
    if len(mistakes.found) > found_before:
        return url
    try:
        _VALIDATE(url)
        url = iri_to_uri(url)
    except (ValidationError, ValueError):  # ValueError: a host that cannot be taken apart
        mistakes.add(MistakeCode.INVALID, "This is not an http or https address.", *path)
    if len(url) > URL_MOST:
        mistakes.add(MistakeCode.TOO_LONG, f"The address is longer than {URL_MOST:,} characters.", *path)
    return url
