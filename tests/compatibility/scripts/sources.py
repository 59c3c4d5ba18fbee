"""Sources: several files, columns, names, bounds, origins, and static molecules."""

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


import os

a = RWAnalyzer()
a.spt_data = spt_data.from_ascii_files(["a.rpt.txt", "b.rpt.txt"])
a.spt_data.alias = lambda path: os.path.splitext(os.path.basename(path))[0]
a.spt_data.frame_interval = 0.05
a.spt_data.localization_precision = 0.03
print(len(a.spt_data), a.spt_data.dt, a.spt_data.localization_error)
for f in sorted(a.spt_data, key=lambda f: f.source):
    print(f.alias, f.dt, round(f.localization_error, 9), list(f.dataframe.columns))
    say("bounds", f.bounds)
for f in a.spt_data.filter_by_source("b.rpt"):
    print(f.alias, len(f.dataframe))
for f in a.spt_data.filter_by_source({"a.rpt"}):
    print(f.alias, len(f.discard_static_trajectories(f.dataframe)) > 0)
say(
    "tables",
    np.concatenate([df[list("xyt")].to_numpy() for df in a.spt_data.as_dataframes()]).sum(axis=0),
)
print(sorted(a.spt_data.aliases))

# columns in another order
df = pd.read_csv("a.rpt.txt", sep="\t", names=list("nxyt"))
df[["t", "n", "y", "x"]].to_csv("other.txt", sep="\t", index=False)
df[["n", "y", "x", "t"]].to_csv("bare.txt", sep="\t", index=False, header=False)
b = RWAnalyzer()
b.spt_data.from_ascii_file("other.txt")
say("named", single(b.spt_data).dataframe[list("nxyt")].sort_values(list("nt")))
c = RWAnalyzer()
c.spt_data.from_ascii_file("bare.txt")
c.spt_data.columns = ["n", "y", "x", "t"]
say("told", single(c.spt_data).dataframe[list("nxyt")].sort_values(list("nt")))
d = RWAnalyzer()
d.spt_data.from_dataframes([df[df["n"] < 20], df[df["n"] >= 20]])
print(len(d.spt_data), [len(f.dataframe) for f in d.spt_data])
e = RWAnalyzer()
e.spt_data.from_ascii_file("a.rpt.txt")
e.spt_data.reset_origin()
say("moved", single(e.spt_data).dataframe[list("xy")].min())
