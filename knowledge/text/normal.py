"""Unicode's normal forms, in a time that grows with the length of the text alone."""

import re
import unicodedata
from typing import Final, Literal

# As many as Unicode's own stream-safe texts have (UAX 15), far more than any script writes.
_MOST_MARKS: Final = 30
# Unicode has no marks before these planes, nor behind.
_PLANES: Final = range(0x300, 0x1F000)


def normal(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """`text` in the normal form; of marks in a row, as accents are, the first 30.

    Marks are put in order by moving each past those before it: 400,000 behind one letter take minutes, in which the
    process does nothing else.
    """
    return text if text.isascii() else unicodedata.normalize(form, _RUNS.sub(r"\1", text))


def is_mark(char: str) -> bool:
    """Whether its order among its neighbours is settled by the normal forms, or that of what it is taken apart into."""
    return unicodedata.combining(unicodedata.normalize("NFKD", char)[0]) != 0


_MARK: Final = f"[{''.join(filter(is_mark, map(chr, _PLANES)))}]"
_RUNS: Final = re.compile(f"({_MARK}{{{_MOST_MARKS}}}){_MARK}+")
