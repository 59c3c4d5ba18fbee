"""Infer with the original's models without smoothing; run by the interpreter that has the original.

    python original_models.py TRACKS.txt OUTPUT.npz

It tessellates the tracks, and writes the cells together with the maps of each model.
"""

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
    arrays = {
        "index": index,
        "centers": [cells[i].center for i in index],
        "volumes": [cells[i].volume for i in index],
        "cell": np.concatenate([np.full(len(cells[i]), j) for j, i in enumerate(index)]),
        "displacements": np.concatenate([cells[i].dr for i in index]),
        "lags": np.concatenate([cells[i].dt for i in index]),
    }
    for model in ("d", "dd", "df"):
        maps = infer(partition, f"unsmooth.{model}", sigma=SIGMA, tol=1e-12).maps
        for column in maps.columns:
            arrays[f"{model} {column}"] = maps[column].reindex(index).to_numpy()
    np.savez(output, **arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
