"""The page: what was measured as tables and figures, and what must hold, by PASS or FAIL."""

import argparse
import datetime
import importlib.metadata
import importlib.util
import math
import os
import platform
import subprocess
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from harness import Question, Row, exponent, ratio

from data import PER_CELL

FIGURES = "performance"
PACKAGES = ("tramway-rs", "numpy", "scipy", "scikit-learn", "pandas", "polars")
SUMS, SUMS_OF_FEW = "tramway-rs, sums alone", "tramway-rs, sums in 1,000 cells"
CORRECTED = "tramway-rs, noise_correction"
SUMMED = {None: "statistics and operators", SUMS: "sums alone", SUMS_OF_FEW: "sums in 1,000 cells"}
FIT = "tramway-rs, fit alone"
FEW_DISPLACEMENTS, BETWEEN, MANY_DISPLACEMENTS = 10_000, 50_000, 10_000_000
MEBIBYTE = 2**20
ONLY_STORED = (
    "it keeps nothing of what it counts. To read the same bytes, count their lines and fill four "
    "columns without a number parsed takes twice its time (read and store only), which leaves some "
    "1.4 ns for each number."
)
MORE_CELLS = (
    "there are as many more cells, 100,000 in the end, whose sums, 3.2 MB, displacements find in "
    "no order. Of operators, what is kept of so many cells is fresh memory in each call, 7,000 "
    "pages that the system clears first; that of 1,000 cells stays from call to call."
)
MIDPOINTS = (
    "twice as many numbers are read, those of tracks and places beside cells and displacements, "
    "and the cell of the point midway between two localizations in different cells is looked for "
    "among the centers: a localization takes some 10 ns more."
)
BEYOND_CACHE = (
    "of 100,000, all numbers are in the cache; of 10,000,000, 320 MB come from memory, and sums of "
    "100,000 cells, 3.2 MB for each thread, are beyond the cache of one core."
)
WHOLE_CALL = (
    "the core alone takes 1.8 fits: 0.3 for statistics and operators, one for the search, 0.5 for a"
    " factorization, the selected inverse and the norm of the priors, which are error bars and"
    " evidence. What Python does beside, arguments, a table and warnings, takes some 0.4 ms,"
    " however many cells there are: of 500 cells the whole call is 1.9 fits. Undisturbed calls"
    " of 100 cells are 2.3 fits; one during which another process had the processor takes half as"
    " long again, as caches are cold. On a busy machine that happens to most whole calls and to a"
    " quarter of the fits, so that their medians are further apart."
)
COLORS = ("#1b6ca8", "#d1495b", "#edae49", "#66a182", "#6d597a", "#8d99ae")


class Page:
    """Collects the rows of all questions."""

    def __init__(self, given: argparse.Namespace, pythons: dict[str, str]) -> None:
        self.given, self.pythons = given, pythons
        self.began = datetime.datetime.now(datetime.UTC)
        self.load = [os.getloadavg()[0]]
        self.nothing = math.nan  # MiB, the peak of a process without data
        self.answers: dict[str, tuple[Question, list[Row]]] = {}

    def add(self, question: Question, rows: list[Row]) -> None:
        """Take in, and print."""
        self.answers.setdefault(question.title, (question, []))[1].extend(rows)
        self.load.append(os.getloadavg()[0])
        print("\n".join(table(question, rows)), flush=True)

    def write(self, folder: Path) -> None:
        """`performance.md`, and its figures in a folder beside it."""
        (folder / FIGURES).mkdir(parents=True, exist_ok=True)
        lines = [
            "# Performance",
            "",
            "Written by `python benches/peers`, and by nothing else: to change it, run that again.",
            "",
            *self._circumstances(),
            "",
            "## What must hold",
            "",
            *goals(self.answers, self.nothing),
        ]
        for question, rows in self.answers.values():
            name = question.title.lower().replace(" ", "-") + ".svg"
            draw(question, rows, folder / FIGURES / name)
            lines += ["", f"## {question.title}", "", question.text, ""]
            lines += [f"![{question.title}: time by size]({FIGURES}/{name})", ""]
            lines += table(question, rows)
        (folder / "performance.md").write_text("\n".join(lines) + "\n")
        print("\n".join(goals(self.answers, self.nothing)))

    def _circumstances(self) -> list[str]:
        cpu = platform.processor() or platform.machine()
        info = Path("/proc/cpuinfo")
        if info.exists():
            names = [
                line for line in info.read_text().splitlines() if line.startswith("model name")
            ]
            cpu = names[0].partition(":")[2].strip() if names else cpu
        versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
        if "original" in self.pythons:
            versions.append("TRamWAy 0.7")
        if "sfi" in self.pythons:
            code = "import importlib.metadata as m; print(m.version('StochasticForceInference'))"
            said = subprocess.run(
                [self.pythons["sfi"], "-c", code], check=True, capture_output=True, text=True
            )
            versions.append(f"StochasticForceInference {said.stdout.strip()}")
        cores = os.cpu_count()
        load = f"{min(self.load):.0f} to {max(self.load):.0f}"
        busy = max(self.load) > cores + 1  # what is measured uses all of them at times
        if importlib.util.find_spec("sksparse"):
            versions.append(f"scikit-sparse {importlib.metadata.version('scikit-sparse')}")
        lines = [
            f"Measured on {self.began:%Y-%m-%d} on {cores} cores ({cpu}, {platform.system()}, "
            f"Python {platform.python_version()}) under a load of {load}."
        ]
        if busy:
            lines.append(
                "That is more than there are cores: other work ran at the same time. Wall times "
                "are those of a busy machine; ratios of processor times are what counts."
            )
        return [
            *lines,
            "Versions: " + ", ".join(versions) + ".",
            "",
            "All have the same data: tracks of 20 displacements in four wells, "
            f"{PER_CELL} for each cell, in hexagons.",
            "Each call has a process of its own, and contenders take turns, "
            f"{self.given.rounds} times or until that took {self.given.patience:g} s.",
            "Times are medians, with the quartiles of all calls in brackets; a ratio is the median "
            "of those of processor times in one turn, the peer's over ours.",
            "Short calls are repeated, and the first is not counted.",
            "Memory is the peak of the process, its data included. Linear algebra has one thread.",
            "`–` is what was not run: it, or a smaller size, took more than "
            f"{self.given.timeout:g} s of wall, or is known to be slow.",
        ]


