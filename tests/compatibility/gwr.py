"""How many cells ``gwr`` makes, by seed, on data of several densities and sizes; prints JSON.

``python tests/compatibility/gwr.py 10`` takes ten seeds for each, ``10 uneven`` those of data of
such a name alone; run in both, it says how far the numbers of ours are from those of the original,
and whether that is more than what the seed makes.
"""

import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
NAMES: dict = {}
exec((Path(__file__).parent / "given.py").read_text(encoding="utf-8"), NAMES)

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from tramway.analyzer import *  # noqa: E402, F403 - as users write it


def uneven(tracks):
    """Half of the tracks all over, and half in a quarter of the area."""
    dense = NAMES["walk"](1, tracks // 2, 10, 1.0)
    dense["n"] += tracks
    return pd.concat([NAMES["walk"](2, tracks // 2, 10, 2.0), dense], ignore_index=True)


DATA = {
    "600 points": lambda: NAMES["walk"](0, 60, 10),
    "1,200 points": lambda: NAMES["walk"](),
    "4,000 points": lambda: NAMES["walk"](0, 400, 10),
    "2,000 points, fast": lambda: NAMES["walk"](0, 100, 20, diffusivity=0.4),
    "2,000 points, uneven": lambda: uneven(200),
}
RESOLUTIONS = (None, 0.2, 0.1, 0.05)


def count(table, resolution, in_region, seed):
    """Number of cells."""
    np.random.seed(seed)  # noqa: NPY002 - what the original draws from
    a = RWAnalyzer()  # noqa: F405
    a.spt_data.from_dataframe(table)
    a.tesseller = tessellers.GWR  # noqa: F405
    if resolution is not None:
        a.tesseller.resolution = resolution
    if hasattr(a.tesseller, "seed"):
        a.tesseller.seed = seed
    if in_region:
        a.roi.from_squares(np.array([[1.0, 1.0]]), 1.8)
    points = first(a.roi.as_support_regions()).crop()  # noqa: F405
    return len(a.tesseller.tessellate(points).cell_centers)


if __name__ == "__main__":
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
    chosen = sys.argv[2] if len(sys.argv) > 2 else ""
    found = {}
    for name, make in DATA.items():
        if chosen not in name:
            continue
        table = make()
        for resolution in RESOLUTIONS:
            for in_region in (True, False):
                where = "a region" if in_region else "the whole"
                counts = [count(table, resolution, in_region, seed) for seed in seeds]
                found[f"{name}, {resolution or 'default'}, {where}"] = counts
                print(name, resolution, where, counts, file=sys.stderr, flush=True)
    print(json.dumps(found))
