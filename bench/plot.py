"""The plot of docs/benchmarks.md, from what `make bench` measured. The rivals' environment has what draws it.

python -m bench.plot RESULTS.json IMAGE.png
"""

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt


def draw(results: Path, image: Path) -> None:
    """Bars by question, one for each contestant, on a logarithmic scale."""
    found = json.loads(results.read_text("utf-8"))
    questions = list(dict.fromkeys(each["question"] for each in found))
    contestants = list(dict.fromkeys(each["contestant"] for each in found))
    rates = {(each["contestant"], each["question"]): each["rate"] for each in found}
    figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
    width = 0.8 / len(contestants)
    for place, contestant in enumerate(contestants):
        at = [number + place * width - 0.4 + width / 2 for number in range(len(questions))]
        bars = axes.bar(at, [rates[contestant, question] for question in questions], width * 0.9, label=contestant)
        axes.bar_label(bars, fmt="{:,.0f}", fontsize=6, padding=1)
    axes.set_yscale("log")
    axes.set_ylabel("answers a second")
    axes.set_xticks(range(len(questions)), [question.upper() for question in questions])
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, ncols=len(contestants), loc="lower center", bbox_to_anchor=(0.5, 1.0))
    figure.savefig(image, dpi=160)


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
