"""Evaluate the original's statistics of displacements; run by an interpreter that has it.

    python original_ratios.py TRACKS.txt OUTPUT.npz

It tessellates the tracks, and writes the cells together with signal-to-noise ratios, the conjugate
posterior, and Bayes factors at random ratios.
"""

import importlib
import sys

import numpy as np

from tramway.core.xyt import load_xyt
from tramway.helper import infer, tessellate
from tramway.inference import distributed

SIGMA = 0.03


def main(tracks: str, output: str) -> None:
    partition = tessellate(load_xyt(tracks), "hexagon", ref_distance=0.1)
    cells = distributed(partition)
    index = [i for i in cells if len(cells[i])]
    position = {i: j for j, i in enumerate(index)}
    neighbours = [
        sorted(position[k] for k in map(int, cells.neighbours(i)) if k in position) for i in index
    ]
    arrays = {
        "centers": [cells[i].center for i in index],
        "cell": np.concatenate([np.full(len(cells[i]), j) for j, i in enumerate(index)]),
        "displacements": np.concatenate([cells[i].dr for i in index]),
        "lags": np.concatenate([cells[i].dt for i in index]),
        "neighbours": np.concatenate(neighbours),
        "neighbour_counts": [len(n) for n in neighbours],
    }
    ratios = infer(partition, "d", sigma=SIGMA, snr_extensions=True).maps
    posterior = infer(partition, "d.conj_prior", sigma=SIGMA).maps
    for name, maps in (("snr", ratios), ("prior", posterior)):
        for column in maps.columns:
            arrays[f"{name} {column}"] = maps[column].reindex(index).to_numpy()

    module = importlib.import_module("tramway.inference.bayes_factors.calculate_bayes_factors")
    rng = np.random.default_rng(0)
    count = 30
    total, spurious = rng.normal(0, 0.3, (2, count, 2))
    n = np.floor(10 ** rng.uniform(0.5, 4, count))
    variance, prior = 10 ** rng.uniform(-2.5, -1, (2, count))
    arguments = {"total": total, "spurious": spurious, "n": n, "variance": variance, "prior": prior}
    for name, noise in (("noisy", SIGMA**2), ("exact", 0.0)):
        arrays[f"lg_B {name}"] = [
            module._calculate_one_bayes_factor(*row, noise, 2, 10, False)[0]
            for row in zip(*arguments.values(), strict=True)
        ]
    np.savez(output, **arrays, **arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