def seconds(value: float) -> str:
    """With a unit that suits it."""
    for scale, unit in ((1, "s"), (1e-3, "ms")):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value * 1e6:.3g} µs"


def size_of(question: Question, row: Row) -> int:
    """In the unit of the question."""
    return row.size // PER_CELL if question.unit == "cells" else row.size


def table(question: Question, rows: list[Row]) -> list[str]:
    """A row for each contender and size."""
    extra = {"fit": "least value", "tracks": "error of the force"}.get(question.module)
    heads = [question.unit, "who", "processor", "wall", "peak memory", "ratio"]
    lines = ["| " + " | ".join(heads + [extra] * bool(extra)) + " |"]
    lines.append("|---:|---|" + "---:|" * (len(heads) - 2 + bool(extra)))
    for size in sorted({row.size for row in rows}):
        here = {row.contender.name: row for row in rows if row.size == size}
        ours = here[question.contenders[0].name]
        for contender in question.contenders:
            row = here.get(contender.name) or Row(contender, size)
            cells = [f"{size_of(question, row):,}", contender.name]
            if row.runs:
                low, high = row.quartiles()
                cells += [
                    f"{seconds(row.median('cpu'))} ({seconds(low)} to {seconds(high)})",
                    seconds(row.median("wall")),
                    f"{row.median('memory'):,.0f} MiB",
                    "" if row is ours else f"{ratio(row, ours):.3g}",
                ]
                value = row.runs[0].get({"fit": "value", "tracks": "error"}.get(question.module))
                cells += [("–" if value is None else f"{value:,.2f}")] * bool(extra)
            else:
                cells += ["–"] * (4 + bool(extra))
            lines.append("| " + " | ".join(cells) + " |")
    return lines


def draw(question: Question, rows: list[Row], path: Path) -> None:
    """Processor time by size, both axes logarithmic, with quartiles."""
    with mpl.rc_context({"svg.hashsalt": "tramway", "font.size": 9, "svg.fonttype": "none"}):
        figure, axes = plt.subplots(figsize=(5, 3.2), layout="constrained")
        for contender, color in zip(question.contenders, COLORS, strict=False):
            known = [row for row in rows if row.contender == contender and row.runs]
            x = [size_of(question, row) for row in known]
            y = [row.median("cpu") for row in known]
            if not known:
                continue
            low, high = zip(*(row.quartiles() for row in known), strict=True)
            axes.plot(x, y, "o-", color=color, label=contender.name, markersize=4)
            axes.vlines(x, low, high, color=color, linewidth=3, alpha=0.4)
        axes.set(xscale="log", yscale="log", xlabel=question.unit, ylabel="processor time, s")
        axes.grid(alpha=0.3)
        axes.legend(frameon=False, fontsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, metadata={"Date": None})
        figure.savefig(path.with_suffix(".png"), dpi=70) if os.environ.get("SEE") else None
        plt.close(figure)


