"""Print how this package compares with its peers, measured in one run.

    OPENBLAS_NUM_THREADS=1 python benches/compare.py [--original PYTHON]

The vectors of L-BFGS-B are short: more BLAS threads only slow that peer down.
``--original`` names an interpreter that has the original TRamWAy 0.7 (in an environment of its
own); its inference takes minutes. Every ratio is peer over ours, the median of paired runs.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from numpy_objective import NumpyObjective
from tramway import _core
from tramway.data import read_trajectories, simulate, translocations
from tramway.data.simulation import Well
from tramway.inference import infer_diffusivity_potential
from tramway.tessellation import Partition, hexagons, nearest_cell

SIGMA, DIFFUSIVITY_PRIOR, POTENTIAL_PRIOR = 0.03, 20.0, 1.0
REPEATS = 5
PATIENCE = 20.0  # s after which a pair is not run again


def timed(work: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def paired(ours: Callable[[], object], peer: Callable[[], object]) -> tuple[float, float, float]:
    """Median seconds of ours, of the peer, and of their ratios, run in turn after a warm-up."""
    ours()
    pairs: list[tuple[float, float]] = []
    while len(pairs) < REPEATS and sum(map(sum, pairs)) < PATIENCE:
        pairs.append((timed(ours), timed(peer)))
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(b / a for a, b in pairs),
    )


def row(what: str, size: str, ours: float, peer: float, ratio: float) -> None:
    print(f"{what:<34} {size:>16} {ours * 1e3:>12.2f} ms {peer * 1e3:>12.2f} ms {ratio:>10.1f}")


def walk(side: float, displacements: int) -> pd.DataFrame:
    """Tracks of 20 displacements in a square with four wells; D = 0.2 µm²/s, 25 ms."""
    wells = [
        Well((side * x, side * y), depth, 0.3)
        for (x, y), depth in zip([(0.25, 0.75), (0.75, 0.75), (0.25, 0.25), (0.75, 0.25)],
                                 [4.0, 3.0, 1.0, 2.0], strict=True)
    ]  # fmt: skip
    return simulate(
        track_count=displacements // 20,
        track_length=21,
        frame_interval=0.025,
        lower=(0, 0),
        upper=(side, side),
        diffusivity=0.2,
        wells=wells,
        localization_precision=SIGMA,
        seed=1,
    )


def partition(tracks: pd.DataFrame, resolution: float) -> Partition:
    table = translocations(tracks)
    origins = table[["x", "y"]].to_numpy()
    tessellation = hexagons(origins, resolution=resolution)
    return Partition(table, tessellation, nearest_cell(origins, tessellation), {})


def reading(folder: Path) -> None:
    names = ["n", "x", "y", "t"]
    for count in (1_000, 10_000, 100_000, 1_000_000):
        path = folder / f"{count}.txt"
        generator = np.random.default_rng(0)
        track, frame = np.divmod(np.arange(count), 20)
        pd.DataFrame(
            {"n": track, "x": generator.uniform(0, 1, count), "y": generator.uniform(0, 1, count),
             "t": frame * 0.025}
        ).to_csv(path, sep="\t", header=False, index=False, float_format="%.6g")  # fmt: skip
        row("reading, pandas (C engine)", f"{count} rows", *paired(
            lambda path=path: read_trajectories(path),
            lambda path=path: pd.read_csv(path, sep=r"\s+", names=names, engine="c"),
        ))  # fmt: skip


def segmentation() -> None:
    spacing = 10 / np.sqrt(1800 * np.sqrt(0.75))
    for count in (5_000, 50_000, 500_000):
        points = np.random.default_rng(0).uniform(0, 10, (count, 2))

        def ours(points: np.ndarray = points) -> None:
            nearest_cell(points, hexagons(points, resolution=spacing))

        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seconds = min(timed(ours) for _ in range(REPEATS))
        memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"{'hexagons and assignment':<34} {count:>9} points {seconds * 1e3:>12.2f} ms "
              f"{memory:>9.0f} MB on top, 1800 cells")  # fmt: skip


def inference(side: float, original: str | None, folder: Path) -> None:
    tracks = walk(side, int(3000 * side**2))
    part = partition(tracks, 0.35)
    mesh = part.tessellation
    peer = NumpyObjective(part, SIGMA, DIFFUSIVITY_PRIOR, POTENTIAL_PRIOR)
    count = len(peer.cells)

    def ours() -> object:
        return infer_diffusivity_potential(
            part,
            localization_precision=SIGMA,
            diffusivity_prior=DIFFUSIVITY_PRIOR,
            potential_prior=POTENTIAL_PRIOR,
        )

    def lbfgs() -> object:
        return minimize(
            peer.value_and_gradient, peer.start(), jac=True, method="L-BFGS-B",
            bounds=[(1e-9, None)] * count + [(None, None)] * count,
            options={"maxiter": 10_000, "maxfun": 100_000, "ftol": 1e-12, "gtol": 1e-4},
        )  # fmt: skip

    size = f"{count} cells"
    ours_seconds, peer_seconds, ratio = paired(ours, lbfgs)
    row("map, L-BFGS-B exact gradient", size, ours_seconds, peer_seconds, ratio)
    best, found = ours().objective, lbfgs()
    print(f"{'':<34} least value: {best:.6f}, {found.fun:.6f} ({found.nit} iterations)")
    if original is None:
        return
    tracks.to_csv(folder / "tracks.txt", sep="\t", header=False, index=False)
    script = Path(__file__).with_name("original_map.py")
    done = subprocess.run(
        [original, "-I", "-W", "ignore", script, folder / "tracks.txt", str(0.35)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    report = json.loads(done.stdout.splitlines()[-1])
    seconds = report["seconds"]
    row("map, original stochastic.dv", f"{report['cells']} cells", ours_seconds, seconds,
        seconds / ours_seconds)  # fmt: skip
    map_ = np.array(report["maps"])
    problem = _core.Posterior(
        "dv",
        (mesh.cell_centers, mesh.adjacency_starts, mesh.adjacency, mesh.cell_volume),
        (part.cells, part.displacements, part.lags, None),
        {
            "localization_precision": SIGMA,
            "priors": {
                "diffusivity_prior": DIFFUSIVITY_PRIOR, "potential_prior": POTENTIAL_PRIOR,
            },
        },
    )  # fmt: skip
    if len(map_) == len(problem.cells):
        value = problem.value(map_[:, :2].T.ravel())
        print(f"{'':<34} least value: {best:.3f}, {value:.3f}")


def imports() -> None:
    def best(code: str) -> float:
        code = f"import time; s = time.perf_counter(); {code}; print(time.perf_counter() - s)"
        runs = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
                for _ in range(REPEATS)]  # fmt: skip
        return min(float(done.stdout) for done in runs)

    pandas = best("import pandas")
    analyzer = best("import pandas, tramway.analyzer")
    print(f"{'import, on top of pandas':<34} {'':>16} {(analyzer - pandas) * 1e3:>12.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--original", help="interpreter that has the original TRamWAy 0.7")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", message="localization noise is large")  # on purpose
    print(f"{'what, against whom':<34} {'size':>16} {'ours':>15} {'peer':>15} {'ratio':>10}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        imports()
        reading(folder)
        segmentation()
        for side in (1.0, 3.5, 6.0, 12.0):
            # The original takes minutes: one region of the size that matters.
            inference(side, arguments.original if side == 6.0 else None, folder)


if __name__ == "__main__":
    main()
