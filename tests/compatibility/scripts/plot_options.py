"""Options of pictures, each as the manual names it, and parts of maps."""

import warnings

warnings.simplefilter("ignore")

import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib import pyplot as plt

from tramway.analyzer import *
from tramway.helper import *
from tramway.plot.map import *
from tramway.plot.mesh import *

a = RWAnalyzer()
a.spt_data.from_ascii_file("a.rpt.txt")
a.spt_data.localization_precision = 0.02
a.tesseller = tessellers.Squares
a.tesseller.resolution = 0.5
a.mapper.from_plugin("df")
sampling = a.sampler.sample(single(a.spt_data).dataframe)
maps = a.mapper.infer(sampling)


def texts():
    return sorted(text.get_text() for text in plt.gca().texts)


for options in (
    {"location_options": {"size": 3, "color": "r", "style": "+", "alpha": 0.4}},
    {"voronoi_options": {"color": "rrrr", "linewidth": 2, "style": "--", "centroid_style": "r+"}},
    {"voronoi_options": {"negative": "voronoi", "fallback_color": "b"}},
    {"delaunay_options": True},
    {"delaunay_options": {"color": "r", "linewidth": 2, "individual": True}},
    {"title": "cells", "aspect": "auto"},
    {"xlim": (0.5, 1), "ylim": (0.25, 1)},
):
    print(options)
    _, axes = plt.subplots()
    a.tesseller.mpl.plot(sampling, axes=axes, **options)
    print(axes.get_title())
for options in ({}, {"font_size": 5, "color": "b"}, {"shift_indices": True, "weight": "bold"}):
    print(options)
    _, axes = plt.subplots()
    a.tesseller.mpl.plot_cell_indices(sampling, axes=axes, **options)
    print(texts(), {text.get_color() for text in axes.texts} - {"black", "k"})

for options in (
    {"overlay": True, "angular_width": 40.0, "arrow_size": 0.3},
    {"markercolor": "r", "markeralpha": 0.2},
    {"xlim": [0, 1], "ylim": [0, 1], "clip": 3.0},
):
    print(options)
    a.mapper.mpl.plot(maps, "force", sampling, axes=plt.subplots()[1], **options)
for options in (
    {"interior_contour": {"margin": 0.01, "linewidth": 2, "color": "g"}},
    {"return_patches": True, "alpha": 0.5, "clabel": "D"},
):
    print(options)
    a.mapper.mpl.plot(maps, "diffusivity", sampling, axes=plt.subplots()[1], **options)

plt.figure()
plot_points(sampling, style="x", size=4, color="k")
plot_voronoi(sampling, color="rrrr", linewidth=0.5)
plot_delaunay(sampling, centroid_style=None)
plot_indices(sampling, font_size=6, shift_indices=True)
print(texts())
plt.figure()
scalar_map_2d(sampling, maps["diffusivity"], colormap="jet", clabel="D")
field_map_2d(sampling, maps["force"], aspect="equal")

cells = list(maps.maps.index)
for chosen in (cells[2:5], cells[4:1:-1], slice(cells[0], cells[3] + 1)):
    for reindex in (False, True):
        part = maps.sub(chosen, reindex)
        print(list(part.maps.index), np.asarray(part["diffusivity"]).ravel().round(4).tolist())

print(tessellate("a.rpt.txt", "window", duration=1.0, label="w", force=True).number_of_cells > 0)
