"""Telling categories from names.

In "Databases: PostgreSQL, Redis" the names stand on the right, in "Redis: a cache" on the left.
"""

from collections.abc import Sequence

from knowledge.documents.lines import Line
from knowledge.documents.naming import enumerated, has_colon, is_capitalised, members_of, split_name
from knowledge.documents.tidy import vocabulary, without_parentheses, words

__all__ = ["category_column", "is_category_list", "is_kind", "name_column", "without_numbering"]

# Nouns of the field for kinds of things, not names of things.
_KINDS = vocabulary(
    "language languages framework frameworks database databases api apis tool tools library libraries stack platform"
    " platforms server servers broker brokers queue queues system systems analysis architecture data concepts ui cd"
    " infrastructure tasks frontend backend jobs control methods services cloud ops devops data others"
)
_KIND_ENDINGS = ("ing", "tion", "ment", "ity", "sis")
# Of all right-hand sides in a list, how many must be written like names for the left-hand sides to be categories.
_MOSTLY = 0.55
_MIN_CATEGORIES = 2
_COUNTS = vocabulary("no nr n s sn sno num number id item")
_MAX_NUMBER = 6
_CATEGORY_COLUMNS = vocabulary(
    "area areas category categories layer layers type types domain component components part"
)
_NAME_COLUMNS = vocabulary(
    "technology technologies tool tools stack framework frameworks name library libraries concept concepts tech"
    " language languages topic"
)


def without_numbering(rows: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """A table's rows without a first column that only counts them: `| No. | Technology |`."""
    header, *others = rows
    says_so = len(header) > 1 and set(words(header[0].text)) <= _COUNTS
    counts = says_so and all(row and _is_number(row[0].text) for row in others)
    return [list(row[1:] if counts else row) for row in rows]


def _is_number(text: str) -> bool:
    return len(text) <= _MAX_NUMBER and (not text or any(char.isdigit() for char in text))


def is_category_list(lines: Sequence[Line]) -> bool:
    """Whether a list's items are categories with their members: mostly names stand after the colons."""
    told = [(line, named) for line in lines if (named := split_name(line)) and named[1]]
    pairs = [named for line, named in told if has_colon(line, named[0])] or _dashed([named for _, named in told])
    if len(pairs) < _MIN_CATEGORIES or len(pairs) * 5 < len(lines) * 4:
        return False
    members = [member for _, text in pairs for member in enumerated(text)]
    if not members or sum(map(is_capitalised, members)) < _MOSTLY * len(members):
        return False
    left = sum(is_kind(name) for name, _ in pairs) / len(pairs)
    return left >= sum(is_kind(name) for _, text in pairs for name in members_of(text)) / len(members)


def _dashed(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """`Databases - PostgreSQL, Redis`: after a dash it takes a row of names each, before it mostly kinds of things."""
    are_rows = all(len(members := enumerated(text)) > 1 and all(map(is_capitalised, members)) for _, text in pairs)
    return list(pairs) if are_rows and sum(is_kind(name) for name, _ in pairs) * 2 >= len(pairs) else []


def name_column(header: Sequence[Line]) -> int | None:
    """The column of a table that holds the names."""
    said = [set(words(cell.text)) for cell in header]
    named = [n for n, column in enumerate(said) if column & _NAME_COLUMNS]
    if named:
        return named[0]
    category = category_column(header)
    if category is None:
        return 0 if said else None
    return next((n for n in range(len(said)) if n != category), None)


def category_column(header: Sequence[Line]) -> int | None:
    """The column that holds categories, if the table has one."""
    said = [set(words(cell.text)) for cell in header]
    return next((n for n, column in enumerate(said) if column & _CATEGORY_COLUMNS), None)


def is_kind(text: str) -> bool:
    """Whether a text is the field's word for a kind of things: "Databases", "Task queues", "Testing"."""
    said = words(without_parentheses(text))
    return bool(said) and (said[-1] in _KINDS or said[-1].endswith(_KIND_ENDINGS))
