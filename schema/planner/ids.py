"""Opaque object ids: base64 of `Type:primary key`."""

import base64
import binascii
import re

from schema.planner.errors import InputError

_TEXT = re.compile(r"([A-Z][A-Za-z]{1,40}):([1-9][0-9]{0,18})", re.ASCII)
_LARGEST = 2**63 - 1


def encode_id(type_name: str, key: int) -> str:
    """The id of a row; the planner makes the same in SQL."""
    return base64.b64encode(f"{type_name}:{key}".encode()).decode()


def decode_id(text: str) -> tuple[str, int]:
    """Type and primary key. Raises BAD_USER_INPUT where `text` is no id."""
    try:
        raw = base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise InputError("This is not an id.") from None
    match = _TEXT.fullmatch(raw)
    if match is None or int(match[2]) > _LARGEST or base64.b64encode(raw.encode()).decode() != text:
        raise InputError("This is not an id.")
    return match[1], int(match[2])


def key_of(text: str, *type_names: str) -> int:
    """The primary key of an id that must be of one of the types. Raises BAD_USER_INPUT otherwise."""
    type_name, key = decode_id(text)
    if type_name not in type_names:
        raise InputError(f"This id is one of type {type_name}; expected {' or '.join(type_names)}.")
    return key
