"""How fast this package is, beside others, by decades of size; writes `docs/performance.md`.

    python benches/peers                          # all: about an hour on an idle machine
    python benches/peers --small --output /tmp/x  # does it run? Smallest sizes, once
    python benches/peers --only Maps --output /tmp/x

Needs the extra `benches`. TRamWAy 0.7 and StochasticForceInference (SFI) have environments of their
own: `--original` and `--sfi` name their interpreters, and where none is named they are made;
`--without original sfi` leaves them out. Newton is with CHOLMOD where scikit-sparse is installed
(0.4, which needs the headers of SuiteSparse), else with SciPy's SuperLU. To interrupt it leaves a
page of what was measured until then: large sizes come last.
"""

import argparse
import importlib.util
import math
import shutil
import subprocess
import tempfile
import venv
from pathlib import Path

import page
import tracks
from harness import Contender, Question, measured, memory_of_nothing

import data

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "original": ["tramway==0.7", "setuptools", "polytope"],
    "sfi": ["StochasticForceInference==2.0.4"],
}
OURS = "tramway-rs"
STORED, READ = "read and store only", "read only"


def interpreter(name: str, folder: Path) -> str:
    """Python of an environment that has the peer, made now."""
    venv.create(folder / name, with_pip=True)
    python = folder / name / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES[name]], check=True)
    return str(python)


