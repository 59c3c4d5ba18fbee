"""Print how well potential and diffusivity of simulated landscapes are found, by all methods.

    python benches/landscapes.py                    # 20 seeds of each kind: some hours
    python benches/landscapes.py --seeds 6 --first 100 --kinds uniform equilibrium

Displacements by themselves, with fixed weights 20 and 1, with weights chosen by the evidence, of
first- and second-order smoothness, and as Matérn fields, against whole tracks, whose first
localizations may be taken to be in equilibrium. Landscapes are wells and hills at random
places, and bumps of the diffusivity. Tracks begin at random places, everywhere alike (as molecules
that are switched on), or in equilibrium in the potential; they go on where the landscape ends, and
what begins in the field is mapped. Errors of V are those of V less its mean, at cells farther than
0.2 µm from the border of the field. The last lines compare with what is promised: PASS or FAIL.
"""

import argparse
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.data.simulation import Bump, Well
from tramway.errors import EquilibriumWarning
from tramway.inference import Maps, get_model
from tramway.tessellation import Partition, hexagons, nearest_cell

Floats = NDArray[np.float64]

SIDE = 4.0  # µm
CELLS = 0.2  # µm between neighbours
BORDER = 0.2  # µm, within which cells do not count
DEPTHS = (1.5, 6.0)  # kT, of wells and hills
STEPS = 20  # of the walk in one displacement
CHOSEN = {"diffusivity_prior": "auto", "potential_prior": "auto"}
METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "fixed": ("dv", {"diffusivity_prior": 20.0, "potential_prior": 1.0}),
    "first": ("dv", CHOSEN),
    "second": ("dv", CHOSEN | {"smoothness": 2}),
    "fields": ("dv", {"smoothness": "matern"}),
    "tracks": ("tracks.dv", {}),
    "in equilibrium": ("tracks.dv", {"equilibrium": True}),
    "auto": ("tracks.dv", {"equilibrium": "auto"}),
}


@dataclass(frozen=True)
class Kind:
    """What landscapes and data are like."""

    name: str
    wells: tuple[int, int] = (8, 8)  # and hills, how many at least and at most
    widths: tuple[float, float] = (0.25, 0.6)  # µm
    diffusivity: float = 0.1  # µm²/s, with bumps of -20 to 40 %
    displacements: int = 20_000
    track_length: int = 21  # localizations
    lag: float = 0.015  # s
    precision: float = 0.03  # µm
    in_equilibrium: bool = False


USUAL = Kind("uniform")
EQUILIBRIUM = replace(USUAL, name="equilibrium", in_equilibrium=True)
FEW = replace(USUAL, name="5,000", displacements=5_000)
KINDS = [
    USUAL,
    EQUILIBRIUM,
    FEW,
    replace(EQUILIBRIUM, name="5,000, equilibrium", displacements=5_000),
    replace(USUAL, name="200,000", displacements=200_000),
    replace(EQUILIBRIUM, name="200,000, equilibrium", displacements=200_000),
    replace(USUAL, name="no noise", precision=0.0),
    replace(USUAL, name="twice the noise", precision=0.06),
    replace(USUAL, name="tracks of 6", track_length=6),
    replace(USUAL, name="2 to 5 wells", wells=(2, 5)),
    replace(EQUILIBRIUM, name="2 to 5 wells, in equilibrium", wells=(2, 5)),
    replace(USUAL, name="4 wells", wells=(4, 4)),
    replace(USUAL, name="12 wells", wells=(12, 12)),
    replace(EQUILIBRIUM, name="12 wells, in equilibrium", wells=(12, 12)),
    replace(USUAL, name="a third of the lag", lag=0.005),
    replace(USUAL, name="D 0.05", diffusivity=0.05),
    replace(USUAL, name="D 1, 5 ms", diffusivity=1.0, lag=0.005),
]


