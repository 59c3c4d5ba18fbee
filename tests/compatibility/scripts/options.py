"""Methods and models with the options that the manual gives them, and regions of collections."""

import warnings

warnings.simplefilter("ignore")

import numpy as np
import pandas as pd

from tramway.analyzer import *
from tramway.helper import *
from tramway.helper.simulation import truth


def say(name, values):
    """Print an array by its shape, its sum, and its sum by rank, which tells an order."""
    values = np.asarray(values, dtype=float).ravel()
    known = np.where(np.isnan(values), 0.0, values)
    ranked = known @ np.arange(1, len(known) + 1) / max(len(known), 1)
    print(name, len(values), int(np.isnan(values).sum()), f"{known.sum():.6f} {ranked:.6f}")


steps = crop(load_xyt("a.rpt.txt"), [0.2, 0.2, 1.6, 1.6])
for method, settings in (
    ("grid", {"rel_avg_distance": 3.0}),
    ("grid", {"avg_location_count": 40}),
    ("grid", {"min_location_count": 0, "ref_distance": 0.1}),
    ("grid", {"ref_distance": 0.2, "min_n": 20}),
    ("grid", {"ref_distance": 0.1, "knn": (10, 40)}),
    ("hexagon", {"ref_distance": 0.2, "strict_min_location_count": 20}),
    ("hexagon", {"ref_distance": 0.2, "avg_location_count": None}),
    ("kdtree", {"ref_distance": 0.1}),
    ("kmeans", {"ref_distance": 0.2, "prune": False}),
):
    cells = tessellate(steps, method, **settings)
    print(settings, cells.number_of_cells, type(cells.cell_index).__name__)
    say("centers", np.sort(cells.tessellation.cell_centers, axis=0))
    say("counts", np.sort(cells.location_count))

cells = tessellate(steps, "grid", ref_distance=0.2)
for mode in ("d", "degraded.d", "unsmooth.d", "degraded.dd", "degraded.df", "degraded.ddrift"):
    for settings in ({}, {"min_diffusivity": 0.08}, {"sigma": 0.01}, {"sigma2": 0.0004}):
        maps = infer(cells, mode, **settings)
        print(mode, settings, maps["diffusivity"].to_numpy().ravel().round(3).tolist())
        for feature in ("drift", "force"):
            if feature in maps.features and "min_diffusivity" not in settings:
                print(feature, maps[feature].to_numpy().ravel().round(2).tolist())
say("truth", truth(cells, diffusivity=lambda r: 0.1 + r[0], potential=lambda r: r[1] ** 2))

header = "x min\tx max\ty min\ty max\n"
for name, boxes in (
    ("c-one.txt", "0\t.4\t0\t.4\n.3\t.7\t0\t.4\n1.5\t1.9\t1.5\t1.9\n"),
    ("c-two.txt", "1\t1.4\t0\t.4\n.3\t.7\t1\t1.4\n.6\t.8\t1\t1.4\n"),
):
    with open(name, "w") as file:
        file.write(header + boxes)
load_xyt("a.rpt.txt").to_csv("c.txt", sep="\t", index=False)
for grouped in (True, False):
    a = RWAnalyzer()
    a.spt_data.from_ascii_file("c.txt")
    a.spt_data.localization_precision = 0.03
    a.roi.from_ascii_files(suffix=["one", "two"], label=["A", "B"], group_overlapping_roi=grouped)
    f = single(a.spt_data)
    print([(i, r.label) for i, r in f.roi.as_support_regions(return_index=True)])
    print([(i, r.label) for i, r in f.roi.as_individual_roi(return_index=True)])
    print([(i, r.label) for i, r in f.roi.as_individual_roi(index=1, return_index=True)])
    print([r.label for r in f.roi.as_individual_roi(collection="B")])
r = first(f.roi.as_support_regions())
print(len(r.discard_static_trajectories(r.crop(), full_trajectory=True)))
f.reset_origin()
say("from the origin", f.dataframe)


def model(cells):
    """Mean squared displacements, sizes and neighbours."""
    rows = {i: [(cells[i].dr ** 2).sum() / len(cells[i]), cells[i].volume] for i in cells}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["msd", "size"])
    return table.assign(degree=[len(cells.neighbours(i)) for i in rows])


a = RWAnalyzer()
a.spt_data.from_ascii_file("a.rpt.txt")
a.spt_data.localization_precision = 0.02
a.roi.from_squares(np.array([[1.0, 1.0]]), 1.4)
a.tesseller = tessellers.Hexagons
a.tesseller.resolution = 0.3
a.mapper.from_plugin(model)
maps = a.mapper.infer(a.sampler.sample(first(a.roi.as_support_regions()).crop()))
for feature in ("msd", "size", "degree"):
    say(feature, maps[feature])
