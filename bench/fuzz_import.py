"""Fuzzes the document parser, led by what of its code each input reaches: `make fuzz-import SECONDS=60`.

    python -m bench.fuzz_import [options of libFuzzer, e.g. -max_total_time=60]

Starts from the documents in tests/knowledge/documents/written and from pieces of Markdown. Ends with the first input
for which the parser raises something else than a coded refusal, names a line that the document has not, answers more
than it was given, or answers another thing the second time; that input is kept as .nexus/fuzz-import/crash-*.
"""

import sys

import atheris

from ops.checkout import ROOT

FOLDER = ROOT / ".nexus" / "fuzz-import"
WRITTEN = ROOT / "tests/knowledge/documents/written"

with atheris.instrument_imports(include=["knowledge", "markdown_it", "mdit_py_plugins"]):
    from tests.knowledge.documents.promises import PIECES, keeps_its_promises


def main() -> None:
    """Fuzzes until time is over or something is found; atheris ends the process."""
    (FOLDER / "found").mkdir(parents=True, exist_ok=True)
    dictionary = FOLDER / "pieces.dict"
    dictionary.write_text("".join(f'"{_escaped(piece)}"\n' for piece in PIECES), "ascii")
    options = [f"-dict={dictionary}", f"-artifact_prefix={FOLDER}/", "-timeout=20", "-max_len=4096"]
    # What is found goes into the first folder, and is where the next run starts from.
    atheris.Setup([sys.argv[0], *options, *sys.argv[1:], str(FOLDER / "found"), str(WRITTEN)], keeps_its_promises)
    atheris.Fuzz()


def _escaped(piece: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in piece.encode())


if __name__ == "__main__":
    main()
