"""Print how well potential and diffusivity of simulated landscapes are found, with three priors.

    python benches/landscapes.py

Fixed weights 20 and 1, and weights chosen by the evidence with first- and second-order smoothness.
Landscapes are wells and hills at random places, and bumps of the diffusivity. Displacements begin
at random places, everywhere alike (as molecules that are switched on), or in equilibrium in the
potential; each is a walk of many steps, and no wall is near. Errors of V are those of V less its
mean, over all cells that hold displacements (in the largest connected set), at the centers of the
cells. The last lines compare the first kind with what is promised.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from tramway.data.simulation import Bump, Well
from tramway.inference import Maps, infer_diffusivity_potential
from tramway.tessellation import Partition, hexagons, nearest_cell

Floats = NDArray[np.float64]

SIDE = 3.0  # µm
CELLS = 0.2  # µm between neighbours
DIFFUSIVITY = 0.1  # µm²/s
DEPTHS = (1.5, 6.0)  # kT, of wells and hills
STEPS = 20  # of the walk in one displacement
SEEDS = 20
PRIORS = {
    "fixed": {"diffusivity_prior": 20.0, "potential_prior": 1.0},
    "first": {"diffusivity_prior": "auto", "potential_prior": "auto"},
    "second": {"diffusivity_prior": "auto", "potential_prior": "auto", "smoothness": 2},
}
# Promised of the first kind: the error of V with chosen weights (first order) over that with fixed
# ones, median and largest of all seeds, and the least coverage of intervals of 95 %.
MEDIAN_RATIO, LARGEST_RATIO, COVERAGE = 0.75, 1.0, 0.92


@dataclass(frozen=True)
class Kind:
    """What landscapes and data are like."""

    name: str
    wells: int = 12  # and hills
    widths: tuple[float, float] = (0.3, 0.5)  # µm
    bumps: tuple[float, float] = (-0.2, 0.4)  # height, of DIFFUSIVITY
    displacements: int = 20_000
    lag: float = 0.015  # s
    in_equilibrium: bool = False


USUAL = Kind("as promised")
KINDS = [
    USUAL,
    replace(USUAL, name="few wells", wells=4),
    replace(USUAL, name="narrow wells", widths=(0.15, 0.25)),
    replace(USUAL, name="a third of the lag", lag=0.005),
    replace(USUAL, name="5,000 displacements", displacements=5_000),
    replace(USUAL, name="200,000 displacements", displacements=200_000),
    replace(USUAL, name="strong bumps of D", bumps=(-0.5, 2.0)),
    replace(USUAL, name="in equilibrium", in_equilibrium=True),
]


class Landscape:
    """Wells, hills and bumps at random places."""

    def __init__(self, kind: Kind, random: np.random.Generator) -> None:
        def place() -> tuple[float, ...]:
            return tuple(random.uniform(0, SIDE, 2))

        def depth() -> float:
            return float(random.choice((-1, 1)) * random.uniform(*DEPTHS))

        self.wells = [
            Well(place(), depth(), random.uniform(*kind.widths)) for _ in range(kind.wells)
        ]
        self.bumps = [
            Bump(place(), DIFFUSIVITY * random.uniform(*kind.bumps), random.uniform(0.4, 0.8))
            for _ in range(3)
        ]

    def potential(self, points: Floats) -> tuple[Floats, Floats]:
        """V and its gradient."""
        value, slope = gaussians(points, [(w.center, w.depth, w.width) for w in self.wells])
        return -value, -slope

    def diffusivity(self, points: Floats) -> tuple[Floats, Floats]:
        """D and its gradient; no lower than a tenth of what it is far away."""
        value, slope = gaussians(points, [(b.center, b.height, b.width) for b in self.bumps])
        value += DIFFUSIVITY
        low = value < 0.1 * DIFFUSIVITY
        return np.where(low, 0.1 * DIFFUSIVITY, value), np.where(low[:, None], 0.0, slope)


def gaussians(
    points: Floats, peaks: list[tuple[tuple[float, ...], float, float]]
) -> tuple[Floats, Floats]:
    """Sum of Gaussian peaks, and its gradient."""
    value, slope = np.zeros(len(points)), np.zeros_like(points)
    for center, height, width in peaks:
        offset = points - center
        peak = height * np.exp(-(offset**2).sum(axis=1) / (2 * width**2))
        value += peak
        slope -= (peak / width**2)[:, None] * offset
    return value, slope


def origins(kind: Kind, landscape: Landscape, random: np.random.Generator) -> Floats:
    """Where displacements begin."""
    if not kind.in_equilibrium:
        return random.uniform(0, SIDE, (kind.displacements, 2))
    grid = np.linspace(0, SIDE, 200)
    lowest = landscape.potential(np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2))[0].min()
    found = np.empty((0, 2))
    while len(found) < kind.displacements:
        points = random.uniform(0, SIDE, (200_000, 2))
        accepted = random.random(len(points)) < np.exp(lowest - landscape.potential(points)[0])
        found = np.concatenate([found, points[accepted]])
    return found[: kind.displacements]


def simulated(kind: Kind, seed: int) -> tuple[Partition, Landscape]:
    """Displacements in a landscape, filed under hexagons.

    A step over a time h is (-D ∇V + ∇D) h + √(2 D h) ξ: in the sense of Itô, the walk whose
    equilibrium is exp(-V).
    """
    random = np.random.default_rng(seed)
    landscape = Landscape(kind, random)
    begin = origins(kind, landscape, random)
    position, time = begin.copy(), kind.lag / STEPS
    for _ in range(STEPS):
        d, d_slope = landscape.diffusivity(position)
        drift = d_slope - d[:, None] * landscape.potential(position)[1]
        spread = np.sqrt(2 * d * time)[:, None]
        position += drift * time + spread * random.normal(size=position.shape)
    step = position - begin
    table = pd.DataFrame(
        {"n": np.arange(len(begin)), "x": begin[:, 0], "y": begin[:, 1], "t": 0.0}
        | {"dx": step[:, 0], "dy": step[:, 1], "dt": kind.lag}
    )
    mesh = hexagons(begin, resolution=CELLS)
    return Partition(table, mesh, nearest_cell(begin, mesh), {}), landscape


def scores(maps: Maps, partition: Partition, landscape: Landscape) -> list[float]:
    """Root mean square error of V, and shares of D and V that intervals of 95 % cover."""
    mesh, cells = partition.tessellation, maps.maps.index.to_numpy()
    links = csr_array(
        (np.ones(len(mesh.adjacency)), mesh.adjacency, mesh.adjacency_starts),
        shape=(mesh.n_cells, mesh.n_cells),
    )[cells][:, cells]
    labels = connected_components(links)[1]
    largest = labels == np.bincount(labels).argmax()
    table, centers = maps.maps[largest], mesh.cell_centers[cells[largest]]
    error = table["potential"].to_numpy() - landscape.potential(centers)[0]
    error -= error.mean()
    d_error = table["diffusivity"] - landscape.diffusivity(centers)[0]
    return [
        float(np.sqrt(np.mean(error**2))),
        float(np.mean(np.abs(d_error) < 1.96 * table["diffusivity std"])),
        float(np.mean(np.abs(error) < 1.96 * table["potential std"])),
    ]


def measured(kind: Kind, seeds: int) -> dict[str, Floats]:
    """Scores with each of the priors, a row for each seed."""
    results: dict[str, list[list[float]]] = {name: [] for name in PRIORS}
    for seed in range(seeds):
        partition, landscape = simulated(kind, seed)
        for name, priors in PRIORS.items():
            maps = infer_diffusivity_potential(partition, localization_precision=0.0, **priors)  # type: ignore[arg-type]
            results[name].append(scores(maps, partition, landscape))
    return {name: np.array(rows) for name, rows in results.items()}


def main() -> None:
    """Print a table, and whether the promises hold."""
    print(
        f"{'':24}{'error of V, kT':^24}{'median of ratios to fixed (range)':^38}  covered, %: D, V"
    )
    print(
        f"{'':24}{'fixed':>8}{'first':>8}{'second':>8}{'first':^19}{'second':^19}   first  second"
    )
    results = {kind.name: measured(kind, SEEDS) for kind in KINDS}
    for name, found in results.items():
        line = f"{name:24}"
        line += "".join(f"{np.median(rows[:, 0]):8.2f}" for rows in found.values())
        for order in ("first", "second"):
            ratio = found[order][:, 0] / found["fixed"][:, 0]
            line += f"{np.median(ratio):7.2f} ({ratio.min():.2f}-{ratio.max():.2f})"
        for order in ("first", "second"):
            covered = 100 * found[order][:, 1:].mean(axis=0)
            line += f"{covered[0]:6.0f}{covered[1]:4.0f}"
        print(line)
    chosen, fixed = results[USUAL.name]["first"], results[USUAL.name]["fixed"]
    ratio, covered = chosen[:, 0] / fixed[:, 0], chosen[:, 1:].mean(axis=0)
    for what, holds in {
        f"median ratio {np.median(ratio):.2f} ≤ {MEDIAN_RATIO}": np.median(ratio) <= MEDIAN_RATIO,
        f"largest ratio {ratio.max():.2f} ≤ {LARGEST_RATIO}": ratio.max() <= LARGEST_RATIO,
        f"D covered {covered[0]:.3f} ≥ {COVERAGE}": covered[0] >= COVERAGE,
        f"V covered {covered[1]:.3f} ≥ {COVERAGE}": covered[1] >= COVERAGE,
    }.items():
        print("PASS" if holds else "FAIL", what)


if __name__ == "__main__":
    main()