class Landscape:
    """Wells, hills and bumps at random places."""

    def __init__(self, kind: Kind, random: np.random.Generator) -> None:
        def place() -> tuple[float, ...]:
            return tuple(random.uniform(0, SIDE, 2))

        def depth() -> float:
            return float(random.choice((-1, 1)) * random.uniform(*DEPTHS))

        self.base = kind.diffusivity
        count = random.integers(*kind.wells, endpoint=True)
        self.wells = [Well(place(), depth(), random.uniform(*kind.widths)) for _ in range(count)]
        self.bumps = [
            Bump(place(), self.base * random.uniform(-0.2, 0.4), random.uniform(0.4, 0.8))
            for _ in range(3)
        ]

    def potential(self, points: Floats) -> tuple[Floats, Floats]:
        """V and its gradient."""
        value, slope = gaussians(points, [(w.center, w.depth, w.width) for w in self.wells])
        return -value, -slope

    def diffusivity(self, points: Floats) -> tuple[Floats, Floats]:
        """D and its gradient; no lower than a tenth of what it is far away."""
        value, slope = gaussians(points, [(b.center, b.height, b.width) for b in self.bumps])
        value += self.base
        low = value < 0.1 * self.base
        return np.where(low, 0.1 * self.base, value), np.where(low[:, None], 0.0, slope)


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
    """Where tracks begin: in the field and half a micrometre around it."""
    count = kind.displacements // (kind.track_length - 1)
    low, high = -0.5, SIDE + 0.5
    count = int(count * ((high - low) / SIDE) ** 2)
    if not kind.in_equilibrium:
        return random.uniform(low, high, (count, 2))
    grid = np.linspace(low, high, 200)
    lowest = landscape.potential(np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2))[0].min()
    found = np.empty((0, 2))
    while len(found) < count:
        points = random.uniform(low, high, (200_000, 2))
        accepted = random.random(len(points)) < np.exp(lowest - landscape.potential(points)[0])
        found = np.concatenate([found, points[accepted]])
    return found[:count]


def trajectories(kind: Kind, seed: int) -> tuple[pd.DataFrame, Landscape]:
    """Tracks in a landscape, and around it.

    A step over a time h is (-D ∇V + ∇D) h + √(2 D h) ξ: in the sense of Itô, the walk whose
    equilibrium is exp(-V).
    """
    random = np.random.default_rng(seed)
    landscape = Landscape(kind, random)
    position, time = origins(kind, landscape, random), kind.lag / STEPS
    seen = []
    for _ in range(kind.track_length):
        seen.append(position + kind.precision * random.normal(size=position.shape))
        for _ in range(STEPS):
            d, d_slope = landscape.diffusivity(position)
            drift = d_slope - d[:, None] * landscape.potential(position)[1]
            spread = np.sqrt(2 * d * time)[:, None]
            position = position + drift * time + spread * random.normal(size=position.shape)
    tracks = np.stack(seen, axis=1)
    count, length, _ = tracks.shape
    table = pd.DataFrame(
        {"n": np.repeat(np.arange(count), length), "x": tracks[:, :, 0].ravel()}
        | {"y": tracks[:, :, 1].ravel(), "t": np.tile(kind.lag * np.arange(length), count)}
    )
    return table, landscape


def simulated(kind: Kind, seed: int) -> tuple[Partition, Landscape]:
    """Translocations in a landscape, assigned to hexagons."""
    tracks, landscape = trajectories(kind, seed)
    is_last = np.diff(tracks["n"], append=-1) != 0
    place = tracks[["x", "y"]].to_numpy()
    step = np.diff(place, axis=0, append=np.nan)
    table = tracks.assign(dx=step[:, 0], dy=step[:, 1], dt=kind.lag)
    is_in = ((place >= 0) & (place <= SIDE)).all(axis=1)
    table = table[is_in & ~is_last].reset_index(drop=True)
    points = table[["x", "y"]].to_numpy()
    mesh = hexagons(points, resolution=CELLS)
    return Partition(table, mesh, nearest_cell(points, mesh)), landscape


def localizations(partition: Partition) -> dict[str, NDArray[np.int64] | Floats]:
    """The tracks of the translocations in the field, cut where they leave it."""
    table = partition.points
    breaks = np.diff(table["n"]) != 0
    breaks |= ~np.isclose(np.diff(table["t"]), table["dt"].iloc[0])
    is_first, is_last = np.append(True, breaks), np.append(breaks, True)
    track = np.cumsum(is_first) - 1
    step = np.arange(len(table)) - np.flatnonzero(is_first)[track]
    origins = table[["x", "y"]].to_numpy()
    ends = origins + table[["dx", "dy"]].to_numpy()
    return {
        "particle": np.append(track, track[is_last]),
        "step": np.append(step, step[is_last] + 1),
        "x": np.concatenate([origins, ends[is_last]]),
    }


def scores(maps: Maps, partition: Partition, landscape: Landscape) -> list[float]:
    """Errors of V and ln D, % of V and D in their intervals, bias of D, error if V were flat."""
    centers = partition.tessellation.cell_centers[maps.maps.index]
    inside = ((centers > BORDER) & (centers < SIDE - BORDER)).all(axis=1)
    inside &= maps.maps["potential"].notna().to_numpy()
    table, centers = maps.maps[inside], centers[inside]
    truth, true_d = landscape.potential(centers)[0], landscape.diffusivity(centers)[0]
    error = table["potential"].to_numpy() - truth
    error -= error.mean()
    if "diffusivity low" in table:
        covered = (table["diffusivity low"] < true_d) & (true_d < table["diffusivity high"])
    else:
        covered = (table["diffusivity"] - true_d).abs() < 1.96 * table["diffusivity std"]
    log_d = np.log(np.maximum(table["diffusivity"], 1e-3 * true_d) / true_d)
    return [
        float(np.sqrt(np.mean(error**2))),
        float(np.sqrt(np.mean(log_d**2))),
        100 * float(np.mean(np.abs(error) < 1.96 * table["potential std"])),
        100 * float(np.mean(covered)),
        100 * float(np.mean(log_d)),
        float(truth.std()),
    ]


