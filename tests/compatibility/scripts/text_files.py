"""Text files of maps, trajectories and regions, and maps of segments of time, by value."""

import os
import warnings

warnings.simplefilter("ignore")

import numpy as np
import pandas as pd

from tramway.analyzer import *


def say(name, values):
    """Print an array by its shape, its sum, and its sum by rank, which tells an order."""
    values = np.asarray(values, dtype=float).ravel()
    known = np.where(np.isnan(values), 0.0, values)
    ranked = known @ np.arange(1, len(known) + 1) / max(len(known), 1)
    print(name, len(values), int(np.isnan(values).sum()), f"{known.sum():.6f} {ranked:.6f}")


def say_file(name, header=True):
    with open("some.txt") as file:
        lines = file.read().splitlines()
    print(name, len(lines), [c for c in lines[0].split("\t") if " std" not in c] if header else "")
    table = pd.read_csv("some.txt", sep="\t", header=0 if header else None)
    say(name, table[[c for c in table if " std" not in str(c)]])


def started():
    a = RWAnalyzer()
    a.spt_data.from_ascii_files("*.rpt.txt")
    a.spt_data.localization_precision = 0.02
    return a


# trajectories

a = started()
for f in a.spt_data:
    f.to_ascii_file("some.txt")
    say_file("trajectories")
    f.to_ascii_file("some.txt", header=False, float_format="%.2f")
    say_file("no header", header=False)
    f.to_ascii_file("some.txt", columns=["t", "x", "n"])
    say_file("columns")
    f.to_ascii_file("some.txt", columns=["x"], header=["position"], lineterminator="\r\n")
    say_file("other names")
    f.to_ascii_file("some.txt", header=False, float_format="%.1e", mode="a", encoding="ascii")
    print(os.path.getsize("some.txt"))

# regions

a = started()
f = first(a.spt_data)
f.roi.from_squares(np.array([[0.5, 0.5], [1.2, 1.3]]), 0.6)
f.roi.to_ascii_file("some.txt")
say_file("regions")
f.roi.to_ascii_file("some.txt", header=False, float_format="%.1f")
say_file("regions, no header", header=False)
f.roi.to_ascii_file("some.txt", columns=["y", "x"])
say_file("regions, columns")

# maps

a.tesseller = tessellers.Squares
a.tesseller.resolution = 0.3
a.mapper.from_plugin("dd")
r = first(f.roi.as_support_regions())
sampling = a.sampler.sample(r.crop())
maps = a.mapper.infer(sampling)
for name, settings in (
    ("maps", {}),
    ("maps without index", {"index": False}),
    ("maps with coordinates", {"add_coordinates": True, "tessellation": sampling.tessellation}),
    ("maps in short", {"float_format": "%.2f"}),
    ("maps of one column", {"columns": ["diffusivity"], "na_rep": "nan"}),
):
    a.mapper.to_ascii_file("some.txt", maps, **settings)
    say_file(name)

# maps of segments of time

for model in ("d", "dd"):
    a = started()
    a.roi.from_squares(np.array([[1.0, 1.0]]), 1.4)
    a.tesseller = tessellers.Squares
    a.tesseller.resolution = 0.7
    a.time.from_sliding_window(duration=1.0)
    a.mapper.from_plugin(model)
    r = first(first(a.spt_data).roi.as_support_regions())
    maps = a.mapper.infer(a.sampler.sample(r.crop()))
    print(model, maps["diffusivity"].to_numpy().ravel().round(3).tolist())
