"""Draws how costs grow, of what `benchmarks.growth` kept; runs where matplotlib is, which Feedmill does not need.

    .venv/bench/bin/python -m benchmarks.plots FOLDER [--into DIR]

One picture for posts and one for sources, as SVG and PNG, into FOLDER; with ``--into``, the SVG goes there too. Both
scales are logarithmic: a cost that grows as its cause does is as steep as the dotted line, one that does not grow is
level.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, StrMethodFormatter

UNITS = {"s": "Time", "B": "Memory and disk"}
# Those of Okabe and Ito, which people tell apart who see few colours.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
_MARKERS = "osD^vPX"


def main() -> None:
    """Draw a picture of each kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where growth.json was kept, and the pictures are put")
    parser.add_argument("--into", type=Path, metavar="DIR")
    options = parser.parse_args()
    # The same figures give the same bytes: text stays text, and names of parts do not come from chance.
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "feedmill", "font.size": 9})
    found = json.loads((options.folder / "growth.json").read_text())
    machine = found.pop("machine")
    for kind, sizes in found.items():
        figure = draw(kind, {int(size): values for size, values in sizes.items()})
        figure.supxlabel(machine, fontsize=7, color="#555555")
        picture = options.folder / f"growth-{kind}.svg"
        figure.savefig(picture, metadata={"Date": None})
        figure.savefig(picture.with_suffix(".png"), dpi=110)
        print(picture)
        if options.into:
            shutil.copy(picture, options.into)


def draw(kind: str, sizes: dict[int, dict[str, float]]) -> Figure:
    """Costs above the number of what causes them: time on the left, memory and disk on the right."""
    figure = Figure(figsize=(11, 6), layout="constrained")
    for axes, (unit, word) in zip(figure.subplots(1, 2), UNITS.items(), strict=True):
        names = [name for name in next(iter(sizes.values())) if name.endswith(f", {unit}")]
        for name, colour, marker in zip(names, _COLOURS, _MARKERS, strict=False):
            floor = name.startswith("floor")
            values = [sizes[size][name] for size in sorted(sizes)]
            label = name.removesuffix(f", {unit}")
            axes.plot(sorted(sizes), values, marker, ls="--" if floor else "-", color=colour, ms=4, lw=1.4, label=label)
        _as_steep_as_its_cause(axes, sorted(sizes), [sizes[size][name] for name in names for size in sizes])
        axes.set(xscale="log", yscale="log", xlabel=kind, title=word)
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.yaxis.set_major_formatter(EngFormatter(unit))
        axes.grid(visible=True, which="major", color="#dddddd", lw=0.6)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=2, frameon=False)
    return figure


def _as_steep_as_its_cause(axes: Any, sizes: list[int], values: list[float]) -> None:
    """A dotted line through the middle of all values, ten times as high where there is ten times as much."""
    low, high = min(values), max(values)
    middle = (sizes[0] * sizes[-1]) ** 0.5
    line = [(low * high) ** 0.5 * size / middle for size in sizes]
    axes.plot(sizes, line, ls=":", color="#888888", lw=1, label="in proportion")
    axes.set_ylim(low / 2, high * 2)


if __name__ == "__main__":
    main()
