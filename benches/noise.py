"""Print what localization noise does to maps of the potential, and what the correction makes of it.

    OPENBLAS_NUM_THREADS=1 python benches/noise.py [--seeds 10]

Random landscapes of five wells, D = 0.1 µm²/s, 15 ms, σ = 0.03 µm, hexagons of 0.2 µm, weights of
the priors chosen by the evidence; the root mean square error of V inside the region, in kT, for
data without noise, with noise, and with noise and ``noise_correction``. Ends with PASS or FAIL:
the error of corrected maps of 1,000,000 displacements must be below 0.6 of that without the
correction, and below that of the corrected ones of 200,000.
"""

import argparse
import sys
import warnings

import numpy as np

from tramway.data import simulate, translocations
from tramway.data.simulation import Well
from tramway.errors import DataQualityWarning
from tramway.inference import infer_diffusivity_potential
from tramway.tessellation import Partition, hexagons, nearest_cell

PRECISION = 0.03  # µm
SIZES = (20_000, 200_000, 1_000_000)
LARGEST_RATIO = 0.6
TRACK_LENGTH = 21


def landscape(seed: int) -> list[Well]:
    """Five wells of 1.5 to 5 kT."""
    generator = np.random.default_rng(seed)
    return [
        Well(
            tuple(generator.uniform(0.7, 3.3, 2)),
            generator.uniform(1.5, 5),
            generator.uniform(0.25, 0.4),
        )
        for _ in range(5)
    ]


def walk(seed: int, displacements: int, precision: float) -> Partition:
    """Molecules in a landscape, assigned to cells."""
    tracks = simulate(
        track_count=displacements // (TRACK_LENGTH - 1),
        track_length=TRACK_LENGTH,
        frame_interval=0.015,
        lower=(0, 0),
        upper=(4, 4),
        diffusivity=0.1,
        wells=landscape(seed),
        localization_precision=precision,
        seed=seed,
    )
    table = translocations(tracks, (0.5, 0.5), (3.5, 3.5))
    origins = table[["x", "y"]].to_numpy()
    mesh = hexagons(origins, resolution=0.2)
    return Partition(table, mesh, nearest_cell(origins, mesh))


def error(part: Partition, seed: int, precision: float, noise_correction: bool) -> float:
    """Root mean square error of V, up to a constant, over the cells inside, kT."""
    maps = infer_diffusivity_potential(
        part,
        localization_precision=precision,
        diffusivity_prior="auto",
        potential_prior="auto",
        noise_correction=noise_correction,
    )
    centers = part.tessellation.cell_centers[maps.maps.index]
    truth = -sum(
        well.depth * np.exp(-((centers - well.center) ** 2).sum(axis=1) / (2 * well.width**2))
        for well in landscape(seed)
    )
    inside = ((centers > 0.6) & (centers < 3.4)).all(axis=1)
    return float((maps.maps["potential"].to_numpy() - truth)[inside].std())


def main() -> int:
    """Run all landscapes; 0 if what must hold does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    seeds = range(parser.parse_args().seeds)
    warnings.simplefilter("ignore", DataQualityWarning)
    errors = np.empty((len(SIZES), 3, len(seeds)))
    for row, size in enumerate(SIZES):
        for seed in seeds:
            precise, noisy = walk(seed, size, 0.0), walk(seed, size, PRECISION)
            errors[row, :, seed] = (
                error(precise, seed, 0.0, False),
                error(noisy, seed, PRECISION, False),
                error(noisy, seed, PRECISION, True),
            )
        columns = zip(("no noise", "noise", "corrected"), errors[row], strict=True)
        listed = "  ".join(
            f"{name} {np.median(values):.2f} ({values.min():.2f} to {values.max():.2f})"
            for name, values in columns
        )
        print(f"{size:>9,} displacements: {listed} kT", flush=True)
    _, uncorrected, corrected = errors[-1]
    passed = (corrected < LARGEST_RATIO * uncorrected) & (corrected < errors[-2, 2])
    worst = (corrected / uncorrected).max()
    print(f"corrected over uncorrected at {SIZES[-1]:,}: {worst:.2f} at most")
    print("PASS" if passed.all() else f"FAIL: landscapes {np.flatnonzero(~passed).tolist()}")
    return int(not passed.all())


if __name__ == "__main__":
    sys.exit(main())
