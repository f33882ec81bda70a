"""Scores the document parser on a corpus of labelled documents.

    bench/corpus.py CORPUS [options of the scorer, e.g. --misses]

CORPUS holds readmes/*.md, labels.jsonl (an object a line, whose "file" is the document and "repo" its key) and
score.py, which is run over the labels and this parser's predictions. The exit status is the scorer's.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from knowledge.documents.report import report_on_file  # a checkout that is not installed


def predict(corpus: Path, output: IO[str]) -> None:
    """Writes what the parser finds in each labelled document, a JSON object a line."""
    for line in (corpus / "labels.jsonl").read_text("utf-8").splitlines():
        label = json.loads(line)
        report = report_on_file(corpus / label["file"])
        if "error" in report:
            print(f"{label['file']}: {report['error']['message']}", file=sys.stderr)
            continue
        output.write(json.dumps({"repo": label["repo"], **report}, ensure_ascii=False) + "\n")


def main() -> int:
    """Predicts and scores."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("corpus", type=Path)
    options, scorer_options = arguments.parse_known_args()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".jsonl") as predictions:
        predict(options.corpus, predictions)
        predictions.flush()
        scorer = [sys.executable, options.corpus / "score.py", options.corpus / "labels.jsonl", predictions.name]
        return subprocess.run([*scorer, "--by-class", *scorer_options], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