def goals(found: dict[str, tuple[Question, list[Row]]], nothing: float) -> list[str]:
    """What growth and ratios must be, what they are, and whether that holds.

    Where one does not hold, and it is known why, that is said below.
    """

    def of(title: str, name: str | None = None) -> list[Row]:
        if title not in found:
            return []
        question, rows = found[title]
        name = name or question.contenders[0].name
        return [row for row in rows if row.contender.name == name and row.runs]

    def at(title: str, size: int, name: str) -> float:
        """Ratio of another contender to ours at one size."""
        rows = {row.size: row for row in of(title)}, {row.size: row for row in of(title, name)}
        both = all(size in by_size for by_size in rows)
        return ratio(rows[1][size], rows[0][size]) if both else math.nan

    lines = ["| what | must be | is | |", "|---|---|---:|---|"]
    reasons: list[str] = []

    def say(what: str, must: str, value: float, text: str, holds: bool, why: str = "") -> None:
        known = value == value
        verdict = ("PASS" if holds else "FAIL") if known else "not measured"
        lines.append(f"| {what} | {must} | {text if known else '–'} | {verdict} |")
        if known and not holds and why:
            reasons.append(f"- {what}: {why}")

    ours = {row.size: row for row in of("Text")}
    for name, must, most in (("wc -l", "at most 3", 3.0), ("polars", "at most 1", 1.0)):
        shared = [row for row in of("Text", name) if row.size in ours]
        if shared:
            last = shared[-1]
            value = 1 / ratio(last, ours[last.size])
            # Where memory is the limit for one, and the conversion of digits for the other.
            counts = name == "wc -l"
            does = ", which counts lines and reads no number" if counts else ""
            say(f"text of {last.size:,} displacements, processor time over that of {name}{does}",
                must, value, f"{value:.2f}", value <= most, ONLY_STORED * counts)  # fmt: skip
    for who, what in SUMMED.items():
        largest = [row for row in of("Statistics", who) if row.size >= 100_000]
        each = [row.median("cpu") / row.size for row in largest]
        spread = max(each) / min(each) - 1 if len(each) > 1 else float("nan")
        last = f"{largest[-1].size:,}" if largest else "–"
        say(f"{what} per displacement, from 100,000 to {last}: largest over least, less 1",
            "at most 30 %", spread, f"{spread:.0%}", spread <= 0.3,
            MORE_CELLS if who is None else BEYOND_CACHE)  # fmt: skip
    plain = {row.size: row for row in of("Correction of noise")}
    for row in of("Correction of noise", CORRECTED):
        if row.size >= 100_000:
            value = ratio(row, plain[row.size])
            say(f"posterior of {row.size:,} displacements, with the correction of noise over "
                "without", "at most 2", value, f"{value:.2f}", value <= 2.0, MIDPOINTS)  # fmt: skip
    growth = exponent(of("Maps"), 100_000)
    say("maps of m cells, from 1,000 on: exponent of m", "at most 1.4", growth, f"{growth:.2f}",
        growth <= 1.4)  # fmt: skip
    value = at("Maps", BETWEEN, "SciPy L-BFGS-B")
    say(f"maps of {BETWEEN // PER_CELL:,} cells: L-BFGS-B over ours", "at least 100", value,
        f"{value:.0f}", value >= 100)  # fmt: skip
    value = 1 / at("Maps", FEW_DISPLACEMENTS, FIT)
    say(f"maps of {FEW_DISPLACEMENTS // PER_CELL:,} cells: the whole call over the fit alone",
        "at most 2.5", value, f"{value:.2f}", value <= 2.5, WHOLE_CALL)  # fmt: skip
    for title, (question, rows) in found.items():
        if not question.columns:
            continue
        largest = [row for row in rows if row.size == MANY_DISPLACEMENTS and row.runs]
        own = next((row for row in largest if row.contender == question.contenders[0]), None)
        peak = own.median("memory") if own else math.nan
        value = (peak - nothing) * MEBIBYTE / (8 * question.columns * MANY_DISPLACEMENTS)
        say(f"{title} of {MANY_DISPLACEMENTS:,} displacements: peak memory, less that of a process"
            f" without data, over {question.columns} columns of float64", "at most 3", value,
            f"{value:.2f}", value <= 3)  # fmt: skip
    return [*lines, "", *reasons] if reasons else lines
