"""How often a study of movies calls a difference significant: without one, and with one.

Each study has two conditions of four movies, whose diffusivities differ by 10 % (sd) from movie to
movie; each movie has two regions. All of it is simulated, mapped by the model D, and compared as
`tramway study` does. Without an effect at most 5 % may be called significant at that level.

    python benches/studies.py [number of studies]
"""

import sys

import numpy as np
import pandas as pd

from tramway.data import simulate, translocations
from tramway.inference import get_model
from tramway.report.results import MapResult
from tramway.report.summary import summary_of
from tramway.study import compare
from tramway.tessellation import Partition, hexagons, nearest_cell

MOVIES, SPREAD, RATIO = 4, 0.10, 1.4
REGIONS = (((0.2, 0.2), (1.0, 1.8)), ((1.0, 0.2), (1.8, 1.8)))  # µm


def region_diffusivities(diffusivity: float, seed: int) -> list[float]:
    """Simulate a movie, and map its regions."""
    movie = simulate(
        track_count=60,
        track_length=12,
        frame_interval=0.02,
        lower=(0, 0),
        upper=(2, 2),
        diffusivity=diffusivity,
        localization_precision=0.02,
        substeps=2,
        seed=seed,
    )
    found = []
    for region in REGIONS:
        table = translocations(movie, *region)
        points = table[["x", "y"]].to_numpy()
        cells = hexagons(points, resolution=0.4)
        partition = Partition(table, cells, nearest_cell(points, cells))
        maps = get_model("d").infer(partition, localization_precision=0.02, diffusivity_prior=10.0)
        result = MapResult(None, "", "", "", maps, partition, None, None, None)
        found.append(summary_of(result)["diffusivity"])
    return found


def study(ratio: float, seed: int) -> pd.DataFrame:
    """Simulate a study; a row per region."""
    numbers = np.random.default_rng(seed)
    rows = []
    for condition, factor in (("control", 1.0), ("drug", ratio)):
        for movie in range(MOVIES):
            diffusivity = 0.1 * factor * np.exp(SPREAD * numbers.normal())
            values = region_diffusivities(diffusivity, int(numbers.integers(2**31)))
            rows += [(condition, movie, value) for value in values]
    return pd.DataFrame(rows, columns=["condition", "movie", "diffusivity"])


def called_significant(ratio: float, count: int, first_seed: int) -> tuple[float, float, float]:
    """Share of studies with p < 0.05, share of intervals with the truth, mean ratio found."""
    found = [
        compare(study(ratio, first_seed + seed), "diffusivity", logarithmic=True)[1].iloc[0]
        for seed in range(count)
    ]
    table = pd.DataFrame(found)
    covers = (table["low"] <= ratio) & (ratio <= table["high"])
    return (
        float((table["p"] < 0.05).mean()),
        float(covers.mean()),
        float(np.exp(np.log(table["ratio"]).mean())),
    )


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print(f"{count} studies of 2 × {MOVIES} movies of 2 regions")
    for ratio, seed in ((1.0, 0), (RATIO, 10**6)):
        share, covers, mean = called_significant(ratio, count, seed)
        print(
            f"true ratio {ratio:.2f}: p < 0.05 in {share:.1%}, 95 % intervals contain it in "
            f"{covers:.1%}, mean ratio {mean:.3f}"
        )
