"""Every method to cut cells, with its parameters."""

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


def region(a):
    a.roi.from_squares(np.array([[1.0, 1.0]]), 1.7)
    return first(a.roi.as_support_regions())


for name, settings in (
    ("grid", {"ref_distance": 0.15}),
    ("grid", {"ref_distance": 0.1, "avg_probability": 0.02}),
    ("grid", {"ref_distance": 0.1, "min_location_count": 40}),
    ("hexagon", {"ref_distance": 0.15}),
    ("hexagon", {"ref_distance": 0.15, "tilt": 0.3}),
    ("kmeans", {"ref_distance": 0.2}),
):
    a = RWAnalyzer()
    a.spt_data.from_ascii_file("b.rpt.txt")
    a.tesseller.from_plugin(name)
    for key, value in settings.items():
        setattr(a.tesseller, key, value)
    sampling = a.sampler.sample(region(a).crop())
    cells = sampling.tessellation
    print(name, settings, cells.number_of_cells)
    say("centers", cells.cell_centers)
    say("counts", sampling.location_count)

for kind, settings in (
    (tessellers.Squares, {"resolution": 0.25}),
    (tessellers.Squares, {"ref_distance": 0.12}),
    (tessellers.Hexagons, {"resolution": 0.25, "tilt": 0.7}),
    (tessellers.Hexagons, {"ref_distance": 0.12}),
    (tessellers.KMeans, {"resolution": 0.4}),
    (tessellers.KMeans, {"ref_distance": 0.25}),
):
    for threshold in (None, 25):
        a = RWAnalyzer()
        a.spt_data.from_ascii_file("b.rpt.txt")
        a.tesseller = kind
        for key, value in settings.items():
            setattr(a.tesseller, key, value)
        if threshold:
            a.tesseller.post_processing = cell_mergers.ByTranslocationCount
            a.tesseller.post_processing.count_threshold = threshold
        sampling = a.sampler.sample(region(a).crop())
        print(kind.__name__, settings, threshold, sampling.tessellation.number_of_cells)
        if not threshold:  # which of two neighbours as near a small cell joins is not said
            say("counts", np.sort(sampling.location_count))
