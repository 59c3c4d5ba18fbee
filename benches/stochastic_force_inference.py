"""Print how well forces are found in noise, against StochasticForceInference, on the same tracks.

    OPENBLAS_NUM_THREADS=1 python benches/stochastic_force_inference.py     # 20 landscapes: hours
    … --seeds 3 --first 500 --environment /tmp/peer

The landscapes are the usual ones of `benches/landscapes.py`: 20,000 displacements of noise σ² of
two thirds of D Δt, tracks of 21. StochasticForceInference (Frishman & Ronceray, Phys. Rev. X 10,
021009, 2020) is installed into an environment of its own, of the version below, and infers the
drift by its estimators for noisy localizations, in several bases; `tracks.dv` has nothing to set.
Errors are those of the force F = −∇V and of the drift D F at the centers of the cells that are
farther than 0.2 µm from the border, relative to the size of the truth (root mean squares). What it
infers is the drift of Itô, D F + ∇D: the true D and ∇D are given to it. Of its bases, that which
its own criterion prefers (PASTIS) is compared, and the best of all by hindsight. Ends with PASS or
FAIL: the median of ours is below both.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from landscapes import BORDER, SIDE, USUAL, Landscape, localizations, simulated
from tramway.inference import get_model

Floats = NDArray[np.float64]

VERSION = "2.0.4"
COMPARED = ("tracks.dv", "its own criterion", "the best by hindsight")
PEER = Path(__file__).parent / "peers" / "stochastic_force_inference.py"


def relative(found: Floats, truth: Floats) -> float:
    """Root mean square error by the root mean square of the truth."""
    return float(np.sqrt(((found - truth) ** 2).sum() / (truth**2).sum()))


class Truth:
    """The fields at the points that count."""

    def __init__(self, points: Floats, landscape: Landscape) -> None:
        self.diffusivity, self.slope = landscape.diffusivity(points)
        self.force = -landscape.potential(points)[1]

    def errors(self, force: Floats, drift: Floats) -> list[float]:
        """Of the force, and of D times the force."""
        return [
            relative(force, self.force),
            relative(drift, self.diffusivity[:, None] * self.force),
        ]

    def errors_of_drift(self, drift: Floats) -> list[float]:
        """Those of a drift in the sense of Itô."""
        drift = drift - self.slope
        return self.errors(drift / self.diffusivity[:, None], drift)


def prepared(seed: int, folder: Path) -> tuple[Truth, list[float], Path]:
    """The truth, the errors of `tracks.dv`, and the file for the peer."""
    partition, landscape = simulated(USUAL, seed)
    maps = get_model("tracks.dv").infer(partition, localization_precision=USUAL.precision)
    centers = partition.tessellation.cell_centers[maps.maps.index]
    force = maps["force"].to_numpy()
    counts = ((centers > BORDER) & (centers < SIDE - BORDER)).all(axis=1)
    counts &= np.isfinite(force).all(axis=1)
    points, force = centers[counts], force[counts]
    truth = Truth(points, landscape)
    drift = maps.maps["diffusivity"].to_numpy()[counts, None] * force
    path = folder / f"{seed}.npz"
    np.savez(path, points=points, dt=USUAL.lag, **localizations(partition))
    return truth, truth.errors(force, drift), path


def compared(truth: Truth, ours: list[float], path: Path) -> dict[str, list[float]]:
    """Errors of all that was found in a landscape, under the names of the table."""
    found = np.load(path.with_suffix(".found.npz"))
    errors = {
        key: truth.errors_of_drift(found[key]) for key in found if not key.endswith("criterion")
    }
    criteria = {key.rpartition("|")[0]: found[key][1] for key in found if key not in errors}
    preferred = max(criteria, key=lambda key: criteria[key])
    best = min(errors.values(), key=lambda error: error[0])
    rows = dict(zip(COMPARED, (ours, errors[f"{preferred}|chosen"], best), strict=True))
    return rows | {key.replace("|", ", "): error for key, error in errors.items()}


def interpreter(folder: Path) -> Path:
    """Python of an environment that has the peer, made where there is none."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        package = f"StochasticForceInference=={VERSION}"
        subprocess.run([python, "-m", "pip", "install", "-q", package], check=True)
    return python


def main() -> int:
    """Print the table, and whether ours is below both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20, help="landscapes")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--environment", type=Path, help="where that of the peer is, or is made")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = interpreter(arguments.environment or folder / "environment")
        setting = os.environ | {
            # What JAX compiles for one landscape serves all.
            "JAX_COMPILATION_CACHE_DIR": str(python.parents[1] / "compiled"),
            # With as many threads as two cores, parts of its programs wait for each other for ever.
            "NPROC": "16",
        }
        rows: dict[str, list[list[float]]] = {}
        for seed in range(arguments.first, arguments.first + arguments.seeds):
            truth, ours, path = prepared(seed, folder)
            # In a process of its own: what it compiles is never given back.
            subprocess.run([python, PEER, path], check=True, env=setting)
            for name, errors in compared(truth, ours, path).items():
                rows.setdefault(name, []).append(errors)
                if name in COMPARED:
                    print(f"{seed}, {name}: {errors}", file=sys.stderr, flush=True)
    medians = {name: np.median(errors, axis=0) for name, errors in rows.items()}
    print(f"| medians of {arguments.seeds} landscapes | F | D F |")
    print("|---|---|---|")
    for name, (force, drift) in medians.items():
        print(f"| {name} | {force:.2f} | {drift:.2f} |")
    ours, *others = (medians[name] for name in COMPARED)
    holds = all((ours < other).all() for other in others)
    print("PASS" if holds else "FAIL", f"below StochasticForceInference {VERSION}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