def measured(
    kind: Kind, seeds: range, methods: Sequence[str] = tuple(METHODS)
) -> dict[str, Floats]:
    """Scores of each of the methods, a row for each seed."""
    results: dict[str, list[list[float]]] = {name: [] for name in methods}
    for seed in seeds:
        partition, landscape = simulated(kind, seed)
        for name in methods:
            model, given = METHODS[name]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", EquilibriumWarning)
                maps = get_model(model).infer(
                    partition, localization_precision=kind.precision, **given
                )
            results[name].append(scores(maps, partition, landscape))
    return {name: np.array(rows) for name, rows in results.items()}


def promises(results: dict[str, dict[str, Floats]]) -> dict[str, bool]:
    """What is promised of tracks, as far as it was measured, and whether it holds."""
    said = {}

    def say(what: str, value: float, low: float, high: float) -> None:
        said[f"{what}: {value:.3g}, promised {low:g} to {high:g}"] = low <= value <= high

    def error(kind: str, method: str, column: int = 0) -> float:
        return float(np.median(results[kind][method][:, column]))

    for kind, most, least_covered in (
        ("uniform", 0.72, 90),
        ("equilibrium", 0.65, 90),
        ("5,000", 0.92, 88),
    ):
        if kind not in results:
            continue
        tracks = results[kind]["tracks"]
        say(f"{kind}, V against first order", error(kind, "tracks") / error(kind, "first"), 0, most)
        for column, name in ((2, "V"), (3, "D")):
            say(f"{kind}, {name} covered, %", tracks[:, column].mean(), least_covered, 98)
    if "uniform" in results:
        ratio = results["uniform"]["tracks"][:, 0] / results["uniform"]["fixed"][:, 0]
        say("uniform, V against fixed weights, largest", ratio.max(), 0, 1.1)
        ratio = error("uniform", "tracks", 1) / error("uniform", "first", 1)
        say("uniform, ln D against first order", ratio, 0, 0.5)
    if "5,000" in results:
        tracks = results["5,000"]["tracks"]
        say("5,000, V against a flat map, largest", (tracks[:, 0] / tracks[:, 5]).max(), 0, 1.1)
    if "equilibrium" in results:
        ratio = error("equilibrium", "in equilibrium") / error("equilibrium", "first")
        say("equilibrium, V with that assumed against first order", ratio, 0, 0.35)
    if "200,000, equilibrium" in results:
        assumed = error("200,000, equilibrium", "in equilibrium")
        say("200,000, equilibrium, V with that assumed, kT", assumed, 0, 0.2)
    for kind, most in (("200,000", 0.25), ("200,000, equilibrium", 0.4)):
        if kind in results:
            say(f"{kind}, V, kT", error(kind, "tracks"), 0, most)
            bias = abs(results[kind]["tracks"][:, 4].mean())
            say(f"{kind}, bias of D, %", bias, 0, 0.5)
    if "no noise" in results:
        ratio = error("no noise", "tracks") / error("no noise", "first")
        say("no noise, V against first order", ratio, 0, 1)
    return said


def main() -> None:
    """Print a table, and whether the promises hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20, help="landscapes of each kind")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--kinds", nargs="*", help="names of the kinds; all by default")
    parser.add_argument(
        "--methods", nargs="*", choices=METHODS, default=list(METHODS), help="all by default"
    )
    arguments = parser.parse_args()
    print("| kind | method | V, kT (worst) | ln D | V, D in 95 % | bias of D |")
    print("|---|---|---|---|---|---|")
    results = {}
    for kind in KINDS:
        if arguments.kinds and kind.name not in arguments.kinds:
            continue
        seeds = range(arguments.first, arguments.first + arguments.seeds)
        results[kind.name] = found = measured(kind, seeds, arguments.methods)
        for method, rows in found.items():
            v, d = np.median(rows[:, 0]), np.median(rows[:, 1])
            of_v, of_d, bias = rows[:, 2:5].mean(axis=0)
            print(
                f"| {kind.name} | {method} | {v:.2f} ({rows[:, 0].max():.2f}) | {d:.3f} | "
                f"{of_v:.0f}, {of_d:.0f} % | {bias:+.1f} % |",
                flush=True,
            )
    for what, holds in promises(results).items():
        print("PASS" if holds else "FAIL", what)


if __name__ == "__main__":
    main()
