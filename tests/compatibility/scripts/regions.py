"""Regions of interest, as the documentation of regions goes through them."""

import warnings

warnings.simplefilter("ignore")

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from tramway.analyzer import *

CENTERS = np.array([[0.5, 0.5], [0.8, 0.6], [1.5, 1.5]])


def files():
    a = RWAnalyzer()
    a.spt_data.from_ascii_files("*.rpt.txt")
    return a


def show(r):
    lb, ub = r.bounding_box
    df = r.crop()
    print(r.label, np.round(lb, 6).tolist(), np.round(ub, 6).tolist(), len(df))
    print(" ", np.round(df[["x", "y", "dx", "dy"]].sum().to_numpy(), 6).tolist())


# none: the whole of each file
a = files()
for r in sorted(a.roi.as_support_regions(), key=lambda r: r.source):
    df = r.crop()
    print("whole", r.source[-9:], df.shape, list(df.columns))

# the same squares for all files
for grouped in (False, True):
    a = files()
    a.roi.from_squares(CENTERS, 0.5, group_overlapping_roi=grouped)
    for f in sorted(a.spt_data, key=lambda f: f.source):
        print(f.source[-9:])
        for r in f.roi.as_support_regions():
            show(r)

# boxes, as pairs and as a table, with a label
boxes = [(c - 0.3, c + 0.3) for c in CENTERS]
a = files()
a.roi.from_bounding_boxes(boxes, label="spot")
for f in sorted(a.spt_data, key=lambda f: f.source):
    for i, r in f.roi.as_support_regions(return_index=True):
        print(i)
        show(r)

table = pd.DataFrame(
    np.hstack(
        [CENTERS[:, :1] - 0.2, CENTERS[:, :1] + 0.2, CENTERS[:, 1:] - 0.2, CENTERS[:, 1:] + 0.2]
    ),
    columns=["x min", "x max", "y min", "y max"],
)
a = RWAnalyzer()
a.spt_data.from_ascii_file("a.rpt.txt")
a.roi.from_bounding_boxes(table)
for r in a.roi.as_support_regions():
    show(r)

# time as the last bound
a = RWAnalyzer()
a.spt_data.from_ascii_file("a.rpt.txt")
a.roi.from_bounding_boxes([(np.array([0.2, 0.2, 0.5]), np.array([1.5, 1.5, 3.0]))])
for r in a.roi.as_support_regions():
    show(r)
    print(float(r.crop()["t"].min()), float(r.crop()["t"].max()))

# regions of each file, from files
a = files()
a.roi.from_ascii_files(suffix="roi")
for f in sorted(a.spt_data, key=lambda f: f.source):
    print(f.roi.filepath[-13:])
    for i, r in f.roi.as_individual_roi(return_index=True):
        print(i, r.label, len(r.crop()))
    for i, r in f.roi.as_individual_roi(index=[1, 0], return_index=True):
        print("asked for", i, r.label)
    for i, r in f.roi.as_individual_roi(index={1, 0}, return_index=True):
        print("of a set", i, r.label)
    for i, r in f.roi.as_support_regions(index=1, return_index=True):
        print("only", i, r.label)

# each file its own
a = files()
for f in a.spt_data:
    center = CENTERS[:1] if f.source.endswith("a.rpt.txt") else CENTERS[1:]
    f.roi.from_squares(center, 0.6)
for f in sorted(a.spt_data, key=lambda f: f.source):
    for r in f.roi.as_support_regions():
        show(r)
    f.roi.to_ascii_file(f.source[:-4] + "-squares.txt")
print(np.round(pd.read_csv("b.rpt-squares.txt", sep="\t").to_numpy(), 4).tolist())

# two collections
a = files()
a.roi.from_ascii_files(suffix=["roi", "squares"], label=["one", "two"])
for f in sorted(a.spt_data, key=lambda f: f.source):
    print([r.label for r in f.roi.as_support_regions()])
    print([r.label for r in f.roi.as_individual_roi(collection="two")])

a = files()
a.roi.from_ascii_files(suffix=["roi", "squares"], label=["one", "two"], group_overlapping_roi=True)
for f in sorted(a.spt_data, key=lambda f: f.source):
    for r in f.roi.as_support_regions():
        show(r)

# figures of them
a = files()
a.roi.from_ascii_files(suffix="roi")
for f in a.spt_data:
    f.mpl.plot(loc_color="k", roi_color="g")
    plt.close("all")

# samplings in regions, and what is stored
a.tesseller = tessellers.Squares
a.tesseller.resolution = 0.4
for f in a.spt_data:
    with f.autosaving():
        for r in f.roi.as_support_regions():
            r.add_sampling(a.sampler.sample(r.crop()), label="squares " + r.label)
b = RWAnalyzer()
b.spt_data.from_rwa_files("*.rpt.rwa")
for f in sorted(b.spt_data, key=lambda f: f.source):
    labels = sorted(label for label in f.analyses.labels if label.startswith("squares"))
    print(labels, [f.get_sampling(label).data.location_count.tolist() for label in labels])
