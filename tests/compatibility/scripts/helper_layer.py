"""The helper layer of notebooks, by value; of tables it counts translocations here."""

import warnings

warnings.simplefilter("ignore")

import matplotlib

matplotlib.use("agg")

import numpy as np
from matplotlib import pyplot as plt

from tramway.analyzer import *
from tramway.core import *
from tramway.helper import infer, map_plot, tessellate


def say(name, values):
    """Print an array by its shape, its sum, and its sum by rank, which tells an order."""
    values = np.asarray(values, dtype=float).ravel()
    known = np.where(np.isnan(values), 0.0, values)
    ranked = known @ np.arange(1, len(known) + 1) / max(len(known), 1)
    print(name, len(values), int(np.isnan(values).sum()), f"{known.sum():.6f} {ranked:.6f}")


# tables

table = load_xyt("a.rpt.txt")
print(table.columns.tolist(), len(table))
say("without columns", table)
say("with columns", load_xyt("a.rpt.txt", columns=["n", "x", "y", "t"]))
for box in ([0.0, 0.0, 2.0, 2.0], np.array([0.3, 0.6, 1.1, 0.7])):
    steps = crop(table, np.asarray(box))
    print(sorted(steps.columns))
    say("cropped", steps[["x", "y", "t", "dx", "dy", "dt"]])
    again = translocations_to_trajectories(steps)
    print(again.columns.tolist(), len(again))
    say("trajectories", again[list("xyt")])

# cells and maps

cells = {}
for name, kind, settings in (
    ("a grid", "grid", {"ref_distance": 0.2}),
    ("a grid of many", "grid", {"ref_distance": 0.2, "min_location_count": 50}),
    ("a grid of few", "grid", {"ref_distance": 0.1, "avg_location_count": 40}),
    ("hexagons", "hexagon", {"ref_distance": 0.15}),
    ("strict", "grid", {"ref_distance": 0.15, "strict_min_location_count": 30}),
):
    cells[name] = tessellate(table, kind, **settings)
    print(name, cells[name].tessellation.number_of_cells)
    say(f"{name} centers", cells[name].tessellation.cell_centers)

box = crop(table, np.array([0.2, 0.2, 1.6, 1.6]))
steps = tessellate(box, "grid", ref_distance=0.2)
say("steps, centers", steps.tessellation.cell_centers)
say("steps, counts", steps.location_count)
for mode, settings in (("D", {}), ("DD", {}), ("DF", {}), ("degraded.d", {})):
    maps = infer(steps, mode, localization_error=0.02, **settings)
    print(mode, sorted(f for f in maps.features if "std" not in f))
    print(mode, maps["diffusivity"].to_numpy().ravel().round(3).tolist())
    if mode == "DD":
        print(mode, maps["drift"].to_numpy().ravel().round(3).tolist())

fig, axes = plt.subplots()
map_plot(maps, cells=steps, feature="diffusivity", axes=axes, show=False)
print(len(axes.collections) + len(axes.patches) > 0, len(fig.axes))
