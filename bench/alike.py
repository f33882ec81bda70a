"""Measures by what words challenges of several learners are told to be one: `make alike CORPUS=path`.

    python -m bench.alike CORPUS [--show]

Compares every challenge of the documents in CORPUS (a folder, see bench.corpus; readmes/ in it, or *.md) with every
one of the other documents. For each band of likeness: how many pairs there are, how many of these an import takes for
one challenge, and by what the others are told apart. With --show, the pairs of the upper bands and what the import
does, for a person to judge. Asks no database: names that only tags know are not told here.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from knowledge.documents import DocumentError, parse_document
from knowledge.text import Gist, gist_of, likeness, told_apart_by
from knowledge.text.gist import ALIKE

# Lower ends of the bands, and from where on pairs are shown.
BANDS = (1.0, 0.9, 0.8, ALIKE, 0.7, 0.6, 0.5, 0.4)
SHOWN = 0.6


def main() -> int:
    """Compares and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    told = list(_told(options.corpus))
    pairs: Counter[tuple[float, bool]] = Counter()
    for (file, text, gist), (other_file, other_text, other) in combinations(told, 2):
        alike = likeness(gist, other)
        band = next((low for low in BANDS if alike >= low), None)
        if file == other_file or band is None:
            continue
        is_one = told_apart_by(gist, other) is not None
        pairs[band, is_one] += 1
        if options.show and alike >= SHOWN:
            print(f"{alike:.2f} {'one' if is_one else 'two'}: {text} | {other_text}")
    print(f"{len(told)} challenges of {len({file for file, *_ in told})} documents\n")
    print("| words in both, of all | pairs | taken for one | told apart |\n|--:|--:|--:|--:|")
    for low in BANDS:
        one, two = pairs[low, True], pairs[low, False]
        print(f"| {low:.0%} or more | {one + two} | {one} | {two} |")
    return 0


def _told(corpus: Path) -> Iterator[tuple[Path, str, Gist]]:
    folder = corpus / "readmes" if (corpus / "readmes").is_dir() else corpus
    for file in sorted(folder.glob("*.md")):
        try:
            document = parse_document(file.read_bytes())
        except DocumentError:
            continue
        for challenge in document.challenges:
            yield file, challenge.challenge, gist_of(challenge.title, challenge.body)


if __name__ == "__main__":
    sys.exit(main())
