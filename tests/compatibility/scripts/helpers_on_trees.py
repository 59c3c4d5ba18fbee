"""The helper layer, on files and on trees."""

import warnings

warnings.simplefilter("ignore")

import numpy as np

from tramway.analyzer import *


def say(name, values):
    """Print an array by its shape, its sum, and its sum by rank, which tells an order."""
    values = np.asarray(values, dtype=float).ravel()
    known = np.where(np.isnan(values), 0.0, values)
    ranked = known @ np.arange(1, len(known) + 1) / max(len(known), 1)
    print(name, len(values), int(np.isnan(values).sum()), f"{known.sum():.6f} {ranked:.6f}")


import matplotlib

matplotlib.use("Agg")
from tramway.helper import *

tree = Analyses(load_xyt("a.rpt.txt", columns=list("nxyt")))
box = crop(tree.data, [0.2, 0.2, 1.5, 1.5])
for name, settings in (
    ("grid", {"ref_distance": 0.2, "label": "grid"}),
    ("hexagon", {"ref_distance": 0.2, "label": "hex", "knn": 15}),
    ("hexagon", {"ref_distance": 0.25, "label": "tilted", "tilt": 0.2}),
    ("kmeans", {"ref_distance": 0.25, "label": "kmeans"}),
):
    cells = tessellate(Analyses(box), name, **settings)
    print(name, cells.tessellation.number_of_cells, len(cells.points))
    say("centers", np.sort(cells.tessellation.cell_centers, axis=0))
    for mode in ("D", "DD", "DF"):
        maps = infer(cells, mode, sigma=0.02)
        print(mode, np.sort(maps["diffusivity"].to_numpy().ravel()).round(3).tolist()[:8])
tessellate(tree, "grid", ref_distance=0.2, label="grid", strict_min_location_count=10)
infer(tree, "D", localization_error=0.02, input_label="grid", output_label="d")
infer(
    tree,
    "DV",
    sigma=0.02,
    input_label="grid",
    output_label="dv",
    diffusivity_prior=1.0,
    potential_prior=1.0,
    max_iter=50,
)
print(
    sorted(tree["grid"].labels),
    sorted(f for f in tree["grid"]["dv"].data.features if "std" not in f),
)
map_plot(tree, label=("grid", "d"), feature="diffusivity", show=False)
cell_plot(tree, label="grid", show=False)
save_rwa("helped.rwa", tree, force=True)
print(sorted(load_rwa("helped.rwa")["grid"].labels))
for frame in list(iter_frames(tree.data, dt=0.05))[:2]:
    print(len(frame))
for track in list(iter_trajectories(tree.data))[:3]:
    print(len(track))
