"""Depth and times of domains in wells that are known, and whether their error bars hold.

    python benches/wells.py                                 # some minutes
    python benches/wells.py --movies 20 --first 1000 --methods dv

Each movie is of a field of 2.5 µm with one Gaussian well, all else drawn at random: depth, width,
D, lag, noise, number of tracks and cells. It is mapped within 0.25 µm from the walls, with whole
tracks. The depth is compared with that of the well; escape and residence time with the mean
first-passage time in the true V and D to the border of the domain that was found; so is the counted
time. A well is missed where the deepest domain is farther away than 1.2 widths.
"""

import argparse
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tramway.data import Well, simulate, translocations
from tramway.inference import Maps, find_domains, get_model
from tramway.inference.first_passage import Passage, lattice_in
from tramway.tessellation import Partition, hexagons, nearest_cell

SIDE, WALL = 2.5, 0.25  # µm
CENTER = (1.25, 1.25)
CHOSEN = {"diffusivity_prior": "auto", "potential_prior": "auto", "noise_correction": "auto"}
QUANTITIES = ("depth", "escape time", "residence time", "counted residence time")
METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "dv": ("dv", CHOSEN),
    "tracks": ("tracks.dv", {}),
    "best": ("best", {}),
}


@dataclass(frozen=True)
class Kind:
    """A well, and how it is seen."""

    depth: float  # kT
    width: float  # µm
    diffusivity: float  # µm²/s
    lag: float  # s
    precision: float  # µm
    tracks: int
    cells: float  # µm

    @property
    def fall(self) -> float:
        """D Δt U / w²: the share of the way to the bottom that a molecule falls in one lag."""
        return self.diffusivity * self.lag * self.depth / self.width**2


def kind_of(seed: int) -> Kind:
    """Draw a well of 1 to 6 kT, steps of 0.1 to 0.6 of its width, and cells of 0.45 to 0.75."""
    random = np.random.default_rng([77, seed])
    depth, width = random.uniform(1, 6), random.uniform(0.18, 0.45)
    diffusivity = np.exp(random.uniform(np.log(0.05), np.log(0.5)))
    lag = (random.uniform(0.1, 0.6) * width) ** 2 / (2 * diffusivity)
    return Kind(
        depth=round(depth, 2),
        width=round(width, 3),
        diffusivity=round(diffusivity, 4),
        lag=float(f"{lag:.3g}"),
        precision=(0.0, 0.03)[seed % 2],
        tracks=int(random.integers(150, 800)),
        cells=round(max(0.1, random.uniform(0.45, 0.75) * width), 3),
    )


def simulated(kind: Kind, seed: int) -> Partition:
    tracks = simulate(
        track_count=kind.tracks,
        track_length=41,
        frame_interval=kind.lag,
        lower=(0, 0),
        upper=(SIDE, SIDE),
        diffusivity=kind.diffusivity,
        wells=[Well(CENTER, kind.depth, kind.width)],
        localization_precision=kind.precision,
        seed=seed,
    )
    table = translocations(tracks, (WALL, WALL), (SIDE - WALL, SIDE - WALL))
    origins = table[["x", "y"]].to_numpy()
    cells = hexagons(origins, resolution=kind.cells)
    partition = Partition(table, cells, nearest_cell(origins, cells))
    partition.find_trajectories = lambda: tracks  # as in an analysis tree
    return partition


def true_potential(kind: Kind, points: np.ndarray) -> np.ndarray:
    square = ((points - CENTER) ** 2).sum(axis=-1)
    return -kind.depth * np.exp(-square / (2 * kind.width**2))


def compared(kind: Kind, maps: Maps) -> dict[str, float]:
    """What was found of the deepest domain, and the truth."""
    domains = find_domains(maps)
    if domains.empty:
        return {}
    found = domains.iloc[0]
    cells = maps.inferred_from().tessellation
    lattice = lattice_in(cells, np.array(found["cells"]))
    start = ((lattice.centers - cells.cell_centers[found["bottom"]]) ** 2).sum(axis=1).argmin()
    potential = true_potential(kind, lattice.centers)
    passage = Passage(lattice, potential, np.full(len(potential), kind.diffusivity))
    residence = passage.time().time
    truth = {
        "depth": kind.depth,
        "escape time": passage.time(int(start)).time,
        "residence time": residence,
        "counted residence time": residence,
    }
    row: dict[str, float] = {"probability": found["probability"]}
    for name, true in truth.items():
        error = found[name] - true
        row |= {name: found[name] / true, f"{name} z": error / found[f"{name} std"]}
    away = np.hypot(found["x"] - CENTER[0], found["y"] - CENTER[1])
    return row if away < 1.2 * kind.width else {}


def measured(method: str, seed: int) -> dict[str, float]:
    """Simulate a movie, map it, and compare."""
    kind, (model, given) = kind_of(seed), METHODS[method]
    partition = simulated(kind, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        maps = get_model(model).infer(partition, localization_precision=kind.precision, **given)
    fall, noise = kind.fall, kind.precision / np.sqrt(2 * kind.diffusivity * kind.lag)
    return compared(kind, maps) | {"fall": fall, "noise": float(noise)}


def line(method: str, which: str, table: pd.DataFrame) -> str:
    """Row of the table that is printed: mean ratio, share within two standard deviations."""
    parts = [f"| {method} | {which}, {len(table)} "]
    for name in QUANTITIES:
        z = table[f"{name} z"].dropna()
        mean, within = table[name].mean(), (z.abs() < 2).mean()
        parts.append(f"| {mean:.3f} ± {table[name].std():.2f}, {within:.0%} ")
    return "".join(parts) + "|"


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--movies", type=int, default=120)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--methods", nargs="*", choices=METHODS, default=["dv", "best"])
    arguments = parser.parse_args()
    print("| maps | wells | " + " | ".join(QUANTITIES) + " |")
    print("|---" * (2 + len(QUANTITIES)) + "|")
    for method in arguments.methods:
        seeds = range(arguments.first, arguments.first + arguments.movies)
        found = pd.DataFrame([measured(method, seed) for seed in seeds])
        seen = found[found["depth"].notna()]
        print(line(method, "all", seen))
        print(line(method, "probability > 0.95", seen[seen["probability"] > 0.95]))
        for name, limit in (("fall", 0.3), ("noise", 0.3)):
            for which, part in (("<", seen[seen[name] < limit]), (">", seen[seen[name] > limit])):
                print(line(method, f"{name} {which} {limit}", part))
        print(f"{method}: {len(found) - len(seen)} of {len(found)} wells were missed", flush=True)


if __name__ == "__main__":
    main()
