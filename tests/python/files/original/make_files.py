"""Make the files of this folder with the original TRamWAy 0.7: ``python make_files.py``.

``named.rwa`` has one sampling per kind of tessellation, each with maps and comments, and one label
that is an integer; ``numbered.rwa`` has integer labels only. ``expected.json`` holds the numbers
that the original itself sees in its objects.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from tramway.core.analyses.base import Analyses
from tramway.core.hdf5.store import save_rwa

from tramway.helper import infer, tessellate

warnings.simplefilter("ignore")
rng = np.random.default_rng(1)
steps = rng.normal(scale=0.08, size=(20, 15, 2))
steps[:, 0] = rng.random((20, 2)) * 2
positions = np.clip(np.cumsum(steps, axis=1), 0, 2).reshape(-1, 2)
walk = pd.DataFrame({"n": np.repeat(np.arange(1, 21), 15)})
walk[["x", "y"]] = positions
walk["t"] = np.tile(np.arange(15) * 0.04, 20).round(3)
walk.frame_interval = 0.04
walk.localization_error = 9e-4

named = Analyses(walk)
expected = {"x": walk["x"].tolist(), "samplings": {}}
for method in ("hexagon", "kmeans", "grid", "kdtree"):
    partition = tessellate(walk, method, ref_distance=0.15, avg_probability=0.1)
    named.add(Analyses(partition), label=method, comment=f"made by {method}")
    adjacency = partition.tessellation.simplified_adjacency().tocoo()
    facts = {
        "cell_centers": partition.tessellation.cell_centers.tolist(),
        "cell_index": partition.cell_index.tolist(),
        "neighbours": sorted(zip(adjacency.row.tolist(), adjacency.col.tolist(), strict=True)),
        "cell_volume": partition.tessellation.cell_volume.tolist(),
    }
    if method != "kdtree":
        maps = infer(partition, "d", sigma=0.03)
        named[method].add(Analyses(maps), label="d", comment="per cell")
        facts["diffusivity"] = maps["diffusivity"]["diffusivity"].tolist()
        facts["cells"] = maps.maps.index.tolist()
    expected["samplings"][method] = facts
named.add(Analyses(tessellate(walk, "hexagon", ref_distance=0.2)), label=7)
save_rwa("named.rwa", named, force=True)

numbered = Analyses(walk)
for label in (10, 9):
    numbered.add(Analyses(tessellate(walk, "hexagon", ref_distance=0.2)), label=label)
save_rwa("numbered.rwa", numbered, force=True)
Path("expected.json").write_text(json.dumps(expected))
