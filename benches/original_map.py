"""Time the original's stochastic.dv on one region; run by the interpreter that has the original.

    python original_map.py TRACKS.txt RESOLUTION

Prints, as JSON: number of cells, seconds of the inference, and D and V of each cell.
"""

import json
import sys
import time

from tramway.core.xyt import load_xyt, trajectories_to_translocations
from tramway.helper import tessellate
from tramway.helper.inference import infer

if __name__ == "__main__":
    table = trajectories_to_translocations(load_xyt(sys.argv[1]))
    cells = tessellate(
        table, "hexagon", ref_distance=float(sys.argv[2]) / 2, avg_probability=0, min_probability=0
    )
    start = time.perf_counter()
    maps = infer(
        cells, "stochastic.dv", sigma=0.03, diffusivity_prior=20, potential_prior=1,
        max_runtime=100, worker_count=2, verbose=False,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    columns = maps.maps[["diffusivity", "potential"]].sort_index()
    print(json.dumps({"cells": len(columns), "seconds": seconds, "maps": columns.values.tolist()}))
