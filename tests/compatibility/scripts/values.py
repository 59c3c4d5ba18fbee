"""Tables, cells, segments of time and maps, by value: what scripts of the documentation look at."""

import os
import tempfile
import warnings

warnings.simplefilter("ignore")

import numpy as np

from tramway.analyzer import *
from tramway.core import *
from tramway.core.hdf5 import load_rwa, save_rwa


def say(name, values):
    """Print an array by its shape, its sum, and its sum by rank, which tells an order."""
    values = np.asarray(values, dtype=float).ravel()
    known = np.where(np.isnan(values), 0.0, values)
    ranked = known @ np.arange(1, len(known) + 1) / max(len(known), 1)
    print(name, len(values), int(np.isnan(values).sum()), f"{known.sum():.6f} {ranked:.6f}")


def started(kind=None, **settings):
    a = RWAnalyzer()
    a.spt_data.from_ascii_file("a.rpt.txt")
    a.spt_data.localization_precision = 0.02
    if kind is not None:
        a.tesseller = kind
        for name, value in settings.items():
            setattr(a.tesseller, name, value)
    return a


def say_cells(name, sampling, counts=True):
    cells = sampling.tessellation
    print(name, cells.number_of_cells, len(cells.cell_centers))
    say(f"{name} centers", cells.cell_centers)
    if counts:  # of localizations there, of translocations here, where a whole source is cut
        say(f"{name} counts", sampling.location_count)
        if isinstance(sampling.cell_index, tuple):
            for part in sampling.cell_index:  # pairs, in any order
                say(f"{name} pairs", np.sort(part))
        else:
            say(f"{name} cell_index", sampling.cell_index)
            say(f"{name} points", sampling.points)


# tables

a = started()
f = first(a.spt_data)
print(f.dataframe.columns.tolist(), f.bounds.columns.tolist(), f.bounds.index.tolist())
say("dataframe", f.dataframe)
say("bounds", f.bounds)
say("load_xyt", load_xyt("a.rpt.txt"))
say("crop", crop(f.dataframe, [0.5, 0.5, 1.0, 1.0]))
say("dt", f.dt)
whole = first(a.roi.as_support_regions())
print(whole.crop().columns.tolist())
moving = whole.discard_static_trajectories(whole.crop())
print(moving.columns.tolist())
say("moving", moving[list("xy")].sort_values(list("xy")))

boxes = [([0.0, 0.0], [1.2, 1.9]), ([1.25, 0.1], [1.9, 1.8])]
a.roi.from_bounding_boxes([(np.array(lower), np.array(upper)) for lower, upper in boxes])
for r in a.roi.as_support_regions():
    lower, upper = r.bounding_box
    say(f"{r.label} bounding box", [*lower, *upper])
    print(r.crop().columns.tolist())
    say(f"{r.label} crop", r.crop())
    moving = r.discard_static_trajectories(r.crop())  # in the order of tracks, or of their starts
    say(f"{r.label} moving", moving.sort_values(list("xy")))

# cells, of whole sources and of regions

for name, kind, settings in (
    ("squares by default", tessellers.Squares, {}),
    ("squares", tessellers.Squares, {"resolution": 0.3}),
    ("hexagons", tessellers.Hexagons, {"resolution": 0.3}),
    ("tilted hexagons", tessellers.Hexagons, {"resolution": 0.3, "tilt": 0.1}),
    ("kmeans by default", tessellers.KMeans, {}),
    ("kmeans", tessellers.KMeans, {"resolution": 0.3}),
):
    a = started(kind, **settings)
    say_cells(name, a.sampler.sample(first(a.spt_data).dataframe), counts=False)
    a = started(kind, **settings)
    a.roi.from_squares(np.array([[1.0, 1.0]]), 1.4)
    r = first(a.roi.as_support_regions())
    say_cells(f"{name}, a region", a.sampler.sample(r.crop()))

a = started(tessellers.Squares, resolution=0.3)
a.roi.from_squares(np.array([[1.0, 1.0]]), 1.4)
r = first(a.roi.as_support_regions())
a.sampler.from_nearest_neighbors((10, 30))
say_cells("neighbours", a.sampler.sample(r.crop()))

# segments of time

for duration, shift in ((1.0, None), (1.5, 0.5)):
    a = started(tessellers.Squares, resolution=0.6)
    a.time.from_sliding_window(duration=duration, shift=shift)
    a.roi.from_squares(np.array([[1.0, 1.0]]), 1.4)
    r = first(a.roi.as_support_regions())
    sampling = a.sampler.sample(r.crop())
    print(a.time.n_time_segments(sampling))
    for times, part in a.time.as_time_segments(sampling):
        say("segment", times)
        say("centers", part.tessellation.cell_centers)

# maps

for name, settings in (
    ("d", {}),
    ("d", {"diffusivity_prior": 0.01}),
    ("dd", {}),
    ("dv", {"rgrad": "delta0", "diffusivity_prior": 1.0, "potential_prior": 1.0}),
):
    a = started(tessellers.Squares, resolution=0.5)
    a.roi.from_squares(np.array([[1.0, 1.0]]), 1.4)
    r = first(a.roi.as_support_regions())
    a.mapper.from_plugin(name)
    for key, value in settings.items():
        setattr(a.mapper, key, value)
    if name == "dv":
        a.mapper.verbose = False
    sampling = a.sampler.sample(r.crop())
    maps = a.mapper.infer(sampling)
    for feature in ("diffusivity", "drift"):
        if feature in maps.features:
            # Rounded: the original's search ends early.
            print(name, feature, maps[feature].to_numpy().ravel().round(3).tolist())

# trees in files

tree = Analyses(f.dataframe)
tree["squares"] = sampling
tree["squares"]["dv"] = maps
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "a.rwa")
    save_rwa(path, tree, force=True)
    found = load_rwa(path)
    say_cells("stored", found["squares"].data)
    print(np.array_equal(found["squares"]["dv"].data["diffusivity"], maps["diffusivity"]))
    say("stored dataframe", found.data)
