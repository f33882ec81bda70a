"""Measures how long reading grows with a document's size, and draws docs/images/import.png: `make import-curve`.

    python -m bench.curve times          # prints JSON: for each kind of document, pairs of kilobytes and seconds
    python -m bench.curve draw IMAGE     # reads that JSON from standard input; needs matplotlib

Kinds are hostile ones of tests/knowledge/documents/test_hostile.py at sizes up to the limit of 1 MB, and a learner's
document written again and again. Seconds are of processor time, the best of three.
"""

import json
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import process_time

from ops.checkout import ROOT

SIZES = (62_500, 125_000, 250_000, 500_000, 1_000_000)
ROUNDS = 3
TABLE = "## Challenges\n|Challenge|Solution|\n|--|--|\n"


def main() -> None:
    """Does what the first argument says."""
    if sys.argv[1:2] == ["draw"]:
        _draw(json.load(sys.stdin), Path(sys.argv[2]))
    else:
        times = {name: [[size / 1_000, _seconds(make(size))] for size in SIZES] for name, make in KINDS.items()}
        json.dump(times, sys.stdout)


def _written(size: int) -> str:
    """A learner's document again and again; lines are long enough for a full megabyte to stay under the limit."""
    text = (ROOT / "tests/knowledge/documents/written/several-fields.md").read_text("utf-8")
    long = text.replace("Two days lost", "Two days lost, " + "and nobody knew why, " * 40)
    return (long * (size // len(long) + 1))[:size]


KINDS: dict[str, Callable[[int], str]] = {
    "a learner's document, again and again": _written,
    "brackets": lambda size: "[" * size,
    "block quotes, nested": lambda size: ">" * size,
    "rows of a table": lambda size: TABLE + f"|{'a' * 40}|{'b' * 40}|\n" * (size // 84),
    "references of links": lambda size: "".join(
        f"[a{number}]: https://x/{number:040}\n" for number in range(size // 62)
    ),
    "inline HTML": lambda size: ("<b>a</b> " * 8 + "\n") * (size // 73),
    "emphasis": lambda size: ("*a **b " * 10 + "\n") * (size // 71),
}


def _seconds(text: str) -> float:
    from knowledge.documents import DocumentError, parse_document  # noqa: PLC0415 - not where pictures are drawn

    best = float("inf")
    for _ in range(ROUNDS):
        began = process_time()
        with suppress(DocumentError):
            parse_document(text)
        best = min(best, process_time() - began)
    return best


def _draw(times: dict[str, list[tuple[float, float]]], image: Path) -> None:
    import matplotlib as mpl  # noqa: PLC0415 - in an environment of its own

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    for name, points in times.items():
        axes.plot(*zip(*points, strict=True), marker="o", markersize=3, label=name)
    axes.set_xlabel("kilobytes")
    axes.set_ylabel("seconds of processor time")
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=7)
    figure.savefig(image, dpi=160)


if __name__ == "__main__":
    main()