def questions(original: str | None, sfi: str | None) -> list[Question]:
    """All of them, with the contenders that are there."""
    has_cholmod = importlib.util.find_spec("sksparse") is not None
    newton = "cholmod" if has_cholmod else "superlu"
    by_displacements, by_cells = "displacements", "cells"
    asked = [
        Question(
            "Text",
            "Tables of `n x y t` into memory; what is read here is checked and sorted, too. To read"
            " and store only is to read the bytes, count lines and fill four columns, in NumPy: no"
            " number is parsed.",
            "text", by_displacements,
            [Contender(OURS, "ours"), Contender("wc -l", "wc"), Contender(STORED, "stored"),
             Contender("pandas (C)", "pandas"), Contender("polars", "polars"),
             Contender("TRamWAy 0.7", "original", original, 1_000_000)],
            columns=4,
        ),
        Question(
            "Points to cells",
            "The nearest of as many centers as there are hundreds of points.",
            "cells", by_displacements,
            [Contender(OURS, "assignment"), Contender("SciPy KDTree", "assignment_scipy"),
             Contender("scikit-learn k-d tree", "assignment_sklearn", None, 1_000_000)],
            columns=2,
        ),
        Question(
            "Neighbours",
            "Voronoi cells of random centers: here clipped to the field, with volumes and"
            " lengths of borders; SciPy's Voronoi diagram is not clipped, Delaunay has neighbours"
            " only.",
            "cells", by_cells,
            [Contender(OURS, "neighbours"), Contender("SciPy Voronoi", "neighbours_scipy"),
             Contender("SciPy Delaunay", "neighbours_delaunay")],
        ),
        Question(
            "Hexagons",
            "From displacements to a tessellation and the displacements of each cell.",
            "cells", by_displacements,
            [Contender(OURS, "whole_tessellation"),
             Contender("TRamWAy 0.7", "original", original, 100_000)],
            columns=7,
        ),
        Question(
            "Statistics",
            "Number, sums and sums of squares of each cell and lag; here with the operators of the"
            " posterior, in pandas and polars by grouping alone. Cells grow in number with the"
            " displacements, but for the sums in 1,000 cells. To read only is to add up all numbers"
            " that are there, in NumPy.",
            "cells", by_displacements,
            [Contender(OURS, "statistics"), Contender(page.SUMS, "sums"),
             Contender(page.SUMS_OF_FEW, "sums_of_few"), Contender(READ, "read_only"),
             Contender("pandas groupby", "statistics_pandas"),
             Contender("polars group_by", "statistics_polars")],
            columns=4,
        ),
        Question(
            "Correction of noise",
            "The posterior of DV, made ready to be searched: statistics and operators, from a table"
            " of displacements.",
            "correction", by_displacements,
            [Contender(OURS, "uncorrected"), Contender(page.CORRECTED, "corrected")],
        ),
        Question(
            "Maps",
            "D and V of the model DV: here the whole call, with statistics, operators and error"
            " bars; peers find the optimum alone, of the same posterior, with exact derivatives"
            " from the same sums, which is what our fit alone does. The original is stopped after"
            " 30 s of its own clock.",
            "fit", by_cells,
            [Contender(OURS, "ours"), Contender(page.FIT, "fit_alone"),
             Contender("SciPy L-BFGS-B", "lbfgs", None, 1_000_000),
             Contender(f"SciPy Newton, {'CHOLMOD' if has_cholmod else 'SuperLU'}",
                       f"newton_{newton}"),
             Contender("TRamWAy 0.7, stopped", "original", original, 10_000)],
            columns=8, between=(page.BETWEEN,),
        ),
        Question(
            "Tracks",
            "Force of a potential from tracks in noise: `tracks.dv`, which chooses its priors, also"
            " gives D, V and their error bars; StochasticForceInference fits one basis, the"
            " gradients of 6 × 6 Gaussians, and is given the true D and ∇D. Its time includes what"
            " JAX compiles.",
            "tracks", by_displacements,
            [Contender(OURS + " tracks.dv", "ours"),
             Contender("SFI, linear", "linear", sfi, 10_000),
             Contender("SFI, parametric", "parametric", sfi, 10_000)],
        ),
    ]  # fmt: skip
    for question in asked:
        question.contenders[:] = [
            c
            for c in question.contenders
            if not (c.name.startswith("TRamWAy") and original is None)
            and not (c.name.startswith("SFI") and sfi is None)
        ]
    return asked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name in PACKAGES:
        parser.add_argument(f"--{name}", help="its interpreter")
    parser.add_argument("--without", nargs="*", default=[], choices=list(PACKAGES))
    parser.add_argument("--only", nargs="*", metavar="QUESTION", help="titles: Maps, for instance")
    parser.add_argument("--small", action="store_true", help="the smallest size, once")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--patience", type=float, default=60.0, help="s, after which: no more runs")
    parser.add_argument("--timeout", type=float, default=300.0, help="s of one run")
    parser.add_argument("--output", type=Path, default=ROOT / "docs", help="folder of the page")
    given = parser.parse_args()
    decades = [10_000] if given.small else [10_000, 100_000, 1_000_000, 10_000_000]
    of_tracks = [2_000] if given.small else [10_000, 100_000]
    limits = {
        "rounds": 1 if given.small else given.rounds,
        "patience": given.patience,
        "timeout": given.timeout,
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pythons = {
            peer: getattr(given, peer) or interpreter(peer, folder)
            for peer in PACKAGES
            if peer not in given.without
        }
        asked = questions(pythons.get("original"), pythons.get("sfi"))
        if given.only is not None:
            asked = [question for question in asked if question.title in given.only]
        given_up: dict[str, set[str]] = {question.title: set() for question in asked}
        report = page.Page(given, pythons)
        # The largest last: to end this early leaves what was measured.
        last = [(data, n) for n in decades[3:]]
        first = decades[:3] if given.small else sorted([*decades[:3], page.BETWEEN])
        rounds = [(data, n) for n in first] + [(tracks, n) for n in of_tracks] + last
        try:
            for kind, size in rounds:
                path = kind.prepare(size, folder / f"{kind.__name__} {size}")
                if math.isnan(report.nothing):
                    report.nothing = memory_of_nothing(path)
                for question in asked:
                    is_of_kind = (question.module == "tracks") == (kind is tracks)
                    if is_of_kind and size in (*decades, *of_tracks, *question.between):
                        rows = measured(question, size, path, given_up[question.title], **limits)
                        report.add(question, rows)
                shutil.rmtree(path)
        except KeyboardInterrupt:
            print("ended early")
        finally:
            report.write(given.output)


if __name__ == "__main__":
    main()
