"""Evaluate the original's own DV objective; run by the interpreter that has the original.

    python original_objective.py TRACKS.txt OUTPUT.npz

It tessellates the tracks, and writes the cells it infers from together with the value of its
objective at random points.
"""

import sys

import numpy as np
from tramway.inference.stochastic_dv import LocalDV, local_dv_neg_posterior

from tramway.core.xyt import load_xyt
from tramway.helper import tessellate
from tramway.inference import distributed
from tramway.inference.base import smooth_infer_init

SIGMA, DIFFUSIVITY_PRIOR, POTENTIAL_PRIOR = 0.03, 20.0, 1.0


def main(tracks: str, output: str) -> None:
    cells = distributed(tessellate(load_xyt(tracks), "hexagon", ref_distance=0.1))
    index, reverse_index, _, dt_mean, *_ = smooth_infer_init(cells, sigma2=SIGMA**2)
    count = len(index)
    rng = np.random.default_rng(1)
    diffusivity = rng.uniform(0.05, 0.5, (5, count))
    potential = rng.normal(0.0, 2.0, (5, count))
    values = []
    for d, v in zip(diffusivity, potential, strict=True):
        dv = LocalDV(d, v, DIFFUSIVITY_PRIOR, POTENTIAL_PRIOR)
        x = np.r_[d, v]
        arguments = (dv, cells, SIGMA**2, False, dt_mean, index, reverse_index)
        values.append(
            sum(
                local_dv_neg_posterior(j, x, *arguments, {"selection_angle": 0.9})
                for j in range(count)
            )
        )
    neighbours = [
        sorted(int(reverse_index[k]) for k in cells.neighbours(i) if reverse_index[k] >= 0)
        for i in index
    ]
    np.savez(
        output,
        centers=[cells[i].center for i in index],
        volumes=[cells[i].volume for i in index],
        adjacency=np.concatenate(neighbours),
        adjacency_starts=np.cumsum([0] + [len(n) for n in neighbours]),
        cell=np.concatenate([np.full(len(cells[i]), j) for j, i in enumerate(index)]),
        displacements=np.concatenate([cells[i].dr for i in index]),
        lags=np.concatenate([cells[i].dt for i in index]),
        diffusivity=diffusivity,
        potential=potential,
        values=values,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
