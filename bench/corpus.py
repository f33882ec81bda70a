"""Scores the document parser on a corpus of labelled documents, and checks the scores crosswise.

    python -m bench.corpus CORPUS [--folds 5] [options of the scorer, e.g. --misses]

CORPUS holds documents, labels.jsonl (an object a line, whose "file" is the document and "repo" its key) and score.py,
which is run over the labels and the parser's predictions: in all and by class of writing.

Then the cross-check: what a rule was written for must not be what it is judged by. The documents are dealt into folds,
class by class. For each fold the parser goes without the words of its vocabularies that stand in no other fold, and
reads the fold so; then also without the repairs and the readers of cases for which no other fold has a use. The scores
of these readings together say what to expect of documents that nobody had seen when the rules were written: of the
first, where their ways of writing are known; of the second, where they are not.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ops.checkout import ROOT

FOLDS = 5


def main() -> int:
    """Predicts and scores; the exit status is the scorer's."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--folds", type=int, default=FOLDS)
    arguments.add_argument("--without", action="store_true", help=argparse.SUPPRESS)
    options, scorer_options = arguments.parse_known_args()
    if options.without:
        return _read_without(json.load(sys.stdin))
    labels = [json.loads(line) for line in (options.corpus / "labels.jsonl").read_text("utf-8").splitlines()]
    status = _score(options.corpus, _predict(options.corpus, labels), scorer_options)
    for with_rules in (False, True):
        print(f"\nCross-check, {options.folds} folds, without {'words and rules' if with_rules else 'words'}:")
        crosswise = _crosswise(options.corpus, labels, options.folds, with_rules=with_rules)
        status = status or _score(options.corpus, crosswise, scorer_options)
    return status


def _predict(corpus: Path, labels: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    from knowledge.documents.report import report_on_file  # noqa: PLC0415 - after what a fold goes without

    reports = [(label, report_on_file(corpus / label["file"])) for label in labels]
    for label, report in reports:
        if "error" in report:
            print(f"{label['file']}: {report['error']['message']}", file=sys.stderr)
    return [{"repo": label["repo"], **report} for label, report in reports if "error" not in report]


def _score(corpus: Path, predictions: Iterable[dict[str, Any]], options: list[str]) -> int:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".jsonl") as file:
        file.writelines(json.dumps(each, ensure_ascii=False) + "\n" for each in predictions)
        file.flush()
        scorer: list[str | Path] = [sys.executable, corpus / "score.py", corpus / "labels.jsonl", file.name]
        return subprocess.run([*scorer, "--by-class", *options], check=False).returncode


def _crosswise(corpus: Path, labels: list[dict[str, Any]], folds: int, *, with_rules: bool) -> list[dict[str, Any]]:
    dealt = sorted(labels, key=lambda label: (label["class"], label["repo"]))
    texts = {label["file"]: (corpus / label["file"]).read_text("utf-8", "replace").casefold() for label in labels}
    rules = {label["file"]: _rules_used(corpus / label["file"]) for label in labels}
    predictions = []
    for number in range(folds):
        fold = dealt[number::folds]
        others = [label["file"] for label in labels if label not in fold]
        own = [label["file"] for label in fold]
        given = {
            "corpus": str(corpus),
            "labels": fold,
            "here": "\n".join(texts[file] for file in own),
            "elsewhere": "\n".join(texts[file] for file in others),
            "rules": [],
        }
        if with_rules:
            used = [{rule for file in files for rule in rules[file]} for files in (own, others)]
            given["rules"] = sorted(used[0] - used[1])
        again = [sys.executable, "-m", "bench.corpus", str(corpus), "--without"]
        read = subprocess.run(again, input=json.dumps(given), capture_output=True, text=True, check=True)
        predictions += json.loads(read.stdout)
        print(f"  fold {number + 1}: {len(fold)} documents; {read.stderr.strip()}")
    return predictions


def _rules_used(file: Path) -> set[str]:
    """The names of the repairs that change the document, and of the readers that read a case of it."""
    from knowledge.documents import DocumentError, pairs, parse_document, repair  # noqa: PLC0415 - as above

    used: set[str] = set()

    def noting(rule: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def noted(given: Any) -> Any:
            found = rule(given)
            if found is not None and found != given:
                used.add(rule.__name__)
            return found

        return noted

    before = repair.REPAIRS, pairs.READERS
    repair.REPAIRS, pairs.READERS = (tuple(map(noting, table)) for table in before)
    try:
        parse_document(file.read_bytes())
    except DocumentError:
        return set()
    finally:
        repair.REPAIRS, pairs.READERS = before
    return used


def _read_without(given: dict[str, Any]) -> int:
    """Reads a fold without what only it has a use for; prints the predictions, and on the other side what was left out.

    The words are taken out while the parser's modules are loaded, so this is done in a process of its own.
    """
    path = ROOT / "knowledge" / "documents" / "tidy.py"
    specification = importlib.util.spec_from_file_location("knowledge.documents.tidy", path)
    if specification is None or specification.loader is None:
        raise SystemExit(f"{path} could not be loaded.")
    tidy: Any = importlib.util.module_from_spec(specification)
    sys.modules["knowledge.documents.tidy"] = tidy
    specification.loader.exec_module(tidy)
    here, elsewhere = set(tidy.words(given["here"])), set(tidy.words(given["elsewhere"]))
    listed, all_phrases, dropped = tidy.vocabulary, tidy.phrases, set()

    def vocabulary(text: str) -> frozenset[str]:
        dropped.update(listed(text) & (here - elsewhere))
        return frozenset(listed(text) - dropped)

    def phrases(text: str) -> tuple[str, ...]:
        own = {phrase for phrase in all_phrases(text) if phrase in given["here"] and phrase not in given["elsewhere"]}
        dropped.update(own)
        return tuple(phrase for phrase in all_phrases(text) if phrase not in own)

    tidy.vocabulary, tidy.phrases = vocabulary, phrases

    from knowledge.documents import pairs, repair  # noqa: PLC0415 - now that the words are out

    repair.REPAIRS = tuple(rule for rule in repair.REPAIRS if rule.__name__ not in given["rules"])
    pairs.READERS = tuple(rule for rule in pairs.READERS if rule.__name__ not in given["rules"])
    json.dump(_predict(Path(given["corpus"]), given["labels"]), sys.stdout)
    print(f"without {', '.join([*sorted(dropped), *given['rules']]) or 'nothing'}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
